/* reprise-couch-credentials.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "secret/reprise-secret-value.h"

G_BEGIN_DECLS

#define REPRISE_COUCH_CREDENTIALS_BYTES \
  (64 * 1024) /* room for two of them, so that a text does not grow out of its memory */

/* Bodies of requests that hold a password or a key. They are wiped with their last reference. */
GBytes *reprise_couch_credentials_take (GString *text);
GBytes *reprise_couch_credentials_new_session (const char *account, RepriseSecretValue *password);
void reprise_couch_credentials_append_basic (GString *json,
                                             const char *account,
                                             RepriseSecretValue *password);
void reprise_couch_credentials_append_iam (GString *json, RepriseSecretValue *api_key);

G_END_DECLS
