/* reprise-couch-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/couchdb/legacy/reprise-couch-legacy-restore.h"
#include "providers/couchdb/legacy/reprise-couch-legacy.h"
#include "providers/couchdb/backup/reprise-couch-backup.h"
#include "providers/couchdb/reprise-couch-documents.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/reprise-couch-provider.h"
#include "providers/couchdb/restore/reprise-couch-rehearse.h"
#include "providers/couchdb/restore/reprise-couch-restore.h"
#include "providers/couchdb/backup/reprise-couch-roll-up.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "providers/couchdb/server/reprise-couch-draw.h"
#include "providers/couchdb/server/reprise-couch-on-server.h"
#include "providers/couchdb/server/reprise-couch-server-restore.h"
#include "providers/couchdb/server/reprise-couch-server-roll-up.h"

struct _RepriseCouchProvider
{
  RepriseProviderBase parent_instance;

  RepriseCouchClient *client; /* (owned) (nullable): made when it is first needed */
  RepriseCouchSafety safety;  /* (owned): what was saved before the restore that follows */
  RepriseCouchDrawn
    *drawn; /* (owned) (nullable): what the last plan is of, where it lies on the server */
};

static void provider_init (RepriseProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseCouchProvider,
                               reprise_couch_provider,
                               REPRISE_TYPE_PROVIDER_BASE,
                               G_IMPLEMENT_INTERFACE (REPRISE_TYPE_PROVIDER, provider_init))

static void
reprise_couch_provider_finalize (GObject *object)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (object);

  g_clear_object (&self->client);
  g_free (self->safety.folder);
  g_free (self->safety.id);
  g_clear_pointer (&self->drawn, reprise_couch_drawn_free);
  G_OBJECT_CLASS (reprise_couch_provider_parent_class)->finalize (object);
}

static void
reprise_couch_provider_class_init (RepriseCouchProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_couch_provider_finalize;
}

static void
reprise_couch_provider_init (RepriseCouchProvider *self)
{
}

static RepriseKind *
get_kind (RepriseCouchProvider *self)
{
  return reprise_provider_base_get_kind (REPRISE_PROVIDER_BASE (self));
}

static RepriseService *
get_service (RepriseCouchProvider *self)
{
  return reprise_provider_base_get_service (REPRISE_PROVIDER_BASE (self));
}

static RepriseSecrets *
get_secrets (RepriseCouchProvider *self)
{
  return reprise_provider_base_get_secrets (REPRISE_PROVIDER_BASE (self));
}

/* (transfer none) */
RepriseCouchClient *
reprise_couch_provider_get_client (RepriseCouchProvider *self, GError **error)
{
  if (self->client == NULL)
    self->client =
      reprise_couch_client_new (get_kind (self), get_service (self), get_secrets (self), error);
  return self->client;
}

/* Whether the settings want backups that the server makes by itself. */
gboolean
reprise_couch_provider_has_server (RepriseCouchProvider *self)
{
  return reprise_couch_server_is_on (get_kind (self), get_service (self));
}

/* (transfer full): what the server makes by itself */
RepriseCouchServer *
reprise_couch_provider_make_server (RepriseCouchProvider *self, GError **error)
{
  RepriseCouchClient *client = reprise_couch_provider_get_client (self, error);

  return client != NULL ? reprise_couch_server_new (get_kind (self), get_service (self),
                                                    get_secrets (self), client, error)
                        : NULL;
}

guint
reprise_couch_provider_get_connections (RepriseCouchProvider *self)
{
  const char *text =
    reprise_kind_get_value (get_kind (self), get_service (self), REPRISE_COUCH_SETTING_CONNECTIONS);

  return text != NULL ? (guint) CLAMP (atoi (text), 1, 16) : 4;
}

/* Whether the server may make backups of its own, in the vendor's way. */
gboolean
reprise_couch_provider_is_cloudant (RepriseCouchProvider *self)
{
  return REPRISE_IS_CLOUDANT_KIND (get_kind (self));
}

static void
probe_rights (RepriseProbe *probe, JsonObject *session)
{
  const char *name = reprise_json_get_string (session, "userCtx.name", NULL);
  JsonArray *roles = reprise_json_get_array (session, "userCtx.roles");
  gboolean is_admin = FALSE;

  for (guint i = 0; i < reprise_json_array_get_length (roles); i++)
    is_admin |= strcmp (reprise_json_array_get_string (roles, i, ""), "_admin") == 0;
  reprise_probe_add_fact (probe, _ ("Signed in as"), name != NULL ? name : _ ("nobody"));
  if (!is_admin)
    reprise_probe_add_warning (
      probe, _ ("The account is no administrator of the server: it can back up the databases that "
                "it may read, and restore into those that it may write."));
}

static void
probe_own_backup (RepriseProbe *probe,
                  RepriseCouchClient *client,
                  RepriseContents *contents,
                  GCancellable *cancellable)
{
  GListModel *collections =
    G_LIST_MODEL (reprise_contents_get_group (contents, REPRISE_GROUP_CUSTOM));
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) databases = NULL;

  for (guint i = 0; collections != NULL && i < g_list_model_get_n_items (collections); i++)
    {
      g_autoptr (RepriseCollection) collection = g_list_model_get_item (collections, i);

      if (!reprise_couch_rules_is_design (reprise_collection_get_name (collection)))
        g_strv_builder_add (names, reprise_collection_get_name (collection));
    }
  databases = g_strv_builder_end (names);
  reprise_couch_legacy_add_facts (probe, client, databases, cancellable);
}

static RepriseProbe *
probe (RepriseProvider *provider,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  RepriseCouchClient *client =
    reprise_couch_provider_get_client (REPRISE_COUCH_PROVIDER (provider), error);
  g_autoptr (RepriseProbe) result = reprise_probe_new ();
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (JsonObject) session = NULL;
  g_autofree char *count = NULL;
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  gint64 started_us;

  if (client == NULL)
    return NULL;
  started_us = g_get_monotonic_time ();
  if (!reprise_couch_client_get_server (client, &result->version, &result->identity, cancellable,
                                        error))
    return NULL;
  result->latency_ms = (g_get_monotonic_time () - started_us) / 1000;
  session = reprise_couch_client_get_session (client, cancellable, error);
  if (session == NULL)
    return NULL;
  probe_rights (result, session);
  contents = reprise_couch_choices_list_groups (client, get_kind (self), get_service (self),
                                                cancellable, error);
  if (contents == NULL)
    return NULL;
  count =
    g_strdup_printf ("%u", reprise_contents_get_group (contents, REPRISE_GROUP_REQUIRED) != NULL
                             ? g_list_model_get_n_items (G_LIST_MODEL (
                                 reprise_contents_get_group (contents, REPRISE_GROUP_REQUIRED)))
                             : 0);
  reprise_probe_add_fact (result, _ ("Databases"), count);
  if (reprise_couch_provider_is_cloudant (self))
    probe_own_backup (result, client, contents, cancellable);
  return g_steal_pointer (&result);
}

static RepriseContents *
list_groups (RepriseProvider *provider,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  RepriseCouchClient *client = reprise_couch_provider_get_client (self, error);

  return client != NULL ? reprise_couch_choices_list_groups (client, get_kind (self),
                                                             get_service (self), cancellable, error)
                        : NULL;
}

/* What the server was told to keep, and what Cloudant keeps by itself. */
static GPtrArray *
list_backups (RepriseProvider *provider,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  RepriseCouchClient *client = reprise_couch_provider_get_client (self, error);
  g_autoptr (GPtrArray) backups =
    client != NULL ? reprise_couch_on_server_list (self, cancellable, error) : NULL;

  if (backups == NULL)
    return NULL;
  if (reprise_couch_provider_is_cloudant (self) &&
      !reprise_couch_legacy_add_backups (backups, client, get_service (self), cancellable, error))
    return NULL;
  return g_steal_pointer (&backups);
}

static RepriseBackup *
find_backup (RepriseProvider *provider, const char *id, GCancellable *cancellable, GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  RepriseCouchClient *client = reprise_couch_provider_is_cloudant (self)
                                 ? reprise_couch_provider_get_client (self, error)
                                 : NULL;

  return client != NULL
           ? reprise_couch_legacy_find_backup (client, get_service (self), id, cancellable, error)
           : NULL;
}

static RepriseArchive *
open_backup (RepriseProvider *provider,
             RepriseBackup *backup,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  g_autoptr (RepriseCouchServer) server = NULL;

  if (reprise_couch_legacy_owns_backup (backup))
    return reprise_couch_legacy_open (backup, get_service (self));
  server = reprise_couch_provider_make_server (self, error);
  return server != NULL ? reprise_couch_server_open (server, backup, cancellable, error) : NULL;
}

static gboolean
delete_backup (RepriseProvider *provider,
               RepriseBackup *backup,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (RepriseCouchServer) server = NULL;

  if (reprise_couch_legacy_owns_backup (backup))
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                                 _ ("Cloudant’s own backups are removed by Cloudant alone"));
      return FALSE;
    }
  server = reprise_couch_provider_make_server (REPRISE_COUCH_PROVIDER (provider), error);
  return server != NULL &&
         reprise_couch_server_delete (server, backup, progress, cancellable, error);
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
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CONNECTING, 1 },
                                              { REPRISE_PHASE_READING, 80 },
                                              { REPRISE_PHASE_WRITING, 4 } };
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  RepriseCouchClient *client = reprise_couch_provider_get_client (self, error);

  if (writer == NULL)
    return reprise_couch_on_server_back_up (self, groups, made, progress, cancellable, error);
  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  return client != NULL &&
         reprise_couch_backup_run (client, get_kind (self), get_service (self), groups, NULL,
                                   writer, progress, cancellable, error);
}

/* By the server alone where it can; else what is wanted is drawn from there. */
static ReprisePlan *
plan_from_server (RepriseCouchProvider *self,
                  RepriseArchive *archive,
                  RepriseGroups groups,
                  GHashTable *options,
                  RepriseProgress *progress,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (RepriseCouchServer) server = reprise_couch_provider_make_server (self, error);
  gboolean needed = FALSE;

  if (server == NULL ||
      !reprise_couch_draw_is_needed (server, archive, groups, options, &needed, cancellable, error))
    return NULL;
  if (!needed)
    return reprise_couch_server_plan (server, archive, groups, options, progress, cancellable,
                                      error);
  self->drawn = reprise_couch_draw (server, archive, groups, options,
                                    reprise_couch_provider_get_connections (self), progress,
                                    cancellable, error);
  return self->drawn != NULL ? reprise_couch_plan_new (self->client, archive, self->drawn, groups,
                                                       options, progress, cancellable, error)
                             : NULL;
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
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  RepriseCouchClient *client = reprise_couch_provider_get_client (self, error);

  g_clear_pointer (&self->drawn, reprise_couch_drawn_free);
  if (client != NULL && reprise_couch_legacy_get_database (archive) != NULL)
    return reprise_couch_legacy_plan (client, get_service (self), archive, groups, options,
                                      cancellable, error);
  if (client != NULL && reprise_couch_server_owns (archive))
    return plan_from_server (self, archive, groups, options, progress, cancellable, error);
  return client != NULL ? reprise_couch_plan_new (client, archive, NULL, groups, options, progress,
                                                  cancellable, error)
                        : NULL;
}

static void
add_choice (GPtrArray *choices, const char *database)
{
  RepriseCouchChoice *choice = g_new0 (RepriseCouchChoice, 1);

  choice->name = g_strdup (database);
  choice->data = choice->design = TRUE;
  g_ptr_array_add (choices, choice);
}

static void
note_safety_copy (RepriseCouchProvider *self, RepriseVaultWriter *writer)
{
  g_free (self->safety.folder);
  g_free (self->safety.id);
  self->safety.folder = g_path_get_dirname (reprise_vault_writer_get_folder (writer));
  self->safety.id = g_strdup (reprise_vault_writer_get_id (writer));
}

/* An increment of the databases that are about to be written, on top of what is in the vault. */
static gboolean
prepare_safety_copy (RepriseProvider *provider,
                     ReprisePlan *plan,
                     RepriseVaultWriter *writer,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CONNECTING, 1 },
                                              { REPRISE_PHASE_READING, 80 },
                                              { REPRISE_PHASE_WRITING, 4 } };
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  RepriseCouchClient *client = reprise_couch_provider_get_client (self, error);
  const char *document = reprise_plan_get_option (plan, REPRISE_COUCH_OPTION_DOCUMENT);
  const char *own = reprise_couch_legacy_get_database (reprise_plan_get_archive (plan));
  g_autoptr (GPtrArray) goals = NULL;
  g_autoptr (GPtrArray) choices =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_choice_free);

  if (client == NULL)
    return FALSE;
  if (own != NULL)
    add_choice (choices, own);
  else
    goals = reprise_couch_goals_new (client, reprise_plan_get_archive (plan), self->drawn,
                                     reprise_plan_get_groups (plan),
                                     reprise_plan_get_options (plan), cancellable, error);
  if (own == NULL && goals == NULL)
    return FALSE;
  for (guint i = 0; goals != NULL && i < goals->len; i++)
    {
      const RepriseCouchGoal *goal = goals->pdata[i];

      if (goal->info != NULL)
        add_choice (choices, goal->target);
    }
  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  if (!reprise_couch_backup_run (client, get_kind (self), get_service (self), REPRISE_GROUPS_ALL,
                                 choices, writer, progress, cancellable, error))
    return FALSE;
  note_safety_copy (self, writer);
  if (document != NULL && *document != '\0')
    json_object_set_string_member (
      reprise_manifest_get_provider (reprise_vault_writer_get_manifest (writer)),
      REPRISE_COUCH_OPTION_DOCUMENT, document);
  return TRUE;
}

static RepriseOutcome *
restore (RepriseProvider *provider,
         ReprisePlan *plan,
         RepriseJournal *journal,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  RepriseCouchClient *client = reprise_couch_provider_get_client (self, error);

  if (client == NULL || !reprise_plan_check_refusal (plan, error))
    return NULL;
  if (reprise_couch_legacy_get_database (reprise_plan_get_archive (plan)) != NULL)
    return reprise_couch_legacy_restore (client, plan, journal, progress, cancellable, error);
  if (self->drawn == NULL && reprise_couch_server_owns (reprise_plan_get_archive (plan)))
    {
      static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_APPLYING, 80 },
                                                  { REPRISE_PHASE_COMPARING, 20 } };
      g_autoptr (RepriseCouchServer) server = reprise_couch_provider_make_server (self, error);

      reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
      return server != NULL
               ? reprise_couch_server_restore (server, plan, journal, progress, cancellable, error)
               : NULL;
    }
  return reprise_couch_restore_run (client, plan, self->drawn,
                                    reprise_couch_provider_get_connections (self), &self->safety,
                                    journal, progress, cancellable, error);
}

/* Old winners are written as new edits, and what the restore added is deleted. */
static ReprisePlan *
plan_undo (RepriseProvider *provider,
           RepriseArchive *safety_copy,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GHashTable) options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  RepriseManifest *manifest = reprise_archive_get_manifest (safety_copy);
  const char *document = manifest != NULL
                           ? reprise_json_get_string (reprise_manifest_get_provider (manifest),
                                                      REPRISE_COUCH_OPTION_DOCUMENT, NULL)
                           : NULL;
  ReprisePlan *plan;

  if (document != NULL)
    g_hash_table_insert (options, g_strdup (REPRISE_COUCH_OPTION_DOCUMENT), g_strdup (document));
  g_hash_table_insert (options, g_strdup (REPRISE_COUCH_OPTION_INTO),
                       g_strdup (REPRISE_COUCH_INTO_SAME));
  g_hash_table_insert (options, g_strdup (REPRISE_COUCH_OPTION_OTHERS),
                       g_strdup (REPRISE_COUCH_OTHERS_REMOVE));
  g_hash_table_insert (options, g_strdup (REPRISE_COUCH_OPTION_REVISIONS),
                       g_strdup (REPRISE_COUCH_REVISIONS_NEW));
  g_hash_table_insert (options, g_strdup (REPRISE_COUCH_OPTION_CONFLICTS),
                       g_strdup (REPRISE_COUCH_CONFLICTS_VALUE_EXACT));
  plan = plan_restore (provider, safety_copy, REPRISE_GROUPS_NONE, options, progress, cancellable,
                       error);
  if (plan != NULL)
    reprise_plan_add_loss (plan, "%s",
                           _ ("The documents become as they were before the restore, with new "
                              "revisions; what was written since is deleted."));
  return plan;
}

static RepriseCompactPlan *
plan_compact (RepriseProvider *provider,
              RepriseVault *vault,
              GCancellable *cancellable,
              GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);

  gint64 now = g_get_real_time () / 1000;
  g_autoptr (RepriseCouchServer) server = NULL;
  g_autoptr (RepriseCompactPlan) plan =
    reprise_couch_roll_up_plan (vault, get_service (self), now, cancellable, error);

  if (plan == NULL || !reprise_couch_provider_has_server (self))
    return g_steal_pointer (&plan);
  server = reprise_couch_provider_make_server (self, error);
  return server != NULL &&
             reprise_couch_server_plan_roll_up (server, vault, plan, now, cancellable, error)
           ? g_steal_pointer (&plan)
           : NULL;
}

static RepriseOutcome *
compact (RepriseProvider *provider,
         RepriseVault *vault,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);

  gint64 now = g_get_real_time () / 1000;
  g_autoptr (RepriseOutcome) outcome =
    reprise_couch_roll_up_run (vault, get_service (self), now, progress, cancellable, error);

  if (outcome == NULL || !reprise_couch_provider_has_server (self))
    return g_steal_pointer (&outcome);
  return reprise_couch_on_server_roll_up (self, vault, outcome, now, progress, cancellable, error);
}

/* What the server keeps, and what its own program wrote, is restored by other ways, which leave no scratch place. */
static RepriseOutcome *
rehearse (RepriseProvider *provider,
          RepriseArchive *archive,
          const RepriseRehearsal *rehearsal,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  RepriseCouchClient *client = reprise_couch_provider_get_client (self, error);

  if (client == NULL)
    return NULL;
  if (!reprise_couch_server_owns (archive) && reprise_couch_legacy_get_database (archive) == NULL)
    return reprise_couch_rehearse (client, archive, rehearsal->record,
                                   reprise_couch_provider_get_connections (self), progress,
                                   cancellable, error);
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
    _ ("A backup that the server keeps cannot be rehearsed: restore it into a "
       "new database, which changes no other one."));
  return NULL;
}

static gboolean
clean_up (RepriseProvider *provider,
          RepriseJournal *record,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  RepriseCouchClient *client =
    reprise_couch_provider_get_client (REPRISE_COUCH_PROVIDER (provider), error);

  return client != NULL && reprise_couch_rehearse_clean_up (client, record, cancellable, error);
}

static void
provider_init (RepriseProviderInterface *iface)
{
  iface->probe = probe;
  iface->list_groups = list_groups;
  iface->list_backups = list_backups;
  iface->find_backup = find_backup;
  iface->open_backup = open_backup;
  iface->back_up = back_up;
  iface->download = reprise_couch_on_server_download;
  iface->keep_aside = reprise_couch_on_server_keep_aside;
  iface->delete_backup = delete_backup;
  iface->resume_operation = reprise_couch_on_server_resume;
  iface->plan_restore = plan_restore;
  iface->prepare_safety_copy = prepare_safety_copy;
  iface->restore = restore;
  iface->plan_undo = plan_undo;
  iface->rehearse = rehearse;
  iface->clean_up = clean_up;
  iface->plan_compact = plan_compact;
  iface->compact = compact;
  reprise_couch_documents_init (iface);
}
