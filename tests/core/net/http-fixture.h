/* http-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-http.h"
#include "reprise-fault-server.h"

G_BEGIN_DECLS

#define BIG_BYTES (5 * 1024 * 1024 + 17)

/* A server in this process that answers as a test says, and who asks it. */
typedef struct
{
  RepriseFaultServer *server; /* (owned) */
  RepriseHttp *http;          /* (owned) */
  gpointer data;              /* of a handler */
  int n;                      /* (atomic): a count of a handler */
} HttpFixture;

/* A server that accepts the token of one period only, and counts the periods. */
typedef struct
{
  int period;     /* (atomic): whose token is good */
  int have;       /* (atomic): whose token the client has */
  int n_renewed;  /* (atomic) */
  int n_at_once;  /* (atomic): renewals that run */
  int n_failed;   /* (atomic): requests */
  gboolean never; /* no token is ever good */
  int n_answered; /* (atomic) */
  int ended;      /* (atomic) */
} HttpTokens;

void http_fixture_set_up (HttpFixture *fixture, RepriseFaultHandler handler);
void http_fixture_tear_down (HttpFixture *fixture);
RepriseHttpRequest *http_fixture_get_request (const char *path);
gboolean http_fixture_send (HttpFixture *fixture, RepriseHttpRequest *request, GError **error);
gboolean http_fixture_download (HttpFixture *fixture,
                                RepriseHttpRequest *request,
                                GByteArray *into,
                                RepriseProgress *progress,
                                RepriseHttpProof *proof,
                                GError **error);
void http_fixture_hello (RepriseFaultCall *call, gpointer data);
GBytes *http_fixture_make_big (void);
GInputStream *http_fixture_open_bytes (gpointer data, GCancellable *cancellable, GError **error);
void http_fixture_set_big_body (RepriseHttpRequest *request, GBytes *bytes);
void http_fixture_serve_big (RepriseFaultCall *call, gpointer data);
gboolean http_fixture_renew_token (gpointer data, GCancellable *cancellable, GError **error);
void http_fixture_sign_in (HttpFixture *fixture,
                           HttpTokens *tokens,
                           gboolean (*renew) (gpointer, GCancellable *, GError **));
void http_fixture_silent (RepriseFaultCall *call, gpointer data);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HttpFixture, http_fixture_tear_down)

G_END_DECLS
