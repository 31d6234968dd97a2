/* reprise-history.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-run.h"

G_BEGIN_DECLS

/**
 * RepriseHistory:
 *
 * Every job that has ended, in a database of the state folder that several processes may use. It holds no secret: logs come
 * scrubbed. The latest five thousand runs are kept. All calls block: they are for workers, and may come from several.
 */
#define REPRISE_TYPE_HISTORY (reprise_history_get_type ())

G_DECLARE_FINAL_TYPE (RepriseHistory, reprise_history, REPRISE, HISTORY, GObject)

RepriseHistory *reprise_history_new (const char *path);
char *reprise_history_dup_default_path (void);
const char *reprise_history_get_path (RepriseHistory *self);
gboolean reprise_history_add (RepriseHistory *self, RepriseRun *run, GError **error);
GPtrArray *reprise_history_list (RepriseHistory *self,
                                 const char *service_uuid,
                                 const char *search,
                                 guint offset,
                                 guint limit,
                                 GError **error);
RepriseRun *reprise_history_find_last (RepriseHistory *self,
                                       const char *service_uuid,
                                       RepriseJobKind kind,
                                       GError **error);

gboolean reprise_history_find (RepriseHistory *self,
                               const char *id,
                               RepriseRun **run,
                               GError **error);
gboolean reprise_history_find_backup (RepriseHistory *self,
                                      const char *service_uuid,
                                      const char *backup_id,
                                      RepriseRun **run,
                                      GError **error);

/* Up to when the schedule of a service is dealt with: what lies before that moment has run, or was given up. */
gboolean reprise_history_get_mark (RepriseHistory *self,
                                   const char *service_uuid,
                                   GDateTime **at,
                                   GError **error);
gboolean reprise_history_set_mark (RepriseHistory *self,
                                   const char *service_uuid,
                                   GDateTime *at,
                                   GError **error);

/* What is remembered from one process to the next, by a key: a text, or nothing. */
gboolean reprise_history_get_note (RepriseHistory *self,
                                   const char *key,
                                   char **text,
                                   GError **error);
gboolean reprise_history_set_note (RepriseHistory *self,
                                   const char *key,
                                   const char *text,
                                   GError **error);

G_END_DECLS
