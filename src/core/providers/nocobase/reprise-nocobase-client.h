/* reprise-nocobase-client.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "net/reprise-http.h"
#include "provider/reprise-kind.h"

G_BEGIN_DECLS

/**
 * RepriseNocobaseHealth:
 * @REPRISE_NOCOBASE_OK: it serves
 * @REPRISE_NOCOBASE_BUSY: it starts, or runs a command, and will come back by itself
 * @REPRISE_NOCOBASE_BROKEN: a command failed; it serves nothing before it is restarted
 * @REPRISE_NOCOBASE_SILENT: it takes the question and does not answer
 * @REPRISE_NOCOBASE_DOWN: nobody is there
 */
typedef enum
{
  REPRISE_NOCOBASE_OK,
  REPRISE_NOCOBASE_BUSY,
  REPRISE_NOCOBASE_BROKEN,
  REPRISE_NOCOBASE_SILENT,
  REPRISE_NOCOBASE_DOWN,
} RepriseNocobaseHealth;

/**
 * RepriseNocobasePresence:
 *
 * Of a plugin, by the answer to its list.
 */
typedef enum
{
  REPRISE_NOCOBASE_ABSENT, /* not there, or not enabled */
  REPRISE_NOCOBASE_DENIED, /* there, but not for this account */
  REPRISE_NOCOBASE_THERE,
} RepriseNocobasePresence;

/**
 * RepriseNocobaseClient:
 *
 * The requests to one application of a NocoBase server: its sign-in, the forms of its answers and errors. For workers, several at
 * a time.
 */
#define REPRISE_TYPE_NOCOBASE_CLIENT (reprise_nocobase_client_get_type ())

G_DECLARE_FINAL_TYPE (RepriseNocobaseClient,
                      reprise_nocobase_client,
                      REPRISE,
                      NOCOBASE_CLIENT,
                      GObject)

RepriseNocobaseClient *reprise_nocobase_client_new (RepriseKind *kind,
                                                    RepriseService *service,
                                                    RepriseSecrets *secrets,
                                                    const char *app,
                                                    GError **error);

const char *reprise_nocobase_client_get_app (RepriseNocobaseClient *self);
const char *reprise_nocobase_client_get_name (RepriseNocobaseClient *self);
const char *reprise_nocobase_client_get_identity (RepriseNocobaseClient *self);
RepriseHttp *reprise_nocobase_client_get_http (RepriseNocobaseClient *self);
char *reprise_nocobase_client_dup_socket_path (RepriseNocobaseClient *self);
void reprise_nocobase_client_set_progress (RepriseNocobaseClient *self, RepriseProgress *progress);

RepriseHttpRequest *reprise_nocobase_client_new_request (RepriseNocobaseClient *self,
                                                         const char *method,
                                                         const char *action,
                                                         RepriseHttpEffect effect);
JsonObject *reprise_nocobase_client_send (RepriseNocobaseClient *self,
                                          RepriseHttpRequest *request,
                                          GCancellable *cancellable,
                                          GError **error);
JsonObject *reprise_nocobase_client_get (RepriseNocobaseClient *self,
                                         GCancellable *cancellable,
                                         GError **error,
                                         const char *action,
                                         ...) G_GNUC_NULL_TERMINATED;
JsonObject *reprise_nocobase_client_post (RepriseNocobaseClient *self,
                                          const char *action,
                                          const char *tk,
                                          GCancellable *cancellable,
                                          GError **error);

gboolean reprise_nocobase_client_look_for (RepriseNocobaseClient *self,
                                           const char *action,
                                           RepriseNocobasePresence *presence,
                                           GCancellable *cancellable,
                                           GError **error);
RepriseNocobaseHealth reprise_nocobase_client_get_health (RepriseNocobaseClient *self,
                                                          char **message,
                                                          GCancellable *cancellable);
gint64 reprise_nocobase_client_count (RepriseNocobaseClient *self,
                                      const char *collection,
                                      GCancellable *cancellable,
                                      GError **error);
gint64 reprise_nocobase_client_get_server_time (RepriseNocobaseClient *self);
void reprise_nocobase_client_append_quoted (GString *json, RepriseSecretValue *secret);

G_END_DECLS
