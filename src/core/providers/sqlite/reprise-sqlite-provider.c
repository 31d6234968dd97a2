/* reprise-sqlite-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <sqlite3.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/sqlite/reprise-sqlite-export.h"
#include "providers/sqlite/reprise-sqlite-kind.h"
#include "providers/sqlite/reprise-sqlite-provider.h"
#include "providers/sqlite/reprise-sqlite-source.h"

#define ARCHIVE_NAME "application.zip"

struct _RepriseSqliteProvider
{
  GObject parent_instance;

  RepriseService *service; /* (owned) */
};

static void provider_init (RepriseProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseSqliteProvider,
                               reprise_sqlite_provider,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (REPRISE_TYPE_PROVIDER, provider_init))

static void
reprise_sqlite_provider_finalize (GObject *object)
{
  g_clear_object (&REPRISE_SQLITE_PROVIDER (object)->service);
  G_OBJECT_CLASS (reprise_sqlite_provider_parent_class)->finalize (object);
}

static void
reprise_sqlite_provider_class_init (RepriseSqliteProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_sqlite_provider_finalize;
}

static void
reprise_sqlite_provider_init (RepriseSqliteProvider *self)
{
}

RepriseProvider *
reprise_sqlite_provider_new (RepriseService *service)
{
  RepriseSqliteProvider *self = g_object_new (REPRISE_TYPE_SQLITE_PROVIDER, NULL);

  self->service = g_object_ref (service);
  return REPRISE_PROVIDER (self);
}

static const char *
get_path (RepriseSqliteProvider *self)
{
  return reprise_service_get_setting (self->service, REPRISE_SQLITE_SETTING_PATH);
}

static RepriseSqliteSource *
open_source (RepriseSqliteProvider *self, GCancellable *cancellable, GError **error)
{
  const char *path = get_path (self);
  const char *files = reprise_service_get_setting (self->service, REPRISE_SQLITE_SETTING_FILES);

  if (path == NULL || *path == '\0')
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                   _ ("“%s” does not say where its databases are"),
                   reprise_service_get_name (self->service));
      return NULL;
    }
  return reprise_sqlite_source_open (path, g_strcmp0 (files, "false") != 0, cancellable, error);
}

static RepriseSqliteRules *
make_rules (RepriseSqliteProvider *self, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) rules = NULL;
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, reprise_service_get_rules (self->service));
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autofree char *rule = g_strdup_printf ("%s=%s", (char *) key, (char *) value);

      g_strv_builder_add (builder, rule);
    }
  rules = g_strv_builder_end (builder);
  return reprise_sqlite_rules_new ((const char *const *) rules, error);
}

static RepriseProbe *
probe (RepriseProvider *provider,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  RepriseSqliteProvider *self = REPRISE_SQLITE_PROVIDER (provider);
  g_autoptr (RepriseSqliteSource) source = open_source (self, cancellable, error);
  g_autoptr (RepriseProbe) result = NULL;
  g_autofree char *size = NULL;
  g_auto (GStrv) warnings = NULL;

  if (source == NULL || !reprise_sqlite_source_check (source, cancellable, error))
    return NULL;
  result = reprise_probe_new ();
  result->version = g_strdup_printf ("SQLite %s", sqlite3_libversion ());
  size = g_format_size ((guint64) MAX (reprise_sqlite_source_get_size_bytes (source), 0));
  reprise_probe_add_fact (result, _ ("Place"), reprise_sqlite_source_get_path (source));
  reprise_probe_add_fact (result, _ ("Size"), size);
  for (guint i = 0; i < reprise_sqlite_source_get_n_databases (source); i++)
    reprise_probe_add_fact (result, _ ("Database"),
                            reprise_sqlite_source_get_database (source, i)->name);
  warnings = reprise_sqlite_source_dup_warnings (source);
  for (guint i = 0; warnings[i] != NULL; i++)
    reprise_probe_add_warning (result, warnings[i]);
  return g_steal_pointer (&result);
}

static RepriseContents *
list_groups (RepriseProvider *provider,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseSqliteProvider *self = REPRISE_SQLITE_PROVIDER (provider);
  g_autoptr (RepriseSqliteSource) source = open_source (self, cancellable, error);
  g_autoptr (RepriseSqliteRules) rules = source != NULL ? make_rules (self, error) : NULL;

  if (rules == NULL)
    return NULL;
  return reprise_sqlite_source_list (source, rules, progress, cancellable, error);
}

/* Writes the archive of the groups as the only file of the backup. */
static gboolean
export_groups (RepriseSqliteProvider *self,
               RepriseGroups groups,
               RepriseVaultWriter *writer,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);
  g_autoptr (GDateTime) from = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) to = NULL;
  g_autoptr (RepriseSqliteSource) source = open_source (self, cancellable, error);
  g_autoptr (RepriseSqliteRules) rules = source != NULL ? make_rules (self, error) : NULL;
  g_autofree char *scratch =
    rules != NULL ? reprise_vault_writer_make_scratch (writer, error) : NULL;
  g_autoptr (GOutputStream) out = NULL;
  g_autoptr (RepriseSqliteExport) written = NULL;

  if (scratch == NULL)
    return FALSE;
  out = reprise_vault_writer_open (writer, ARCHIVE_NAME, error);
  if (out == NULL)
    return FALSE;
  written =
    reprise_sqlite_export (source, rules, groups, scratch, out, progress, cancellable, error);
  if (written == NULL || !g_output_stream_close (out, cancellable, error))
    return FALSE;
  for (guint i = 0; written->warnings[i] != NULL; i++)
    reprise_progress_warn (progress, "%s", written->warnings[i]);
  to = g_date_time_new_now_utc ();
  reprise_manifest_set_interval (manifest, from, to);
  reprise_manifest_set_identity (manifest, reprise_sqlite_source_get_path (source));
  reprise_manifest_set_contents (manifest, written->contents);
  reprise_manifest_set_proof (manifest, "format-end", written->proof);
  return TRUE;
}

static gboolean
back_up (RepriseProvider *provider,
         RepriseGroups groups,
         RepriseVaultWriter *writer,
         RepriseBackup **made,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  g_return_val_if_fail (writer != NULL, FALSE);

  return export_groups (REPRISE_SQLITE_PROVIDER (provider), groups, writer, progress, cancellable,
                        error);
}

static void
provider_init (RepriseProviderInterface *iface)
{
  iface->probe = probe;
  iface->list_groups = list_groups;
  iface->back_up = back_up;
}
