/* reprise-http.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/reprise-progress.h"
#include "net/reprise-http-auth.h"
#include "net/reprise-http-certificate.h"
#include "net/reprise-http-request.h"
#include "net/reprise-http-response.h"

G_BEGIN_DECLS

/**
 * RepriseHttpSink:
 * @write: takes the next bytes
 * @restart: (nullable): forgets all bytes so far, since the answer begins anew. Without it a download that was cut
 *   and cannot be resumed fails
 * @prove: (nullable): called at the end of an answer whose length nobody proved, with everything written: checks the
 *   format's own end. %FALSE with an error: it is treated like a cut connection
 *
 * Where a download goes. All run in the worker that downloads, in order.
 */
typedef struct
{
  gboolean (*write) (gconstpointer data,
                     gsize size,
                     gpointer user_data,
                     GCancellable *cancellable,
                     GError **error);
  gboolean (*restart) (gpointer user_data, GCancellable *cancellable, GError **error);
  gboolean (*prove) (const RepriseHttpProof *proof,
                     gpointer user_data,
                     GCancellable *cancellable,
                     GError **error);
} RepriseHttpSink;

/**
 * RepriseHttpLogEntry:
 * @path: without the query
 * @status: or 0 where no answer came
 * @reason: (nullable): why it is repeated or failed, in English
 * @delay_ms: until it is repeated, or -1
 *
 * One try, for a log: no query, no header, no body.
 */
typedef struct
{
  const char *host;
  const char *method;
  const char *path;
  guint status;
  guint try;
  guint64 sent_bytes;
  guint64 received_bytes;
  gint64 duration_ms;
  const char *reason;
  gint64 delay_ms;
} RepriseHttpLogEntry;

typedef void (*RepriseHttpLog) (const RepriseHttpLogEntry *entry, gpointer user_data);

/**
 * RepriseHttpExplainer:
 *
 * Returns: (transfer full) (nullable): what an error's body says, as a sentence of the server, or %NULL to fall back
 *   on the usual forms
 */
typedef char *(*RepriseHttpExplainer) (RepriseHttpResponse *response, gpointer user_data);

/**
 * RepriseHttp:
 *
 * A server's address and how one talks to it: the only way by which a provider speaks HTTP. The calls that send
 * block and are for workers, any number of them at a time; set everything up before the first one.
 */
#define REPRISE_TYPE_HTTP (reprise_http_get_type ())

G_DECLARE_FINAL_TYPE (RepriseHttp, reprise_http, REPRISE, HTTP, GObject)

RepriseHttp *reprise_http_new (const char *address, const char *pin_sha256, GError **error);

void reprise_http_set_auth (RepriseHttp *self, RepriseHttpAuth *auth);
void reprise_http_set_header (RepriseHttp *self, const char *name, const char *value);
void reprise_http_set_connect_timeout (RepriseHttp *self, guint timeout_ms);
void reprise_http_set_explainer (RepriseHttp *self,
                                 RepriseHttpExplainer explainer,
                                 gpointer user_data,
                                 GDestroyNotify destroy);
void reprise_http_set_log (RepriseHttp *self,
                           RepriseHttpLog log,
                           gpointer user_data,
                           GDestroyNotify destroy);

const char *reprise_http_get_name (RepriseHttp *self);
GUri *reprise_http_get_address (RepriseHttp *self);
gboolean reprise_http_is_secure (RepriseHttp *self);

RepriseHttpRequest *reprise_http_request_new_at (RepriseHttp *self,
                                                 const char *method,
                                                 const char *uri,
                                                 RepriseHttpEffect effect,
                                                 GError **error);

RepriseHttpResponse *reprise_http_send (RepriseHttp *self,
                                        RepriseHttpRequest *request,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean reprise_http_download (RepriseHttp *self,
                                RepriseHttpRequest *request,
                                const RepriseHttpSink *sink,
                                gpointer sink_data,
                                RepriseProgress *progress,
                                RepriseHttpProof *proof,
                                GCancellable *cancellable,
                                GError **error);

G_END_DECLS
