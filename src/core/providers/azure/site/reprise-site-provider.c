/* reprise-site-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "provider/reprise-left-backup.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/reprise-site-backup.h"
#include "providers/azure/site/reprise-site-leftovers.h"
#include "providers/azure/site/reprise-site-make.h"
#include "providers/azure/site/reprise-site-plan-private.h"
#include "providers/azure/site/reprise-site-provider-private.h"
#include "providers/azure/site/reprise-site-rehearse.h"
#include "providers/azure/site/reprise-site-schedule.h"
#include "providers/azure/site/reprise-site-source.h"
#include "providers/azure/site/reprise-site-upload.h"

struct _RepriseSiteProvider
{
  RepriseAzureProvider parent_instance;

  RepriseAzureSession *session; /* (nullable): the parent's, once it was needed */
  RepriseSite *site;            /* (owned) (nullable): made when it is first needed */
};

static void provider_init (RepriseProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseSiteProvider,
                               reprise_site_provider,
                               REPRISE_TYPE_AZURE_PROVIDER,
                               G_IMPLEMENT_INTERFACE (REPRISE_TYPE_PROVIDER, provider_init))

static void
reprise_site_provider_finalize (GObject *object)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (object);

  g_clear_object (&self->site);
  G_OBJECT_CLASS (reprise_site_provider_parent_class)->finalize (object);
}

static void
reprise_site_provider_class_init (RepriseSiteProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_site_provider_finalize;
}

static void
reprise_site_provider_init (RepriseSiteProvider *self)
{
}

static const char *
get (RepriseSiteProvider *self, const char *key)
{
  return reprise_provider_base_get_setting (REPRISE_PROVIDER_BASE (self), key);
}

const char *
reprise_site_provider_get_setting (RepriseSiteProvider *self, const char *key)
{
  return get (self, key);
}

/* (transfer none) */
RepriseAzureSession *
reprise_site_provider_get_session (RepriseSiteProvider *self, GError **error)
{
  if (self->session == NULL)
    self->session = reprise_azure_provider_get_session (REPRISE_AZURE_PROVIDER (self), error);
  return self->session;
}

/* (transfer full): into which Azure puts the backups */
RepriseBlob *
reprise_site_provider_open_container (RepriseSiteProvider *self,
                                      GCancellable *cancellable,
                                      GError **error)
{
  RepriseAzureSession *session = reprise_site_provider_get_session (self, error);

  return session != NULL ? reprise_azure_session_open_container (session, cancellable, error)
                         : NULL;
}

static gboolean
check_settings (RepriseSiteProvider *self, GError **error)
{
  static const char *const NEEDED[] = { REPRISE_AZURE_SETTING_SUBSCRIPTION,
                                        REPRISE_AZURE_SETTING_GROUP,
                                        REPRISE_AZURE_SETTING_APPLICATION };

  for (guint i = 0; i < G_N_ELEMENTS (NEEDED); i++)
    if (*get (self, NEEDED[i]) == '\0')
      {
        reprise_error_set_literal (
          error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
          _ ("Name the subscription, the resource group and the application."));
        return FALSE;
      }
  return TRUE;
}

/* (transfer none) */
RepriseSite *
reprise_site_provider_get_site (RepriseSiteProvider *self, GError **error)
{
  RepriseAzureSession *session =
    check_settings (self, error) ? reprise_site_provider_get_session (self, error) : NULL;

  if (session != NULL && self->site == NULL)
    self->site = reprise_site_new (
      reprise_azure_session_get_arm (session), get (self, REPRISE_AZURE_SETTING_SUBSCRIPTION),
      get (self, REPRISE_AZURE_SETTING_GROUP), get (self, REPRISE_AZURE_SETTING_APPLICATION),
      get (self, REPRISE_AZURE_SETTING_SLOT));
  return self->site;
}

/* (transfer full) (nullable): of the line “NAME=…” */
static RepriseSecretValue *
find_connection (RepriseSecretValue *connections, const char *name)
{
  gsize length = strlen (name);
  const char *line = connections != NULL ? reprise_secret_value_get_text (connections) : NULL;

  for (; line != NULL && *line != '\0'; line = strchr (line, '\n'), line += line != NULL ? 1 : 0)
    if (strncmp (line, name, length) == 0 && line[length] == '=')
      return reprise_secret_value_new (line + length + 1, strcspn (line + length + 1, "\r\n"));
  return NULL;
}

static void
refuse_database (const char *text, GError **error)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("The linked database “%s” needs a type, a name and a connection: "
                        "SqlAzure:orders:OrdersConnection."),
                     text);
}

/* Before it is known what is in the keyring */
gboolean
reprise_site_provider_check_databases (const char *value, GError **error)
{
  g_auto (GStrv) names = g_strsplit_set (value, " \t\n", -1);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (names[i], ":", 3);

      if (parts[0] == NULL || (*parts[0] != '\0' && parts[1] != NULL && *parts[1] != '\0'))
        continue;
      refuse_database (names[i], error);
      return FALSE;
    }
  return TRUE;
}

/* “SqlAzure:orders:OrdersConnection”; the connection may be missing where there is a string for it in the keyring */
static RepriseSiteDatabase *
read_database (const char *text, RepriseSecretValue *connections, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 3);
  guint n = g_strv_length (parts);
  g_autoptr (RepriseSecretValue) connection =
    n >= 2 ? find_connection (connections, parts[1]) : NULL;

  if (n >= 2 && *parts[0] != '\0' && *parts[1] != '\0' && (n == 3 || connection != NULL))
    return reprise_site_database_new (parts[0], parts[1], n == 3 ? parts[2] : NULL, connection);
  refuse_database (text, error);
  return NULL;
}

/* (transfer full) (element-type RepriseSiteDatabase): those that are backed up along */
GPtrArray *
reprise_site_provider_read_databases (RepriseSiteProvider *self,
                                      GCancellable *cancellable,
                                      GError **error)
{
  RepriseSecrets *secrets = reprise_provider_base_get_secrets (REPRISE_PROVIDER_BASE (self));
  g_auto (GStrv) names = g_strsplit_set (get (self, REPRISE_AZURE_SETTING_DATABASES), " \t\n", -1);
  g_autoptr (GPtrArray) databases =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_site_database_free);
  g_autoptr (RepriseSecretValue) connections = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    {
      RepriseSiteDatabase *database;

      if (*names[i] == '\0')
        continue;
      if (connections == NULL)
        connections =
          reprise_secrets_lookup (secrets, REPRISE_AZURE_SECRET_CONNECTIONS, cancellable, NULL);
      database = read_database (names[i], connections, error);
      if (database == NULL)
        return NULL;
      g_ptr_array_add (databases, database);
    }
  return g_steal_pointer (&databases);
}

/* --- the interface --- */

/* Where the application was deleted, and Azure still has it, more can be said than that it is not there. */
static void
explain_missing (RepriseSiteProvider *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) gone = reprise_site_listing_list_gone (self, cancellable, NULL);
  const RepriseArmItem *item = gone != NULL && gone->len > 0 ? gone->pdata[0] : NULL;
  g_autoptr (GDateTime) at = item != NULL ? reprise_site_read_time (item->state) : NULL;
  g_autofree char *date = at != NULL ? reprise_time_to_text (at) : NULL;

  if (date == NULL)
    return;
  g_clear_error (error);
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
    /* Translators: the name of an application, and a date */
    _ ("The application “%s” was deleted on %s. Its backups are still listed: restore "
       "one of them, and it is made anew."),
    item->name, date);
}

/* (transfer full): what Azure says of the application */
static JsonObject *
look (RepriseSiteProvider *self, GCancellable *cancellable, GError **error)
{
  RepriseSite *site = reprise_site_provider_get_site (self, error);
  g_autoptr (GError) local = NULL;
  JsonObject *root = site != NULL ? reprise_site_look (site, cancellable, &local) : NULL;

  if (local == NULL)
    return root;
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    explain_missing (self, cancellable, &local);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static void
add_reported (RepriseProbe *result, const char *label, JsonObject *root, const char *path)
{
  reprise_probe_add_fact (result, label, reprise_json_get_string (root, path, _ ("not reported")));
}

/* What Azure would only say when a backup has failed. */
static void
warn_of_application (RepriseProbe *result, JsonObject *root)
{
  const char *tier = reprise_json_get_string (root, "properties.sku", "");

  if (g_ascii_strcasecmp (tier, "Free") == 0 || g_ascii_strcasecmp (tier, "Shared") == 0)
    reprise_probe_add_warning (result, _ ("Azure makes backups only in the tier Basic and those "
                                          "above it."));
  if (g_strcmp0 (reprise_json_get_string (root, "properties.usageState", NULL), "Exceeded") == 0)
    reprise_probe_add_warning (result,
                               _ ("The application has used up its quota: it may be stopped."));
}

static void
probe_storage (RepriseSiteProvider *self, RepriseProbe *result, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSas) sas =
    reprise_azure_session_open_storage (self->session, cancellable, &error);
  g_autoptr (RepriseBlob) blob = NULL;
  g_autofree char *storage = NULL;

  if (sas != NULL)
    {
      storage = reprise_sas_describe (sas);
      reprise_probe_add_fact (result, _ ("Storage"), storage);
      if (reprise_sas_check (sas, REPRISE_SAS_FOR_BACKUPS, now, NULL, warnings, &error) &&
          reprise_sas_may (sas, "l"))
        blob = reprise_blob_new_for_sas (sas, &error);
      if (blob != NULL)
        reprise_blob_check_container (blob, cancellable, &error);
    }
  if (error != NULL)
    reprise_probe_add_warning (result, error->message);
  for (guint i = 0; i < warnings->len; i++)
    reprise_probe_add_warning (result, warnings->pdata[i]);
}

static RepriseProbe *
probe (RepriseProvider *provider,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  g_autoptr (RepriseProbe) result = reprise_probe_new ();
  gint64 started_us = g_get_monotonic_time ();
  g_autoptr (JsonObject) root = look (self, cancellable, error);
  g_autofree char *account = NULL;

  if (root == NULL)
    return NULL;
  result->latency_ms = (g_get_monotonic_time () - started_us) / 1000;
  result->identity = g_strdup (reprise_site_get_id (self->site));
  account = reprise_entra_dup_account (reprise_azure_session_get_account (self->session));
  if (account != NULL)
    reprise_probe_add_fact (result, _ ("Signed In As"), account);
  add_reported (result, _ ("State"), root, "properties.state");
  add_reported (result, _ ("Region"), root, "location");
  add_reported (result, _ ("Address"), root, "properties.defaultHostName");
  warn_of_application (result, root);
  probe_storage (self, result, cancellable);
  return g_steal_pointer (&result);
}

static void
add (RepriseContents *contents, RepriseGroup group, const char *name, const char *title)
{
  g_autoptr (RepriseCollection) collection =
    reprise_collection_new (name, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);

  if (title != NULL)
    reprise_collection_set_title (collection, title);
  if (group == REPRISE_GROUP_SKIPPED)
    reprise_collection_set_reason (collection, _ ("Azure does not save it with an application."));
  reprise_contents_add (contents, group, collection);
}

static RepriseContents *
list_groups (RepriseProvider *provider,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  g_autoptr (GPtrArray) databases = reprise_site_provider_read_databases (self, cancellable, error);
  g_autoptr (JsonObject) root = databases != NULL ? look (self, cancellable, error) : NULL;
  RepriseContents *contents;

  if (root == NULL)
    return NULL;
  contents = reprise_contents_new ();
  add (contents, REPRISE_GROUP_REQUIRED, "site", _ ("Files and configuration"));
  for (guint i = 0; i < databases->len; i++)
    add (contents, REPRISE_GROUP_CUSTOM, ((RepriseSiteDatabase *) databases->pdata[i])->name, NULL);
  add (contents, REPRISE_GROUP_SKIPPED, "network", _ ("Network features"));
  add (contents, REPRISE_GROUP_SKIPPED, "authentication", _ ("Authentication"));
  add (contents, REPRISE_GROUP_SKIPPED, "identities", _ ("Managed identities"));
  add (contents, REPRISE_GROUP_SKIPPED, "domains", _ ("Custom domains"));
  add (contents, REPRISE_GROUP_SKIPPED, "tls", _ ("TLS certificates and settings"));
  add (contents, REPRISE_GROUP_SKIPPED, "scaling", _ ("Scaling"));
  add (contents, REPRISE_GROUP_SKIPPED, "alerts", _ ("Alerts"));
  add (contents, REPRISE_GROUP_SKIPPED, "schedule", _ ("Azure’s own backup schedule"));
  add (contents, REPRISE_GROUP_SKIPPED, "slots", _ ("Other slots"));
  reprise_contents_set_locked (contents,
                               _ ("Azure saves an application as a whole: groups cannot be "
                                  "chosen."));
  return contents;
}

const char *
reprise_site_provider_get_uuid (RepriseSiteProvider *self)
{
  return reprise_service_get_uuid (
    reprise_provider_base_get_service (REPRISE_PROVIDER_BASE (self)));
}

/* A container that is not there may be made; what a signature says against it is told later. */
static gboolean
prepare_container (RepriseSiteProvider *self,
                   const RepriseSas *sas,
                   RepriseProgress *progress,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseBlob) blob = NULL;

  if (!reprise_sas_may (sas, "l") || !reprise_sas_check (sas, "l", now, NULL, warnings, NULL))
    return TRUE;
  blob = reprise_blob_new_for_sas (sas, error);
  return blob != NULL && reprise_azure_session_prepare_container (self->session, blob, progress,
                                                                  cancellable, error);
}

/* @writer (nullable): into the vault; else it stays on the service */
static gboolean
back_up_site (RepriseSiteProvider *self,
              RepriseSite *site,
              GPtrArray *databases,
              RepriseVaultWriter *writer,
              RepriseBackup **made,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CHECKING, 1 },
                                              { REPRISE_PHASE_CREATING, 60 },
                                              { REPRISE_PHASE_DOWNLOADING, 30 } };
  g_autoptr (RepriseSas) sas =
    reprise_azure_session_open_storage (self->session, cancellable, error);
  g_autoptr (RepriseBlob) blob = NULL;
  g_autoptr (RepriseSiteBackup) backup = NULL;
  g_autoptr (RepriseJournal) journal = NULL;

  if (sas == NULL)
    return FALSE;
  reprise_progress_set_plan (progress, PHASES, writer != NULL ? 3 : 2);
  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  if (!prepare_container (self, sas, progress, cancellable, error) ||
      !reprise_site_make_settle (self, site, writer, &backup, &journal, progress, cancellable,
                                 error))
    return FALSE;
  if (backup == NULL)
    backup = reprise_site_make_backup (self, site, sas, databases, writer, &journal, progress,
                                       cancellable, error);
  if (backup == NULL)
    return FALSE;
  if (writer == NULL)
    *made = reprise_site_backup_describe (backup, reprise_site_provider_get_uuid (self));
  else
    {
      reprise_left_backup_say_stop (journal, progress);
      blob = reprise_blob_new_for_sas (sas, error);
      if (blob == NULL ||
          !reprise_site_backup_fetch (site, blob, backup, writer, progress, cancellable, error))
        return FALSE;
    }
  return reprise_left_backup_close (journal, error);
}

static gboolean
check_groups (RepriseGroups groups, GError **error)
{
  if (REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_REQUIRED))
    return TRUE;
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                             _ ("Azure saves an application as a whole: groups cannot be chosen."));
  return FALSE;
}

/* (transfer full) (element-type RepriseSiteDatabase): what may be left out of an application are the databases that are linked with it */
static GPtrArray *
choose_databases (RepriseSiteProvider *self,
                  RepriseGroups groups,
                  GCancellable *cancellable,
                  GError **error)
{
  return REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_CUSTOM)
           ? reprise_site_provider_read_databases (self, cancellable, error)
           : g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_site_database_free);
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
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  RepriseSite *site = reprise_site_provider_get_site (self, error);
  g_autoptr (GPtrArray) databases = site != NULL && check_groups (groups, error)
                                      ? choose_databases (self, groups, cancellable, error)
                                      : NULL;

  return databases != NULL && reprise_site_plan_settle (self, progress, cancellable, error) &&
         back_up_site (self, site, databases, writer, made, progress, cancellable, error);
}

static gboolean
download (RepriseProvider *provider,
          RepriseBackup *backup,
          RepriseVaultWriter *writer,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  g_autoptr (RepriseSiteBackup) found =
    reprise_site_listing_look_up (self, backup, cancellable, error);
  g_autoptr (RepriseBlob) blob = NULL;

  if (found == NULL)
    return FALSE;
  if (!reprise_site_status_is_usable (found->status))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                         _ ("The backup “%s” is not complete. Its state is: %s"),
                         reprise_backup_get_own_name (backup),
                         reprise_site_status_get_text (found->status));
      return FALSE;
    }
  blob = reprise_site_provider_open_container (self, cancellable, error);
  return blob != NULL &&
         reprise_site_backup_fetch (self->site, blob, found, writer, progress, cancellable, error);
}

/* Into the container of the service, under the application's name: it is listed then, and can be restored. */
static RepriseBackup *
upload (RepriseProvider *provider,
        RepriseArchive *archive,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  g_autofree char *prefix = NULL, *name = NULL;
  g_autoptr (RepriseBlob) blob = NULL;
  g_autoptr (RepriseSiteBackup) made = NULL;
  g_autoptr (GError) local = NULL;
  RepriseBackup *described;

  if (reprise_site_provider_get_site (self, error) == NULL)
    return NULL;
  blob = reprise_site_provider_open_container (self, cancellable, error);
  if (blob == NULL)
    return NULL;
  prefix = reprise_site_dup_blob_prefix (self->site);
  name = reprise_site_upload_make_listed_name (prefix, archive);
  if (!reprise_site_upload (blob, archive, name, FALSE, progress, cancellable, error))
    return NULL;
  if (!reprise_site_source_mark (blob, name, self->site, cancellable, &local))
    reprise_progress_log (progress, "it is not written beside “%s” whose it is: %s", name,
                          local->message);
  made = reprise_site_source_look (blob, name, cancellable, error);
  if (made == NULL)
    return NULL;
  described = reprise_site_backup_describe (made, reprise_site_provider_get_uuid (self));
  g_object_set (described, "origin", REPRISE_ORIGIN_UPLOAD, NULL);
  return described;
}

static ReprisePlan *
plan_restore (RepriseProvider *provider,
              RepriseArchive *archive,
              RepriseGroups groups,
              GHashTable *options,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  return reprise_site_plan_new (REPRISE_SITE_PROVIDER (provider), archive, groups, options,
                                cancellable, error);
}

/* Azure says which databases are in a backup: those that are replaced must be. */
static gboolean
check_copied (RepriseVaultWriter *writer, GPtrArray *replaced, GError **error)
{
  RepriseContents *contents =
    reprise_manifest_get_contents (reprise_vault_writer_get_manifest (writer));

  for (guint i = 0; i < replaced->len; i++)
    {
      const char *name = ((RepriseSiteDatabase *) replaced->pdata[i])->name;

      if (contents != NULL && reprise_contents_find (contents, name, NULL) != NULL)
        continue;
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("Azure left the database “%s” out of it."), name);
      return FALSE;
    }
  return TRUE;
}

/* Of what is about to be overwritten, as a whole: Azure makes no other backups. The databases that are replaced go with it; beside an
 * application that is made, with that of the service. */
static gboolean
prepare_safety_copy (RepriseProvider *provider,
                     ReprisePlan *plan,
                     RepriseVaultWriter *writer,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  RepriseSite *own = reprise_site_provider_get_site (self, error);
  g_autoptr (RepriseSite) target =
    own != NULL ? reprise_site_plan_get_target (self, plan, error) : NULL;
  g_autoptr (GPtrArray) known =
    target != NULL ? reprise_site_provider_read_databases (self, cancellable, error) : NULL;
  g_autoptr (GPtrArray) replaced = NULL;
  gboolean is_own;

  if (known == NULL)
    return FALSE;
  replaced = reprise_site_plan_choose_replaced (plan, known);
  is_own = strcmp (reprise_site_get_id (own), reprise_site_get_id (target)) == 0;
  return back_up_site (self, reprise_site_plan_makes_target (plan) ? own : target,
                       is_own ? known : replaced, writer, NULL, progress, cancellable, error) &&
         check_copied (writer, replaced, error);
}

static RepriseOutcome *
restore (RepriseProvider *provider,
         ReprisePlan *plan,
         RepriseJournal *journal,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  RepriseOutcome *outcome;

  reprise_site_leftovers_remove (self, progress, cancellable);
  outcome = reprise_site_plan_apply (self, plan, journal, progress, cancellable, error);
  reprise_site_plan_tidy (self, journal, progress);
  return outcome;
}

/* Over the application that the safety copy is of. */
static ReprisePlan *
plan_undo (RepriseProvider *provider,
           RepriseArchive *safety_copy,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (safety_copy);
  const char *id = manifest != NULL ? reprise_manifest_get_identity (manifest) : NULL;
  g_autoptr (GHashTable) options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  char *name = reprise_arm_id_get (id, "sites");
  char *slot = reprise_arm_id_get (id, "slots");

  if (name != NULL)
    g_hash_table_insert (options, g_strdup (REPRISE_SITE_OPTION_APPLICATION), name);
  if (slot != NULL)
    g_hash_table_insert (options, g_strdup (REPRISE_SITE_OPTION_SLOT), slot);
  return plan_restore (provider, safety_copy, REPRISE_GROUPS_ALL, options, progress, cancellable,
                       error);
}

static RepriseOutcome *
resume_operation (RepriseProvider *provider,
                  RepriseJournal *journal,
                  RepriseProgress *progress,
                  GCancellable *cancellable,
                  GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  RepriseOutcome *outcome =
    reprise_site_make_has_left (journal)
      ? reprise_site_make_resume (self, journal, progress, cancellable, error)
      : reprise_site_plan_resume (self, journal, 0, progress, cancellable, error);

  reprise_site_plan_tidy (self, journal, progress);
  reprise_site_leftovers_remove (self, progress, cancellable);
  return outcome;
}

static RepriseOutcome *
rehearse (RepriseProvider *provider,
          RepriseArchive *archive,
          const RepriseRehearsal *rehearsal,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  return reprise_site_rehearse (REPRISE_SITE_PROVIDER (provider), archive, rehearsal, progress,
                                cancellable, error);
}

static gboolean
clean_up (RepriseProvider *provider,
          RepriseJournal *record,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  return reprise_site_rehearse_clean_up (REPRISE_SITE_PROVIDER (provider), record, progress,
                                         cancellable, error);
}

static void
provider_init (RepriseProviderInterface *iface)
{
  iface->probe = probe;
  iface->list_groups = list_groups;
  iface->list_backups = reprise_site_listing_list;
  iface->find_backup = reprise_site_listing_find;
  iface->open_backup = reprise_site_listing_open;
  iface->back_up = back_up;
  iface->download = download;
  iface->upload = upload;
  iface->delete_backup = reprise_site_access_delete;
  iface->plan_restore = plan_restore;
  iface->prepare_safety_copy = prepare_safety_copy;
  iface->restore = restore;
  iface->plan_undo = plan_undo;
  iface->rehearse = rehearse;
  iface->clean_up = clean_up;
  iface->resume_operation = resume_operation;
  iface->renew_access = reprise_site_access_renew;
  iface->get_schedule = reprise_site_schedule_get;
  iface->set_schedule = reprise_site_schedule_set;
  iface->reveal = reprise_site_access_reveal;
}
