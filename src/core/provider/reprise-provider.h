/* reprise-provider.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-outcome.h"
#include "provider/reprise-plan.h"

G_BEGIN_DECLS

/**
 * RepriseProbe:
 * @version: (nullable): of the service
 * @identity: (nullable): a UUID or resource id that tells this installation from any other
 * @latency_ms: of one request, or -1 where there is none
 * @facts: (element-type RepriseFact): more for people, in order
 * @warnings: (element-type utf8): whole sentences
 *
 * What a service said of itself.
 */
typedef struct
{
  char *version;
  char *identity;
  gint64 latency_ms;
  GPtrArray *facts;
  GPtrArray *warnings;
} RepriseProbe;

#define REPRISE_TYPE_PROBE (reprise_probe_get_type ())

GType reprise_probe_get_type (void);
RepriseProbe *reprise_probe_new (void);
RepriseProbe *reprise_probe_copy (const RepriseProbe *self);
void reprise_probe_free (RepriseProbe *self);
void reprise_probe_add_fact (RepriseProbe *self, const char *label, const char *value);
void reprise_probe_add_warning (RepriseProbe *self, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseProbe, reprise_probe_free)

/**
 * RepriseProvider:
 *
 * One service, spoken to by the code for its kind. Made by the kind for one job or one reading, used by one worker at a time.
 *
 * An implementation writes the blocking functions below: straight-line code that runs in a worker, says how far it is through
 * @progress and heeds @cancellable. Fronts and jobs call the `_async` and `_finish` pairs, or, being workers, the functions
 * themselves. What is not implemented reports %REPRISE_ERROR_NOT_SUPPORTED with the kind's own sentence.
 *
 * `restore` and `undo` are called with a plan without refusals, after consent, and after the safety copy was verified. They
 * write every step that changes the service to the journal before it and after it.
 */
#define REPRISE_TYPE_PROVIDER (reprise_provider_get_type ())

G_DECLARE_INTERFACE (RepriseProvider, reprise_provider, REPRISE, PROVIDER, GObject)

typedef struct _RepriseJournal RepriseJournal;

struct _RepriseProviderInterface
{
  GTypeInterface parent_iface;

  RepriseProbe *(*probe) (RepriseProvider *self,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error);
  RepriseContents *(*list_groups) (RepriseProvider *self,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error);
  GPtrArray *(*list_backups) (RepriseProvider *self,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error);
  RepriseArchive *(*open_backup) (RepriseProvider *self,
                                  RepriseBackup *backup,
                                  RepriseProgress *progress,
                                  GCancellable *cancellable,
                                  GError **error);

  /* With a @writer into the vault; without one it stays on the service, and @made is what it is called there. */
  gboolean (*back_up) (RepriseProvider *self,
                       RepriseGroups groups,
                       RepriseVaultWriter *writer,
                       RepriseBackup **made,
                       RepriseProgress *progress,
                       GCancellable *cancellable,
                       GError **error);
  gboolean (*download) (RepriseProvider *self,
                        RepriseBackup *backup,
                        RepriseVaultWriter *writer,
                        RepriseProgress *progress,
                        GCancellable *cancellable,
                        GError **error);
  RepriseBackup *(*upload) (RepriseProvider *self,
                            RepriseArchive *archive,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error);
  gboolean (*delete_backup) (RepriseProvider *self,
                             RepriseBackup *backup,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error);

  ReprisePlan *(*plan_restore) (RepriseProvider *self,
                                RepriseArchive *archive,
                                RepriseGroups groups,
                                GHashTable *options,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error);
  gboolean (*prepare_safety_copy) (RepriseProvider *self,
                                   ReprisePlan *plan,
                                   RepriseVaultWriter *writer,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error);
  RepriseOutcome *(*restore) (RepriseProvider *self,
                              ReprisePlan *plan,
                              RepriseJournal *journal,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error);
  ReprisePlan *(*plan_undo) (RepriseProvider *self,
                             RepriseArchive *safety_copy,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error);
  RepriseOutcome *(*undo) (RepriseProvider *self,
                           ReprisePlan *plan,
                           RepriseJournal *journal,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error);
  RepriseOutcome *(*rehearse) (RepriseProvider *self,
                               RepriseArchive *archive,
                               GHashTable *options,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error);

  /* Takes up an operation of the service that a restart cut off, from the state in the journal; %NULL without an error: nothing to do. */
  RepriseOutcome *(*resume_operation) (RepriseProvider *self,
                                       RepriseJournal *journal,
                                       RepriseProgress *progress,
                                       GCancellable *cancellable,
                                       GError **error);
  RepriseOutcome *(*compact) (RepriseProvider *self,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error);

  gboolean (*sign_in) (RepriseProvider *self,
                       GHashTable *answers,
                       RepriseProgress *progress,
                       GCancellable *cancellable,
                       GError **error);
  gboolean (*sign_out) (RepriseProvider *self, GCancellable *cancellable, GError **error);
  gboolean (*renew_access) (RepriseProvider *self,
                            RepriseBackup *backup,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error);

  JsonNode *(*get_schedule) (RepriseProvider *self, GCancellable *cancellable, GError **error);
  gboolean (*set_schedule) (RepriseProvider *self,
                            JsonNode *schedule,
                            GCancellable *cancellable,
                            GError **error);

  GPtrArray *(*list_documents) (RepriseProvider *self,
                                const char *collection,
                                const char *pattern,
                                GCancellable *cancellable,
                                GError **error);
  GPtrArray *(*list_versions) (RepriseProvider *self,
                               const char *document,
                               GCancellable *cancellable,
                               GError **error);
  GBytes *(*get_version) (RepriseProvider *self,
                          const char *document,
                          const char *version,
                          GCancellable *cancellable,
                          GError **error);
};

/* blocking: for workers */
RepriseProbe *reprise_provider_probe (RepriseProvider *self,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);
RepriseContents *reprise_provider_list_groups (RepriseProvider *self,
                                               RepriseProgress *progress,
                                               GCancellable *cancellable,
                                               GError **error);
GPtrArray *reprise_provider_list_backups (RepriseProvider *self,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);
RepriseArchive *reprise_provider_open_backup (RepriseProvider *self,
                                              RepriseBackup *backup,
                                              RepriseProgress *progress,
                                              GCancellable *cancellable,
                                              GError **error);
gboolean reprise_provider_back_up (RepriseProvider *self,
                                   RepriseGroups groups,
                                   RepriseVaultWriter *writer,
                                   RepriseBackup **made,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error);
gboolean reprise_provider_download (RepriseProvider *self,
                                    RepriseBackup *backup,
                                    RepriseVaultWriter *writer,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);
RepriseBackup *reprise_provider_upload (RepriseProvider *self,
                                        RepriseArchive *archive,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean reprise_provider_delete_backup (RepriseProvider *self,
                                         RepriseBackup *backup,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
ReprisePlan *reprise_provider_plan_restore (RepriseProvider *self,
                                            RepriseArchive *archive,
                                            RepriseGroups groups,
                                            GHashTable *options,
                                            RepriseProgress *progress,
                                            GCancellable *cancellable,
                                            GError **error);
gboolean reprise_provider_prepare_safety_copy (RepriseProvider *self,
                                               ReprisePlan *plan,
                                               RepriseVaultWriter *writer,
                                               RepriseProgress *progress,
                                               GCancellable *cancellable,
                                               GError **error);
RepriseOutcome *reprise_provider_restore (RepriseProvider *self,
                                          ReprisePlan *plan,
                                          RepriseJournal *journal,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);
ReprisePlan *reprise_provider_plan_undo (RepriseProvider *self,
                                         RepriseArchive *safety_copy,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
RepriseOutcome *reprise_provider_undo (RepriseProvider *self,
                                       ReprisePlan *plan,
                                       RepriseJournal *journal,
                                       RepriseProgress *progress,
                                       GCancellable *cancellable,
                                       GError **error);
RepriseOutcome *reprise_provider_rehearse (RepriseProvider *self,
                                           RepriseArchive *archive,
                                           GHashTable *options,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);
RepriseOutcome *reprise_provider_resume_operation (RepriseProvider *self,
                                                   RepriseJournal *journal,
                                                   RepriseProgress *progress,
                                                   GCancellable *cancellable,
                                                   GError **error);

G_END_DECLS
