/* reprise-site-compare.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "base/reprise-strv.h"
#include "providers/azure/site/reprise-site-archive.h"
#include "providers/azure/site/reprise-site-compare.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/azure/site/reprise-site-plan-private.h"
#include "providers/azure/site/reprise-site-provider-private.h"
#include "providers/azure/site/reprise-site-upload.h"

#define MAX_NAMES 10 /* that are told of what differs */

/*
 * What Azure lets one compare of an application that was restored, since it tells nothing of files:
 *
 *   how it is set up       with the application that is backed up, as that is now
 *   which databases        those that Azure finds in the archive, with those that the backup is said to have
 *   archive, description   in the container, with those in the vault; else whether they are there
 *
 * That an application is set up in another way may also mean that it was changed since: that is a warning. The rest are faults.
 */
typedef struct
{
  RepriseSiteProvider *provider;
  ReprisePlan *plan;
  RepriseSite *target;
  RepriseProgress *progress;
  GCancellable *cancellable;
  gint64 n_settings, n_databases, n_blobs; /* that were compared */
  gint64 n_faults;
  GPtrArray *changed; /* (owned) (element-type utf8): settings */
} Comparison;

static void
comparison_clear (Comparison *self)
{
  g_ptr_array_unref (self->changed);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Comparison, comparison_clear)

/* What may not be looked at, or is not there, is not compared, and counts for nothing. */
static void
pass_over (Comparison *self, const char *what, const GError *error)
{
  reprise_progress_log (self->progress, "%s not compared: %s", what, error->message);
}

/* --- how it is set up --- */

static gint64
compare_tables (GHashTable *own, GHashTable *restored, GPtrArray *differing)
{
  gint64 n = g_hash_table_size (own);
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, own);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (g_strcmp0 (g_hash_table_lookup (restored, name), value) != 0)
      g_ptr_array_add (differing, g_strdup (name));
  g_hash_table_iter_init (&iter, restored);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_hash_table_contains (own, name))
      {
        g_ptr_array_add (differing, g_strdup (name));
        n++;
      }
  return n;
}

static void
compare_part (Comparison *self, RepriseSite *own, RepriseSitePart part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) restored =
    reprise_site_read_part (self->target, part, self->cancellable, &error);
  g_autoptr (GHashTable) now =
    restored != NULL ? reprise_site_read_part (own, part, self->cancellable, &error) : NULL;

  if (now != NULL)
    self->n_settings += compare_tables (now, restored, self->changed);
  else
    pass_over (self, "settings", error);
}

static void
compare_settings (Comparison *self)
{
  RepriseSite *own = reprise_site_provider_get_site (self->provider, NULL);

  for (guint i = 0; own != NULL && i < REPRISE_N_SITE_PARTS; i++)
    compare_part (self, own, (RepriseSitePart) i);
}

static void
warn_of_changes (Comparison *self)
{
  g_autofree char *names = NULL;

  g_ptr_array_sort (self->changed, reprise_strv_compare);
  names = reprise_strv_join_some (self->changed, MAX_NAMES);
  if (self->changed->len > 0)
    /* Translators: names of settings, with commas between them */
    reprise_progress_warn (self->progress,
                           "These settings are not as those of the application are now, which "
                           "may have been changed since the backup: %s",
                           names);
}

/* --- what is in the container --- */

/* (transfer full) (nullable): of the archive */
static char *
dup_blob_name (Comparison *self, GError **error)
{
  RepriseArchive *archive = reprise_plan_get_archive (self->plan);
  g_autofree char *application = reprise_arm_id_get (reprise_site_get_id (self->target), "sites");
  g_autoptr (RepriseSiteBackup) backup = NULL;
  const char *rest = NULL;

  switch (reprise_site_plan_get_source (self->plan, NULL, &rest))
    {
    case REPRISE_SITE_SOURCE_LISTED:
      backup = reprise_site_listing_look_up (self->provider, reprise_archive_get_backup (archive),
                                             self->cancellable, error);
      return backup != NULL ? g_strdup (backup->blob_name) : NULL;
    case REPRISE_SITE_SOURCE_BLOB:
      return g_strdup (rest);
    case REPRISE_SITE_SOURCE_UNKNOWN:
      return reprise_site_upload_make_name (application, archive);
    case REPRISE_SITE_SOURCE_SNAPSHOT:
    case REPRISE_SITE_SOURCE_PAIRED:
    case REPRISE_SITE_SOURCE_GONE:
    default:
      return NULL;
    }
}

/* (transfer full) (nullable): the file of which the blob is a copy */
static char *
dup_path (Comparison *self, const char *extension)
{
  g_autofree char *path =
    reprise_site_plan_get_source (self->plan, NULL, NULL) == REPRISE_SITE_SOURCE_UNKNOWN
      ? reprise_site_kind_dup_file (reprise_plan_get_archive (self->plan))
      : NULL;

  return path != NULL ? reprise_site_archive_dup_beside (path, extension) : NULL;
}

static gboolean
is_as_long (const char *path, const RepriseBlobItem *item)
{
  GStatBuf info;

  return path == NULL ? item->size_bytes > 0
                      : g_stat (path, &info) == 0 && item->size_bytes == (gint64) info.st_size;
}

static void
compare_blob (Comparison *self, RepriseBlob *blob, const char *archive, const char *extension)
{
  g_autofree char *name = reprise_site_archive_dup_beside (archive, extension);
  g_autofree char *path = dup_path (self, extension);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBlobItem) item =
    name != NULL ? reprise_blob_look (blob, name, self->cancellable, &error) : NULL;

  if (item == NULL && error != NULL &&
      !g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      pass_over (self, name, error);
      return;
    }
  self->n_blobs++;
  if (item != NULL && is_as_long (path, item))
    return;
  self->n_faults++;
  /* Translators: the name of a blob */
  reprise_progress_warn (self->progress, "“%s” does not lie in the container as it was backed up.",
                         name);
}

/* --- databases --- */

/* (transfer full) (nullable): those that the backup is said to have; %NULL where nobody says */
static GHashTable *
list_saved (Comparison *self)
{
  RepriseArchive *archive = reprise_plan_get_archive (self->plan);
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  gboolean listed =
    reprise_site_plan_get_source (self->plan, NULL, NULL) == REPRISE_SITE_SOURCE_LISTED;
  RepriseContents *contents = listed             ? reprise_archive_get_contents (archive)
                              : manifest != NULL ? reprise_manifest_get_contents (manifest)
                                                 : NULL;
  RepriseDataGroup *group;
  GHashTable *saved;

  if (contents == NULL)
    return NULL;
  saved = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  group = reprise_contents_get_group (contents, REPRISE_GROUP_CUSTOM);
  for (guint i = 0; group != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (group)); i++)
    {
      g_autoptr (RepriseCollection) each = g_list_model_get_item (G_LIST_MODEL (group), i);

      g_hash_table_insert (saved, g_strdup (reprise_collection_get_name (each)), g_strdup (""));
    }
  return saved;
}

/* (transfer full) (nullable): those that Azure finds in the archive */
static GHashTable *
find_databases (Comparison *self, const RepriseSas *sas, const char *archive, GError **error)
{
  g_autoptr (RepriseSecretValue) storage = reprise_sas_dup_address (sas);
  RepriseSiteRestore how = { .storage = storage, .blob_name = archive, .overwrite = TRUE };
  g_autoptr (GPtrArray) databases =
    reprise_site_discover (self->target, &how, self->cancellable, error);
  GHashTable *found;

  if (databases == NULL)
    return NULL;
  found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < databases->len; i++)
    {
      const RepriseSiteDatabase *each = databases->pdata[i];

      g_hash_table_insert (found, g_strdup (each->name != NULL ? each->name : each->type),
                           g_strdup (""));
    }
  return found;
}

static void
compare_databases (Comparison *self, const RepriseSas *sas, const char *archive)
{
  g_autoptr (GHashTable) saved = list_saved (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) found = saved != NULL ? find_databases (self, sas, archive, &error) : NULL;
  g_autoptr (GPtrArray) differing = g_ptr_array_new_with_free_func (g_free);

  if (error != NULL)
    pass_over (self, "databases", error);
  if (found == NULL)
    return;
  self->n_databases = compare_tables (saved, found, differing);
  self->n_faults += differing->len;
  for (guint i = 0; i < differing->len; i++)
    /* Translators: the name of a database */
    reprise_progress_warn (self->progress,
                           "The database “%s” is not both in the backup’s list and in its "
                           "archive.",
                           (const char *) differing->pdata[i]);
}

static void
compare_archive (Comparison *self)
{
  g_autoptr (GError) error = NULL;
  RepriseAzureSession *session = reprise_site_provider_get_session (self->provider, &error);
  g_autofree char *name = session != NULL ? dup_blob_name (self, &error) : NULL;
  g_autoptr (RepriseSas) sas =
    name != NULL ? reprise_azure_session_open_storage (session, self->cancellable, &error) : NULL;
  g_autoptr (RepriseBlob) blob = sas != NULL ? reprise_blob_new_for_sas (sas, &error) : NULL;

  if (error != NULL)
    pass_over (self, "the archive", error);
  if (blob == NULL)
    return;
  compare_blob (self, blob, name, REPRISE_SITE_ARCHIVE_EXTENSION);
  compare_blob (self, blob, name, REPRISE_SITE_DESCRIPTION_EXTENSION);
  compare_databases (self, sas, name);
}

/* --- all of it --- */

static RepriseOutcome *
describe (Comparison *self, const char *state)
{
  g_autofree char *name = reprise_site_dup_name (self->target);
  g_autofree char *settings = reprise_say_n ("%" PRId64 " setting", "%" PRId64 " settings",
                                             (guint64) self->n_settings, self->n_settings);
  g_autofree char *databases = reprise_say_n ("%" PRId64 " database", "%" PRId64 " databases",
                                              (guint64) self->n_databases, self->n_databases);
  g_autofree char *blobs =
    reprise_say_n ("%" PRId64 " blob", "%" PRId64 " blobs", (guint64) self->n_blobs, self->n_blobs);
  gint64 n = self->n_faults + (gint64) self->changed->len;
  RepriseOutcome *outcome = reprise_outcome_say_n (
    /* Translators: an application, its state in Azure’s words (“Running”), “34 settings”, “1 database”, “2 blobs” */
    "“%s” was restored, in the state “%s”: %s, %s and %s compared, %" PRId64
    " difference; Azure does not report its files",
    "“%s” was restored, in the state “%s”: %s, %s and %s compared, %" PRId64
    " differences; Azure does not report its files",
    (guint64) n, name, state, settings, databases, blobs, n);

  outcome->written = self->n_settings + self->n_databases + self->n_blobs;
  outcome->failed = self->n_faults;
  return outcome;
}

/**
 * reprise_site_compare:
 * @plan: by which @target was restored
 * @state: (nullable): of @target, in Azure's words
 *
 * Compares what Azure tells of an application that was restored with the backup, and with the application that is backed up.
 *
 * Returns: (transfer full): how much was compared, and what differs; or %NULL with %G_IO_ERROR_CANCELLED
 */
RepriseOutcome *
reprise_site_compare (RepriseSiteProvider *provider,
                      ReprisePlan *plan,
                      RepriseSite *target,
                      const char *state,
                      RepriseProgress *progress,
                      GCancellable *cancellable,
                      GError **error)
{
  g_auto (Comparison) self = { .provider = provider,
                               .plan = plan,
                               .target = target,
                               .progress = progress,
                               .cancellable = cancellable,
                               .changed = g_ptr_array_new_with_free_func (g_free) };

  compare_settings (&self);
  compare_archive (&self);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  warn_of_changes (&self);
  return describe (&self, state != NULL ? state : _ ("not reported"));
}
