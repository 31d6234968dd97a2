/* reprise-manifest.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-time.h"
#include "net/reprise-json.h"
#include "vault/reprise-backup-private.h"
#include "vault/reprise-manifest-private.h"
#include "vault/reprise-vault-json.h"

#define FORMAT 1

G_DEFINE_FINAL_TYPE (RepriseManifest, reprise_manifest, G_TYPE_OBJECT)

static void
reprise_manifest_finalize (GObject *object)
{
  RepriseManifest *self = REPRISE_MANIFEST (object);

  g_clear_pointer (&self->root, json_object_unref);
  g_clear_pointer (&self->created_at, g_date_time_unref);
  g_clear_object (&self->contents);
  G_OBJECT_CLASS (reprise_manifest_parent_class)->finalize (object);
}

static void
reprise_manifest_class_init (RepriseManifestClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_manifest_finalize;
}

static void
reprise_manifest_init (RepriseManifest *self)
{
}

static JsonObject *
add_object (JsonObject *parent, const char *member)
{
  JsonObject *object = json_object_new ();

  json_object_set_object_member (parent, member, object);
  return object;
}

static void
set_time (JsonObject *object, const char *member, GDateTime *time)
{
  g_autofree char *text = reprise_time_to_string (time);

  json_object_set_string_member (object, member, text);
}

/**
 * reprise_manifest_new:
 * @id: the ULID of the backup
 *
 * Returns: (transfer full): a manifest of now, with no groups, no files and no proof yet
 */
RepriseManifest *
reprise_manifest_new (RepriseService *service, const char *id, RepriseOrigin origin)
{
  RepriseManifest *self = g_object_new (REPRISE_TYPE_MANIFEST, NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  JsonObject *root = self->root = json_object_new ();
  JsonObject *object;

  json_object_set_int_member (root, "format", FORMAT);
  json_object_set_string_member (root, "id", id);
  object = add_object (root, "service");
  reprise_vault_json_set_string (object, "uuid", reprise_service_get_uuid (service));
  reprise_vault_json_set_string (object, "kind", reprise_service_get_kind (service));
  reprise_vault_json_set_string (object, "name", reprise_service_get_name (service));
  json_object_set_null_member (object, "identity");
  reprise_manifest_set_created_at (self, now);
  json_object_set_string_member (root, "origin", reprise_origin_to_string (origin));
  json_object_set_null_member (root, "parent");
  json_object_set_array_member (root, "groups", json_array_new ());
  json_object_set_array_member (root, "skipped", json_array_new ());
  self->files = json_array_new ();
  json_object_set_array_member (root, "files", self->files);
  object = add_object (root, "tool");
  json_object_set_string_member (object, "name", "reprise");
  json_object_set_string_member (object, "version", PACKAGE_VERSION);
  json_object_set_null_member (root, "encryption");
  json_object_set_array_member (root, "copies", json_array_new ());
  json_object_set_int_member (add_object (root, "provider"), "version", 1);
  self->contents = reprise_contents_new ();
  return self;
}

/* (transfer full): as it is written, indented; @size is optional */
char *
reprise_manifest_to_json (RepriseManifest *self, gsize *size)
{
  return reprise_vault_json_print (self->root, size);
}

const char *
reprise_manifest_get_id (RepriseManifest *self)
{
  return reprise_vault_json_get_string (self->root, "id");
}

static JsonObject *
get_service (RepriseManifest *self)
{
  return reprise_vault_json_get_object (self->root, "service");
}

const char *
reprise_manifest_get_service_uuid (RepriseManifest *self)
{
  return reprise_vault_json_get_string (get_service (self), "uuid");
}

/* As it was when the backup was made. */
const char *
reprise_manifest_get_service_name (RepriseManifest *self)
{
  return reprise_vault_json_get_string (get_service (self), "name");
}

const char *
reprise_manifest_get_kind (RepriseManifest *self)
{
  return reprise_vault_json_get_string (get_service (self), "kind");
}

gint64
reprise_manifest_get_format (RepriseManifest *self)
{
  return reprise_vault_json_get_int (self->root, "format");
}

/* Whether a newer version of Reprise wrote it: it can be read, checked and restored, but nothing is added to it. */
gboolean
reprise_manifest_is_read_only (RepriseManifest *self)
{
  return reprise_manifest_get_format (self) > FORMAT;
}

RepriseOrigin
reprise_manifest_get_origin (RepriseManifest *self)
{
  RepriseOrigin origin = REPRISE_ORIGIN_MANUAL;

  reprise_origin_from_string (reprise_vault_json_get_string (self->root, "origin"), &origin);
  return origin;
}

/* Of one that turns out to be taken from elsewhere while it is written. */
void
reprise_manifest_set_origin (RepriseManifest *self, RepriseOrigin origin)
{
  json_object_set_string_member (self->root, "origin", reprise_origin_to_string (origin));
}

/* (nullable): the ULID of the backup that this one goes on from */
const char *
reprise_manifest_get_parent (RepriseManifest *self)
{
  return reprise_vault_json_get_string (self->root, "parent");
}

void
reprise_manifest_set_parent (RepriseManifest *self, const char *parent)
{
  reprise_vault_json_set_string (self->root, "parent", parent);
}

/* (transfer none) */
GDateTime *
reprise_manifest_get_created_at (RepriseManifest *self)
{
  return self->created_at;
}

/* The point in time of the backup; the interval becomes just that. The name of the folder is made of it at the commit. */
void
reprise_manifest_set_created_at (RepriseManifest *self, GDateTime *created_at)
{
  g_autofree char *text = reprise_time_to_string (created_at);

  g_clear_pointer (&self->created_at, g_date_time_unref);
  self->created_at = reprise_time_from_string (text);
  json_object_set_string_member (self->root, "created_at", text);
  reprise_manifest_set_interval (self, created_at, created_at);
}

/* (nullable): the service's own identity (a UUID, a resource id), compared before a restore */
void
reprise_manifest_set_identity (RepriseManifest *self, const char *identity)
{
  reprise_vault_json_set_string (get_service (self), "identity", identity);
}

const char *
reprise_manifest_get_identity (RepriseManifest *self)
{
  return reprise_vault_json_get_string (get_service (self), "identity");
}

/* From when to when the data was read: what was written in between may or may not be in the backup. */
void
reprise_manifest_set_interval (RepriseManifest *self, GDateTime *from, GDateTime *to)
{
  JsonObject *interval = add_object (self->root, "interval");

  set_time (interval, "from", from);
  set_time (interval, "to", to);
}

static GDateTime *
dup_interval (RepriseManifest *self, const char *member)
{
  JsonObject *interval = reprise_vault_json_get_object (self->root, "interval");

  return reprise_time_from_string (reprise_vault_json_get_string (interval, member));
}

/* (transfer full) (nullable) */
GDateTime *
reprise_manifest_dup_interval_from (RepriseManifest *self)
{
  return dup_interval (self, "from");
}

/* (transfer full) (nullable) */
GDateTime *
reprise_manifest_dup_interval_to (RepriseManifest *self)
{
  return dup_interval (self, "to");
}

/* Optional members are there only when they say something. */
static void
set_optional (JsonObject *object, const char *member, const char *text)
{
  if (text != NULL)
    reprise_vault_json_set_string (object, member, text);
  else if (json_object_has_member (object, member))
    json_object_remove_member (object, member);
}

static JsonArray *
print_files (RepriseCollection *collection)
{
  const char *const *files = reprise_collection_get_files (collection);
  JsonArray *array = json_array_new ();

  for (guint i = 0; files != NULL && files[i] != NULL; i++)
    json_array_add_string_element (array, files[i]);
  return array;
}

static JsonObject *
print_collection (RepriseCollection *collection, gboolean skipped)
{
  JsonObject *object = json_object_new ();
  const char *name = reprise_collection_get_name (collection);
  const char *title = reprise_collection_get_title (collection);
  const char *reason = reprise_collection_get_reason (collection);

  reprise_vault_json_set_string (object, "name", name);
  set_optional (object, "title", g_strcmp0 (title, name) == 0 ? NULL : title);
  if (skipped)
    reprise_vault_json_set_string (object, "reason", reason != NULL ? reason : "");
  else
    {
      reprise_vault_json_set_count (object, "rows", reprise_collection_get_rows (collection));
      reprise_vault_json_set_count (object, "size_bytes",
                                    reprise_collection_get_size_bytes (collection));
      json_object_set_array_member (object, "files", print_files (collection));
      set_optional (object, "reason", reason);
      set_optional (object, "own_group", reprise_collection_get_own_group (collection));
    }
  return object;
}

static JsonArray *
print_collections (RepriseDataGroup *data_group, gboolean skipped)
{
  JsonArray *array = json_array_new ();
  guint n = data_group == NULL ? 0 : g_list_model_get_n_items (G_LIST_MODEL (data_group));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseCollection) collection =
        g_list_model_get_item (G_LIST_MODEL (data_group), i);

      json_array_add_object_element (array, print_collection (collection, skipped));
    }
  return array;
}

/* What is in the backup, by group; the skipped group is what is not in it. Not changed by anybody afterwards. */
void
reprise_manifest_set_contents (RepriseManifest *self, RepriseContents *contents)
{
  JsonArray *groups = json_array_new ();

  for (guint g = 0; g < REPRISE_GROUP_SKIPPED; g++)
    {
      RepriseDataGroup *data_group = reprise_contents_get_group (contents, (RepriseGroup) g);
      JsonObject *object;

      if (data_group == NULL)
        continue;
      object = json_object_new ();
      json_object_set_string_member (object, "id", reprise_group_to_string ((RepriseGroup) g));
      json_object_set_array_member (object, "collections", print_collections (data_group, FALSE));
      json_array_add_object_element (groups, object);
    }
  json_object_set_array_member (self->root, "groups", groups);
  json_object_set_array_member (
    self->root, "skipped",
    print_collections (reprise_contents_get_group (contents, REPRISE_GROUP_SKIPPED), TRUE));
  g_set_object (&self->contents, contents);
}

/* (transfer none) */
RepriseContents *
reprise_manifest_get_contents (RepriseManifest *self)
{
  return self->contents;
}

/**
 * reprise_manifest_set_proof:
 * @method: how it is known that the backup is the whole thing: “content-length”, “zip-end-record”, “backup-api”…
 * @evidence: what was seen, in English: “184549376 bytes, as Content-Length said”
 *
 * Without a proof there is no commit.
 */
void
reprise_manifest_set_proof (RepriseManifest *self, const char *method, const char *evidence)
{
  JsonObject *proof = add_object (self->root, "proof");

  reprise_vault_json_set_string (proof, "method", method);
  reprise_vault_json_set_string (proof, "evidence", evidence != NULL ? evidence : "");
}

/* (nullable): %NULL while there is no proof */
const char *
reprise_manifest_get_proof_method (RepriseManifest *self)
{
  return reprise_vault_json_get_string (reprise_vault_json_get_object (self->root, "proof"),
                                        "method");
}

void
reprise_manifest_set_note (RepriseManifest *self, const char *note)
{
  set_optional (self->root, "note", note);
}

const char *
reprise_manifest_get_note (RepriseManifest *self)
{
  return reprise_vault_json_get_string (self->root, "note");
}

void
reprise_manifest_set_own_name (RepriseManifest *self, const char *own_name)
{
  set_optional (self->root, "own_name", own_name);
}

const char *
reprise_manifest_get_own_name (RepriseManifest *self)
{
  return reprise_vault_json_get_string (self->root, "own_name");
}

void
reprise_manifest_set_service_version (RepriseManifest *self, const char *version)
{
  set_optional (get_service (self), "version", version);
}

const char *
reprise_manifest_get_service_version (RepriseManifest *self)
{
  return reprise_vault_json_get_string (get_service (self), "version");
}

/* The member `encryption` is another thing: it is reserved for our own encryption of the payload. */
void
reprise_manifest_set_encrypted (RepriseManifest *self, gboolean encrypted)
{
  json_object_set_boolean_member (self->root, "needs_password", encrypted);
}

gboolean
reprise_manifest_get_encrypted (RepriseManifest *self)
{
  return reprise_vault_json_get_boolean (self->root, "needs_password");
}

/* (nullable): the version of Reprise that wrote it */
const char *
reprise_manifest_get_tool_version (RepriseManifest *self)
{
  return reprise_vault_json_get_string (reprise_vault_json_get_object (self->root, "tool"),
                                        "version");
}

/* (transfer none) */
JsonObject *
reprise_manifest_get_provider (RepriseManifest *self)
{
  JsonObject *provider = reprise_vault_json_get_object (self->root, "provider");

  return provider != NULL ? provider : add_object (self->root, "provider");
}

/* Whether that backup was rolled up into this one, which others may then name as their parent still. @id: (nullable) */
gboolean
reprise_manifest_supersedes (RepriseManifest *self, const char *id)
{
  JsonArray *ids =
    reprise_json_get_array (reprise_manifest_get_provider (self), REPRISE_MANIFEST_SUPERSEDES);

  for (guint i = 0; id != NULL && i < reprise_json_array_get_length (ids); i++)
    if (g_strcmp0 (reprise_json_array_get_string (ids, i, NULL), id) == 0)
      return TRUE;
  return FALSE;
}

void
reprise_manifest_add_file (RepriseManifest *self,
                           const char *path,
                           gint64 size_bytes,
                           const char *sha256)
{
  JsonObject *object = json_object_new ();

  g_return_if_fail (reprise_manifest_path_is_safe (path) && size_bytes >= 0 &&
                    reprise_manifest_is_sha256 (sha256));

  json_object_set_string_member (object, "path", path);
  json_object_set_int_member (object, "size_bytes", size_bytes);
  json_object_set_string_member (object, "sha256", sha256);
  json_array_add_object_element (self->files, object);
}

/* Whether it was there. */
gboolean
reprise_manifest_remove_file (RepriseManifest *self, const char *path)
{
  for (guint i = 0; i < reprise_manifest_get_n_files (self); i++)
    if (g_str_equal (reprise_manifest_get_file (self, i, NULL, NULL), path))
      {
        json_array_remove_element (self->files, i);
        return TRUE;
      }
  return FALSE;
}

guint
reprise_manifest_get_n_files (RepriseManifest *self)
{
  return json_array_get_length (self->files);
}

/**
 * reprise_manifest_get_file:
 * @size_bytes: (out) (optional):
 * @sha256: (out) (optional) (transfer none):
 *
 * Returns: (transfer none): the path of a payload file within the backup
 */
const char *
reprise_manifest_get_file (RepriseManifest *self,
                           guint index,
                           gint64 *size_bytes,
                           const char **sha256)
{
  JsonObject *object = reprise_vault_json_get_element (self->files, index);

  if (size_bytes != NULL)
    *size_bytes = reprise_vault_json_get_int (object, "size_bytes");
  if (sha256 != NULL)
    *sha256 = reprise_vault_json_get_string (object, "sha256");
  return reprise_vault_json_get_string (object, "path");
}

/* Of all payload files. */
gint64
reprise_manifest_get_size_bytes (RepriseManifest *self)
{
  gint64 total = 0;

  for (guint i = 0; i < reprise_manifest_get_n_files (self); i++)
    {
      gint64 size_bytes;

      reprise_manifest_get_file (self, i, &size_bytes, NULL);
      total += size_bytes;
    }
  return total;
}

/**
 * reprise_manifest_print_sums:
 * @own_sha256: of manifest.json itself
 *
 * Returns: (transfer full): SHA256SUMS of the backup, as sha256sum (1) reads it
 */
char *
reprise_manifest_print_sums (RepriseManifest *self, const char *own_sha256)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < reprise_manifest_get_n_files (self); i++)
    {
      const char *sha256;
      const char *path = reprise_manifest_get_file (self, i, NULL, &sha256);

      g_string_append_printf (text, "%s  %s\n", sha256, path);
    }
  g_string_append_printf (text, "%s  manifest.json\n", own_sha256);
  return g_string_free (text, FALSE);
}

/* The provider's part of the manifest says it, under the same name for every kind. */
static RepriseTier
get_tier (RepriseManifest *self)
{
  RepriseTier tier = REPRISE_TIER_NONE;

  reprise_tier_from_string (
    reprise_vault_json_get_string (reprise_manifest_get_provider (self), REPRISE_MANIFEST_TIER),
    &tier);
  return tier;
}

/* (transfer full) (nullable): as a backup has them; what is no period is none */
static char *
dup_periods (RepriseManifest *self)
{
  JsonObject *periods =
    reprise_vault_json_get_object (reprise_manifest_get_provider (self), REPRISE_MANIFEST_PERIODS);
  g_autoptr (GString) text = g_string_new (NULL);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (periods == NULL)
    return NULL;
  json_object_iter_init (&iter, periods);
  while (json_object_iter_next (&iter, &name, &node))
    {
      JsonObject *period = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *from = period != NULL ? reprise_vault_json_get_string (period, "from") : NULL;
      const char *to = period != NULL ? reprise_vault_json_get_string (period, "to") : NULL;
      g_autoptr (GDateTime) first = from != NULL ? reprise_time_from_string (from) : NULL;
      g_autoptr (GDateTime) end = to != NULL ? reprise_time_from_string (to) : NULL;

      g_autofree char *first_text = first != NULL ? reprise_time_to_string (first) : NULL;
      g_autofree char *end_text = end != NULL ? reprise_time_to_string (end) : NULL;

      if (first != NULL && end != NULL && strpbrk (name, " \n") == NULL)
        g_string_append_printf (text, "%s%s %s %s", text->len > 0 ? "\n" : "", name, first_text,
                                end_text);
    }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/**
 * reprise_manifest_to_backup:
 *
 * Returns: (transfer full): the backup in the vault that the manifest tells of, complete, without what events say and
 *   without its folder
 */
RepriseBackup *
reprise_manifest_to_backup (RepriseManifest *self)
{
  RepriseBackup *backup =
    reprise_backup_new (reprise_manifest_get_id (self), reprise_manifest_get_service_uuid (self),
                        reprise_manifest_get_kind (self));

  backup->own_name = g_strdup (reprise_manifest_get_own_name (self));
  backup->created_at = g_date_time_ref (self->created_at);
  backup->size_bytes = reprise_manifest_get_size_bytes (self);
  backup->in_vault = TRUE;
  backup->origin = (int) reprise_manifest_get_origin (self);
  backup->note = g_strdup (reprise_manifest_get_note (self));
  backup->tier = get_tier (self);
  backup->contents = g_object_ref (self->contents);
  backup->groups = reprise_contents_get_groups (self->contents);
  backup->parent = g_strdup (reprise_manifest_get_parent (self));
  backup->encrypted = reprise_manifest_get_encrypted (self);
  backup->tool_version = g_strdup (reprise_manifest_get_tool_version (self));
  backup->service_version = g_strdup (reprise_manifest_get_service_version (self));
  backup->edition = g_strdup (
    reprise_vault_json_get_string (reprise_manifest_get_provider (self), REPRISE_MANIFEST_EDITION));
  backup->periods = dup_periods (self);
  return backup;
}
