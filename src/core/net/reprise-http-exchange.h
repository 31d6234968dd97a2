/* reprise-http-exchange.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "base/reprise-progress.h"
#include "net/reprise-http-body.h"

G_BEGIN_DECLS

/**
 * RepriseExchangeEnd:
 * @REPRISE_EXCHANGE_OK: the answer came to its end
 * @REPRISE_EXCHANGE_NO_CONNECTION: nothing was sent, since there is nobody to send it to
 * @REPRISE_EXCHANGE_NO_CONTINUE: only the headers were sent, since the server did not say that it wants the body
 * @REPRISE_EXCHANGE_LOST: it was sent, at least in part, and no answer came
 * @REPRISE_EXCHANGE_CUT: the answer stopped in the middle
 * @REPRISE_EXCHANGE_REFUSED: a check of ours failed: the certificate, the size, nonsense from the server; our own data
 * @REPRISE_EXCHANGE_CANCELLED: by the caller
 *
 * How one try ended.
 */
typedef enum
{
  REPRISE_EXCHANGE_OK,
  REPRISE_EXCHANGE_NO_CONNECTION,
  REPRISE_EXCHANGE_NO_CONTINUE,
  REPRISE_EXCHANGE_LOST,
  REPRISE_EXCHANGE_CUT,
  REPRISE_EXCHANGE_REFUSED,
  REPRISE_EXCHANGE_CANCELLED,
} RepriseExchangeEnd;

/**
 * RepriseExchangePlan:
 * @message: (transfer none): method, address, headers
 * @body: (nullable): what is sent
 * @name: the server, as people are told of it
 * @pin: (nullable): the certificate to trust
 * @connect_ms: until there must be a connection
 * @continue_ms: until the server must want the body; 0 where it is not asked
 * @header_ms: from the request's last byte to the answer's headers
 * @stall_bytes: so much must move
 * @stall_ms: in so much time
 * @deadline_us: monotonic time at which all ends, or 0
 * @stream: whether a body of status 200 or 206 goes to reprise_exchange_take() piece by piece; all else is collected
 * @max_bytes: of a collected body
 * @done: (nullable): called once on the net thread at the end, in place of a worker that waits
 */
typedef struct _RepriseExchange RepriseExchange;

typedef struct
{
  SoupMessage *message;
  RepriseHttpBody *body;
  const char *name;
  const char *pin;
  guint connect_ms;
  guint continue_ms;
  guint header_ms;
  guint stall_bytes;
  guint stall_ms;
  gint64 deadline_us;
  gboolean stream;
  guint64 max_bytes;
  void (*done) (RepriseExchange *exchange, gpointer user_data);
  gpointer user_data;
} RepriseExchangePlan;

RepriseExchange *reprise_exchange_start (const RepriseExchangePlan *plan);
void reprise_exchange_unref (RepriseExchange *self);
void reprise_exchange_stop (RepriseExchange *self);

/* for the worker that waits; each gives %FALSE at the end or on failure: see reprise_exchange_get_end() */
gboolean reprise_exchange_wait_headers (RepriseExchange *self,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable);
gboolean reprise_exchange_wait_body (RepriseExchange *self,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable);
gconstpointer reprise_exchange_take (RepriseExchange *self,
                                     gsize *size_bytes,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable);

/* of a finished one */
RepriseExchangeEnd reprise_exchange_get_end (RepriseExchange *self, GError **error);
guint reprise_exchange_get_status (RepriseExchange *self);
SoupMessageHeaders *reprise_exchange_get_headers (RepriseExchange *self);
GBytes *reprise_exchange_get_body (RepriseExchange *self);
gint64 reprise_exchange_get_content_length (RepriseExchange *self);
guint64 reprise_exchange_get_received (RepriseExchange *self);
guint64 reprise_exchange_get_sent (RepriseExchange *self);
guint64 reprise_exchange_get_told (RepriseExchange *self);
gboolean reprise_exchange_is_streaming (RepriseExchange *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseExchange, reprise_exchange_unref)

G_END_DECLS
