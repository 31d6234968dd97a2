/* reprise-couch-credentials.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/couchdb/client/reprise-couch-credentials.h"
#include "providers/couchdb/client/reprise-couch-json.h"

static void
wipe_string (gpointer data)
{
  GString *text = data;

  reprise_secret_wipe (text->str, text->allocated_len);
  g_string_free (text, TRUE);
}

/* (transfer full): @text (transfer full) as the body of a request */
GBytes *
reprise_couch_credentials_take (GString *text)
{
  return g_bytes_new_with_free_func (text->str, text->len, wipe_string, text);
}

/* {"name":…,"password":…}; it has room from the start, for what it would grow out of stays behind */
GBytes *
reprise_couch_credentials_new_session (const char *account, RepriseSecretValue *password)
{
  gsize size = 0;
  GString *json;

  reprise_secret_value_get (password, &size);
  json = g_string_sized_new (6 * strlen (account) + 6 * size + 64);
  g_string_append (json, "{\"name\":");
  reprise_couch_append_string (json, account);
  g_string_append (json, ",\"password\":");
  reprise_couch_append_string (json, reprise_secret_value_get_text (password));
  g_string_append_c (json, '}');
  return reprise_couch_credentials_take (json);
}

/* As a member of one side of a replication */
void
reprise_couch_credentials_append_basic (GString *json,
                                        const char *account,
                                        RepriseSecretValue *password)
{
  g_string_append (json, ",\"auth\":{\"basic\":{\"username\":");
  reprise_couch_append_string (json, account);
  g_string_append (json, ",\"password\":");
  reprise_couch_append_string (json, reprise_secret_value_get_text (password));
  g_string_append (json, "}}");
}

void
reprise_couch_credentials_append_iam (GString *json, RepriseSecretValue *api_key)
{
  g_string_append (json, ",\"auth\":{\"iam\":{\"api_key\":");
  reprise_couch_append_string (json, reprise_secret_value_get_text (api_key));
  g_string_append (json, "}}");
}
