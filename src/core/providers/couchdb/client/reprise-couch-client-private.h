/* reprise-couch-client-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "providers/couchdb/client/reprise-couch-client.h"

G_BEGIN_DECLS

/* Between the files of a client: -client (requests), -sign-in (in all its ways), -databases (what is asked of a server and a database). */

typedef enum
{
  SIGN_IN_NONE,
  SIGN_IN_COOKIE,
  SIGN_IN_BASIC, /* where a server, or the proxy before it, has no sessions */
  SIGN_IN_IAM,
} SignIn;

struct _RepriseCouchClient
{
  GObject parent_instance;

  gboolean is_hurried; /* somebody looks on: a server that does not answer is not waited for long */
  RepriseKind *kind;   /* (owned) */
  RepriseService *service;  /* (owned) */
  RepriseSecrets *secrets;  /* (owned) */
  RepriseHttp *http;        /* (owned) */
  const char *password_key; /* of the secret */
  guint n_strained;         /* (atomic): how often the server said that it is asked too much */

  GMutex mutex;   /* guards: */
  SignIn sign_in; /* how */
  RepriseSecretValue
    *token; /* (owned) (nullable): the cookie's value, the bearer, or name:password in base64 */
  gint64 renew_us; /* monotonic time from which the bearer is renewed, or 0 */
};

const char *reprise_couch_client_get_setting (RepriseCouchClient *self, const char *key);
JsonObject *reprise_couch_client_parse_body (RepriseHttpResponse *response, GError **error);
char *reprise_couch_client_explain_cb (RepriseHttpResponse *response, gpointer user_data);
JsonObject *reprise_couch_client_get_object (RepriseCouchClient *self,
                                             const char *path,
                                             GCancellable *cancellable,
                                             GError **error);
void reprise_couch_client_observe_cb (RepriseHttpResponse *response, gpointer user_data);
gboolean reprise_couch_client_renew_cb (gpointer user_data,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean reprise_couch_client_apply_cb (RepriseHttpRequest *request,
                                        RepriseHttpGrant *to,
                                        gpointer user_data,
                                        GCancellable *cancellable,
                                        GError **error);

G_END_DECLS
