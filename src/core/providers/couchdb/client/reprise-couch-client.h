/* reprise-couch-client.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "net/reprise-http.h"
#include "provider/reprise-kind.h"

G_BEGIN_DECLS

/**
 * RepriseCouchInfo:
 * @doc_count: live documents, design documents among them
 * @doc_del_count: tombstones, or -1
 * @size_bytes: of the documents as JSON, or -1
 * @update_seq: as it was received, for comparing only
 * @purge_seq: likewise
 * @created: instance_start_time, or %NULL where the server does not say
 * @q: shards, or 0
 * @n: copies of each, or 0
 *
 * What a server says of one database.
 */
typedef struct
{
  char *name;
  gint64 doc_count;
  gint64 doc_del_count;
  gint64 size_bytes;
  char *update_seq;
  char *purge_seq;
  char *created;
  gboolean partitioned;
  gint64 q;
  gint64 n;
} RepriseCouchInfo;

void reprise_couch_info_free (RepriseCouchInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchInfo, reprise_couch_info_free)

/**
 * RepriseCouchClient:
 *
 * The requests to one CouchDB or Cloudant server: its sign-in, the forms of its answers and errors. For workers, several at a time.
 */
#define REPRISE_TYPE_COUCH_CLIENT (reprise_couch_client_get_type ())

G_DECLARE_FINAL_TYPE (RepriseCouchClient, reprise_couch_client, REPRISE, COUCH_CLIENT, GObject)

RepriseCouchClient *reprise_couch_client_new (RepriseKind *kind,
                                              RepriseService *service,
                                              RepriseSecrets *secrets,
                                              GError **error);
RepriseCouchClient *reprise_couch_client_new_other (RepriseKind *kind,
                                                    RepriseService *service,
                                                    RepriseSecrets *secrets,
                                                    GError **error);
gboolean reprise_couch_client_append_auth (RepriseCouchClient *self,
                                           GString *json,
                                           GCancellable *cancellable,
                                           GError **error);
RepriseHttp *reprise_couch_client_get_http (RepriseCouchClient *self);
const char *reprise_couch_client_get_name (RepriseCouchClient *self);
guint reprise_couch_client_get_n_strained (RepriseCouchClient *self);

char *reprise_couch_client_dup_path (const char *database, const char *id, const char *below);
RepriseHttpRequest *reprise_couch_client_new_request (RepriseCouchClient *self,
                                                      const char *method,
                                                      const char *path,
                                                      RepriseHttpEffect effect);
RepriseHttpRequest *reprise_couch_client_new_bulk_request (RepriseCouchClient *self,
                                                           const char *path,
                                                           RepriseHttpEffect effect,
                                                           guint n);
RepriseHttpResponse *reprise_couch_client_send (RepriseCouchClient *self,
                                                RepriseHttpRequest *request,
                                                GCancellable *cancellable,
                                                GError **error);

/* of the server */
gboolean reprise_couch_client_get_server (RepriseCouchClient *self,
                                          char **version,
                                          char **uuid,
                                          GCancellable *cancellable,
                                          GError **error);
JsonObject *reprise_couch_client_get_session (RepriseCouchClient *self,
                                              GCancellable *cancellable,
                                              GError **error);
GPtrArray *reprise_couch_client_list_databases (RepriseCouchClient *self,
                                                GCancellable *cancellable,
                                                GError **error);

/* of a database */
RepriseCouchInfo *reprise_couch_client_get_info (RepriseCouchClient *self,
                                                 const char *database,
                                                 GCancellable *cancellable,
                                                 GError **error);
GBytes *reprise_couch_client_get_bytes (RepriseCouchClient *self,
                                        const char *path,
                                        GCancellable *cancellable,
                                        GError **error);
GBytes *reprise_couch_client_post (RepriseCouchClient *self,
                                   const char *path,
                                   GBytes *body,
                                   GCancellable *cancellable,
                                   GError **error);
gboolean reprise_couch_client_put (RepriseCouchClient *self,
                                   const char *path,
                                   GBytes *body,
                                   GCancellable *cancellable,
                                   GError **error);
gboolean reprise_couch_client_create_database (RepriseCouchClient *self,
                                               const char *database,
                                               gboolean partitioned,
                                               gint64 q,
                                               GCancellable *cancellable,
                                               GError **error);
gboolean reprise_couch_client_delete_database (RepriseCouchClient *self,
                                               const char *database,
                                               GCancellable *cancellable,
                                               GError **error);
gboolean reprise_couch_name_is_valid (const char *database);

void reprise_couch_client_set_hurried (RepriseCouchClient *self, gboolean hurried);
gboolean reprise_couch_client_is_away (const GError *error);

G_END_DECLS
