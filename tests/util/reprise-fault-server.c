/* reprise-fault-server.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/reprise-hash.h"
#include "net/reprise-http-private.h"
#include "reprise-fault-server.h"
#include "reprise-test.h"

#define MAX_HEAD_BYTES (64 * 1024)
#define KEPT_BYTES     (1024 * 1024)
#define CHUNK_BYTES    (256 * 1024)
#define TLS_HANDSHAKE \
  0x16 /* the first byte of those who take us for a server with TLS (RFC 8446 §5.1) */

struct _RepriseFaultServer
{
  GSocketListener *listener;    /* (owned) */
  GTlsCertificate *certificate; /* (owned) (nullable) */
  GCancellable *cancellable;    /* (owned) */
  GThread *thread;              /* (owned) */
  guint16 port;
  RepriseFaultHandler handler;
  RepriseFaultGate gate;
  gpointer user_data;
  gboolean silent_about_continue;
  gboolean hashes;
  guint64 rate; /* bytes a second, 0: as fast as it goes */

  GMutex mutex; /* guards all that follows */
  GCond changed;
  guint n_calls;
  guint n_connections;
  guint n_running;
  guint64 received; /* bytes of requests; under TLS, of what was encrypted */
  GString *heads;   /* (owned): all that came, for searching */
  GPtrArray *open;  /* (element-type GSocket) */
};

typedef struct
{
  RepriseFaultServer *server;
  GSocketConnection *connection; /* (owned) */
  guint index;
} Connection;

/* The link is held to the server's rate: sleeps until @bytes may have passed since @start_us. */
static void
throttle (RepriseFaultServer *self, gint64 start_us, guint64 bytes)
{
  gint64 due;

  if (self->rate == 0)
    return;
  due = start_us + (gint64) ((double) bytes * G_USEC_PER_SEC / (double) self->rate);
  if (due > g_get_monotonic_time () + 1000)
    g_usleep ((gulong) (due - g_get_monotonic_time ()));
}

static void
note_received (RepriseFaultServer *self, gsize n)
{
  g_mutex_lock (&self->mutex);
  self->received += n;
  g_mutex_unlock (&self->mutex);
}

/* Reads up to the empty line. @rest gets what came behind it. */
static char *
read_head (RepriseFaultServer *self, GInputStream *in, GByteArray *rest)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  guchar buffer[4096];

  g_byte_array_append (data, rest->data, rest->len);
  g_byte_array_set_size (rest, 0);
  for (;;)
    {
      const guchar *end = data->len > 0 ? memmem (data->data, data->len, "\r\n\r\n", 4) : NULL;
      gssize n;

      if (end != NULL)
        {
          gsize size = (gsize) (end - data->data) + 4;

          g_byte_array_append (rest, data->data + size, (guint) (data->len - size));
          return g_strndup ((const char *) data->data, size);
        }
      if (data->len > 0 && data->data[0] == TLS_HANDSHAKE)
        return g_strdup ("\x16");
      n = g_input_stream_read (in, buffer, sizeof buffer, self->cancellable, NULL);
      if (n <= 0 || data->len > MAX_HEAD_BYTES)
        return NULL;
      note_received (self, (gsize) n);
      g_byte_array_append (data, buffer, (guint) n);
    }
}

/* (transfer full) (nullable): the last value of a header */
char *
reprise_fault_call_dup_header (RepriseFaultCall *call, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (call->head, "\r\n", -1);
  gsize length = strlen (name);
  char *value = NULL;

  for (guint i = 1; lines[i] != NULL; i++)
    if (g_ascii_strncasecmp (lines[i], name, length) == 0 && lines[i][length] == ':')
      {
        g_free (value);
        value = g_strstrip (g_strdup (lines[i] + length + 1));
      }
  return value;
}

static void
take_body_bytes (RepriseFaultCall *call,
                 GByteArray *kept,
                 RepriseHash *hash,
                 const guchar *data,
                 gsize n)
{
  if (kept->len < KEPT_BYTES)
    g_byte_array_append (kept, data, (guint) MIN (n, KEPT_BYTES - kept->len));
  if (hash != NULL)
    reprise_hash_update (hash, data, n);
  call->body_size += n;
}

static gboolean
read_body (RepriseFaultServer *self, RepriseFaultCall *call, GInputStream *in, GByteArray *rest)
{
  g_autofree char *length_text = reprise_fault_call_dup_header (call, "Content-Length");
  guint64 left = length_text != NULL ? g_ascii_strtoull (length_text, NULL, 10) : 0;
  g_autoptr (GByteArray) kept = g_byte_array_new ();
  g_autoptr (RepriseHash) hash = self->hashes ? reprise_hash_new () : NULL;
  g_autofree guchar *buffer = g_malloc (CHUNK_BYTES);
  gint64 start_us = g_get_monotonic_time ();
  gsize at_once = MIN (left, rest->len);

  take_body_bytes (call, kept, hash, rest->data, at_once);
  g_byte_array_remove_range (rest, 0, (guint) at_once);
  left -= at_once;
  while (left > 0)
    {
      gssize n =
        g_input_stream_read (in, buffer, (gsize) MIN (left, CHUNK_BYTES), self->cancellable, NULL);

      if (n <= 0)
        return FALSE;
      note_received (self, (gsize) n);
      take_body_bytes (call, kept, hash, buffer, (gsize) n);
      left -= (guint64) n;
      throttle (self, start_us, call->body_size);
    }
  if (hash != NULL)
    call->body_sha256 = reprise_hash_finish (hash);
  call->body = g_bytes_new (kept->data, kept->len);
  return TRUE;
}

static void
parse_line (RepriseFaultCall *call)
{
  g_auto (GStrv) words = g_strsplit_set (call->head, " \r", 3);
  char *mark;

  call->method = g_strdup (words[0] != NULL ? words[0] : "");
  call->path = g_strdup (words[0] != NULL && words[1] != NULL ? words[1] : "");
  mark = strchr (call->path, '?');
  call->query = g_strdup (mark != NULL ? mark + 1 : "");
  if (mark != NULL)
    *mark = '\0';
}

static void
begin_call (RepriseFaultServer *self, RepriseFaultCall *call)
{
  g_mutex_lock (&self->mutex);
  call->index = ++self->n_calls;
  g_string_append (self->heads, call->head);
  g_mutex_unlock (&self->mutex);
}

/* One request. %FALSE when the connection has ended. */
static gboolean
serve (RepriseFaultServer *self, RepriseFaultCall *call, GByteArray *rest)
{
  GInputStream *in = g_io_stream_get_input_stream (call->stream);
  g_autofree char *expect = NULL;

  call->head = read_head (self, in, rest);
  if (call->head == NULL)
    return FALSE;
  if (*call->head == TLS_HANDSHAKE)
    {
      reprise_fault_answer (call, 400, "text/html", "<html>This port speaks plain HTTP</html>");
      return FALSE;
    }
  parse_line (call);
  begin_call (self, call);
  if (self->gate != NULL && !self->gate (call, self->user_data))
    return !call->closing;
  expect = reprise_fault_call_dup_header (call, "Expect");
  if (expect != NULL && !self->silent_about_continue)
    reprise_fault_print (call, "HTTP/1.1 100 Continue\r\n\r\n");
  if (!read_body (self, call, in, rest))
    return FALSE;
  self->handler (call, self->user_data);
  return !call->closing;
}

static void
clear_call (RepriseFaultCall *call)
{
  g_clear_pointer (&call->head, g_free);
  g_clear_pointer (&call->method, g_free);
  g_clear_pointer (&call->path, g_free);
  g_clear_pointer (&call->query, g_free);
  g_clear_pointer (&call->body, g_bytes_unref);
  g_clear_pointer (&call->body_sha256, g_free);
}

static GIOStream *
make_stream (RepriseFaultServer *self, GSocketConnection *connection)
{
  static const char *const protocols[] = { "h2", "http/1.1",
                                           NULL }; /* nobody should want the first */
  g_autoptr (GIOStream) stream = NULL;

  if (self->certificate == NULL)
    return G_IO_STREAM (g_object_ref (connection));
  stream = g_tls_server_connection_new (G_IO_STREAM (connection), self->certificate, NULL);
  if (stream != NULL)
    g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (stream), protocols);
  if (stream == NULL ||
      !g_tls_connection_handshake (G_TLS_CONNECTION (stream), self->cancellable, NULL))
    return NULL;
  return g_steal_pointer (&stream);
}

static gpointer
connection_worker (gpointer data)
{
  g_autofree Connection *connection = data;
  RepriseFaultServer *self = connection->server;
  GSocket *socket = g_socket_connection_get_socket (connection->connection);
  g_autoptr (GIOStream) stream = make_stream (self, connection->connection);
  g_autoptr (GByteArray) rest = g_byte_array_new ();
  gboolean more = stream != NULL;

  while (more)
    {
      RepriseFaultCall call = {
        .server = self, .connection = connection->index, .stream = stream, .socket = socket
      };

      more = serve (self, &call, rest);
      clear_call (&call);
    }
  g_mutex_lock (&self->mutex);
  g_ptr_array_remove_fast (self->open, socket);
  g_mutex_unlock (&self->mutex);
  if (stream != NULL)
    g_io_stream_close (stream, NULL, NULL);
  g_io_stream_close (G_IO_STREAM (connection->connection), NULL, NULL);
  g_clear_object (&connection->connection);
  g_mutex_lock (&self->mutex);
  self->n_running--;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  return NULL;
}

static gpointer
accept_worker (gpointer data)
{
  RepriseFaultServer *self = data;

  for (;;)
    {
      GSocketConnection *accepted =
        g_socket_listener_accept (self->listener, NULL, self->cancellable, NULL);
      Connection *connection;

      if (accepted == NULL)
        return NULL;
      g_socket_set_option (g_socket_connection_get_socket (accepted), IPPROTO_TCP, TCP_NODELAY,
                           TRUE, NULL);
      connection = g_new0 (Connection, 1);
      connection->server = self;
      connection->connection = accepted;
      g_mutex_lock (&self->mutex);
      connection->index = ++self->n_connections;
      self->n_running++;
      g_ptr_array_add (self->open, g_socket_connection_get_socket (accepted));
      g_mutex_unlock (&self->mutex);
      g_thread_unref (g_thread_new ("fault-connection", connection_worker, connection));
    }
}

/* A server on a free port of 127.0.0.1. @handler runs in the threads of the connections. */
RepriseFaultServer *
reprise_fault_server_new_tls (GTlsCertificate *certificate,
                              RepriseFaultHandler handler,
                              gpointer user_data)
{
  RepriseFaultServer *self = g_new0 (RepriseFaultServer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GError) error = NULL;

  reprise_test_forgive_soup ();
  self->listener = g_socket_listener_new ();
  self->certificate = certificate != NULL ? g_object_ref (certificate) : NULL;
  self->cancellable = g_cancellable_new ();
  self->handler = handler;
  self->user_data = user_data;
  self->heads = g_string_new (NULL);
  self->open = g_ptr_array_new ();
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  g_socket_listener_add_address (self->listener, address, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &effective, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  self->thread = g_thread_new ("fault-server", accept_worker, self);
  return self;
}

RepriseFaultServer *
reprise_fault_server_new (RepriseFaultHandler handler, gpointer user_data)
{
  return reprise_fault_server_new_tls (NULL, handler, user_data);
}

/* Closes all connections and waits for their handlers. */
void
reprise_fault_server_free (RepriseFaultServer *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->open->len; i++)
    shutdown (g_socket_get_fd (self->open->pdata[i]), SHUT_RDWR);
  while (self->n_running > 0)
    g_cond_wait (&self->changed, &self->mutex);
  g_mutex_unlock (&self->mutex);
  g_socket_listener_close (self->listener);
  g_clear_object (&self->listener);
  g_clear_object (&self->certificate);
  g_clear_object (&self->cancellable);
  g_string_free (self->heads, TRUE);
  g_ptr_array_unref (self->open);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self);
}

void
reprise_fault_server_set_gate (RepriseFaultServer *self, RepriseFaultGate gate)
{
  self->gate = gate;
}

/* Says nothing to “Expect: 100-continue”, and waits for the body. */
void
reprise_fault_server_set_silent_about_continue (RepriseFaultServer *self, gboolean silent)
{
  self->silent_about_continue = silent;
}

void
reprise_fault_server_set_hashes (RepriseFaultServer *self, gboolean hashes)
{
  self->hashes = hashes;
}

/* Holds each connection to so many bytes a second, in either direction. */
void
reprise_fault_server_set_rate (RepriseFaultServer *self, guint64 bytes_per_second)
{
  self->rate = bytes_per_second;
}

guint16
reprise_fault_server_get_port (RepriseFaultServer *self)
{
  return self->port;
}

char *
reprise_fault_server_dup_address (RepriseFaultServer *self)
{
  return g_strdup_printf ("%s://127.0.0.1:%u/", self->certificate != NULL ? "https" : "http",
                          self->port);
}

/* (transfer full): for this server, and impatient, so that tests are quick */
RepriseHttp *
reprise_fault_server_connect (RepriseFaultServer *self)
{
  g_autofree char *address = reprise_fault_server_dup_address (self);
  g_autoptr (GError) error = NULL;
  RepriseHttp *http = reprise_http_new (address, NULL, &error);

  g_assert_no_error (error);
  reprise_http_set_backoff (http, 5, 20);
  reprise_http_set_continue_timeout (http, 300);
  return http;
}

guint
reprise_fault_server_get_n_calls (RepriseFaultServer *self)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->n_calls;
  g_mutex_unlock (&self->mutex);
  return n;
}

guint
reprise_fault_server_get_n_connections (RepriseFaultServer *self)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->n_connections;
  g_mutex_unlock (&self->mutex);
  return n;
}

/* How many connections nobody has closed yet. */
guint
reprise_fault_server_get_n_open (RepriseFaultServer *self)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->open->len;
  g_mutex_unlock (&self->mutex);
  return n;
}

/* How many bytes of requests came. */
guint64
reprise_fault_server_get_received (RepriseFaultServer *self)
{
  guint64 received;

  g_mutex_lock (&self->mutex);
  received = self->received;
  g_mutex_unlock (&self->mutex);
  return received;
}

/* All first lines and headers that came, to search them. */
char *
reprise_fault_server_dup_heads (RepriseFaultServer *self)
{
  char *heads;

  g_mutex_lock (&self->mutex);
  heads = g_strdup (self->heads->str);
  g_mutex_unlock (&self->mutex);
  return heads;
}

/* Sleeps as the server's rate asks, @bytes having been written since @start_us. */
void
reprise_fault_throttle (RepriseFaultCall *call, gint64 start_us, guint64 bytes)
{
  throttle (call->server, start_us, bytes);
}

gboolean
reprise_fault_write (RepriseFaultCall *call, gconstpointer data, gsize size)
{
  GOutputStream *out = g_io_stream_get_output_stream (call->stream);

  if (!g_output_stream_write_all (out, data, size, NULL, call->server->cancellable, NULL))
    {
      call->closing = TRUE;
      return FALSE;
    }
  return TRUE;
}

gboolean
reprise_fault_print (RepriseFaultCall *call, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  return reprise_fault_write (call, text, strlen (text));
}

/* A well-made answer. */
void
reprise_fault_answer (RepriseFaultCall *call, guint status, const char *type, const char *body)
{
  reprise_fault_print (call, "HTTP/1.1 %u X\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                       status, type, strlen (body), body);
}

/* Says nothing for so long, or until the server is freed. */
void
reprise_fault_sleep (RepriseFaultCall *call, guint ms)
{
  GPollFD fd;

  if (!g_cancellable_make_pollfd (call->server->cancellable, &fd))
    return;
  g_poll (&fd, 1, (int) ms);
  g_cancellable_release_fd (call->server->cancellable);
}

/* Ends the connection after what was written. */
void
reprise_fault_close (RepriseFaultCall *call)
{
  call->closing = TRUE;
}

/* Breaks the connection (RST). */
void
reprise_fault_reset (RepriseFaultCall *call)
{
  struct linger linger = { 1, 0 };

  setsockopt (g_socket_get_fd (call->socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  g_socket_close (call->socket, NULL);
  call->closing = TRUE;
}
