/* reprise-nocobase-client-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-json.h"
#include "providers/nocobase/reprise-nocobase-client.h"

G_BEGIN_DECLS

#define REPRISE_NOCOBASE_MAX_TRIES \
  5 /* some 10 seconds and more: so long a server may take to come up */

struct _RepriseNocobaseClient
{
  GObject parent_instance;

  RepriseKind *kind;         /* (owned) */
  RepriseService *service;   /* (owned) */
  RepriseSecrets *secrets;   /* (owned) */
  char *app;                 /* (owned): “main”, or the name of a sub-application */
  char *identity;            /* (owned) */
  gboolean with_key;         /* signs in by an API key */
  RepriseHttp *http;         /* (owned) */
  RepriseProgress *progress; /* (owned) (nullable): where repetitions are told */

  GMutex mutex;              /* guards: */
  RepriseSecretValue *token; /* (owned) (nullable) */
  gboolean role_refused;     /* it is the role that the account does not have */
  gint64 clock_difference;   /* seconds: the server's clock less ours */
};

const char *reprise_nocobase_client_get_setting (RepriseNocobaseClient *self, const char *key);

JsonObject *reprise_nocobase_client_get_error (JsonObject *root, gboolean *from_gateway);
JsonObject *reprise_nocobase_client_parse_body (RepriseHttpResponse *response);
char *reprise_nocobase_client_dup_server_text (JsonObject *error, JsonObject *root);
gboolean reprise_nocobase_client_is_busy_code (const char *code);
char *reprise_nocobase_client_explain_cb (RepriseHttpResponse *response, gpointer user_data);
RepriseHttpVerdict reprise_nocobase_client_classify_cb (RepriseHttpResponse *response,
                                                        gpointer user_data,
                                                        GError **error);

void reprise_nocobase_client_set_token (RepriseNocobaseClient *self, RepriseSecretValue *token);
gboolean reprise_nocobase_client_renew_cb (gpointer user_data,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_nocobase_client_apply_cb (RepriseHttpRequest *request,
                                           RepriseHttpGrant *grant,
                                           gpointer user_data,
                                           GCancellable *cancellable,
                                           GError **error);

G_END_DECLS
