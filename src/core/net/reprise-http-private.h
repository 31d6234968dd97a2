/* reprise-http-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "net/reprise-http-body.h"
#include "net/reprise-http-exchange.h"
#include "net/reprise-http-operation.h"
#include "net/reprise-http.h"

G_BEGIN_DECLS

/* Between the files of this folder, and for its tests. */

struct _RepriseHttpRequest
{
  GObject parent_instance;

  char *method;
  char *path; /* (owned): escaped; relative to the address, or from “/” */
  GUri *uri;  /* (owned) (nullable): in place of the path, a checked address */
  RepriseHttpEffect effect;
  GString *query;              /* (owned): escaped */
  SoupMessageHeaders *headers; /* (owned) */
  RepriseHttpBody *body;       /* (owned) (nullable) */
  char *boundary;              /* (owned) (nullable): of multipart */

  guint header_ms;
  guint stall_bytes;
  guint stall_ms;
  guint64 deadline_ms; /* 0: none */
  guint max_tries;
  guint64 max_bytes;
  char **expected_types; /* (owned) (nullable) */
  gboolean accept_gzip;
  GArray *allowed; /* (owned) (element-type guint) */
  RepriseHttpClassifier classifier;
  gpointer classifier_data;
  GDestroyNotify classifier_destroy;
  RepriseHttpCheck check;
  gpointer check_data;
  GDestroyNotify check_destroy;
  gboolean anonymous;
  RepriseHttpExpect expect;
  gboolean reports_total;
  guint64 offset;
  char *etag; /* (owned) (nullable): that the range must belong to */

  RepriseHttpOutcome outcome;
  guint tries;
};

struct _RepriseHttp
{
  GObject parent_instance;

  guint n_done; /* (atomic): requests that got through */

  /* none of these changes after the first request, so that any thread may read them */
  GUri *address;               /* (owned): its path ends in “/” */
  char *name;                  /* (owned): host, and port where it is not the usual one */
  char *pin;                   /* (owned) (nullable) */
  RepriseHttpAuth *auth;       /* (owned) (nullable) */
  SoupMessageHeaders *headers; /* (owned): of every request */
  guint connect_ms;
  guint continue_ms;
  guint first_wait_ms;
  guint longest_wait_ms;
  RepriseHttpExplainer explainer;
  gpointer explainer_data;
  GDestroyNotify explainer_destroy;
  RepriseHttpLog log;
  gpointer log_data;
  GDestroyNotify log_destroy;
};

/* What happens to a request from its first try to its end. */
typedef struct
{
  RepriseHttp *http;
  RepriseHttpRequest *request;
  const RepriseHttpSink *sink; /* (nullable): of a download */
  gpointer sink_data;
  RepriseHttpProof *proof;   /* of a download */
  RepriseProgress *progress; /* (nullable) */
  GCancellable *cancellable; /* (nullable) */

  GUri *uri; /* (owned): where the next try goes */
  guint hops;
  guint try;           /* since something moved */
  guint n_done;        /* of the service, at the last try that it found too much */
  guint n_renewed;     /* how often the credential was, for this request */
  guint generation;    /* of the credential */
  gboolean may_expect; /* the body is large, and nothing shows that the server would not answer */
  gboolean expect;     /* ask whether the body is wanted */
  gint64 deadline_us;  /* or 0 */
  guint64 in_sink;     /* bytes of the whole thing */
  guint64 told;        /* of these, to the progress */
  char *etag;          /* (owned) (nullable): strong */
  RepriseHttpResponse *response; /* (owned) (nullable) */
} RepriseHttpRun;

gboolean reprise_http_run (RepriseHttpRun *run, GError **error);
void reprise_http_run_clear (RepriseHttpRun *run);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseHttpRun, reprise_http_run_clear)

SoupMessage *reprise_http_make_message (RepriseHttp *self,
                                        RepriseHttpRequest *request,
                                        GUri *uri,
                                        RepriseHttpGrant *grant);
GUri *reprise_http_resolve (RepriseHttp *self, RepriseHttpRequest *request);
guint reprise_http_get_backoff (RepriseHttp *self, guint try, int retry_after);
char *reprise_http_explain_answer (RepriseHttp *self, RepriseHttpResponse *response);
gboolean reprise_http_check_type (RepriseHttp *self,
                                  RepriseHttpRequest *request,
                                  RepriseHttpResponse *response,
                                  gboolean streaming,
                                  GError **error);
RepriseHttpVerdict reprise_http_classify (RepriseHttp *self,
                                          RepriseHttpRequest *request,
                                          RepriseHttpResponse *response,
                                          GError **error);

void reprise_http_request_finish_body (RepriseHttpRequest *self);

struct _RepriseHttpGrant
{
  SoupMessageHeaders *headers; /* (owned) */
  char *query;                 /* (owned) (nullable) */
};

RepriseHttpGrant *reprise_http_grant_new (void);
void reprise_http_grant_free (RepriseHttpGrant *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseHttpGrant, reprise_http_grant_free)

gboolean reprise_http_auth_apply (RepriseHttpAuth *self,
                                  RepriseHttpRequest *request,
                                  RepriseHttpGrant *grant,
                                  guint *generation,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean reprise_http_auth_can_renew (RepriseHttpAuth *self);
gboolean reprise_http_auth_renew (RepriseHttpAuth *self,
                                  guint generation,
                                  GCancellable *cancellable,
                                  GError **error);
void reprise_http_auth_note_accepted (RepriseHttpAuth *self, guint generation);
gboolean reprise_http_auth_was_accepted (RepriseHttpAuth *self, guint generation);
void reprise_http_auth_observe (RepriseHttpAuth *self, RepriseHttpResponse *response);

RepriseHttpResponse *reprise_http_response_new (guint status,
                                                SoupMessageHeaders *headers,
                                                GBytes *body,
                                                gint64 content_length,
                                                gboolean length_proven);

/* How long a repeated request waits and whoever follows an operation goes on trying, for tests. */
void reprise_http_set_backoff (RepriseHttp *self, guint first_ms, guint longest_ms);
void reprise_http_set_default_backoff (guint first_ms, guint longest_ms);
void reprise_http_set_continue_timeout (RepriseHttp *self, guint timeout_ms);
void reprise_http_operation_set_patience (RepriseHttpOperation *self, guint seconds);

G_END_DECLS
