/* reprise-http-request.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "net/reprise-http-response.h"
#include "net/reprise-http-uri.h"

G_BEGIN_DECLS

/**
 * RepriseHttpEffect:
 * @REPRISE_HTTP_READ: changes nothing on the server, whatever its method; repeated after a loss
 * @REPRISE_HTTP_WRITE: changes something, and the same change when repeated; repeated after a loss
 * @REPRISE_HTTP_START: starts something; never repeated by itself. After a loss ask the service what became of it
 *
 * What a request does to the service. “Writes nothing” means: no request whose effect is not READ.
 */
typedef enum
{
  REPRISE_HTTP_READ,
  REPRISE_HTTP_WRITE,
  REPRISE_HTTP_START,
} RepriseHttpEffect;

/**
 * RepriseHttpExpect:
 * @REPRISE_HTTP_EXPECT_FIRST: each time, on a connection that ends with the request. A refusal comes early
 * @REPRISE_HTTP_EXPECT_AFTER_LOSS: only when a connection broke while it was sent, which may have been a refusal. Until then
 *   nothing is waited for and connections are kept: for many bodies to one server
 * @REPRISE_HTTP_EXPECT_NEVER: of a server that is known not to answer it
 *
 * When a server is asked whether it wants a large body before that is sent (RFC 9110 §10.1.1).
 */
typedef enum
{
  REPRISE_HTTP_EXPECT_FIRST,
  REPRISE_HTTP_EXPECT_AFTER_LOSS,
  REPRISE_HTTP_EXPECT_NEVER,
} RepriseHttpExpect;

/**
 * RepriseHttpVerdict:
 * @REPRISE_HTTP_DEFAULT: by the status alone: 2xx done; 401 sign in; 408, 425, 429, 500, 502, 503, 504 retry; else give up
 * @REPRISE_HTTP_DONE: hand the answer to the caller
 * @REPRISE_HTTP_RETRY: repeat later, as far as the effect allows
 * @REPRISE_HTTP_SIGN_IN: renew the credential once and repeat at once
 * @REPRISE_HTTP_GIVE_UP: an error
 */
typedef enum
{
  REPRISE_HTTP_DEFAULT,
  REPRISE_HTTP_DONE,
  REPRISE_HTTP_RETRY,
  REPRISE_HTTP_SIGN_IN,
  REPRISE_HTTP_GIVE_UP,
} RepriseHttpVerdict;

/**
 * RepriseHttpClassifier:
 * @response: the answer, of any status; in a download of status 200 or 206 it has no body
 * @error: may be set for GIVE_UP, and for RETRY as what is reported once the tries are used up; its own code and
 *   sentence
 *
 * In the worker. Decides what an answer means, where the status does not say it.
 */
typedef RepriseHttpVerdict (*RepriseHttpClassifier) (RepriseHttpResponse *response,
                                                     gpointer user_data,
                                                     GError **error);

/**
 * RepriseHttpOpen:
 *
 * In a thread of the upload. Opens the data of a body from its beginning; called again for each try.
 *
 * Returns: (transfer full): a stream with as many bytes as were promised, or %NULL with @error set
 */
typedef GInputStream *(*RepriseHttpOpen) (gpointer user_data,
                                          GCancellable *cancellable,
                                          GError **error);

/**
 * RepriseHttpCheck:
 *
 * In the worker, after a writing request was answered as done: reads back what was written. %FALSE with an error
 * says that it is not there; the request is then repeated as after a loss.
 */
typedef gboolean (*RepriseHttpCheck) (gpointer user_data,
                                      GCancellable *cancellable,
                                      GError **error);

/**
 * RepriseHttpOutcome:
 * @REPRISE_HTTP_NOT_SENT: nothing reached the server
 * @REPRISE_HTTP_NO_ANSWER: it was sent, or part of it, and no answer came: it is not known whether the server acted
 * @REPRISE_HTTP_ANSWERED: there was an answer, good or bad
 */
typedef enum
{
  REPRISE_HTTP_NOT_SENT,
  REPRISE_HTTP_NO_ANSWER,
  REPRISE_HTTP_ANSWERED,
} RepriseHttpOutcome;

/**
 * RepriseHttpRequest:
 *
 * One request: what is asked, what it does to the service, how long it may take. It belongs to the worker that
 * makes and sends it, and can be sent again after it was answered.
 */
#define REPRISE_TYPE_HTTP_REQUEST (reprise_http_request_get_type ())

G_DECLARE_FINAL_TYPE (RepriseHttpRequest, reprise_http_request, REPRISE, HTTP_REQUEST, GObject)

RepriseHttpRequest *reprise_http_request_new (const char *method,
                                              const char *path,
                                              RepriseHttpEffect effect);

struct _RepriseHttpBody;

/* what is asked */
void reprise_http_request_add_query (RepriseHttpRequest *self, const char *name, const char *value);
void reprise_http_request_set_header (RepriseHttpRequest *self,
                                      const char *name,
                                      const char *value);
void reprise_http_request_set_body (RepriseHttpRequest *self,
                                    const char *content_type,
                                    GBytes *bytes);
void reprise_http_request_set_body_text (RepriseHttpRequest *self,
                                         const char *content_type,
                                         const char *text);
void reprise_http_request_set_body_stream (RepriseHttpRequest *self,
                                           const char *content_type,
                                           guint64 size_bytes,
                                           RepriseHttpOpen open,
                                           gpointer user_data,
                                           GDestroyNotify destroy);
void reprise_http_request_set_body_pieces (RepriseHttpRequest *self,
                                           const char *content_type,
                                           struct _RepriseHttpBody *body);
void reprise_http_request_add_part (RepriseHttpRequest *self, const char *name, const char *value);
void reprise_http_request_add_part_stream (RepriseHttpRequest *self,
                                           const char *name,
                                           const char *file_name,
                                           const char *content_type,
                                           guint64 size_bytes,
                                           RepriseHttpOpen open,
                                           gpointer user_data,
                                           GDestroyNotify destroy);
gboolean reprise_http_request_add_part_file (RepriseHttpRequest *self,
                                             const char *name,
                                             const char *file_name,
                                             const char *content_type,
                                             GFile *file,
                                             GError **error);

/* what may happen to it; each has a default that follows the house's rules */
void reprise_http_request_set_header_timeout (RepriseHttpRequest *self, guint timeout_ms);
void reprise_http_request_set_stall (RepriseHttpRequest *self, guint bytes, guint timeout_ms);
void reprise_http_request_set_deadline (RepriseHttpRequest *self, guint64 timeout_ms);
void reprise_http_request_set_max_tries (RepriseHttpRequest *self, guint tries);
void reprise_http_request_set_max_bytes (RepriseHttpRequest *self, guint64 max_bytes);
void reprise_http_request_set_expected_type (RepriseHttpRequest *self, const char *content_types);
void reprise_http_request_set_accept_gzip (RepriseHttpRequest *self, gboolean accept);
void reprise_http_request_allow_status (RepriseHttpRequest *self, guint status);
void reprise_http_request_set_classifier (RepriseHttpRequest *self,
                                          RepriseHttpClassifier classifier,
                                          gpointer user_data,
                                          GDestroyNotify destroy);
void reprise_http_request_set_check (RepriseHttpRequest *self,
                                     RepriseHttpCheck check,
                                     gpointer user_data,
                                     GDestroyNotify destroy);
void reprise_http_request_set_anonymous (RepriseHttpRequest *self, gboolean anonymous);
void reprise_http_request_set_expect (RepriseHttpRequest *self, RepriseHttpExpect expect);
void reprise_http_request_set_reports_total (RepriseHttpRequest *self, gboolean reports);
void reprise_http_request_set_range (RepriseHttpRequest *self, guint64 offset, const char *etag);

/* for authorisers and the log */
const char *reprise_http_request_get_method (RepriseHttpRequest *self);
const char *reprise_http_request_get_path (RepriseHttpRequest *self);
const char *reprise_http_request_get_query (RepriseHttpRequest *self);
const char *reprise_http_request_get_header (RepriseHttpRequest *self, const char *name);
const char *reprise_http_request_get_content_type (RepriseHttpRequest *self);
gint64 reprise_http_request_get_body_size (RepriseHttpRequest *self);
RepriseHttpEffect reprise_http_request_get_effect (RepriseHttpRequest *self);

/* after it was sent */
RepriseHttpOutcome reprise_http_request_get_outcome (RepriseHttpRequest *self);
guint reprise_http_request_get_tries (RepriseHttpRequest *self);

G_END_DECLS
