/* reprise-couch-choice.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-coverage.h"
#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/reprise-couch-shelf.h"

G_BEGIN_DECLS

/* Members of the provider's part of a manifest: which databases the settings chose when it was made, whatever its groups, and which
 * new ones they left out */
#define REPRISE_COUCH_MEMBER_KNOWN    "known"
#define REPRISE_COUCH_MEMBER_LEFT_OUT "left_out"

/**
 * RepriseCouchChoice:
 * @data: its documents
 * @design: its design documents and who may use it
 * @problem: (nullable): it turned out to be gone, or may not be read: what the server says
 *
 * A database, and what of it is backed up.
 */
typedef struct
{
  char *name;
  gboolean data;
  gboolean design;
  char *problem;
} RepriseCouchChoice;

void reprise_couch_choice_free (RepriseCouchChoice *self);

/**
 * RepriseCouchChoices:
 *
 * Which databases the settings of a service choose, and which of them are new: not known to any backup that there is. For workers.
 */
typedef struct _RepriseCouchChoices RepriseCouchChoices;

RepriseCouchChoices *reprise_couch_choices_new (RepriseKind *kind,
                                                RepriseService *service,
                                                RepriseCouchShelf *shelf);
void reprise_couch_choices_free (RepriseCouchChoices *self);
void reprise_couch_choices_recognise (RepriseCouchChoices *self,
                                      RepriseCouchClient *client,
                                      const char *database,
                                      GCancellable *cancellable);
RepriseCoverageState reprise_couch_choices_judge (RepriseCouchChoices *self,
                                                  const char *database,
                                                  gboolean *is_new,
                                                  const char **reason);
GPtrArray *reprise_couch_choices_list_names (RepriseCouchChoices *self,
                                             RepriseCouchClient *client,
                                             GCancellable *cancellable,
                                             GError **error);
GPtrArray *reprise_couch_choices_select (RepriseCouchChoices *self,
                                         GPtrArray *names,
                                         RepriseGroups groups,
                                         RepriseProgress *progress,
                                         GError **error);
void reprise_couch_choices_describe (RepriseCouchChoices *self,
                                     GPtrArray *names,
                                     JsonObject *provider);

GPtrArray *reprise_couch_choices_list_chosen (RepriseCouchClient *client,
                                              RepriseKind *kind,
                                              RepriseService *service,
                                              GCancellable *cancellable,
                                              GError **error);
RepriseContents *reprise_couch_choices_list_groups (RepriseCouchClient *client,
                                                    RepriseKind *kind,
                                                    RepriseService *service,
                                                    GCancellable *cancellable,
                                                    GError **error);
void reprise_couch_choices_add_design (RepriseContents *contents,
                                       RepriseService *service,
                                       const char *database);
void reprise_couch_choices_add_skipped (RepriseContents *contents,
                                        const char *name,
                                        const char *reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchChoices, reprise_couch_choices_free)

G_END_DECLS
