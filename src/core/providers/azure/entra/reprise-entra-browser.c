/* reprise-entra-browser.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <openssl/rand.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "net/reprise-http-error.h"
#include "providers/azure/entra/reprise-entra-private.h"

#define TIMEOUT_MS       (5 * 60 * 1000)
#define MAX_HEAD_BYTES   16384
#define MAX_CONNECTIONS  16
#define RANDOM_BYTES     32
#define MAX_REDEEM_TRIES 4

/*
 * RFC 8252 with RFC 7636:
 *
 *   listen on loopback → open the browser → the redirect comes back as GET /?code=…&state=… → answer a page → redeem the code
 *
 * Browsers also open connections that they do not use and ask for icons: only a GET for our path with our state counts.
 */
typedef struct
{
  GSocket *listeners[2]; /* (owned) (nullable): 127.0.0.1 and ::1 */
  guint16 port;
  char *state;     /* (owned) */
  char *verifier;  /* (owned) */
  GPtrArray *open; /* (element-type Guest) */
  char *query;     /* (owned) (nullable): of the redirect */
} Flow;

/* One connection of the browser. */
typedef struct
{
  GSocket *socket; /* (owned) */
  GString *head;   /* (owned) */
} Guest;

static void
guest_free (gpointer data)
{
  Guest *guest = data;

  g_socket_close (guest->socket, NULL);
  g_object_unref (guest->socket);
  reprise_secret_wipe (guest->head->str, guest->head->allocated_len);
  g_string_free (guest->head, TRUE);
  g_free (guest);
}

static void
free_secret (char *text)
{
  if (text != NULL)
    reprise_secret_wipe (text, strlen (text));
  g_free (text);
}

static void
flow_clear (Flow *flow)
{
  for (guint i = 0; i < G_N_ELEMENTS (flow->listeners); i++)
    if (flow->listeners[i] != NULL)
      {
        g_socket_close (flow->listeners[i], NULL);
        g_clear_object (&flow->listeners[i]);
      }
  g_clear_pointer (&flow->open, g_ptr_array_unref);
  g_clear_pointer (&flow->state, free_secret);
  g_clear_pointer (&flow->verifier, free_secret);
  g_clear_pointer (&flow->query, free_secret);
}

static GSocket *
listen_on (GSocketFamily family, guint16 port, GError **error)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (family);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);
  g_autoptr (GSocket) socket =
    g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL || !g_socket_bind (socket, address, FALSE, error) ||
      !g_socket_listen (socket, error))
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  return g_steal_pointer (&socket);
}

/* The browser takes “localhost” for either, so both are listened on where both are there. */
static gboolean
start_listening (Flow *flow, GError **error)
{
  g_autoptr (GSocketAddress) address = NULL;

  flow->listeners[0] = listen_on (G_SOCKET_FAMILY_IPV4, 0, error);
  if (flow->listeners[0] == NULL)
    return FALSE;
  address = g_socket_get_local_address (flow->listeners[0], error);
  if (address == NULL)
    return FALSE;
  flow->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  flow->listeners[1] = listen_on (G_SOCKET_FAMILY_IPV6, flow->port, NULL);
  return TRUE;
}

static char *
make_random (GError **error)
{
  guint8 bytes[RANDOM_BYTES];
  char *text;

  if (RAND_bytes (bytes, sizeof bytes) != 1)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                                 _ ("The system gives no random numbers."));
      return NULL;
    }
  text = reprise_entra_base64url (bytes, sizeof bytes);
  reprise_secret_wipe (bytes, sizeof bytes);
  return text;
}

static char *
make_challenge (const char *verifier)
{
  guint8 digest[REPRISE_HASH_RAW_LENGTH];
  RepriseHash *hash = reprise_hash_new ();

  reprise_hash_update (hash, verifier, strlen (verifier));
  reprise_hash_finish_raw (hash, digest);
  reprise_hash_free (hash);
  return reprise_entra_base64url (digest, sizeof digest);
}

static char *
make_redirect (const Flow *flow)
{
  return g_strdup_printf ("http://localhost:%u", flow->port);
}

static char *
make_address (RepriseEntra *self, const Flow *flow)
{
  g_autofree char *path = reprise_http_path (self->tenant, "oauth2", "v2.0", "authorize", NULL);
  g_autofree char *base = g_uri_to_string (reprise_http_get_address (self->http));
  g_autofree char *scope = reprise_entra_make_scope (self, TRUE);
  g_autofree char *redirect = make_redirect (flow);
  g_autofree char *challenge = make_challenge (flow->verifier);
  g_autoptr (GString) query = g_string_new (NULL);
  g_autofree char *account = reprise_entra_dup_account (self);
  g_autofree char *claims = reprise_entra_dup_claims (self);

  reprise_http_append_query (query, "client_id", self->client_id);
  reprise_http_append_query (query, "response_type", "code");
  reprise_http_append_query (query, "redirect_uri", redirect);
  reprise_http_append_query (query, "response_mode", "query");
  reprise_http_append_query (query, "scope", scope);
  reprise_http_append_query (query, "state", flow->state);
  reprise_http_append_query (query, "code_challenge", challenge);
  reprise_http_append_query (query, "code_challenge_method", "S256");
  if (account != NULL)
    reprise_http_append_query (query, "login_hint", account);
  else
    reprise_http_append_query (query, "prompt", "select_account");
  if (claims != NULL)
    reprise_http_append_query (query, "claims", claims);
  return g_strconcat (base, path, "?", query->str, NULL);
}

static void
answer (Guest *guest, guint status, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  g_autofree char *page = g_strdup_printf (
    "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>Reprise</title></head>"
    "<body style=\"font-family: sans-serif; margin: 3em\"><p>%s</p></body></html>",
    escaped);
  g_autofree char *whole = g_strdup_printf (
    "HTTP/1.1 %u X\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %zu\r\n"
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n%s",
    status, strlen (page), page);

  /* It fits into the buffer of a new connection; a browser that does not read it is no loss. */
  g_socket_send (guest->socket, whole, strlen (whole), NULL, NULL);
}

/* (transfer full) (nullable): by its name, in a query */
static char *
find_parameter (const char *query, const char *name)
{
  gsize length = strlen (name);

  for (const char *each = query; each != NULL; each = strchr (each, '&'))
    {
      const char *at = *each == '&' ? each + 1 : each;

      if (strncmp (at, name, length) == 0 && at[length] == '=')
        {
          g_autofree char *raw = g_strndup (at + length + 1, strcspn (at + length + 1, "&"));

          g_strdelimit (raw, "+", ' ');
          return g_uri_unescape_string (raw, NULL);
        }
      each = at;
    }
  return NULL;
}

static gboolean
has_state (const Flow *flow, const char *query)
{
  g_autofree char *state = find_parameter (query, "state");
  guint8 different = 0;

  if (state == NULL || strlen (state) != strlen (flow->state))
    return FALSE;
  for (gsize i = 0; flow->state[i] != '\0'; i++)
    different |= (guint8) (state[i] ^ flow->state[i]);
  return different == 0;
}

/* Of a whole head: the redirect that is waited for ends the waiting, everything else is turned away. */
static void
take_head (Flow *flow, Guest *guest)
{
  const char *head = guest->head->str;
  gboolean is_ours = g_str_has_prefix (head, "GET /?");
  const char *from = head + strlen ("GET /?");
  g_autofree char *query = NULL;

  if (!is_ours)
    {
      answer (guest, 404, _ ("There is nothing here."));
      return;
    }
  query = g_strndup (from, strcspn (from, " \r\n"));
  if (!has_state (flow, query))
    {
      answer (guest, 400, _ ("This is not the sign-in that Reprise waits for."));
      return;
    }
  answer (guest, 200, _ ("Reprise has what it needs. You can close this page."));
  flow->query = g_steal_pointer (&query);
}

/* %FALSE where the connection is done with */
static gboolean
read_guest (Flow *flow, Guest *guest)
{
  char buffer[4096];
  gssize n = g_socket_receive (guest->socket, buffer, sizeof buffer, NULL, NULL);

  if (n <= 0)
    return FALSE;
  g_string_append_len (guest->head, buffer, n);
  reprise_secret_wipe (buffer, sizeof buffer);
  if (strstr (guest->head->str, "\r\n\r\n") == NULL)
    return guest->head->len < MAX_HEAD_BYTES;
  take_head (flow, guest);
  return FALSE;
}

static void
accept_guest (Flow *flow, GSocket *listener)
{
  GSocket *socket = g_socket_accept (listener, NULL, NULL);
  Guest *guest;

  if (socket == NULL)
    return;
  if (flow->open->len >= MAX_CONNECTIONS) /* the oldest is one that the browser does not use */
    g_ptr_array_remove_index (flow->open, 0);
  g_socket_set_blocking (socket, FALSE);
  guest = g_new0 (Guest, 1);
  guest->socket = socket;
  guest->head = g_string_sized_new (MAX_HEAD_BYTES + 4096);
  g_ptr_array_add (flow->open, guest);
}

/* Waits for whatever comes next. @fds: of the listeners, then of the guests */
static void
serve (Flow *flow, const GPollFD *fds, guint n_listeners)
{
  guint n_guests = flow->open->len;

  for (guint i = n_guests; i-- > 0 && flow->query == NULL;)
    if (fds[n_listeners + i].revents != 0 && !read_guest (flow, flow->open->pdata[i]))
      g_ptr_array_remove_index (flow->open, i);
  for (guint i = 0, fd = 0; i < G_N_ELEMENTS (flow->listeners) && flow->query == NULL; i++)
    if (flow->listeners[i] != NULL && fds[fd++].revents != 0)
      accept_guest (flow, flow->listeners[i]);
}

static gboolean
wait_once (Flow *flow, gint64 end_us, GCancellable *cancellable, GError **error)
{
  GPollFD fds[G_N_ELEMENTS (flow->listeners) + MAX_CONNECTIONS + 1];
  gint64 left_ms = (end_us - g_get_monotonic_time ()) / 1000;
  guint n = 0, n_listeners;
  gboolean has_stop;

  if (left_ms <= 0)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                                 _ ("Nobody signed in for five minutes. Try again."));
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (flow->listeners); i++)
    if (flow->listeners[i] != NULL)
      fds[n++] = (GPollFD){ g_socket_get_fd (flow->listeners[i]), G_IO_IN, 0 };
  n_listeners = n;
  for (guint i = 0; i < flow->open->len; i++)
    fds[n++] = (GPollFD){ g_socket_get_fd (((Guest *) flow->open->pdata[i])->socket), G_IO_IN, 0 };
  has_stop = g_cancellable_make_pollfd (cancellable, &fds[n]);
  g_poll (fds, has_stop ? n + 1 : n, (int) left_ms);
  if (has_stop)
    g_cancellable_release_fd (cancellable);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  serve (flow, fds, n_listeners);
  return TRUE;
}

static gboolean
wait_for_redirect (Flow *flow, GCancellable *cancellable, GError **error)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) TIMEOUT_MS * 1000;

  while (flow->query == NULL)
    if (!wait_once (flow, end_us, cancellable, error))
      return FALSE;
  return TRUE;
}

/* The redirect brought an error in place of a code. */
static void
set_redirect_error (RepriseEntra *self, const Flow *flow, GError **error)
{
  g_autoptr (RepriseEntraAnswer) refused = g_new0 (RepriseEntraAnswer, 1);
  g_autofree char *text = find_parameter (flow->query, "error_description");
  const char *code = text != NULL ? strstr (text, "AADSTS") : NULL;

  refused->error = find_parameter (flow->query, "error");
  if (refused->error == NULL)
    refused->error = g_strdup ("invalid_request");
  refused->code = code != NULL ? g_ascii_strtoll (code + strlen ("AADSTS"), NULL, 10) : 0;
  if (text != NULL)
    refused->sentence = reprise_http_clean_sentence (text, (gssize) strcspn (text, "\r\n"));
  reprise_entra_set_error (self, refused, error);
}

static gboolean
redeem (RepriseEntra *self, const Flow *flow, GCancellable *cancellable, GError **error)
{
  char *code = find_parameter (flow->query, "code");
  g_autofree char *redirect = make_redirect (flow);
  g_autofree char *scope = reprise_entra_make_scope (self, TRUE);
  g_autoptr (RepriseEntraAnswer) token = NULL;
  g_autoptr (GBytes) form = NULL;

  if (code == NULL)
    {
      set_redirect_error (self, flow, error);
      return FALSE;
    }
  form = reprise_entra_make_form ("grant_type", "authorization_code", "client_id", self->client_id,
                                  "code", code, "redirect_uri", redirect, "code_verifier",
                                  flow->verifier, "scope", scope, NULL);
  free_secret (code);
  token = reprise_entra_ask_token (self, form, MAX_REDEEM_TRIES, cancellable, error);
  return token != NULL && reprise_entra_take_answer (self, token, cancellable, error);
}

/**
 * reprise_entra_sign_in_with_browser:
 * @open: opens the address at which the person signs in
 *
 * Signs a person in with the system's browser, and waits up to five minutes until they have done so.
 *
 * Returns: %FALSE with %REPRISE_ERROR_NEEDS_SIGN_IN where it was declined or nobody signed in, %G_IO_ERROR_CANCELLED,
 *   what @open says, and other errors of the sign-in
 */
gboolean
reprise_entra_sign_in_with_browser (RepriseEntra *self,
                                    RepriseEntraOpen open,
                                    gpointer user_data,
                                    GCancellable *cancellable,
                                    GError **error)
{
  Flow flow = { .open = g_ptr_array_new_with_free_func (guest_free) };
  g_autofree char *address = NULL;
  gboolean ok;

  flow.state = make_random (error);
  flow.verifier = flow.state != NULL ? make_random (error) : NULL;
  ok = flow.verifier != NULL && start_listening (&flow, error);
  if (ok)
    {
      address = make_address (self, &flow);
      ok = open (address, user_data, error) && wait_for_redirect (&flow, cancellable, error) &&
           redeem (self, &flow, cancellable, error);
    }
  flow_clear (&flow);
  return ok;
}
