/* reprise-secret-work.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsecret/secret.h>

#include "secret/reprise-keyring.h"
#include "secret/reprise-secret-wire.h"

G_BEGIN_DECLS

/* A request, taken apart. */
typedef struct
{
  RepriseSecretOperation operation;
  gboolean may_prompt;
  char *uuid;
  char *kind; /* "" for none */
  char *label;
  SecretValue *value; /* (nullable) */
} Request;

/* What goes back: @state, and for a look-up @value, for a list @kinds. */
typedef struct
{
  RepriseKeyringState state;
  SecretValue *value; /* (owned) (nullable) */
  GHashTable *kinds;  /* (owned) (element-type utf8) */
} Reply;

extern const SecretSchema reprise_secret_schema;

GHashTable *request_make_attributes (const Request *request);
void reply_add_kind (Reply *reply, GHashTable *attributes);
gboolean reply_check_stored (Reply *reply, const Request *request, GError **error);

gboolean service_run (const Request *request, Reply *reply, GError **error);
gboolean file_run (const Request *request, Reply *reply, GError **error);

G_END_DECLS
