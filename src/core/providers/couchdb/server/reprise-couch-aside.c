/* reprise-couch-aside.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "net/reprise-json.h"
#include "providers/couchdb/reprise-couch-choice.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/restore/reprise-couch-sender.h"
#include "providers/couchdb/server/reprise-couch-aside.h"
#include "vault/reprise-vault-layout.h"

#define MEMBER         "aside"
#define MAX_FILE_BYTES (64 * 1024 * 1024)

void
reprise_couch_aside_free (RepriseCouchAside *self)
{
  g_free (self->security);
  g_free (self->design);
  g_free (self);
}

/* ---- writing ---- */

typedef struct
{
  RepriseCouchServer *server;
  RepriseVaultWriter *writer;
  GCancellable *cancellable;
} Writing;

static gboolean
write_file (Writing *self, const char *name, GBytes *bytes, GError **error)
{
  g_autoptr (GOutputStream) stream = reprise_vault_writer_open (self->writer, name, error);

  return stream != NULL &&
         g_output_stream_write_all (stream, g_bytes_get_data (bytes, NULL),
                                    g_bytes_get_size (bytes), NULL, self->cancellable, error) &&
         g_output_stream_close (stream, self->cancellable, error);
}

/* {"docs":[{"id":…},…]}: every leaf of each */
static GBytes *
make_question (GBytes *listed)
{
  GString *json = g_string_new ("{\"docs\":[");
  RepriseCouchSpan root, row;
  RepriseCouchWalk walk;
  guint n = 0;

  root.data = g_bytes_get_data (listed, &root.size);
  walk = reprise_couch_walk (reprise_couch_span_get (root, "rows"));
  while (reprise_couch_walk_next_element (&walk, &row))
    {
      g_autofree char *id = reprise_couch_span_dup_string (reprise_couch_span_get (row, "id"));

      if (id == NULL)
        continue;
      g_string_append (json, n++ > 0 ? ",{\"id\":" : "{\"id\":");
      reprise_couch_append_string (json, id);
      g_string_append_c (json, '}');
    }
  g_string_append (json, "]}");
  return g_string_free_to_bytes (json);
}

static GBytes *
list_design (Writing *self, const char *source, GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (source, NULL, "_all_docs");
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self->server->home, "GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;

  reprise_http_request_add_query (request, "startkey", "\"_design/\"");
  reprise_http_request_add_query (request, "endkey", "\"_design0\"");
  response = reprise_couch_client_send (self->server->home, request, self->cancellable, error);
  return response != NULL ? g_bytes_ref (reprise_http_response_get_body (response)) : NULL;
}

static GBytes *
fetch_design (Writing *self, const char *source, GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (source, NULL, "_bulk_get");
  g_autoptr (GBytes) listed = list_design (self, source, error);
  g_autoptr (GBytes) question = NULL;
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;

  if (listed == NULL)
    return NULL;
  question = make_question (listed);
  request = reprise_couch_client_new_request (self->server->home, "POST", path, REPRISE_HTTP_READ);
  reprise_http_request_add_query (request, "revs", "true");
  reprise_http_request_add_query (request, "attachments", "true");
  reprise_http_request_set_body (request, "application/json", question);
  response = reprise_couch_client_send (self->server->home, request, self->cancellable, error);
  return response != NULL ? g_bytes_ref (reprise_http_response_get_body (response)) : NULL;
}

static gboolean
write_database (Writing *self,
                guint n,
                const char *source,
                RepriseContents *contents,
                JsonArray *databases,
                GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (source, NULL, "_security");
  g_autoptr (GBytes) security =
    reprise_couch_client_get_bytes (self->server->home, path, self->cancellable, error);
  g_autoptr (GBytes) design = security != NULL ? fetch_design (self, source, error) : NULL;
  g_autofree char *security_name = g_strdup_printf ("%u-security.json", n);
  g_autofree char *design_name = g_strdup_printf ("%u-design.json", n);
  g_autofree char *collection = reprise_couch_rules_dup_design_name (source);
  const char *const files[] = { security_name, design_name, NULL };
  JsonObject *entry;

  if (design == NULL || !write_file (self, security_name, security, error) ||
      !write_file (self, design_name, design, error))
    return FALSE;
  entry = json_object_new ();
  json_object_set_string_member (entry, "name", source);
  json_object_set_string_member (entry, "security", security_name);
  json_object_set_string_member (entry, "design", design_name);
  json_array_add_object_element (databases, entry);
  reprise_couch_choices_add_design (contents, self->server->service, source);
  reprise_collection_set_files (reprise_contents_find (contents, collection, NULL), files);
  return TRUE;
}

static gboolean
write_all (Writing *self,
           RepriseContents *made,
           RepriseContents *contents,
           JsonArray *databases,
           RepriseProgress *progress,
           GError **error)
{
  guint n = 0;

  for (guint g = 0; g < REPRISE_N_GROUPS; g++)
    {
      RepriseDataGroup *group = reprise_contents_get_group (made, (RepriseGroup) g);
      guint n_items = group != NULL ? g_list_model_get_n_items (G_LIST_MODEL (group)) : 0;

      for (guint i = 0; i < n_items; i++)
        {
          g_autoptr (RepriseCollection) collection =
            g_list_model_get_item (G_LIST_MODEL (group), i);
          const char *name = reprise_collection_get_name (collection);

          if (reprise_couch_rules_is_design (name))
            continue;
          reprise_progress_set_message (progress, name);
          if (!write_database (self, ++n, name, contents, databases, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* @made: a backup on the server, a moment old */
gboolean
reprise_couch_aside_write (RepriseCouchServer *server,
                           RepriseBackup *made,
                           RepriseVaultWriter *writer,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  Writing self = { server, writer, cancellable };
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (JsonArray) databases = json_array_new ();
  g_autofree char *uuid = NULL, *version = NULL, *note = NULL;
  JsonObject *aside;

  if (!reprise_couch_client_get_server (server->home, &version, &uuid, cancellable, error) ||
      !write_all (&self, reprise_backup_get_contents (made), contents, databases, progress, error))
    return FALSE;
  aside = json_object_new ();
  json_object_set_string_member (aside, "backup", reprise_backup_get_id (made));
  json_object_set_array_member (aside, "databases", g_steal_pointer (&databases));
  json_object_set_int_member (reprise_manifest_get_provider (manifest), "version", 1);
  json_object_set_object_member (reprise_manifest_get_provider (manifest), MEMBER, aside);
  reprise_manifest_set_identity (manifest, uuid);
  reprise_manifest_set_service_version (manifest, version);
  reprise_manifest_set_contents (manifest, contents);
  reprise_manifest_set_proof (manifest, "answers", "each answer was read to its end");
  /* Translators: %s is the name of a backup: 20260117t000104z */
  note =
    g_strdup_printf (_ ("Belongs to the backup %s on the server"), reprise_backup_get_id (made));
  reprise_manifest_set_note (manifest, note);
  return TRUE;
}

/* ---- reading ---- */

/* (nullable): the name of the backup on the server that it belongs to */
const char *
reprise_couch_aside_get_backup (RepriseManifest *manifest)
{
  return manifest != NULL ? reprise_json_get_string (reprise_manifest_get_provider (manifest),
                                                     MEMBER ".backup", NULL)
                          : NULL;
}

/* (transfer full): the databases that it is of */
char **
reprise_couch_aside_list_databases (RepriseManifest *manifest)
{
  JsonArray *databases =
    reprise_json_get_array (reprise_manifest_get_provider (manifest), MEMBER ".databases");
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < reprise_json_array_get_length (databases); i++)
    g_ptr_array_add (names, g_strdup (reprise_json_get_string (
                              reprise_json_array_get_object (databases, i), "name", "")));
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

static char *
make_path (const char *folder, JsonObject *entry, const char *name)
{
  const char *file = reprise_json_get_string (entry, name, "");

  return g_build_filename (folder, reprise_manifest_path_is_safe (file) ? file : "", NULL);
}

/* (transfer full) (nullable): of that database, where the folder is one of these */
static RepriseCouchAside *
look_in (const char *folder, const char *source)
{
  g_autoptr (RepriseManifest) manifest = reprise_manifest_read (folder, NULL);
  const char *stamp = reprise_couch_aside_get_backup (manifest);
  JsonArray *databases;
  gint64 at;

  if (stamp == NULL || !reprise_couch_delta_parse_stamp (stamp, &at))
    return NULL;
  databases =
    reprise_json_get_array (reprise_manifest_get_provider (manifest), MEMBER ".databases");
  for (guint i = 0; i < reprise_json_array_get_length (databases); i++)
    {
      JsonObject *entry = reprise_json_array_get_object (databases, i);
      RepriseCouchAside *self;

      if (strcmp (reprise_json_get_string (entry, "name", ""), source) != 0)
        continue;
      self = g_new0 (RepriseCouchAside, 1);
      self->at = at;
      self->security = make_path (folder, entry, "security");
      self->design = make_path (folder, entry, "design");
      return self;
    }
  return NULL;
}

/**
 * reprise_couch_aside_find:
 * @at: milliseconds since 1970
 *
 * Returns: (transfer full) (nullable): the newest that is not later than @at
 */
RepriseCouchAside *
reprise_couch_aside_find (const char *service_folder, const char *source, gint64 at)
{
  g_autoptr (GDir) dir = g_dir_open (service_folder, 0, NULL);
  g_autoptr (RepriseCouchAside) found = NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename (service_folder, name, NULL);
      g_autoptr (RepriseCouchAside) other = NULL;

      if (*name == '.' || g_str_has_suffix (name, REPRISE_VAULT_EVENTS))
        continue;
      other = look_in (folder, source);
      if (other == NULL || other->at > at || (found != NULL && other->at <= found->at))
        continue;
      g_clear_pointer (&found, reprise_couch_aside_free);
      found = g_steal_pointer (&other);
    }
  return g_steal_pointer (&found);
}

/* ---- putting back ---- */

static gboolean
put_security (const char *file,
              RepriseCouchClient *client,
              const char *target,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (target, NULL, "_security");
  g_autoptr (GBytes) bytes = reprise_file_read_small (file, MAX_FILE_BYTES, error);
  g_autoptr (JsonObject) object = NULL;

  if (bytes == NULL)
    return FALSE;
  object = reprise_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                      NULL, error);
  if (object == NULL)
    return FALSE;
  /* An empty one says that nothing was ever set: put, it would open the database to everybody. */
  if (json_object_get_size (object) == 0)
    return TRUE;
  return reprise_couch_client_put (client, path, bytes, cancellable, error);
}

/* Each “ok” of the answer, as it came, with its revision. */
static gboolean
send_design (const char *file, RepriseCouchSender *sender, GError **error)
{
  g_autoptr (GBytes) bytes = reprise_file_read_small (file, MAX_FILE_BYTES, error);
  g_autoptr (JsonNode) checked = NULL;
  RepriseCouchSpan root, result, leaf;
  RepriseCouchWalk results;

  if (bytes == NULL)
    return FALSE;
  root.data = g_bytes_get_data (bytes, &root.size);
  checked = reprise_json_parse (root.data != NULL ? root.data : "", root.size, NULL, error);
  if (checked == NULL)
    return FALSE;
  results = reprise_couch_walk (reprise_couch_span_get (root, "results"));
  while (reprise_couch_walk_next_element (&results, &result))
    {
      RepriseCouchWalk leaves = reprise_couch_walk (reprise_couch_span_get (result, "docs"));

      while (reprise_couch_walk_next_element (&leaves, &leaf))
        {
          RepriseCouchSpan document = reprise_couch_span_get (leaf, "ok");

          if (document.data != NULL &&
              !reprise_couch_sender_add (sender, document.data, document.size, error))
            return FALSE;
        }
    }
  return reprise_couch_sender_finish (sender, error);
}

/* Who may use it, and last the design documents: each begins an index, and one that validates would refuse documents. */
gboolean
reprise_couch_aside_restore (const RepriseCouchAside *self,
                             RepriseCouchClient *client,
                             const char *target,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (RepriseCouchSender) sender = NULL;

  if (!put_security (self->security, client, target, cancellable, error))
    return FALSE;
  sender = reprise_couch_sender_new (client, target, FALSE, 1, progress, cancellable);
  if (!send_design (self->design, sender, error))
    return FALSE;
  if (reprise_couch_sender_get_n_refused (sender) == 0)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     _ ("Design documents of “%s” were refused: %s"), target,
                     reprise_couch_sender_get_first_refusal (sender));
  return FALSE;
}
