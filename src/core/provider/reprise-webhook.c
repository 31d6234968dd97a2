/* reprise-webhook.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-scrub.h"
#include "base/reprise-time.h"
#include "net/reprise-http.h"
#include "net/reprise-json.h"
#include "provider/reprise-webhook.h"
#include "service/reprise-services-file.h"

#define KEPT  "keyring"
#define GIVEN "given"

#define CONNECT_MS  10000
#define MAX_SECONDS 60

/* (transfer full) (nullable): “https://monitoring.example:8443”, which is all that may be shown of an address */
char *
reprise_webhook_dup_origin (const char *address)
{
  g_autoptr (GUri) uri = g_uri_parse (address, G_URI_FLAGS_NONE, NULL);

  return uri != NULL ? g_uri_join (G_URI_FLAGS_NONE, g_uri_get_scheme (uri), NULL,
                                   g_uri_get_host (uri), g_uri_get_port (uri), "", NULL, NULL)
                     : NULL;
}

static RepriseHttp *
make_http (const char *address, GError **error)
{
  g_autofree char *origin = reprise_webhook_dup_origin (address);
  g_autofree char *base = origin != NULL ? g_strconcat (origin, "/", NULL) : NULL;

  return reprise_http_new (base != NULL ? base : address, NULL, error);
}

/* Whether it is an address that can be told; what is wrong is said without repeating it. */
gboolean
reprise_webhook_check (const char *address, GError **error)
{
  g_autoptr (RepriseHttp) http = make_http (address, NULL);

  if (http == NULL)
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      _ ("That is no address that can be told. It begins with “https://” or “http://”."));
  return http != NULL;
}

static const char *
get_address (RepriseService *service)
{
  return reprise_service_get_setting (service, REPRISE_WEBHOOK_SETTING_ADDRESS);
}

/* Whether its setting holds a whole address, as earlier versions wrote it. */
static gboolean
is_whole (RepriseService *service)
{
  const char *set = reprise_service_get_setting (service, REPRISE_WEBHOOK_SETTING);
  g_autofree char *origin = set != NULL ? reprise_webhook_dup_origin (set) : NULL;

  return set != NULL && get_address (service) == NULL && g_strcmp0 (set, origin) != 0;
}

/* Whether the address of its webhook is in the keyring, as far as is known. */
gboolean
reprise_webhook_is_kept (RepriseService *service)
{
  return reprise_service_get_setting (service, REPRISE_WEBHOOK_SETTING) != NULL &&
         !is_whole (service) && g_strcmp0 (get_address (service), GIVEN) != 0;
}

/* What was never in the keyring need not be told to stay there. */
static gboolean
remove_address (RepriseService *service,
                RepriseKeyringFlags flags,
                GCancellable *cancellable,
                GError **error)
{
  gboolean kept = reprise_webhook_is_kept (service);

  reprise_service_set_setting (service, REPRISE_WEBHOOK_SETTING, NULL);
  reprise_service_set_setting (service, REPRISE_WEBHOOK_SETTING_ADDRESS, NULL);
  return reprise_keyring_delete (reprise_service_get_uuid (service), REPRISE_WEBHOOK_SECRET, flags,
                                 cancellable, kept ? error : NULL) ||
         !kept;
}

/**
 * reprise_webhook_set:
 * @service: gets the setting; it is not saved
 * @address: (nullable): %NULL for none any more
 *
 * Keeps the address in the keyring, or removes it from there.
 *
 * Returns: whether it is kept there, or gone from there; else with the keyring's sentence, and the setting is made all the same: the
 *   address can be given to each run, or stays in the keyring where nobody asks for it any more
 */
gboolean
reprise_webhook_set (RepriseService *service,
                     const char *address,
                     RepriseKeyringFlags flags,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autofree char *origin = address != NULL ? reprise_webhook_dup_origin (address) : NULL;
  g_autoptr (RepriseSecretValue) value = NULL;
  gboolean kept;

  if (address == NULL)
    return remove_address (service, flags, cancellable, error);
  value = reprise_secret_value_new_text (address);
  kept = reprise_keyring_store (reprise_service_get_uuid (service), REPRISE_WEBHOOK_SECRET, value,
                                flags, cancellable, error);
  reprise_service_set_setting (service, REPRISE_WEBHOOK_SETTING, origin);
  reprise_service_set_setting (service, REPRISE_WEBHOOK_SETTING_ADDRESS, kept ? KEPT : GIVEN);
  return kept;
}

/* Whether its setting was made by an earlier version: it is a whole address, or what of one may be shown where that is all of it, or
 * the rest of it is in the keyring. */
gboolean
reprise_webhook_is_legacy (RepriseService *service)
{
  return reprise_service_get_setting (service, REPRISE_WEBHOOK_SETTING) != NULL &&
         get_address (service) == NULL;
}

/* @changed: gets the setting. Where the address is no more than its origin, it depends on the keyring whether that is all of it. */
static gboolean
move_address (RepriseService *changed, GError **error)
{
  g_autofree char *address =
    g_strdup (reprise_service_get_setting (changed, REPRISE_WEBHOOK_SETTING));
  RepriseKeyringState state = REPRISE_KEYRING_NOT_FOUND;

  if (!is_whole (changed) &&
      !reprise_keyring_get_state (reprise_service_get_uuid (changed), REPRISE_WEBHOOK_SECRET,
                                  &state, NULL, error))
    return FALSE;
  if (state == REPRISE_KEYRING_NOT_FOUND)
    return reprise_webhook_set (changed, address, REPRISE_KEYRING_UNATTENDED, NULL, error);
  if (state == REPRISE_KEYRING_THERE)
    {
      reprise_service_set_setting (changed, REPRISE_WEBHOOK_SETTING_ADDRESS, KEPT);
      return TRUE;
    }
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING,
                             reprise_keyring_state_get_text (state));
  return FALSE;
}

/* Moves such an address into the keyring, and out of the configuration once it is there. Where there is no keyring it stays. */
void
reprise_webhook_move_legacy (const char *services_path, RepriseService *service)
{
  g_autoptr (RepriseService) changed = reprise_service_copy (service);
  g_autoptr (RepriseServicesReading) reading = NULL;
  g_autoptr (GError) error = NULL;

  if (move_address (changed, &error))
    reading = reprise_services_file_change (services_path, changed, NULL, &error);
  if (reading == NULL)
    g_message ("The address of a webhook stays in the configuration: %s", error->message);
}

/* --- telling --- */

static gboolean
cancel_cb (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_REMOVE;
}

/* (transfer full): a cancellable that is cancelled after some time by itself */
static GCancellable *
limit_time (guint seconds, GSource **source)
{
  GCancellable *cancellable = g_cancellable_new ();

  *source = g_timeout_source_new_seconds (seconds);
  g_source_set_callback (*source, cancel_cb, g_object_ref (cancellable), g_object_unref);
  g_source_attach (*source, NULL);
  return cancellable;
}

/* (transfer full): what is told: nothing of what went wrong, which might hold what nobody else should read */
static char *
make_body (RepriseService *service, RepriseJobState state, const RepriseOutcome *outcome)
{
  g_autoptr (JsonObject) root = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = reprise_time_to_string (now);

  json_object_set_string_member (root, "event", "backup");
  json_object_set_string_member (root, "service", reprise_service_get_name (service));
  json_object_set_string_member (root, "service_id", reprise_service_get_uuid (service));
  json_object_set_string_member (root, "state", reprise_job_state_to_string (state));
  json_object_set_string_member (root, "finished_at", time);
  if (outcome != NULL && outcome->backup_id != NULL)
    json_object_set_string_member (root, "backup_id", outcome->backup_id);
  json_node_set_object (node, root);
  return json_to_string (node, FALSE);
}

static gboolean
call (RepriseService *service,
      const char *address,
      RepriseJobState state,
      const RepriseOutcome *outcome,
      GError **error)
{
  g_autofree char *body = make_body (service, state, outcome);
  g_autoptr (RepriseHttp) http = make_http (address, error);
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (GSource) timer = NULL;

  if (http != NULL)
    request = reprise_http_request_new_at (http, "POST", address, REPRISE_HTTP_START, error);
  if (request == NULL)
    return FALSE;
  reprise_http_set_connect_timeout (http, CONNECT_MS);
  reprise_http_request_set_body_text (request, "application/json", body);
  cancellable = limit_time (MAX_SECONDS, &timer);
  response = reprise_http_send (http, request, NULL, cancellable, error);
  g_source_destroy (timer);
  return response != NULL;
}

/* (transfer full) (nullable): the address, for one call */
static char *
look_up (RepriseService *service, RepriseSecrets *secrets, GError **error)
{
  g_autoptr (RepriseSecretValue) value = NULL;
  g_autoptr (GError) local_error = NULL;

  if (is_whole (service))
    return g_strdup (reprise_service_get_setting (service, REPRISE_WEBHOOK_SETTING));
  value = reprise_secrets_lookup (secrets, REPRISE_WEBHOOK_SECRET, NULL, &local_error);
  if (value != NULL && reprise_secret_value_get_text (value) != NULL)
    return g_strdup (reprise_secret_value_get_text (value));
  if (g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN) &&
      reprise_webhook_is_legacy (service))
    return g_strdup (reprise_service_get_setting (service, REPRISE_WEBHOOK_SETTING));
  if (g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN))
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                               _ ("Its address is not in the keyring: set it anew"));
  else if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                               _ ("Its address cannot be read: set it anew"));
  return NULL;
}

/**
 * reprise_webhook_tell:
 *
 * Tells the service's webhook, where there is one, how a backup ended. Neither the address nor its parts get into a message.
 *
 * Returns: whether it was told, or there is none
 */
gboolean
reprise_webhook_tell (RepriseService *service,
                      RepriseSecrets *secrets,
                      RepriseJobState state,
                      const RepriseOutcome *outcome,
                      GError **error)
{
  g_autofree char *address = NULL;
  g_autofree char *origin = NULL;
  g_autoptr (GError) local_error = NULL;
  const char *rest;
  g_autofree char *clean = NULL;
  gboolean told;

  if (reprise_service_get_setting (service, REPRISE_WEBHOOK_SETTING) == NULL)
    return TRUE;
  address = look_up (service, secrets, error);
  if (address == NULL)
    return FALSE;
  origin = reprise_webhook_dup_origin (address);
  rest = origin != NULL && g_str_has_prefix (address, origin) ? address + strlen (origin) : address;
  reprise_scrub_add (address);
  reprise_scrub_add (rest);
  told = call (service, address, state, outcome, &local_error);
  if (local_error != NULL)
    {
      clean = reprise_scrub (local_error->message);
      reprise_error_set_literal (error, local_error->domain, local_error->code, clean);
    }
  reprise_scrub_remove (rest);
  reprise_scrub_remove (address);
  reprise_secret_wipe (address, strlen (address));
  return told;
}
