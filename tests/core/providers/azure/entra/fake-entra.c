/* fake-entra.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <libsoup/soup.h>

#include "providers/azure/entra/fake-entra.h"

/* {"preferred_username":"alice@contoso.example","tid":"11111111-1111-4111-8111-111111111111"} */
#define IDENTITY                                                      \
  "e30.eyJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhbGljZUBjb250b3NvLmV4YW1wbGUiL" \
  "CJ0aWQiOiIxMTExMTExMS0xMTExLTQxMTEtODExMS0xMTExMTExMTExMTEifQ.c2ln"

static const char *
get (GHashTable *form, const char *name)
{
  const char *value = g_hash_table_lookup (form, name);

  return value != NULL ? value : "";
}

static void
refuse (RepriseFaultCall *call, guint status, const char *error, const char *text)
{
  g_autofree char *body =
    g_strdup_printf ("{\"error\":\"%s\",\"error_description\":\"%s\"}", error, text);

  reprise_fault_answer (call, status, "application/json", body);
}

/* With the mutex held. A new family begins, or the refresh token is rotated. */
static char *
make_answer (FakeEntra *self, gboolean person)
{
  self->n_tokens++;
  if (!person)
    return g_strdup_printf ("{\"token_type\":\"Bearer\",\"expires_in\":%d,"
                            "\"access_token\":\"canary-access-%u\"}",
                            self->seconds, self->n_tokens);
  g_free (self->refresh);
  self->refresh = g_strdup_printf ("canary-refresh-%u", self->n_tokens);
  return g_strdup_printf ("{\"token_type\":\"Bearer\",\"expires_in\":%d,\"scope\":\"x\","
                          "\"access_token\":\"canary-access-%u\",\"refresh_token\":\"%s\","
                          "\"id_token\":\"" IDENTITY "\"}",
                          self->seconds, self->n_tokens, self->refresh);
}

static void
answer_token (FakeEntra *self, RepriseFaultCall *call, gboolean person)
{
  g_autofree char *body = NULL;

  g_mutex_lock (&self->mutex);
  body = make_answer (self, person);
  g_mutex_unlock (&self->mutex);
  reprise_fault_answer (call, 200, "application/json", body);
}

static void
take_refresh (FakeEntra *self, RepriseFaultCall *call, GHashTable *form)
{
  gboolean good;

  if (self->delay_ms > 0)
    reprise_fault_sleep (call, self->delay_ms);
  g_mutex_lock (&self->mutex);
  self->n_refreshed++;
  good = !self->family_ended && g_strcmp0 (self->refresh, get (form, "refresh_token")) == 0;
  if (!good)
    self->family_ended = TRUE;
  g_mutex_unlock (&self->mutex);
  if (good)
    answer_token (self, call, TRUE);
  else
    refuse (call, 400, "invalid_grant",
            "AADSTS50173: The provided grant has expired.\\r\\nTrace ID: 1\\r\\nTimestamp: 2");
}

static void
take_poll (FakeEntra *self, RepriseFaultCall *call)
{
  g_auto (GStrv) steps = g_strsplit (self->script, " ", -1);
  const char *step;
  guint at;

  g_mutex_lock (&self->mutex);
  at = self->n_polls++;
  g_mutex_unlock (&self->mutex);
  step = steps[MIN (at, g_strv_length (steps) - 1)];
  if (strcmp (step, "!") == 0)
    reprise_fault_reset (call);
  else if (strcmp (step, "ok") == 0)
    answer_token (self, call, TRUE);
  else
    refuse (call, 400, step, "AADSTS70016: it is as it is");
}

static void
take_code (FakeEntra *self, RepriseFaultCall *call, GHashTable *form)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *verifier = get (form, "code_verifier");
  guint8 digest[32];
  gsize size = sizeof digest;
  g_autofree char *challenge = NULL;
  gboolean good;

  g_checksum_update (sum, (const guchar *) verifier, (gssize) strlen (verifier));
  g_checksum_get_digest (sum, digest, &size);
  challenge = g_base64_encode (digest, size);
  g_strdelimit (challenge, "+", '-');
  g_strdelimit (challenge, "/", '_');
  challenge[strcspn (challenge, "=")] = '\0';
  g_mutex_lock (&self->mutex);
  good = strlen (verifier) >= 43 && strlen (verifier) <= 128 &&
         g_strcmp0 (challenge, self->challenge) == 0 &&
         strcmp (get (form, "code"), "canary/code+1 x") == 0 &&
         g_str_has_prefix (get (form, "redirect_uri"), "http://localhost:");
  g_mutex_unlock (&self->mutex);
  if (good)
    answer_token (self, call, TRUE);
  else
    refuse (call, 400, "invalid_grant", "the code or its verifier is wrong");
}

static void
take_secret (FakeEntra *self, RepriseFaultCall *call, GHashTable *form)
{
  if (strcmp (get (form, "client_secret"), FAKE_ENTRA_SECRET) == 0 ||
      g_hash_table_contains (form, "client_assertion"))
    answer_token (self, call, FALSE);
  else
    refuse (call, 401, "invalid_client",
            "AADSTS7000215: Invalid client secret provided. Trace ID: 5");
}

static void
take_token (FakeEntra *self, RepriseFaultCall *call, GHashTable *form)
{
  const char *type = get (form, "grant_type");

  if (self->error != NULL)
    reprise_fault_answer (call, 400, "application/json", self->error);
  else if (strcmp (type, "refresh_token") == 0)
    take_refresh (self, call, form);
  else if (strcmp (type, "urn:ietf:params:oauth:grant-type:device_code") == 0)
    take_poll (self, call);
  else if (strcmp (type, "authorization_code") == 0)
    take_code (self, call, form);
  else if (strcmp (type, "client_credentials") == 0)
    take_secret (self, call, form);
  else
    refuse (call, 400, "unsupported_grant_type", "");
}

static void
take_device (FakeEntra *self, RepriseFaultCall *call)
{
  g_autofree char *address = fake_entra_dup_address (self);
  g_autofree char *body =
    g_strdup_printf ("{\"device_code\":\"canary-device\",\"user_code\":\"ABCD-EFGH\","
                     "\"verification_uri\":\"%sdevicelogin\",\"expires_in\":%d,\"interval\":2,"
                     "\"message\":\"Enter the code ABCD-EFGH.\"}",
                     address, self->device_seconds);

  g_mutex_lock (&self->mutex);
  g_free (self->query);
  self->query = g_strdup (call->query);
  g_mutex_unlock (&self->mutex);
  reprise_fault_answer (call, 200, "application/json", body);
}

static GHashTable *
read_form (FakeEntra *self, RepriseFaultCall *call)
{
  gsize size = 0;
  gconstpointer data = call->body != NULL ? g_bytes_get_data (call->body, &size) : NULL;
  g_autofree char *text = g_strndup (data != NULL ? data : "", size);
  GHashTable *form = soup_form_decode (text);

  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->form, g_hash_table_unref);
  self->form = g_hash_table_ref (form);
  g_mutex_unlock (&self->mutex);
  return form;
}

static void
take_call (RepriseFaultCall *call, gpointer data)
{
  FakeEntra *self = data;
  g_autoptr (GHashTable) form = read_form (self, call);

  if (g_str_has_suffix (call->path, "/oauth2/v2.0/token"))
    take_token (self, call, form);
  else if (g_str_has_suffix (call->path, "/oauth2/v2.0/devicecode"))
    take_device (self, call);
  else if (g_str_has_suffix (call->path, "/openid-configuration"))
    reprise_fault_answer (call, 200, "application/json",
                          "{\"revocation_endpoint\":\"/oauth2/v2.0/revoke\"}");
  else if (g_str_has_suffix (call->path, "/revoke"))
    {
      g_mutex_lock (&self->mutex);
      self->n_revoked++;
      g_mutex_unlock (&self->mutex);
      reprise_fault_answer (call, 200, "text/plain", "");
    }
  else
    reprise_fault_answer (call, 404, "text/plain", "");
}

FakeEntra *
fake_entra_new (void)
{
  FakeEntra *self = g_new0 (FakeEntra, 1);

  g_mutex_init (&self->mutex);
  self->seconds = 3600;
  self->device_seconds = 900;
  self->script = "ok";
  self->server = reprise_fault_server_new (take_call, self);
  return self;
}

void
fake_entra_free (FakeEntra *self)
{
  reprise_fault_server_free (self->server);
  g_mutex_clear (&self->mutex);
  g_clear_pointer (&self->form, g_hash_table_unref);
  g_free (self->refresh);
  g_free (self->challenge);
  g_free (self->query);
  g_free (self);
}

char *
fake_entra_dup_address (FakeEntra *self)
{
  return reprise_fault_server_dup_address (self->server);
}

/* (transfer full): of the last form */
char *
fake_entra_dup_field (FakeEntra *self, const char *name)
{
  char *value;

  g_mutex_lock (&self->mutex);
  value = g_strdup (self->form != NULL ? g_hash_table_lookup (self->form, name) : NULL);
  g_mutex_unlock (&self->mutex);
  return value;
}

/* Whether the token is the last one that was given out. */
gboolean
fake_entra_is_good (FakeEntra *self, const char *authorization)
{
  g_autofree char *good = NULL;

  g_mutex_lock (&self->mutex);
  good = g_strdup_printf ("Bearer canary-access-%u", self->n_tokens);
  g_mutex_unlock (&self->mutex);
  return g_strcmp0 (authorization, good) == 0;
}

/* --- a browser --- */

static GIOStream *
dial (guint16 port)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection =
    g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);

  g_assert_no_error (error);
  return G_IO_STREAM (connection);
}

/* The request comes in two pieces, as from somebody slow. */
static char *
fetch (guint16 port, const char *path)
{
  g_autofree char *text =
    g_strdup_printf ("GET %s HTTP/1.1\r\nHost: localhost:%u\r\n\r\n", path, port);
  g_autoptr (GIOStream) stream = dial (port);
  GString *answer = g_string_new (NULL);
  char buffer[4096];
  gssize n;

  g_output_stream_write_all (g_io_stream_get_output_stream (stream), text, 6, NULL, NULL, NULL);
  g_usleep (20000);
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), text + 6, strlen (text) - 6,
                             NULL, NULL, NULL);
  while ((n = g_input_stream_read (g_io_stream_get_input_stream (stream), buffer, sizeof buffer,
                                   NULL, NULL)) > 0)
    g_string_append_len (answer, buffer, n);
  return g_string_free (answer, FALSE);
}

typedef struct
{
  guint16 port;
  char *state;
  FakeBrowser how;
} Visit;

static gpointer
visit_worker (gpointer data)
{
  Visit *visit = data;
  g_autofree char *path = NULL, *answer = NULL, *icon = NULL, *wrong = NULL;
  g_autoptr (GIOStream) idle = NULL;

  if (visit->how == FAKE_BROWSER_IS_STRANGE)
    {
      idle = dial (visit->port);
      icon = fetch (visit->port, "/favicon.ico");
      g_assert_true (g_str_has_prefix (icon, "HTTP/1.1 404"));
      wrong = fetch (visit->port, "/?code=evil&state=wrong");
      g_assert_true (g_str_has_prefix (wrong, "HTTP/1.1 400"));
    }
  path =
    visit->how == FAKE_BROWSER_DECLINES
      ? g_strdup_printf ("/?error=access_denied&error_description=The+user+declined&state=%s",
                         visit->state)
      : g_strdup_printf ("/?code=canary%%2Fcode%%2B1+x&state=%s&session_state=1", visit->state);
  answer = fetch (visit->port, path);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200"));
  g_assert_null (strstr (answer, "canary"));
  g_free (visit->state);
  g_free (visit);
  return NULL;
}

/* The person's browser, which comes back to our loopback address in its own time. */
void
fake_entra_browse (FakeEntra *self, const char *address, FakeBrowser how)
{
  g_autoptr (GUri) uri = g_uri_parse (address, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GHashTable) query = soup_form_decode (g_uri_get_query (uri));
  g_autoptr (GUri) redirect = g_uri_parse (get (query, "redirect_uri"), SOUP_HTTP_URI_FLAGS, NULL);
  Visit *visit = g_new0 (Visit, 1);

  g_assert_true (g_str_has_suffix (g_uri_get_path (uri), "/oauth2/v2.0/authorize"));
  g_assert_cmpstr (get (query, "response_type"), ==, "code");
  g_assert_cmpstr (get (query, "response_mode"), ==, "query");
  g_assert_cmpstr (get (query, "code_challenge_method"), ==, "S256");
  g_assert_cmpstr (get (query, "client_id"), ==, FAKE_ENTRA_CLIENT);
  g_assert_cmpstr (g_uri_get_host (redirect), ==, "localhost");
  g_assert_cmpuint (strlen (get (query, "state")), >=, 32);
  g_mutex_lock (&self->mutex);
  g_free (self->challenge);
  self->challenge = g_strdup (get (query, "code_challenge"));
  g_mutex_unlock (&self->mutex);
  visit->port = (guint16) g_uri_get_port (redirect);
  visit->state = g_strdup (get (query, "state"));
  visit->how = how;
  g_thread_unref (g_thread_new ("browser", visit_worker, visit));
}
