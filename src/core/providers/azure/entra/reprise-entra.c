/* reprise-entra.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file-lock.h"
#include "base/reprise-file.h"
#include "base/reprise-scrub.h"
#include "net/reprise-json.h"
#include "providers/azure/reprise-azure-cloud.h"
#include "providers/azure/entra/reprise-entra-private.h"

#define EARLY_SECONDS 300 /* before its end a token is renewed */
#define LOCK_WAIT_MS  60000
#define TOKEN_TRIES   4
#define ASSERTION     "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* The accounts that are in use: each once. Their keys name no secret. */
static GMutex accounts_mutex;
static GHashTable *accounts; /* (owned) (element-type utf8 GWeakRef); guarded by the mutex */

G_DEFINE_FINAL_TYPE (RepriseEntra, reprise_entra, G_TYPE_OBJECT)

static void
reprise_entra_finalize (GObject *object)
{
  RepriseEntra *self = REPRISE_ENTRA (object);

  reprise_entra_set_token (self, NULL, 0);
  g_clear_pointer (&self->unstored, reprise_secret_value_unref);
  g_weak_ref_clear (&self->auth);
  g_clear_object (&self->secrets);
  g_clear_object (&self->http);
  g_free (self->authority);
  g_free (self->tenant);
  g_free (self->client_id);
  g_free (self->resource);
  g_free (self->account);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (reprise_entra_parent_class)->finalize (object);
}

static void
reprise_entra_class_init (RepriseEntraClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_entra_finalize;
}

static void
reprise_entra_init (RepriseEntra *self)
{
  g_mutex_init (&self->mutex);
  g_weak_ref_init (&self->auth, NULL);
  self->second_ms = 1000;
}

static gboolean
check_config (const RepriseEntraConfig *config, GError **error)
{
  gboolean principal =
    config->method == REPRISE_ENTRA_SECRET || config->method == REPRISE_ENTRA_CERTIFICATE;
  const char *wrong = NULL;

  if (config->method == REPRISE_ENTRA_AZ)
    return TRUE;
  if (config->client_id == NULL || *config->client_id == '\0')
    wrong = _ ("Give the client ID of the application’s registration.");
  else if (principal && (config->tenant == NULL || *config->tenant == '\0' ||
                         strcmp (config->tenant, REPRISE_ENTRA_ANY_TENANT) == 0))
    wrong = _ ("A service principal belongs to a tenant. Give its ID or domain.");
  if (wrong == NULL)
    return reprise_azure_check_address (config->authority, error);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, wrong);
  return FALSE;
}

static RepriseEntra *
make_account (const RepriseEntraConfig *config, GError **error)
{
  g_autoptr (RepriseEntra) self = g_object_new (REPRISE_TYPE_ENTRA, NULL);

  self->method = config->method;
  self->authority = g_strdup (config->authority);
  self->tenant = g_strdup (config->tenant);
  if (self->tenant == NULL || *self->tenant == '\0')
    {
      g_free (self->tenant);
      self->tenant = g_strdup (config->method == REPRISE_ENTRA_AZ ? "" : REPRISE_ENTRA_ANY_TENANT);
    }
  self->client_id = g_strdup (config->client_id);
  self->resource = g_strdup (config->resource);
  if (config->method == REPRISE_ENTRA_AZ)
    return g_steal_pointer (&self);
  self->http = reprise_http_new (config->authority, NULL, error);
  return self->http != NULL ? g_steal_pointer (&self) : NULL;
}

static void
free_weak_ref (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* Behind the mutex of the accounts. */
static RepriseEntra *
find_account (const char *key)
{
  GWeakRef *ref;

  if (accounts == NULL)
    accounts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_weak_ref);
  ref = g_hash_table_lookup (accounts, key);
  return ref != NULL ? g_weak_ref_get (ref) : NULL;
}

static void
keep_account (const char *key, RepriseEntra *self)
{
  GWeakRef *ref = g_new0 (GWeakRef, 1);

  g_weak_ref_init (ref, self);
  g_hash_table_replace (accounts, g_strdup (key), ref);
}

/**
 * reprise_entra_open:
 * @secrets: of the service; those of the last caller are used
 *
 * Sends nothing yet.
 *
 * Returns: (transfer full): the account, which others may be using too; or %NULL with %REPRISE_ERROR_INVALID
 */
RepriseEntra *
reprise_entra_open (const RepriseEntraConfig *config, RepriseSecrets *secrets, GError **error)
{
  g_autofree char *key = NULL;
  RepriseEntra *self;

  if (!check_config (config, error))
    return NULL;
  key = g_strdup_printf ("%s %d %s %s %s %s", reprise_secrets_get_service_uuid (secrets),
                         (int) config->method, config->authority,
                         config->tenant != NULL ? config->tenant : "",
                         config->client_id != NULL ? config->client_id : "", config->resource);
  g_mutex_lock (&accounts_mutex);
  self = find_account (key);
  if (self == NULL)
    {
      self = make_account (config, error);
      if (self != NULL)
        keep_account (key, self);
    }
  g_mutex_unlock (&accounts_mutex);
  if (self == NULL)
    return NULL;
  g_mutex_lock (&self->mutex);
  g_set_object (&self->secrets, secrets);
  g_mutex_unlock (&self->mutex);
  return self;
}

void
reprise_entra_set_second (RepriseEntra *self, guint ms)
{
  self->second_ms = ms;
}

/* (transfer full) */
RepriseSecrets *
reprise_entra_dup_secrets (RepriseEntra *self)
{
  RepriseSecrets *secrets;

  g_mutex_lock (&self->mutex);
  secrets = g_object_ref (self->secrets);
  g_mutex_unlock (&self->mutex);
  return secrets;
}

/* (transfer full) (nullable): who is signed in, where that is known */
char *
reprise_entra_dup_account (RepriseEntra *self)
{
  char *account;

  g_mutex_lock (&self->mutex);
  account = g_strdup (self->account);
  g_mutex_unlock (&self->mutex);
  return account;
}

/* @token (nullable): the access token from now on, for so long; %NULL forgets it */
void
reprise_entra_set_token (RepriseEntra *self, RepriseSecretValue *token, gint64 seconds)
{
  gint64 usable = MAX (seconds - EARLY_SECONDS, seconds / 2);
  RepriseSecretValue *old;

  if (token != NULL)
    reprise_scrub_add (reprise_secret_value_get_text (token));
  g_mutex_lock (&self->mutex);
  old = self->access;
  self->access = token != NULL ? reprise_secret_value_ref (token) : NULL;
  self->renew_us = g_get_real_time () + usable * G_USEC_PER_SEC;
  g_mutex_unlock (&self->mutex);
  if (old != NULL)
    reprise_scrub_remove (reprise_secret_value_get_text (old));
  g_clear_pointer (&old, reprise_secret_value_unref);
}

/* What the keyring does not take is kept in memory, for the old one may be worth nothing any more. */
static gboolean
store_refresh (RepriseEntra *self,
               RepriseSecretValue *refresh,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_entra_dup_secrets (self);
  gboolean ok =
    reprise_secrets_store (secrets, REPRISE_ENTRA_SECRET_REFRESH, refresh, cancellable, error);

  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->unstored, reprise_secret_value_unref);
  if (!ok)
    self->unstored = reprise_secret_value_ref (refresh);
  g_mutex_unlock (&self->mutex);
  return ok;
}

/* (transfer full): where this computer remembers something of the sign-in, for all of its processes */
static char *
dup_state_path (RepriseEntra *self, const char *end)
{
  g_autoptr (RepriseSecrets) secrets = reprise_entra_dup_secrets (self);
  g_autofree char *name =
    g_strconcat ("sign-in-", reprise_secrets_get_service_uuid (secrets), end, NULL);

  return g_build_filename (g_get_user_state_dir (), "reprise", name, NULL);
}

/* (transfer full) (nullable): what the next sign-in must fulfil, of whichever process Azure asked for it: no refresh does */
char *
reprise_entra_dup_claims (RepriseEntra *self)
{
  g_autofree char *path = dup_state_path (self, ".claims");
  g_autofree char *claims = NULL;

  return g_file_get_contents (path, &claims, NULL, NULL) && *claims != '\0'
           ? g_steal_pointer (&claims)
           : NULL;
}

static void
forget_claims (RepriseEntra *self)
{
  g_autofree char *path = dup_state_path (self, ".claims");

  g_unlink (path);
}

/**
 * reprise_entra_take_answer:
 *
 * Takes a sign-in or its prolongation over: first the new refresh token goes into the keyring, then the access token is
 * used.
 */
gboolean
reprise_entra_take_answer (RepriseEntra *self,
                           RepriseEntraAnswer *answer,
                           GCancellable *cancellable,
                           GError **error)
{
  if (answer->error != NULL)
    {
      reprise_entra_set_error (self, answer, error);
      return FALSE;
    }
  if (answer->refresh != NULL && !store_refresh (self, answer->refresh, cancellable, error))
    return FALSE;
  g_mutex_lock (&self->mutex);
  if (answer->account != NULL)
    {
      g_free (self->account);
      self->account = g_strdup (answer->account);
    }
  g_mutex_unlock (&self->mutex);
  forget_claims (self);
  reprise_entra_set_token (self, answer->access, answer->seconds);
  return TRUE;
}

/* (transfer full): the refresh token, maybe of another process that has used ours up */
static RepriseSecretValue *
find_refresh (RepriseEntra *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_entra_dup_secrets (self);
  RepriseSecretValue *refresh = NULL;

  g_mutex_lock (&self->mutex);
  if (self->unstored != NULL)
    refresh = reprise_secret_value_ref (self->unstored);
  g_mutex_unlock (&self->mutex);
  if (refresh != NULL)
    return refresh;
  reprise_secrets_invalidate (secrets, REPRISE_ENTRA_SECRET_REFRESH);
  return reprise_secrets_lookup (secrets, REPRISE_ENTRA_SECRET_REFRESH, cancellable, error);
}

static gboolean
check_claims (RepriseEntra *self, GError **error)
{
  g_autofree char *claims = reprise_entra_dup_claims (self);

  if (claims == NULL)
    return TRUE;
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                             _ ("Azure asks for one more proof of who you are. Sign in with the "
                                "browser."));
  return FALSE;
}

static gboolean
refresh_locked (RepriseEntra *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *scope = reprise_entra_make_scope (self, TRUE);
  g_autoptr (RepriseSecretValue) refresh = find_refresh (self, cancellable, error);
  g_autoptr (RepriseEntraAnswer) answer = NULL;
  g_autoptr (GBytes) form = NULL;

  if (refresh == NULL)
    return FALSE;
  form = reprise_entra_make_form ("grant_type", "refresh_token", "client_id", self->client_id,
                                  "refresh_token", reprise_secret_value_get_text (refresh), "scope",
                                  scope, NULL);
  answer = reprise_entra_ask_token (self, form, TOKEN_TRIES, cancellable, error);
  return answer != NULL && reprise_entra_take_answer (self, answer, cancellable, error);
}

/* One at a time on this computer: whoever uses a refresh token that another has used ends the sign-in of both. */
static gboolean
refresh (RepriseEntra *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = dup_state_path (self, "");
  g_autofree char *folder = g_path_get_dirname (path);
  gboolean ok;
  int fd = -1;

  if (!check_claims (self, error) || !reprise_file_make_folder (folder, error) ||
      !reprise_file_lock_beside (path, LOCK_WAIT_MS, &fd, error))
    return FALSE;
  ok = refresh_locked (self, cancellable, error);
  if (fd >= 0)
    close (fd);
  return ok;
}

static gboolean
use_secret (RepriseEntra *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *scope = reprise_entra_make_scope (self, FALSE);
  g_autoptr (RepriseSecrets) secrets = reprise_entra_dup_secrets (self);
  g_autoptr (RepriseSecretValue) secret =
    reprise_secrets_lookup (secrets, REPRISE_ENTRA_SECRET_CLIENT, cancellable, error);
  g_autoptr (RepriseEntraAnswer) answer = NULL;
  g_autoptr (GBytes) form = NULL;

  if (secret == NULL)
    return FALSE;
  form = reprise_entra_make_form ("grant_type", "client_credentials", "client_id", self->client_id,
                                  "client_secret", reprise_secret_value_get_text (secret), "scope",
                                  scope, NULL);
  answer = reprise_entra_ask_token (self, form, TOKEN_TRIES, cancellable, error);
  if (answer != NULL && answer->error != NULL)
    reprise_secrets_invalidate (secrets, REPRISE_ENTRA_SECRET_CLIENT);
  return answer != NULL && reprise_entra_take_answer (self, answer, cancellable, error);
}

/* RFC 7523 §2.2 */
static gboolean
use_certificate (RepriseEntra *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *scope = reprise_entra_make_scope (self, FALSE);
  g_autofree char *path = reprise_http_path (self->tenant, "oauth2", "v2.0", "token", NULL);
  g_autofree char *base = g_uri_to_string (reprise_http_get_address (self->http));
  g_autofree char *audience = g_strconcat (base, path, NULL);
  g_autoptr (RepriseSecrets) secrets = reprise_entra_dup_secrets (self);
  g_autoptr (RepriseSecretValue) pem =
    reprise_secrets_lookup (secrets, REPRISE_ENTRA_SECRET_CERTIFICATE, cancellable, error);
  g_autoptr (RepriseSecretValue) assertion = NULL;
  g_autoptr (RepriseEntraAnswer) answer = NULL;
  g_autoptr (GBytes) form = NULL;

  if (pem == NULL)
    return FALSE;
  assertion = reprise_entra_make_assertion (reprise_secret_value_get_text (pem), audience,
                                            self->client_id, error);
  if (assertion == NULL)
    return FALSE;
  form = reprise_entra_make_form ("grant_type", "client_credentials", "client_id", self->client_id,
                                  "client_assertion_type", ASSERTION, "client_assertion",
                                  reprise_secret_value_get_text (assertion), "scope", scope, NULL);
  answer = reprise_entra_ask_token (self, form, TOKEN_TRIES, cancellable, error);
  return answer != NULL && reprise_entra_take_answer (self, answer, cancellable, error);
}

static gboolean
renew_once (RepriseEntra *self, GCancellable *cancellable, GError **error)
{
  switch (self->method)
    {
    case REPRISE_ENTRA_SECRET:
      return use_secret (self, cancellable, error);
    case REPRISE_ENTRA_CERTIFICATE:
      return use_certificate (self, cancellable, error);
    case REPRISE_ENTRA_AZ:
      return reprise_entra_use_az (self, cancellable, error);
    case REPRISE_ENTRA_PERSON:
    default:
      return refresh (self, cancellable, error);
    }
}

/* What was there does not do: what somebody has put into the keyring since then may. */
static void
forget_refused (RepriseSecrets *secrets)
{
  static const char *const KINDS[] = { REPRISE_ENTRA_SECRET_REFRESH, REPRISE_ENTRA_SECRET_CLIENT,
                                       REPRISE_ENTRA_SECRET_CERTIFICATE };

  for (guint i = 0; i < G_N_ELEMENTS (KINDS); i++)
    reprise_secrets_invalidate (secrets, KINDS[i]);
}

static void
forget_unstored (RepriseEntra *self)
{
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->unstored, reprise_secret_value_unref);
  g_mutex_unlock (&self->mutex);
}

static gboolean
ask_sign_in (RepriseEntra *self,
             RepriseSecrets *secrets,
             const GError *reason,
             GCancellable *cancellable)
{
  forget_unstored (self); /* it does not do; a new one may come while we wait */
  if (!reprise_secrets_ask_sign_in (secrets, reason, cancellable))
    return FALSE;
  forget_refused (secrets);
  return TRUE;
}

/* In the middle of a job somebody may be there who signs in, and lets it go on. */
static gboolean
renew_cb (gpointer user_data, GCancellable *cancellable, GError **error)
{
  RepriseEntra *self = user_data;
  g_autoptr (RepriseSecrets) secrets = reprise_entra_dup_secrets (self);
  g_autoptr (GError) reason = NULL;

  while (!renew_once (self, cancellable, &reason))
    {
      if (!g_error_matches (reason, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN) ||
          !ask_sign_in (self, secrets, reason, cancellable))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
      g_clear_error (&reason);
    }
  return TRUE;
}

/* (transfer full) (nullable): the access token, unless it is about to end */
static RepriseSecretValue *
dup_token (RepriseEntra *self)
{
  RepriseSecretValue *token = NULL;

  g_mutex_lock (&self->mutex);
  if (self->access != NULL && g_get_real_time () < self->renew_us)
    token = reprise_secret_value_ref (self->access);
  g_mutex_unlock (&self->mutex);
  return token;
}

static gboolean
apply_cb (RepriseHttpRequest *request,
          RepriseHttpGrant *grant,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (RepriseSecretValue) token = dup_token (user_data);
  char *value;

  if (token == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                                 _ ("Sign in first"));
      return FALSE;
    }
  value = g_strconcat ("Bearer ", reprise_secret_value_get_text (token), NULL);
  reprise_http_grant_set_header (grant, "Authorization", value);
  reprise_secret_wipe (value, strlen (value));
  g_free (value);
  return TRUE;
}

/* (transfer full) (nullable): of `Bearer error="…", claims="…"` (RFC 9110 §11.2) */
static char *
find_parameter (const char *challenge, const char *name)
{
  g_autofree char *start = g_strconcat (name, "=\"", NULL);
  const char *from = strstr (challenge, start), *to;

  if (from == NULL)
    return NULL;
  from += strlen (start);
  to = strchr (from, '"');
  return to != NULL ? g_strndup (from, (gsize) (to - from)) : NULL;
}

/* A person is needed, maybe in another process than this one. */
static void
remember_claims (RepriseEntra *self, const char *json, gsize size)
{
  g_autofree char *path = dup_state_path (self, ".claims");
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  if (!reprise_file_make_folder (folder, &error) ||
      !g_file_set_contents_full (path, json, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                 &error))
    g_message ("What Azure asks for could not be written down: %s", error->message);
}

/* Azure may ask for another proof in the middle of the work; it says of what. */
static void
observe_cb (RepriseHttpResponse *response, gpointer user_data)
{
  RepriseEntra *self = user_data;
  const char *challenge = reprise_http_response_get_header (response, "WWW-Authenticate");
  g_autofree char *claims = NULL;
  g_autofree guchar *json = NULL;
  g_autoptr (JsonObject) object = NULL;
  gsize size = 0;

  if (reprise_http_response_get_status (response) != 401 || challenge == NULL)
    return;
  claims = find_parameter (challenge, "claims");
  if (claims == NULL)
    return;
  json = g_base64_decode (claims, &size);
  object = reprise_json_parse_object ((const char *) json, size, NULL, NULL);
  if (object == NULL)
    return;
  remember_claims (self, (const char *) json, size);
}

/* (transfer full): puts the token into requests and renews it, once for all that use the account */
RepriseHttpAuth *
reprise_entra_dup_auth (RepriseEntra *self)
{
  static const RepriseHttpAuthFuncs FUNCS = { apply_cb, renew_cb, observe_cb };
  static GMutex making;
  RepriseHttpAuth *auth;

  g_mutex_lock (&making);
  auth = g_weak_ref_get (&self->auth);
  if (auth == NULL)
    {
      auth = reprise_http_auth_new (&FUNCS, g_object_ref (self), g_object_unref);
      g_weak_ref_set (&self->auth, auth);
    }
  g_mutex_unlock (&making);
  return auth;
}

/**
 * reprise_entra_get_token:
 * @token: (out) (optional) (transfer full): the access token
 *
 * Whether the account can be used now. For requests there is reprise_entra_dup_auth(), which renews the token too.
 *
 * Returns: %FALSE with %REPRISE_ERROR_NEEDS_SIGN_IN and other errors of the sign-in
 */
gboolean
reprise_entra_get_token (RepriseEntra *self,
                         RepriseSecretValue **token,
                         GCancellable *cancellable,
                         GError **error)
{
  RepriseSecretValue *found = dup_token (self);

  if (found == NULL && !renew_cb (self, cancellable, error))
    return FALSE;
  if (found == NULL)
    {
      g_mutex_lock (&self->mutex);
      found = self->access != NULL ? reprise_secret_value_ref (self->access) : NULL;
      g_mutex_unlock (&self->mutex);
    }
  if (token != NULL && found != NULL)
    *token = reprise_secret_value_ref (found);
  g_clear_pointer (&found, reprise_secret_value_unref);
  return TRUE;
}

/* Where the authority has an address for it (RFC 7009), the refresh token is taken back. Entra ID has none. */
static void
revoke_refresh (RepriseEntra *self, RepriseSecretValue *refresh, GCancellable *cancellable)
{
  g_autofree char *path =
    reprise_http_path (self->tenant, "v2.0", ".well-known", "openid-configuration", NULL);
  g_autoptr (RepriseHttpRequest) ask = reprise_http_request_new ("GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (RepriseHttpResponse) revoked = NULL;
  g_autoptr (JsonObject) root = NULL;
  g_autoptr (GBytes) form = NULL;
  const char *data, *address;
  gsize size = 0;

  reprise_http_request_set_max_tries (ask, 1);
  response = reprise_http_send (self->http, ask, NULL, cancellable, NULL);
  if (response == NULL)
    return;
  data = g_bytes_get_data (reprise_http_response_get_body (response), &size);
  root = reprise_json_parse_object (data, size, NULL, NULL);
  address = reprise_json_get_string (root, "revocation_endpoint", NULL);
  if (address == NULL)
    return;
  request = reprise_http_request_new_at (self->http, "POST", address, REPRISE_HTTP_WRITE, NULL);
  if (request == NULL)
    return;
  form =
    reprise_entra_make_form ("token", reprise_secret_value_get_text (refresh), "token_type_hint",
                             "refresh_token", "client_id", self->client_id, NULL);
  reprise_http_request_set_max_tries (request, 1);
  reprise_http_request_set_body (request, "application/x-www-form-urlencoded", form);
  revoked = reprise_http_send (self->http, request, NULL, cancellable, NULL);
}

/**
 * reprise_entra_sign_out:
 *
 * Forgets the tokens and deletes the refresh token from the keyring; the secrets of a service principal, which a person
 * put there, and the session of `az` stay. That the authority cannot be reached does not matter.
 */
gboolean
reprise_entra_sign_out (RepriseEntra *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_entra_dup_secrets (self);
  const char *uuid = reprise_secrets_get_service_uuid (secrets);
  g_autoptr (RepriseSecretValue) refresh = NULL;
  g_autoptr (GError) local = NULL;

  reprise_entra_set_token (self, NULL, 0);
  if (self->method != REPRISE_ENTRA_PERSON)
    return TRUE;
  refresh = find_refresh (self, cancellable, NULL);
  if (refresh != NULL)
    revoke_refresh (self, refresh, cancellable);
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->unstored, reprise_secret_value_unref);
  g_clear_pointer (&self->account, g_free);
  g_mutex_unlock (&self->mutex);
  forget_claims (self);
  reprise_secrets_invalidate (secrets, REPRISE_ENTRA_SECRET_REFRESH);
  reprise_secrets_override (uuid, REPRISE_ENTRA_SECRET_REFRESH, NULL);
  if (!reprise_keyring_delete (uuid, REPRISE_ENTRA_SECRET_REFRESH, REPRISE_KEYRING_MAY_PROMPT,
                               cancellable, &local) &&
      !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}
