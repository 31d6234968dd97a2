/* reprise-entra-device.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-wait.h"
#include "net/reprise-http-error.h"
#include "net/reprise-json.h"
#include "providers/azure/reprise-azure-cloud.h"
#include "providers/azure/entra/reprise-entra-private.h"

#define GRANT_TYPE       "urn:ietf:params:oauth:grant-type:device_code"
#define DEFAULT_INTERVAL 5 /* RFC 8628 §3.2 */
#define SLOWER_SECONDS   5 /* RFC 8628 §3.5 */
#define DEFAULT_LIFETIME 900
#define START_TRIES      4

/* RFC 8628:  ask for a code → show it → poll → pending, slow down: again; else the end */
typedef struct
{
  RepriseEntra *account;
  RepriseSecretValue *device_code;
  gint64 interval;
  gint64 end_us; /* monotonic */
} Flow;

/* “fr-FR”, in which the server words its message */
static char *
get_language (void)
{
  const char *name = g_get_language_names ()[0];
  char *language = g_strndup (name, strcspn (name, ".@"));

  g_strdelimit (language, "_", '-');
  if (strcmp (language, "C") == 0 || strcmp (language, "POSIX") == 0)
    g_clear_pointer (&language, g_free);
  return language;
}

static JsonObject *
ask_code (RepriseEntra *self, GCancellable *cancellable, GError **error)
{
  static const RepriseJsonLimits LIMITS = { .error_code = REPRISE_ERROR_PROTOCOL };
  g_autofree char *scope = reprise_entra_make_scope (self, TRUE);
  g_autofree char *language = get_language ();
  g_autoptr (GBytes) form =
    reprise_entra_make_form ("client_id", self->client_id, "scope", scope, NULL);
  g_autoptr (RepriseHttpResponse) response =
    reprise_entra_post (self, "devicecode", language, form, START_TRIES, cancellable, error);
  g_autoptr (RepriseEntraAnswer) refused = NULL;
  const char *data;
  gsize size = 0;

  if (response == NULL)
    return NULL;
  if (reprise_http_response_get_status (response) != 200)
    {
      refused = reprise_entra_read_answer (response, error);
      if (refused != NULL)
        reprise_entra_set_error (self, refused, error);
      return NULL;
    }
  data = g_bytes_get_data (reprise_http_response_get_body (response), &size);
  return reprise_json_parse_object (data, size, &LIMITS, error);
}

/* Only a web address is shown, and maybe opened: whatever else a server names is not. */
static const char *
check_web_address (const char *address)
{
  return address != NULL && reprise_azure_check_address (address, NULL) ? address : NULL;
}

static gboolean
show_code (JsonObject *root, gint64 seconds, RepriseEntraShow show, gpointer data, GError **error)
{
  g_autofree char *message = NULL;
  RepriseEntraCode code = { .seconds = seconds };
  const char *text = reprise_json_get_string (root, "message", NULL);
  const char *whole = reprise_json_get_string (root, "verification_uri_complete", NULL);
  g_autofree char *before_query = whole != NULL ? g_strndup (whole, strcspn (whole, "?#")) : NULL;

  code.user_code = reprise_json_need_string (root, "user_code", error);
  if (code.user_code == NULL)
    return FALSE;
  code.address = check_web_address (reprise_json_get_string (
    root, "verification_uri", reprise_json_get_string (root, "verification_url", NULL)));
  if (code.address == NULL)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
        _ ("The sign-in service does not say where the code is typed in."));
      return FALSE;
    }
  code.whole_address = check_web_address (before_query) != NULL ? whole : NULL;
  message = text != NULL ? reprise_http_clean_sentence (text, -1) : NULL;
  code.message = message;
  show (&code, data);
  return TRUE;
}

static gboolean
is_pending (const RepriseEntraAnswer *answer)
{
  return g_strcmp0 (answer->error, "authorization_pending") == 0;
}

static gboolean
is_loss (const GError *error)
{
  return g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE) ||
         g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_STALLED) ||
         g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_BUSY) ||
         g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
}

/* One poll. %FALSE with @error where it is over without success; else *@done says whether it is over. */
static gboolean
poll_once (Flow *flow, gboolean *done, GCancellable *cancellable, GError **error)
{
  RepriseEntra *self = flow->account;
  g_autoptr (GBytes) form =
    reprise_entra_make_form ("grant_type", GRANT_TYPE, "client_id", self->client_id, "device_code",
                             reprise_secret_value_get_text (flow->device_code), NULL);
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseEntraAnswer) answer =
    reprise_entra_ask_token (self, form, 1, cancellable, &local);

  if (answer == NULL && is_loss (local))
    return TRUE; /* the network: the code can still be used */
  if (answer == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (is_pending (answer))
    return TRUE;
  if (g_strcmp0 (answer->error, "slow_down") == 0)
    {
      flow->interval += SLOWER_SECONDS;
      return TRUE;
    }
  *done = TRUE;
  return reprise_entra_take_answer (self, answer, cancellable, error);
}

static gboolean
follow (Flow *flow, GCancellable *cancellable, GError **error)
{
  gboolean done = FALSE;

  while (!done)
    {
      if (g_get_monotonic_time () >= flow->end_us)
        {
          reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                                     _ ("The code has expired. Ask for a new one."));
          return FALSE;
        }
      if (!reprise_wait ((guint64) flow->interval * flow->account->second_ms, cancellable, error) ||
          !poll_once (flow, &done, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * reprise_entra_sign_in_with_code:
 *
 * Signs a person in on whatever device they like: shows a code and waits until it was used there.
 *
 * Returns: %FALSE with %REPRISE_ERROR_NEEDS_SIGN_IN where it was declined or the code has expired,
 *   %G_IO_ERROR_CANCELLED, and other errors of the sign-in
 */
gboolean
reprise_entra_sign_in_with_code (RepriseEntra *self,
                                 RepriseEntraShow show,
                                 gpointer user_data,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr (JsonObject) root = ask_code (self, cancellable, error);
  Flow flow = { .account = self };
  const char *device_code;
  gint64 seconds;
  gboolean ok;

  device_code = root != NULL ? reprise_json_need_string (root, "device_code", error) : NULL;
  if (device_code == NULL)
    return FALSE;
  seconds = CLAMP (reprise_json_get_int (root, "expires_in", DEFAULT_LIFETIME), 1, 24 * 3600);
  flow.interval = CLAMP (reprise_json_get_int (root, "interval", DEFAULT_INTERVAL), 1, 60);
  flow.end_us = g_get_monotonic_time () + seconds * self->second_ms * 1000;
  if (!show_code (root, seconds, show, user_data, error))
    return FALSE;
  flow.device_code = reprise_secret_value_new_text (device_code);
  ok = follow (&flow, cancellable, error);
  reprise_secret_value_unref (flow.device_code);
  return ok;
}
