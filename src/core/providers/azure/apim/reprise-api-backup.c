/* reprise-api-backup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "providers/azure/apim/reprise-api-archive.h"
#include "providers/azure/apim/reprise-api-backup.h"
#include "providers/azure/apim/reprise-api-kind.h"
#include "providers/azure/blob/reprise-blob-digest.h"

/* Written beside a blob: what nothing else tells of a backup. */
#define MARK_TIER    "reprise_tier"
#define MARK_SERVICE "reprise_service"
#define MARK_CREATED "reprise_created"
#define MARK_ORIGIN  "reprise_origin"

void
reprise_api_backup_free (RepriseApiBackup *self)
{
  g_free (self->name);
  g_clear_pointer (&self->created_at, g_date_time_unref);
  g_free (self->tier);
  g_free (self->service);
  g_free (self);
}

static const char *
get_mark (const RepriseBlobItem *item, const char *name)
{
  return item->metadata != NULL ? g_hash_table_lookup (item->metadata, name) : NULL;
}

/* (transfer full): of a blob as a list tells of it */
RepriseApiBackup *
reprise_api_backup_new (const RepriseBlobItem *item)
{
  RepriseApiBackup *self = g_new0 (RepriseApiBackup, 1);
  const char *created = get_mark (item, MARK_CREATED);
  GDateTime *written = item->created_at != NULL ? item->created_at : item->modified_at;

  self->name = g_strdup (item->name);
  self->size_bytes = item->size_bytes;
  self->created_at = created != NULL ? reprise_time_from_string (created) : NULL;
  if (self->created_at == NULL && written != NULL)
    self->created_at = g_date_time_ref (written);
  self->tier = g_strdup (get_mark (item, MARK_TIER));
  self->service = g_strdup (get_mark (item, MARK_SERVICE));
  self->origin = REPRISE_ORIGIN_MANUAL;
  if (get_mark (item, MARK_ORIGIN) != NULL)
    reprise_origin_from_string (get_mark (item, MARK_ORIGIN), &self->origin);
  return self;
}

/* --- for people --- */

/* (transfer full): until when it can be restored, one line */
char *
reprise_api_describe_end (GDateTime *created_at, int days, GDateTime *now)
{
  g_autoptr (GDateTime) end = created_at != NULL ? reprise_api_get_end (created_at, days) : NULL;

  return end != NULL ? reprise_kind_describe_backup_end (end, now) : g_strdup (_ ("not reported"));
}

/* (transfer full): a backup in the container as all kinds show one */
RepriseBackup *
reprise_api_backup_describe (const RepriseApiBackup *self,
                             const char *service_uuid,
                             int days,
                             GDateTime *now)
{
  RepriseBackup *described = reprise_backup_new (self->name, service_uuid, REPRISE_API_KIND_ID);
  g_autofree char *end = reprise_api_describe_end (self->created_at, days, now);
  g_autofree char *state =
    self->tier != NULL ? g_strdup_printf ("%s (%s)", end, self->tier) : g_strdup (end);

  g_object_set (described, "own-name", self->name, "created-at", self->created_at, "size-bytes",
                self->size_bytes >= 0 ? self->size_bytes : (gint64) REPRISE_NOT_REPORTED, "state",
                REPRISE_BACKUP_COMPLETE, "own-state", state, "on-service", TRUE, "origin",
                self->origin, "edition", self->tier, "groups",
                REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED), NULL);
  return described;
}

static void
add_skipped (RepriseContents *contents, const char *name, const char *title)
{
  g_autoptr (RepriseCollection) collection =
    reprise_collection_new (name, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);

  reprise_collection_set_title (collection, title);
  reprise_collection_set_reason (collection, _ ("API Management does not save it with a service."));
  reprise_contents_add (contents, REPRISE_GROUP_SKIPPED, collection);
}

/* One whole, as Azure makes and restores it, and what that leaves out. */
void
reprise_api_add_contents (RepriseContents *contents, gint64 size_bytes)
{
  g_autoptr (RepriseCollection) all = reprise_collection_new (
    "service", REPRISE_NOT_REPORTED, size_bytes >= 0 ? size_bytes : (gint64) REPRISE_NOT_REPORTED);

  reprise_collection_set_title (all, _ ("Interfaces, policies, products, users and subscriptions"));
  reprise_contents_add (contents, REPRISE_GROUP_REQUIRED, all);
  add_skipped (contents, "usage", _ ("Usage data, from which reports are made"));
  add_skipped (contents, "domains", _ ("Custom domains and certificates"));
  add_skipped (contents, "portal", _ ("Contents of the developer portal"));
  add_skipped (contents, "network", _ ("Virtual networks"));
}

/* Warns where a backup can be restored only for some days more, or no more. */
void
reprise_api_warn_of_end (RepriseArchive *archive, GDateTime *created_at, int days, GDateTime *now)
{
  g_autoptr (GDateTime) end = created_at != NULL ? reprise_api_get_end (created_at, days) : NULL;
  gint64 left_days = end != NULL ? g_date_time_difference (end, now) / G_TIME_SPAN_DAY : G_MAXINT;

  if (end == NULL)
    return;
  if (g_date_time_compare (end, now) < 0)
    reprise_archive_add_warning (archive, "%s",
                                 _ ("API Management does not restore it any more. Make a new "
                                    "backup."));
  else if (left_days < REPRISE_API_WARN_DAYS)
    reprise_archive_add_warning (
      archive,
      ngettext ("API Management restores it for %d day more. Make a new backup in time.",
                "API Management restores it for %d days more. Make a new backup in time.",
                (gulong) left_days + 1),
      (int) left_days + 1);
}

static void
add_fact (RepriseArchive *archive, const char *label, const char *value)
{
  reprise_archive_add_fact (archive, label, value != NULL ? value : _ ("not reported"));
}

/* (transfer full): all that is known of one in the container, without looking into it */
RepriseArchive *
reprise_api_backup_open (const RepriseApiBackup *self,
                         RepriseBackup *described,
                         int days,
                         GDateTime *now)
{
  RepriseArchive *archive = reprise_archive_new_for_backup (described, NULL);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autofree char *end = reprise_api_describe_end (self->created_at, days, now);
  g_autofree char *service = reprise_arm_id_get (self->service, "service");

  reprise_api_add_contents (contents, self->size_bytes);
  reprise_archive_set_contents (archive, contents);
  reprise_archive_set_format (archive, _ ("Azure API Management backup"));
  add_fact (archive, _ ("Backup of"), service);
  add_fact (archive, _ ("Tier"), self->tier);
  add_fact (archive, _ ("Can be restored"), end);
  add_fact (archive, _ ("Blob"), self->name);
  reprise_api_warn_of_end (archive, self->created_at, days, now);
  return archive;
}

/* --- in the container --- */

typedef struct
{
  const char *service_name; /* (nullable) */
  const char *wanted;       /* (nullable): only the blob of this name */
  GPtrArray *found;
} Look;

/* Of another service, or of something else: a container may hold all kinds of things. */
static gboolean
is_foreign (const RepriseBlobItem *item, const char *service_name)
{
  static const char *const OTHERS[] = { ".zip", ".xml", ".log", NULL };
  const char *id = get_mark (item, MARK_SERVICE);
  g_autofree char *of = id != NULL ? reprise_arm_id_get (id, "service") : NULL;

  if (of == NULL)
    reprise_api_name_read (item->name, &of, NULL);
  for (guint i = 0; OTHERS[i] != NULL; i++)
    if (g_str_has_suffix (item->name, OTHERS[i]))
      return TRUE;
  return of != NULL && g_ascii_strcasecmp (of, service_name) != 0;
}

static gboolean
look_cb (const RepriseBlobItem *item, gpointer user_data, GError **error)
{
  Look *look = user_data;

  if (look->wanted != NULL ? strcmp (item->name, look->wanted) == 0
                           : !is_foreign (item, look->service_name))
    g_ptr_array_add (look->found, reprise_api_backup_new (item));
  return TRUE;
}

/* (transfer full) (element-type RepriseApiBackup): those of a service, as far as can be told */
GPtrArray *
reprise_api_backup_list (RepriseApiPlace *place,
                         const char *service_name,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GPtrArray) found =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_api_backup_free);
  Look look = { .service_name = service_name, .found = found };

  return reprise_blob_list (place->blob, NULL, look_cb, &look, cancellable, error)
           ? g_steal_pointer (&found)
           : NULL;
}

/* (transfer full): the blob of that name, whosoever it is; or %NULL with %REPRISE_ERROR_NOT_FOUND and others */
RepriseApiBackup *
reprise_api_backup_find (RepriseApiPlace *place,
                         const char *name,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GPtrArray) found =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_api_backup_free);
  Look look = { .wanted = name, .found = found };

  if (!reprise_blob_list (place->blob, name, look_cb, &look, cancellable, error))
    return NULL;
  if (found->len > 0)
    return g_ptr_array_steal_index (found, 0);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("There is no backup “%s” in the container “%s”."), name,
                     place->storage.container);
  return NULL;
}

static void
add_mark (GHashTable *marks, const char *name, const char *value)
{
  if (value != NULL && g_str_is_ascii (value))
    g_hash_table_insert (marks, (char *) name, g_strdup (value));
}

/* Writes beside the blob what it does not tell by itself. */
gboolean
reprise_api_backup_mark (RepriseApiPlace *place,
                         const RepriseApiBackup *self,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GHashTable) marks = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autofree char *created =
    self->created_at != NULL ? reprise_time_to_string (self->created_at) : NULL;

  add_mark (marks, MARK_TIER, self->tier);
  add_mark (marks, MARK_SERVICE, self->service);
  add_mark (marks, MARK_CREATED, created);
  add_mark (marks, MARK_ORIGIN, reprise_origin_to_string (self->origin));
  return reprise_blob_set_metadata (place->blob, self->name, marks, cancellable, error);
}

/* --- into the vault --- */

static void
set_text (JsonObject *own, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (own, name, value);
}

static void
describe (RepriseApiPlace *place, const RepriseApiBackup *self, RepriseVaultWriter *writer)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);
  JsonObject *own = reprise_manifest_get_provider (manifest);

  reprise_manifest_set_own_name (manifest, self->name);
  if (self->service != NULL)
    reprise_manifest_set_identity (manifest, self->service);
  if (self->created_at != NULL)
    reprise_manifest_set_created_at (manifest, self->created_at);
  reprise_manifest_set_proof (manifest, "length",
                              "as long as the container says, and equal to its digest where it has "
                              "one");
  set_text (own, REPRISE_MANIFEST_EDITION, self->tier);
  set_text (own, "account", place->storage.account);
  set_text (own, "container", place->storage.container);
}

/* Brings a backup from the container into the vault, and adds to @contents what it holds. */
gboolean
reprise_api_backup_fetch (RepriseApiPlace *place,
                          const RepriseApiBackup *self,
                          RepriseVaultWriter *writer,
                          RepriseContents *contents,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (RepriseBlobItem) item =
    reprise_blob_look (place->blob, self->name, cancellable, error);
  g_autoptr (GOutputStream) stream = NULL;
  g_autofree char *md5 = NULL;

  if (item == NULL)
    return FALSE;
  reprise_progress_set_phase (progress, REPRISE_PHASE_DOWNLOADING);
  stream =
    reprise_vault_writer_open_sized (writer, REPRISE_API_FILE_ARCHIVE, item->size_bytes, error);
  if (stream == NULL ||
      !reprise_blob_download (place->blob, item, 0, stream, &md5, progress, cancellable, error) ||
      !g_output_stream_close (stream, cancellable, error))
    return FALSE;
  reprise_api_add_contents (contents, self->size_bytes);
  describe (place, self, writer);
  reprise_blob_digest_keep (reprise_vault_writer_get_manifest (writer), md5);
  return TRUE;
}
