/* reprise-context.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-history.h"
#include "provider/reprise-registry.h"
#include "service/reprise-preferences.h"
#include "service/reprise-services.h"

G_BEGIN_DECLS

/**
 * RepriseContext:
 *
 * What a front works with: the configured services, the kinds, the vault, the history. One per process, belongs to the
 * main context; the vault, the history and the registry may be used by workers.
 */
#define REPRISE_TYPE_CONTEXT (reprise_context_get_type ())

G_DECLARE_FINAL_TYPE (RepriseContext, reprise_context, REPRISE, CONTEXT, GObject)

RepriseContext *reprise_context_new (RepriseRegistry *registry);
gboolean reprise_context_load (RepriseContext *self, GError **error);
void reprise_context_load_async (RepriseContext *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean reprise_context_load_finish (RepriseContext *self, GAsyncResult *result, GError **error);

RepriseServices *reprise_context_get_services (RepriseContext *self);
RepriseRegistry *reprise_context_get_registry (RepriseContext *self);
ReprisePreferences *reprise_context_get_preferences (RepriseContext *self);
RepriseVault *reprise_context_dup_vault (RepriseContext *self);
RepriseHistory *reprise_context_get_history (RepriseContext *self);

/* Readings: a provider's calls on a worker, for a window or the command line. The results are as the provider's functions say. */
void reprise_context_probe_async (RepriseContext *self,
                                  RepriseService *service,
                                  RepriseSecrets *secrets,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
RepriseProbe *reprise_context_probe_finish (RepriseContext *self,
                                            GAsyncResult *result,
                                            GError **error);
void reprise_context_list_groups_async (RepriseContext *self,
                                        RepriseService *service,
                                        RepriseSecrets *secrets,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
RepriseContents *reprise_context_list_groups_finish (RepriseContext *self,
                                                     GAsyncResult *result,
                                                     GError **error);

/* Backups in the vault, joined with those on the service where it keeps some. @warning tells why the service's could not be read. */
void reprise_context_list_backups_async (RepriseContext *self,
                                         RepriseService *service,
                                         gboolean ask_service,
                                         RepriseSecrets *secrets,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
GPtrArray *reprise_context_list_backups_finish (RepriseContext *self,
                                                GAsyncResult *result,
                                                char **warning,
                                                GError **error);

/* Opens what a restore or an upload starts from: a file's path, or a backup. */
void reprise_context_open_file_async (RepriseContext *self,
                                      const char *path,
                                      RepriseSecretValue *password,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
void reprise_context_open_backup_async (RepriseContext *self,
                                        RepriseService *service,
                                        RepriseBackup *backup,
                                        RepriseSecretValue *password,
                                        RepriseSecrets *secrets,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
RepriseArchive *reprise_context_open_finish (RepriseContext *self,
                                             GAsyncResult *result,
                                             GError **error);
void reprise_context_plan_async (RepriseContext *self,
                                 RepriseService *service,
                                 RepriseArchive *archive,
                                 RepriseGroups groups,
                                 GHashTable *options,
                                 RepriseSecrets *secrets,
                                 RepriseProgress *progress,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
void reprise_context_plan_undo_async (RepriseContext *self,
                                      RepriseService *service,
                                      RepriseSecrets *secrets,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
ReprisePlan *reprise_context_plan_finish (RepriseContext *self,
                                          GAsyncResult *result,
                                          GError **error);

/* blocking: for workers */
GPtrArray *reprise_context_list_backups (RepriseContext *self,
                                         RepriseService *service,
                                         gboolean ask_service,
                                         RepriseSecrets *secrets,
                                         char **warning,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean reprise_context_set_vault_folder (RepriseContext *self,
                                           const char *path,
                                           GCancellable *cancellable,
                                           GError **error);
RepriseBackup *reprise_context_find_backup (RepriseContext *self,
                                            RepriseService *service,
                                            const char *id_start,
                                            RepriseSecrets *secrets,
                                            GCancellable *cancellable,
                                            GError **error);
RepriseArchive *reprise_context_open_backup (RepriseContext *self,
                                             RepriseService *service,
                                             RepriseBackup *backup,
                                             RepriseSecretValue *password,
                                             RepriseSecrets *secrets,
                                             RepriseProgress *progress,
                                             GCancellable *cancellable,
                                             GError **error);
RepriseBackup *reprise_context_find_safety_copy (RepriseContext *self,
                                                 const char *service_uuid,
                                                 GCancellable *cancellable,
                                                 GError **error);

G_END_DECLS
