/* reprise-fault-server.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "net/reprise-http.h"

G_BEGIN_DECLS

/**
 * RepriseFaultCall:
 * @server: who was called
 * @index: of the request, from 1, over all connections
 * @connection: of the connection, from 1
 * @head: the request's first line and its headers, as they came
 * @body: (nullable): the first MiB of the body
 * @body_size: of the whole body
 * @body_sha256: (nullable): of the whole body, where the server hashes
 *
 * One request to a server that does whatever a test wants. It is answered by writing bytes: nothing is added.
 */
typedef struct _RepriseFaultServer RepriseFaultServer;

typedef struct
{
  RepriseFaultServer *server;
  guint index;
  guint connection;
  char *head;
  char *method;
  char *path;
  char *query;
  GBytes *body;
  guint64 body_size;
  char *body_sha256;

  /* of the server */
  GIOStream *stream;
  GSocket *socket;
  gboolean closing;
} RepriseFaultCall;

/* In the connection's thread. */
typedef void (*RepriseFaultHandler) (RepriseFaultCall *call, gpointer user_data);

/* In the connection's thread, before the body is read: %FALSE if the request was answered and the body is not wanted */
typedef gboolean (*RepriseFaultGate) (RepriseFaultCall *call, gpointer user_data);

RepriseFaultServer *reprise_fault_server_new (RepriseFaultHandler handler, gpointer user_data);
RepriseFaultServer *reprise_fault_server_new_tls (GTlsCertificate *certificate,
                                                  RepriseFaultHandler handler,
                                                  gpointer user_data);
void reprise_fault_server_free (RepriseFaultServer *self);
void reprise_fault_server_set_gate (RepriseFaultServer *self, RepriseFaultGate gate);
void reprise_fault_server_set_silent_about_continue (RepriseFaultServer *self, gboolean silent);
void reprise_fault_server_set_hashes (RepriseFaultServer *self, gboolean hashes);
void reprise_fault_server_set_rate (RepriseFaultServer *self, guint64 bytes_per_second);

guint16 reprise_fault_server_get_port (RepriseFaultServer *self);
char *reprise_fault_server_dup_address (RepriseFaultServer *self);
RepriseHttp *reprise_fault_server_connect (RepriseFaultServer *self);
guint reprise_fault_server_get_n_calls (RepriseFaultServer *self);
guint reprise_fault_server_get_n_connections (RepriseFaultServer *self);
guint reprise_fault_server_get_n_open (RepriseFaultServer *self);
guint64 reprise_fault_server_get_received (RepriseFaultServer *self);
char *reprise_fault_server_dup_heads (RepriseFaultServer *self);

/* for handlers */
char *reprise_fault_call_dup_header (RepriseFaultCall *call, const char *name);
gboolean reprise_fault_write (RepriseFaultCall *call, gconstpointer data, gsize size);
gboolean reprise_fault_print (RepriseFaultCall *call, const char *format, ...) G_GNUC_PRINTF (2, 3);
void reprise_fault_throttle (RepriseFaultCall *call, gint64 start_us, guint64 bytes);
void reprise_fault_answer (RepriseFaultCall *call,
                           guint status,
                           const char *type,
                           const char *body);
void reprise_fault_sleep (RepriseFaultCall *call, guint ms);
void reprise_fault_close (RepriseFaultCall *call);
void reprise_fault_reset (RepriseFaultCall *call);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseFaultServer, reprise_fault_server_free)

G_END_DECLS
