/* reprise-work-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-request.h"
#include "provider/reprise-context.h"
#include "vault/reprise-lock.h"

G_BEGIN_DECLS

/**
 * RepriseWork:
 *
 * What a job carries out: its request, and all that it needs, taken on the main context. The worker alone uses it.
 */
typedef struct
{
  RepriseContext *context; /* (owned) */
  RepriseRequest *request; /* (owned) */
  RepriseService *service; /* (owned) (nullable); a copy */
  RepriseKind *kind;       /* (owned) (nullable) */
  RepriseSecrets *secrets; /* (owned) (nullable) */
  RepriseVault *vault;     /* (owned) */

  RepriseService
    *stage; /* (owned) (nullable): a copy: the other service on which restores are rehearsed */
  RepriseSecrets *stage_secrets; /* (owned) (nullable): of that */
  char *no_rehearsal;            /* (owned) (nullable): why none can be */

  char *job_id; /* (owned) */
  char *title;  /* (owned) */

  gboolean not_begun; /* a result: refused before anything was done: no run for the history */
} RepriseWork;

typedef RepriseOutcome *(*RepriseWorkFunc) (RepriseWork *work,
                                            RepriseProgress *progress,
                                            GCancellable *cancellable,
                                            GError **error);

/* one per kind of job */
RepriseOutcome *reprise_work_back_up (RepriseWork *, RepriseProgress *, GCancellable *, GError **);
RepriseOutcome *reprise_work_download (RepriseWork *, RepriseProgress *, GCancellable *, GError **);
RepriseOutcome *reprise_work_verify (RepriseWork *, RepriseProgress *, GCancellable *, GError **);
RepriseOutcome *reprise_work_delete (RepriseWork *, RepriseProgress *, GCancellable *, GError **);
RepriseOutcome *reprise_work_upload (RepriseWork *, RepriseProgress *, GCancellable *, GError **);
RepriseOutcome *reprise_work_restore (RepriseWork *, RepriseProgress *, GCancellable *, GError **);
RepriseOutcome *reprise_work_undo (RepriseWork *, RepriseProgress *, GCancellable *, GError **);
RepriseOutcome *reprise_work_rehearse (RepriseWork *, RepriseProgress *, GCancellable *, GError **);
RepriseOutcome *reprise_work_compact (RepriseWork *, RepriseProgress *, GCancellable *, GError **);
RepriseOutcome *reprise_work_import (RepriseWork *, RepriseProgress *, GCancellable *, GError **);
RepriseOutcome *reprise_work_follow (RepriseWork *, RepriseProgress *, GCancellable *, GError **);
RepriseOutcome *reprise_work_reports (RepriseWork *, RepriseProgress *, GCancellable *, GError **);

/* shared by them */
RepriseOutcome *reprise_work_describe (RepriseBackup *backup, const char *format);
RepriseBackup *reprise_work_commit (RepriseWork *work,
                                    RepriseVaultWriter *writer,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);
RepriseOutcome *reprise_work_bring_left (RepriseWork *work,
                                         RepriseProvider *provider,
                                         RepriseJournal *left,
                                         const char *id,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
void reprise_work_reports_after (RepriseWork *work,
                                 RepriseProvider *provider,
                                 RepriseOrigin origin,
                                 RepriseProgress *progress,
                                 GCancellable *cancellable);
void reprise_work_prune (RepriseWork *work,
                         RepriseProvider *provider,
                         RepriseOutcome *outcome,
                         gboolean restorable,
                         RepriseProgress *progress,
                         GCancellable *cancellable);
RepriseProvider *reprise_work_make_provider (RepriseWork *work, GError **error);
RepriseBackup *reprise_work_find_backup (RepriseWork *work,
                                         const char *id,
                                         GCancellable *cancellable,
                                         GError **error);
RepriseArchive *reprise_work_open_source (RepriseWork *work,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);
void reprise_work_explain_vault (RepriseWork *work, RepriseProgress *progress, GError **error);
gboolean reprise_work_check_space (RepriseWork *work, gint64 needed_bytes, GError **error);
gboolean reprise_work_read_back (RepriseWork *work,
                                 RepriseBackup *backup,
                                 RepriseDepth depth,
                                 RepriseProgress *progress,
                                 GCancellable *cancellable,
                                 GError **error);
gboolean reprise_work_prove (RepriseWork *work,
                             RepriseBackup *backup,
                             RepriseDepth depth,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error);
void reprise_work_clean_up (RepriseWork *work,
                            RepriseProgress *progress,
                            GCancellable *cancellable);
RepriseOutcome *reprise_work_remove_left (RepriseWork *work,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);
RepriseLock *reprise_work_lock (RepriseWork *work, RepriseService *service, GError **error);
gboolean reprise_work_rehearse_after (RepriseWork *work,
                                      RepriseProvider *provider,
                                      RepriseBackup *backup,
                                      RepriseOutcome *outcome,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable);
gboolean reprise_work_add_event (RepriseWork *work,
                                 const char *backup_id,
                                 const char *type,
                                 const char *key,
                                 const char *value,
                                 GError **error);

G_END_DECLS
