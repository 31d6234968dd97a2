/* reprise-azure-session.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider-base.h"
#include "providers/azure/reprise-arm.h"
#include "providers/azure/blob/reprise-blob.h"
#include "providers/azure/entra/reprise-entra.h"

G_BEGIN_DECLS

/**
 * RepriseAzureSession:
 *
 * What the settings of a service stand for: its account, its cloud, its storage. It sends nothing before it is asked to. For one
 * worker at a time.
 */
typedef struct _RepriseAzureSession RepriseAzureSession;

RepriseAzureSession *reprise_azure_session_new (RepriseProviderBase *provider, GError **error);
void reprise_azure_session_free (RepriseAzureSession *self);

RepriseEntra *reprise_azure_session_get_account (RepriseAzureSession *self);
RepriseArm *reprise_azure_session_get_arm (RepriseAzureSession *self);
char *reprise_azure_session_make_account_id (RepriseAzureSession *self);
char *reprise_azure_session_make_blob_address (RepriseAzureSession *self, const char *account);
const char *reprise_azure_session_get_setting (RepriseAzureSession *self, const char *key);
void reprise_azure_session_override (RepriseAzureSession *self, const char *key, const char *value);

/* blocking: for workers */
RepriseSas *reprise_azure_session_open_storage (RepriseAzureSession *self,
                                                GCancellable *cancellable,
                                                GError **error);
RepriseBlob *reprise_azure_session_open_container (RepriseAzureSession *self,
                                                   GCancellable *cancellable,
                                                   GError **error);
RepriseSecretValue *reprise_azure_session_open_key (RepriseAzureSession *self,
                                                    GCancellable *cancellable,
                                                    GError **error);
gboolean reprise_azure_session_prepare_container (RepriseAzureSession *self,
                                                  RepriseBlob *blob,
                                                  RepriseProgress *progress,
                                                  GCancellable *cancellable,
                                                  GError **error);
gboolean reprise_azure_session_make_container (RepriseAzureSession *self,
                                               GCancellable *cancellable,
                                               GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseAzureSession, reprise_azure_session_free)

G_END_DECLS
