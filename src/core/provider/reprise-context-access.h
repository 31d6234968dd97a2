/* reprise-context-access.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-context.h"

G_BEGIN_DECLS

/*
 * The access to a service: sign-in, what can be chosen there, what expires; and the schedule that it has of its own. Each is a
 * reading of its provider, in a worker, for a window or the command line. @secrets is %NULL for those of the keyring.
 */

void reprise_context_sign_in_async (RepriseContext *self,
                                    RepriseService *service,
                                    RepriseSecrets *secrets,
                                    RepriseSignIn *sign_in,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean reprise_context_sign_in_finish (RepriseContext *self,
                                         GAsyncResult *result,
                                         GError **error);

void reprise_context_sign_out_async (RepriseContext *self,
                                     RepriseService *service,
                                     RepriseSecrets *secrets,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean reprise_context_sign_out_finish (RepriseContext *self,
                                          GAsyncResult *result,
                                          GError **error);

void reprise_context_list_values_async (RepriseContext *self,
                                        RepriseService *service,
                                        RepriseSecrets *secrets,
                                        const char *key,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
GPtrArray *reprise_context_list_values_finish (RepriseContext *self,
                                               GAsyncResult *result,
                                               GError **error);

void reprise_context_renew_access_async (RepriseContext *self,
                                         RepriseService *service,
                                         RepriseSecrets *secrets,
                                         RepriseBackup *backup,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean reprise_context_renew_access_finish (RepriseContext *self,
                                              GAsyncResult *result,
                                              GError **error);

/* (element-type RepriseReveal): only where a person asks to see it */
void reprise_context_reveal_async (RepriseContext *self,
                                   RepriseService *service,
                                   RepriseSecrets *secrets,
                                   RepriseBackup *backup,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
GPtrArray *reprise_context_reveal_finish (RepriseContext *self,
                                          GAsyncResult *result,
                                          GError **error);

void reprise_context_get_schedule_async (RepriseContext *self,
                                         RepriseService *service,
                                         RepriseSecrets *secrets,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
JsonNode *reprise_context_get_schedule_finish (RepriseContext *self,
                                               GAsyncResult *result,
                                               GError **error);

void reprise_context_set_schedule_async (RepriseContext *self,
                                         RepriseService *service,
                                         RepriseSecrets *secrets,
                                         JsonNode *schedule,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean reprise_context_set_schedule_finish (RepriseContext *self,
                                              GAsyncResult *result,
                                              GError **error);

G_END_DECLS
