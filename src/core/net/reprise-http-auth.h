/* reprise-http-auth.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "net/reprise-http-request.h"

G_BEGIN_DECLS

/**
 * RepriseHttpGrant:
 *
 * The credential of one try, wiped after it. It goes to the origin of the service's address and nowhere else.
 */
typedef struct _RepriseHttpGrant RepriseHttpGrant;

void reprise_http_grant_set_header (RepriseHttpGrant *self, const char *name, const char *value);
void reprise_http_grant_set_query (RepriseHttpGrant *self, const char *query);

/**
 * RepriseHttpAuthFuncs:
 * @apply: puts the credential into the grant; may sign @request. Failing with %REPRISE_ERROR_NEEDS_SIGN_IN asks for
 *   a @renew first. Only quick work
 * @renew: (nullable): gets a new credential, and may send anonymous requests for it. Never runs twice at a time, nor
 *   again for ten seconds after it failed with %REPRISE_ERROR_NEEDS_SIGN_IN
 * @observe: (nullable): sees every answer from the origin, for credentials that come with answers
 *
 * How a service signs in. All run in workers.
 */
typedef struct
{
  gboolean (*apply) (RepriseHttpRequest *request,
                     RepriseHttpGrant *grant,
                     gpointer user_data,
                     GCancellable *cancellable,
                     GError **error);
  gboolean (*renew) (gpointer user_data, GCancellable *cancellable, GError **error);
  void (*observe) (RepriseHttpResponse *response, gpointer user_data);
} RepriseHttpAuthFuncs;

/**
 * RepriseHttpAuth:
 *
 * The sign-in of one account, shared by all that use it: one renewal at a time, whoever notices first. Any thread.
 */
#define REPRISE_TYPE_HTTP_AUTH (reprise_http_auth_get_type ())

G_DECLARE_FINAL_TYPE (RepriseHttpAuth, reprise_http_auth, REPRISE, HTTP_AUTH, GObject)

RepriseHttpAuth *reprise_http_auth_new (const RepriseHttpAuthFuncs *funcs,
                                        gpointer user_data,
                                        GDestroyNotify destroy);

G_END_DECLS
