/* reprise-secrets.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "secret/reprise-keyring.h"

G_BEGIN_DECLS

/**
 * RepriseSecrets:
 *
 * The secrets of one service for as long as one job runs. Each is fetched from the keyring when it is first asked for
 * and once more after reprise_secrets_invalidate(), and wiped with the object. Any thread may use it.
 *
 * A secret that was given to this process (--secret-fd KEY=FD) goes before the keyring's and is kept nowhere.
 */
/* the question of a job that needs a sign-in to go on, and its answers */
#define REPRISE_QUESTION_SIGN_IN "sign-in"
#define REPRISE_ANSWER_SIGNED_IN "signed-in"

#define REPRISE_TYPE_SECRETS (reprise_secrets_get_type ())

G_DECLARE_FINAL_TYPE (RepriseSecrets, reprise_secrets, REPRISE, SECRETS, GObject)

RepriseSecrets *reprise_secrets_new (const char *service_uuid, RepriseKeyringFlags flags);
const char *reprise_secrets_get_service_uuid (RepriseSecrets *self);

/* blocking: for workers */
RepriseSecretValue *reprise_secrets_lookup (RepriseSecrets *self,
                                            const char *kind,
                                            GCancellable *cancellable,
                                            GError **error);
void reprise_secrets_invalidate (RepriseSecrets *self, const char *kind);
gboolean reprise_secrets_store (RepriseSecrets *self,
                                const char *kind,
                                RepriseSecretValue *value,
                                GCancellable *cancellable,
                                GError **error);
gboolean reprise_secrets_keep (RepriseSecrets *self,
                               const char *kind,
                               GCancellable *cancellable,
                               GError **error);

/* somebody who can sign in while a job waits */
void reprise_secrets_set_progress (RepriseSecrets *self, RepriseProgress *progress);
gboolean reprise_secrets_ask_sign_in (RepriseSecrets *self,
                                      const GError *reason,
                                      GCancellable *cancellable);

/* for the command line, and for a form that is tried out */
void reprise_secrets_set_draft (RepriseSecrets *self);
gboolean reprise_secrets_keep_all (RepriseSecrets *self, GCancellable *cancellable, GError **error);
void reprise_secrets_forget_overrides (const char *service_uuid);
void reprise_secrets_override (const char *service_uuid,
                               const char *kind,
                               RepriseSecretValue *value);
gboolean reprise_secrets_parse_option (const char *option,
                                       char **kind,
                                       RepriseSecretValue **value,
                                       GError **error);

G_END_DECLS
