/* reprise-cli-vault.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "vault/reprise-vault-disk.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"
#include "reprise-cli-progress.h"
#include "reprise-cli-secrets.h"
#include "reprise-cli-sign-in.h"

/* What a vault is and holds. */
typedef struct
{
  RepriseVault *vault; /* (owned) */
  gboolean exists;
  char *note; /* (owned) (nullable) */
  RepriseStorageFacts facts;
  GPtrArray
    *services; /* (owned) (nullable) (element-type RepriseService): as the vault tells them */
  GPtrArray *backups; /* (owned) (nullable) (element-type RepriseBackup) */
} Look;

static void
look_clear (Look *look)
{
  g_clear_object (&look->vault);
  g_clear_pointer (&look->note, g_free);
  g_clear_pointer (&look->services, g_ptr_array_unref);
  g_clear_pointer (&look->backups, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Look, look_clear)

static gboolean
look_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Look *look = data;
  g_autoptr (GError) local_error = NULL;

  look->facts.free_bytes = look->facts.total_bytes = -1;
  look->note = reprise_vault_dup_place_note (look->vault);
  look->exists = reprise_vault_open (look->vault, FALSE, cancellable, &local_error);
  if (!look->exists && g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return reprise_vault_disk_check (reprise_vault_get_path (look->vault), error);
  if (!look->exists)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (!reprise_vault_get_facts (look->vault, &look->facts, error))
    return FALSE;
  look->services = reprise_vault_list_services (look->vault, cancellable, error);
  look->backups =
    look->services != NULL ? reprise_vault_list (look->vault, NULL, cancellable, error) : NULL;
  return look->backups != NULL;
}

static gint64
sum_sizes (GPtrArray *backups)
{
  gint64 total = 0;

  for (guint i = 0; backups != NULL && i < backups->len; i++)
    total += MAX (reprise_backup_get_size_bytes (backups->pdata[i]), 0);
  return total;
}

static guint
count_of (Look *look, RepriseService *service)
{
  guint n = 0;

  for (guint i = 0; i < look->backups->len; i++)
    n += g_str_equal (reprise_backup_get_service_uuid (look->backups->pdata[i]),
                      reprise_service_get_uuid (service));
  return n;
}

static gboolean
is_configured (RepriseCli *cli, RepriseService *service)
{
  return reprise_services_get (reprise_context_get_services (cli->context),
                               reprise_service_get_uuid (service)) != NULL;
}

/* --- show --- */

static void
json_look (RepriseCli *cli, Look *look)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  reprise_cli_json_string (json, "path", reprise_vault_get_path (look->vault));
  reprise_cli_json_boolean (json, "exists", look->exists);
  reprise_cli_json_boolean (json, "locks", look->facts.locks);
  reprise_cli_json_boolean (json, "exclusive_rename", look->facts.exclusive_rename);
  reprise_cli_json_boolean (json, "syncs", look->facts.syncs);
  reprise_cli_json_boolean (json, "network", look->facts.network);
  reprise_cli_json_count (json, "free_bytes", look->facts.free_bytes);
  reprise_cli_json_count (json, "total_bytes", look->facts.total_bytes);
  reprise_cli_json_count (json, "backups", look->backups != NULL ? look->backups->len : 0);
  reprise_cli_json_count (json, "size_bytes", sum_sizes (look->backups));
  json_builder_set_member_name (json, "services");
  json_builder_begin_array (json);
  for (guint i = 0; look->services != NULL && i < look->services->len; i++)
    {
      RepriseService *service = look->services->pdata[i];

      json_builder_begin_object (json);
      reprise_cli_json_service (json, service);
      reprise_cli_json_count (json, "backups", count_of (look, service));
      reprise_cli_json_boolean (json, "configured", is_configured (cli, service));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

/* What the place cannot do, in sentences. */
static void
print_limits (const RepriseStorageFacts *facts)
{
  if (facts->network)
    g_print ("%s\n", _ ("It is a network mount: every backup is read back after it was written."));
  if (!facts->locks)
    g_print (
      "%s\n",
      _ ("Its file system has no working locks: a lease file keeps other computers from writing."));
  if (!facts->exclusive_rename)
    g_print ("%s\n", _ ("Its file system cannot refuse to replace a file when renaming."));
  if (!facts->syncs)
    g_print (
      "%s\n",
      _ ("Its file system cannot promise that a backup survives a power cut right after it."));
}

static const char *
kind_title (RepriseCli *cli, RepriseService *service)
{
  RepriseKind *kind = reprise_cli_find_kind (cli, service, NULL);

  return kind != NULL ? reprise_kind_get_title (kind) : reprise_service_get_kind (service);
}

static void
print_look (RepriseCli *cli, Look *look)
{
  const char *head[] = { _ ("Service"), _ ("Kind"), _ ("Backups"), "", NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  g_autofree char *size = g_format_size ((guint64) sum_sizes (look->backups));
  g_autofree char *free_bytes = reprise_cli_size (look->facts.free_bytes);
  guint n = look->backups != NULL ? look->backups->len : 0;

  /* Translators: the path of a folder */
  g_print (_ ("Vault: %s\n"), reprise_vault_get_path (look->vault));
  if (!look->exists)
    {
      g_print ("%s\n", _ ("Nothing is there yet: the first backup makes it."));
      if (look->note != NULL)
        g_print ("%s\n", look->note);
      return;
    }
  /* Translators: a number of backups, their size, and the free space */
  g_print (ngettext ("%u backup, %s; %s free\n", "%u backups, %s; %s free\n", n), n, size,
           free_bytes);
  print_limits (&look->facts);
  if (look->note != NULL)
    g_print ("%s\n", look->note);
  reprise_cli_table_align_end (table, 2);
  for (guint i = 0; i < look->services->len; i++)
    {
      RepriseService *service = look->services->pdata[i];
      g_autofree char *count = g_strdup_printf ("%u", count_of (look, service));

      reprise_cli_table_add (table, reprise_service_get_name (service), kind_title (cli, service),
                             count, is_configured (cli, service) ? "" : _ ("not configured here"),
                             NULL);
    }
  if (look->services->len == 0)
    return;
  g_print ("\n");
  reprise_cli_table_print (table);
}

static RepriseExit
show (RepriseCli *cli, GError **error)
{
  g_auto (Look) look = { reprise_context_dup_vault (cli->context) };

  if (!reprise_cli_run_in_thread (cli, look_func, &look, error))
    return REPRISE_EXIT_DONE;
  if (cli->json)
    json_look (cli, &look);
  else
    print_look (cli, &look);
  return REPRISE_EXIT_DONE;
}

static RepriseExit
run_show (RepriseCli *cli, char **args, GError **error)
{
  return show (cli, error);
}

/* --- set --- */

static gboolean
set_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  return reprise_context_set_vault_folder (cli->context, data, cancellable, error);
}

static gboolean
set_folder (RepriseCli *cli, const char *folder, GError **error)
{
  g_autoptr (RepriseVault) before = reprise_context_dup_vault (cli->context);

  if (!reprise_cli_check_text (folder, error) ||
      !reprise_cli_run_in_thread (cli, set_func, (gpointer) folder, error))
    return FALSE;
  if (!g_str_equal (reprise_vault_get_path (before), folder) &&
      g_file_test (reprise_vault_get_path (before), G_FILE_TEST_IS_DIR))
    /* Translators: the path of a folder */
    g_printerr (_ ("Backups in the former vault stay where they are: %s\n"),
                reprise_vault_get_path (before));
  return TRUE;
}

static RepriseExit
run_set (RepriseCli *cli, char **args, GError **error)
{
  g_autofree char *folder = g_canonicalize_filename (args[0], NULL);

  return set_folder (cli, folder, error) ? show (cli, error) : REPRISE_EXIT_DONE;
}

/* --- adopt --- */

/* (transfer full): a name that no service has yet */
static char *
find_free_name (RepriseServices *services, const char *name)
{
  g_autofree char *tried = g_strdup (name);

  for (guint i = 2; !reprise_services_check_name (services, tried, NULL, NULL) && i < 1000; i++)
    {
      g_free (tried);
      tried = g_strdup_printf ("%s %u", name, i);
    }
  return g_steal_pointer (&tried);
}

/* Configures the services of the vault that are not; they are added to @adopted. */
static gboolean
adopt_services (RepriseCli *cli, Look *look, GPtrArray *adopted, GError **error)
{
  RepriseServices *services = reprise_context_get_services (cli->context);

  for (guint i = 0; i < look->services->len; i++)
    {
      RepriseService *service = look->services->pdata[i];
      g_autofree char *name = NULL;

      if (is_configured (cli, service))
        continue;
      name = find_free_name (services, reprise_service_get_name (service));
      reprise_service_set_name (service, name);
      if (!reprise_services_save (services, service, error))
        return FALSE;
      g_ptr_array_add (adopted, g_object_ref (service));
    }
  return TRUE;
}

static gboolean
needs_sign_in (RepriseCli *cli, RepriseService *service)
{
  RepriseKind *kind = reprise_cli_find_kind (cli, service, NULL);

  return kind != NULL &&
         (reprise_cli_lacks_secret (cli, kind, reprise_service_get_settings (service)) ||
          reprise_cli_needs_person (kind, service));
}

static void
json_adopted (RepriseCli *cli, const char *path, GPtrArray *adopted)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  reprise_cli_json_string (json, "path", path);
  json_builder_set_member_name (json, "adopted");
  json_builder_begin_array (json);
  for (guint i = 0; i < adopted->len; i++)
    {
      json_builder_begin_object (json);
      reprise_cli_json_service (json, adopted->pdata[i]);
      reprise_cli_json_boolean (json, "needs_sign_in", needs_sign_in (cli, adopted->pdata[i]));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

static void
print_adopted (RepriseCli *cli, GPtrArray *adopted)
{
  if (adopted->len == 0)
    g_print ("%s\n", _ ("All services of this vault are configured already."));
  for (guint i = 0; i < adopted->len; i++)
    {
      const char *name = reprise_service_get_name (adopted->pdata[i]);
      g_autofree char *quoted = reprise_cli_quote (name);

      if (needs_sign_in (cli, adopted->pdata[i]))
        g_print (_ ("“%s” is back; it needs a sign-in: reprise service sign-in %s\n"), name,
                 quoted);
      else
        /* Translators: the name of a service */
        g_print (_ ("“%s” is back.\n"), name);
    }
}

static gboolean
check_vault (Look *look, GError **error)
{
  if (look->exists)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("There is no vault in “%s”."), reprise_vault_get_path (look->vault));
  return FALSE;
}

static RepriseExit
run_adopt (RepriseCli *cli, char **args, GError **error)
{
  g_autofree char *folder = g_canonicalize_filename (args[0], NULL);
  g_autoptr (GPtrArray) adopted = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (Look) look = { reprise_vault_new (folder) };

  if (!reprise_cli_check_text (folder, error) ||
      !reprise_cli_run_in_thread (cli, look_func, &look, error) || !check_vault (&look, error) ||
      !set_folder (cli, folder, error) || !adopt_services (cli, &look, adopted, error))
    return REPRISE_EXIT_DONE;
  if (cli->json)
    json_adopted (cli, folder, adopted);
  else
    print_adopted (cli, adopted);
  return REPRISE_EXIT_DONE;
}

/* --- rebuild --- */

static gboolean
rebuild_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (cli->context);

  return reprise_vault_open (vault, FALSE, cancellable, error) &&
         reprise_vault_rebuild (vault, data, cancellable, error);
}

static RepriseExit
run_rebuild (RepriseCli *cli, char **args, GError **error)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseCliProgress) shown =
    reprise_cli_progress_new_for_work (cli, REPRISE_JOB_VERIFY, progress);

  if (!reprise_cli_run_in_thread (cli, rebuild_func, progress, error))
    return REPRISE_EXIT_DONE;
  reprise_cli_progress_end (shown);
  return show (cli, error);
}

const RepriseCliCommand reprise_cli_vault_show = {
  .name = "vault show",
  .summary = N_ ("Show where backups are kept, and what the place can do"),
  .flags = REPRISE_CLI_JSON,
  .run = run_show,
};

const RepriseCliCommand reprise_cli_vault_set = {
  .name = "vault set",
  .arguments = N_ ("FOLDER"),
  .summary = N_ ("Keep backups in another folder from now on"),
  .flags = REPRISE_CLI_JSON,
  .n_min = 1,
  .n_max = 1,
  .run = run_set,
};

const RepriseCliCommand reprise_cli_vault_adopt = {
  .name = "vault adopt",
  .arguments = N_ ("FOLDER"),
  .summary = N_ ("Take over the vault of another computer, with its services"),
  .flags = REPRISE_CLI_JSON,
  .n_min = 1,
  .n_max = 1,
  .run = run_adopt,
};

const RepriseCliCommand reprise_cli_vault_rebuild = {
  .name = "vault rebuild",
  .summary = N_ ("Make the catalogue of the vault anew from its folders"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_PROGRESS,
  .run = run_rebuild,
};
