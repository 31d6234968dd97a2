/* reprise-milvus-session.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/milvus/reprise-milvus-session.h"
#include "providers/milvus/reprise-milvus-settings.h"

/**
 * Credential:
 * @secret: its kind, in the keyring
 * @user: (nullable): joined with the secret by a colon
 * @basic: whether that is encoded
 * @prefix: “Basic ”
 *
 * A header that goes with each request.
 */
typedef struct
{
  RepriseSecrets *secrets; /* (owned) */
  const char *secret;
  char *user;
  char *header;
  const char *prefix;
  gboolean basic;
} Credential;

static void
credential_free (gpointer data)
{
  Credential *self = data;

  g_object_unref (self->secrets);
  g_free (self->user);
  g_free (self->header);
  g_free (self);
}

static void
wipe (char *text)
{
  reprise_secret_wipe (text, strlen (text));
  g_free (text);
}

static gboolean
apply_cb (RepriseHttpRequest *request,
          RepriseHttpGrant *grant,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  Credential *self = user_data;
  g_autoptr (RepriseSecretValue) secret =
    reprise_secrets_lookup (self->secrets, self->secret, cancellable, error);
  char *pair, *encoded, *value;

  if (secret == NULL)
    return FALSE;
  pair = self->user != NULL
           ? g_strconcat (self->user, ":", reprise_secret_value_get_text (secret), NULL)
           : g_strdup (reprise_secret_value_get_text (secret));
  encoded = self->basic ? g_base64_encode ((const guchar *) pair, strlen (pair)) : g_strdup (pair);
  value = g_strconcat (self->prefix, encoded, NULL);
  reprise_http_grant_set_header (grant, self->header, value);
  wipe (pair);
  wipe (encoded);
  wipe (value);
  return TRUE;
}

/* There is nothing to renew: all that can be done is to look whether the keyring has a newer one. */
static gboolean
renew_cb (gpointer user_data, GCancellable *cancellable, GError **error)
{
  Credential *self = user_data;

  reprise_secrets_invalidate (self->secrets, self->secret);
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
    _ ("The sign-in was not accepted: check the password or the token of the "
       "service."));
  return FALSE;
}

static void
set_credential (RepriseHttp *http, RepriseSecrets *secrets, Credential *credential)
{
  const RepriseHttpAuthFuncs funcs = { .apply = apply_cb, .renew = renew_cb };
  g_autoptr (RepriseHttpAuth) auth = NULL;

  credential->secrets = g_object_ref (secrets);
  auth = reprise_http_auth_new (&funcs, credential, credential_free);
  reprise_http_set_auth (http, auth);
}

static const char *
get (RepriseProviderBase *provider, const char *key)
{
  return reprise_provider_base_get_setting (provider, key);
}

/* (transfer full): the address without slashes at its end, and the prefix with one on each side */
static char *
join_address (RepriseProviderBase *provider, const char *below)
{
  g_autofree char *address = g_strdup (get (provider, REPRISE_MILVUS_SETTING_ADDRESS));
  g_autofree char *prefix = g_strdup (get (provider, REPRISE_MILVUS_SETTING_PREFIX));
  const char *start = prefix;

  while (g_str_has_suffix (address, "/"))
    address[strlen (address) - 1] = '\0';
  while (*start == '/')
    start++;
  while (g_str_has_suffix (start, "/"))
    prefix[strlen (prefix) - 1] = '\0';
  if (g_str_has_suffix (address, "/api/v1"))
    address[strlen (address) - strlen ("/api/v1")] = '\0';
  return g_strconcat (address, *start != '\0' ? "/" : "", start, below, NULL);
}

/* (transfer full): where people look the server's own API up */
char *
reprise_milvus_session_dup_documentation (RepriseProviderBase *provider)
{
  return join_address (provider, "/api/v1/docs/index.html");
}

static Credential *
make_credential (RepriseProviderBase *provider, const char *sign_in)
{
  Credential *self = g_new0 (Credential, 1);

  self->header = g_strdup ("Authorization");
  self->prefix = "";
  if (g_str_equal (sign_in, REPRISE_MILVUS_SIGN_IN_BASIC))
    {
      self->secret = REPRISE_MILVUS_SECRET_PASSWORD;
      self->user = g_strdup (get (provider, REPRISE_MILVUS_SETTING_USER));
      self->basic = TRUE;
      self->prefix = "Basic ";
    }
  else if (g_str_equal (sign_in, REPRISE_MILVUS_SIGN_IN_BEARER))
    {
      self->secret = REPRISE_MILVUS_SECRET_TOKEN;
      self->prefix = "Bearer ";
    }
  else
    {
      self->secret = REPRISE_MILVUS_SECRET_HEADER;
      g_free (self->header);
      self->header = g_strdup (get (provider, REPRISE_MILVUS_SETTING_HEADER));
    }
  return self;
}

/* (transfer full): to the backup server, below whose address all paths are */
RepriseHttp *
reprise_milvus_session_open_server (RepriseProviderBase *provider, GError **error)
{
  const char *sign_in = get (provider, REPRISE_MILVUS_SETTING_SIGN_IN);
  g_autofree char *address = join_address (provider, "/api/v1/");
  RepriseHttp *http = reprise_http_new (address, get (provider, REPRISE_MILVUS_SETTING_PIN), error);

  if (http == NULL)
    return NULL;
  if (*sign_in != '\0' && !g_str_equal (sign_in, REPRISE_MILVUS_SIGN_IN_NONE))
    set_credential (http, reprise_provider_base_get_secrets (provider),
                    make_credential (provider, sign_in));
  return http;
}

gboolean
reprise_milvus_session_has_milvus (RepriseProviderBase *provider)
{
  return *get (provider, REPRISE_MILVUS_SETTING_MILVUS) != '\0';
}

/* (transfer full): to Milvus itself, whose token is USER:PASSWORD */
RepriseHttp *
reprise_milvus_session_open_milvus (RepriseProviderBase *provider, GError **error)
{
  const char *user = get (provider, REPRISE_MILVUS_SETTING_MILVUS_USER);
  RepriseHttp *http = reprise_http_new (get (provider, REPRISE_MILVUS_SETTING_MILVUS),
                                        get (provider, REPRISE_MILVUS_SETTING_MILVUS_PIN), error);
  Credential *credential;

  if (http == NULL || *user == '\0')
    return http;
  credential = g_new0 (Credential, 1);
  credential->secret = REPRISE_MILVUS_SECRET_MILVUS_PASSWORD;
  credential->user = g_strdup (user);
  credential->header = g_strdup ("Authorization");
  credential->prefix = "Bearer ";
  set_credential (http, reprise_provider_base_get_secrets (provider), credential);
  return http;
}

/* Whether what is sent can be read on the way: plain HTTP to another computer. */
gboolean
reprise_milvus_session_is_exposed (RepriseHttp *http)
{
  const char *host = g_uri_get_host (reprise_http_get_address (http));
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (reprise_http_is_secure (http) || g_strcmp0 (host, "localhost") == 0)
    return FALSE;
  return address == NULL || !g_inet_address_get_is_loopback (address);
}
