/* reprise-nocobase-checks.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-strv.h"
#include "net/reprise-json.h"
#include "providers/nocobase/reprise-nocobase-backup.h"
#include "providers/nocobase/reprise-nocobase-data.h"
#include "providers/nocobase/reprise-nocobase-dump.h"
#include "providers/nocobase/reprise-nocobase-fetch.h"
#include "providers/nocobase/reprise-nocobase-kind.h"
#include "providers/nocobase/reprise-nocobase-plan-private.h"
#include "providers/nocobase/reprise-nocobase-rules.h"

#define OLDEST_VERSION "0.18.0-alpha.2" /* the server refuses what is older */

static void
pass (RepriseNocobasePlanner *self, const char *id, const char *text)
{
  reprise_plan_add_check (self->plan, id, REPRISE_CHECK_OK, text, NULL);
}

static void
warn (RepriseNocobasePlanner *self, const char *id, const char *text, const char *help)
{
  reprise_plan_add_check (self->plan, id, REPRISE_CHECK_WARNING, text, help);
}

static void
refuse (RepriseNocobasePlanner *self, const char *id, const char *text, const char *help)
{
  reprise_plan_add_check (self->plan, id, REPRISE_CHECK_REFUSED, text, help);
}

char **
reprise_nocobase_planner_get_lines (RepriseArchive *archive, const char *key)
{
  const char *text = reprise_archive_get_data (archive, key);
  char **lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  guint n = g_strv_length (lines);

  if (n > 0 && *lines[n - 1] == '\0') /* what follows the last line */
    g_clear_pointer (&lines[n - 1], g_free);
  return lines;
}

/* What is in it, known to be whole: a local one is read row by row, one on the server is downloaded for that. */
static gboolean
look_inside (RepriseNocobasePlanner *self,
             RepriseSecrets *secrets,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseBackup *backup = reprise_archive_get_backup (self->archive);
  g_autofree char *path = NULL;
  g_autoptr (RepriseSecretValue) password = NULL;

  if (backup != NULL && !reprise_backup_get_in_vault (backup))
    {
      self->inside = reprise_nocobase_fetch_to_look (
        self->target, reprise_backup_get_own_name (backup), reprise_backup_get_size_bytes (backup),
        secrets, progress, cancellable, error);
      if (self->inside == NULL)
        return FALSE;
      /* What the server did not tell of it. */
      reprise_archive_set_service_version (self->archive,
                                           reprise_archive_get_service_version (self->inside));
      reprise_archive_set_engine (self->archive, reprise_archive_get_engine (self->inside));
      if (!reprise_archive_get_encrypted (self->inside))
        return TRUE;
      reprise_archive_set_data (self->archive, REPRISE_NOCOBASE_DATA_ENCRYPTED, "true");
      password =
        reprise_secrets_lookup (secrets, REPRISE_NOCOBASE_SECRET_ARCHIVE, cancellable, NULL);
      reprise_archive_set_locked (self->inside, password == NULL);
      return TRUE;
    }
  path = reprise_nocobase_kind_dup_file (self->archive, error);
  if (path == NULL)
    return FALSE;
  self->inside = reprise_archive_new_for_file ("nocobase", path);
  if (reprise_archive_get_encrypted (self->archive))
    password = reprise_secrets_lookup (secrets, REPRISE_NOCOBASE_SECRET_ARCHIVE, cancellable, NULL);
  if (!self->old)
    return reprise_nocobase_data_inspect (self->inside, path, password, REPRISE_DEPTH_DEEP,
                                          progress, cancellable, error);
  return reprise_nocobase_dump_inspect (self->inside, path, REPRISE_DEPTH_DEEP, progress,
                                        cancellable, error);
}

/* Damage would break the server in the middle of it. */
static gboolean
check_archive (RepriseNocobasePlanner *self,
               RepriseSecrets *secrets,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) damage = NULL;

  if (!look_inside (self, secrets, progress, cancellable, &local))
    {
      if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED) &&
          !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_LIMIT) &&
          !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NEEDS_PASSWORD))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      refuse (self,
              g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NEEDS_PASSWORD) ? "password"
                                                                                   : "archive",
              local->message, NULL);
      return TRUE;
    }
  if (reprise_archive_get_locked (self->inside))
    {
      refuse (self, "password", _ ("The archive is encrypted, and its password is not known."),
              _ ("Give the service the archive password."));
      return TRUE;
    }
  damage = reprise_archive_dup_damage (self->inside);
  if (damage[0] != NULL)
    refuse (self, "archive", damage[0],
            _ ("It is not sent: a damaged archive breaks the server. Take another backup."));
  else
    pass (self, "archive", _ ("The archive was read in full, and is whole."));
  return TRUE;
}

/* NocoBase 2 brought the Backup manager, and with it a command that has the same name as the old plugin's. */
static void
check_old_command (RepriseNocobasePlanner *self)
{
  const char *allowed = reprise_plan_get_option (self->plan, REPRISE_NOCOBASE_OPTION_OLD_RESTORE);
  guint major = reprise_nocobase_version_get_major (self->target->version);

  if (self->target->new_plugin != REPRISE_NOCOBASE_ABSENT || self->target->has_new_package)
    refuse (self, "old-restore",
            _ ("This server has the Backup manager, whose restore command hides that of the old "
               "plugin: calling it ends the "
               "server’s process."),
            _ ("Restore the .nbdump into a server of NocoBase 1.x, upgrade that, and back it up "
               "with the Backup manager; or "
               "restore a .nbdata here."));
  else if (major >= 2 && g_strcmp0 (allowed, "allow") != 0)
    refuse (self, "old-restore",
            _ ("From NocoBase 2 on, the restore of the old plugin leaves the server broken until "
               "it is restarted, unless its "
               "administrator repaired it."),
            _ ("Restore into a server of NocoBase 1.x. If this server was repaired, say so with "
               "the restore setting "
               "old-restore=allow."));
  else if (major >= 2)
    warn (self, "old-restore",
          _ ("The restore of the old plugin is called on NocoBase 2, as you allowed."),
          _ ("If it was not repaired there, the server will be broken until it is restarted."));
  else if (major == 0)
    warn (self, "old-restore",
          _ ("The server’s version is not known, so nobody knows whether its restore works."),
          NULL);
}

static void
check_plugin (RepriseNocobasePlanner *self)
{
  RepriseNocobasePresence needed = self->old ? self->target->old_plugin : self->target->new_plugin;
  RepriseNocobasePresence other = self->old ? self->target->new_plugin : self->target->old_plugin;

  if (needed == REPRISE_NOCOBASE_THERE)
    pass (self, "plugin",
          self->old ? _ ("The plugin “Backup & Restore” is there.")
                    : _ ("The Backup manager is there."));
  else if (needed == REPRISE_NOCOBASE_DENIED)
    refuse (self, "plugin", _ ("The account may not use the plugin that restores this archive."),
            _ ("It needs a role with the right to manage backups, such as “admin” or “root”."));
  else if (self->old && other != REPRISE_NOCOBASE_ABSENT)
    refuse (self, "plugin",
            _ ("A .nbdump archive can only be restored by the old plugin “Backup & Restore”, and "
               "this server has the Backup "
               "manager in its place."),
            _ ("Restore it into a server of NocoBase 1.x, upgrade that, and back it up with the "
               "Backup manager."));
  else if (self->old)
    refuse (self, "plugin",
            _ ("A .nbdump archive needs the plugin “Backup & Restore”, which is not enabled."),
            _ ("Enable it in the server’s plugin manager."));
  else
    refuse (self, "plugin",
            _ ("A .nbdata archive needs the Backup manager, which this server does not have or not "
               "enabled."),
            _ ("Restore it into a server of NocoBase 2.0.52 or later."));
  if (self->old)
    check_old_command (self);
}

static void
check_engine (RepriseNocobasePlanner *self)
{
  const char *of_archive = reprise_archive_get_engine (self->inside);
  const char *of_target = self->target->dialect;
  g_autofree char *text = NULL;

  if (of_target == NULL)
    warn (self, "engine", _ ("The server does not say which database it has."), NULL);
  else if (g_strcmp0 (of_archive, of_target) == 0)
    {
      text = g_strdup_printf (_ ("The database is %s, as the backup’s."), of_target);
      pass (self, "engine", text);
    }
  else
    {
      text = g_strdup_printf (_ ("The backup is of a database %s, and the server has %s."),
                              of_archive, of_target);
      refuse (self, "engine", text, _ ("Restore it into a server with the same kind of database."));
    }
}

static void
check_version (RepriseNocobasePlanner *self)
{
  const char *of_archive = reprise_archive_get_service_version (self->inside);
  const char *of_target = self->target->version;
  int order = reprise_nocobase_version_compare (of_archive, of_target);
  g_autofree char *text = NULL;

  if (order > 0)
    {
      text = g_strdup_printf (_ ("The backup is of NocoBase %s, newer than the server with %s."),
                              of_archive, of_target);
      refuse (self, "version", text, _ ("Upgrade the server first."));
    }
  else if (self->old && reprise_nocobase_version_compare (of_archive, OLDEST_VERSION) < 0)
    {
      text = g_strdup_printf (
        _ ("The backup is of NocoBase %s, from before %s: no later server takes it."), of_archive,
        OLDEST_VERSION);
      refuse (self, "version", text, NULL);
    }
  else if (order < 0)
    {
      text = g_strdup_printf (_ ("The backup is of NocoBase %s, older than the server with %s."),
                              of_archive, of_target);
      warn (self, "version", text, _ ("The server upgrades the data after the restore."));
    }
  else
    {
      text = g_strdup_printf (_ ("Version %s, the same as the backup’s."), of_target);
      pass (self, "version", text);
    }
}

/* The value of NAME in lines of NAME=VALUE. */
static char *
find_value (const char *lines, const char *name)
{
  g_auto (GStrv) all = g_strsplit (lines, "\n", -1);
  gsize length = strlen (name);

  for (guint i = 0; all[i] != NULL; i++)
    if (strncmp (all[i], name, length) == 0 && all[i][length] == '=')
      return g_strdup (all[i] + length + 1);
  return NULL;
}

/**
 * reprise_nocobase_plan_check_environment:
 * @of_archive: NAME=VALUE lines
 * @of_target: likewise, of an archive that the target made
 * @difference: (out) (nullable): what the target would have to be set to
 *
 * Whether the target is set as the archive demands. What is empty in the archive demands nothing.
 */
gboolean
reprise_nocobase_plan_check_environment (const char *of_archive,
                                         const char *of_target,
                                         char **difference)
{
  g_auto (GStrv) lines = g_strsplit (of_archive, "\n", -1);

  *difference = NULL;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *equals = strchr (lines[i], '=');
      g_autofree char *name =
        equals != NULL ? g_strndup (lines[i], (gsize) (equals - lines[i])) : NULL;
      g_autofree char *value = name != NULL ? find_value (of_target, name) : NULL;

      if (name == NULL || g_strcmp0 (value, equals + 1) == 0)
        continue;
      *difference = g_strdup (lines[i]);
      return FALSE;
    }
  return TRUE;
}

/* How the server is set shows in an archive that it made itself, and nowhere else. */
static gboolean
ask_environment (RepriseNocobasePlanner *self,
                 char **environment,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GPtrArray) list =
    reprise_nocobase_backup_list (self->target, NULL, cancellable, error);

  if (list == NULL)
    return FALSE;
  for (guint i = 0; i < list->len; i++)
    {
      const char *name = reprise_backup_get_own_name (list->pdata[i]);
      g_autoptr (JsonObject) meta = NULL;
      g_autoptr (RepriseArchive) archive = NULL;

      if (!reprise_nocobase_backup_is_old (name) || reprise_backup_get_in_progress (list->pdata[i]))
        continue;
      meta = reprise_nocobase_backup_get_meta (self->target, name, cancellable, NULL);
      archive = reprise_archive_new_for_file ("nocobase", NULL);
      if (meta != NULL && reprise_nocobase_dump_apply_meta (archive, meta, NULL))
        *environment =
          g_strdup (reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_ENVIRONMENT));
      break; /* each such look leaves files on the server */
    }
  return TRUE;
}

static gboolean
check_environment (RepriseNocobasePlanner *self, GCancellable *cancellable, GError **error)
{
  const char *of_archive =
    reprise_archive_get_data (self->inside, REPRISE_NOCOBASE_DATA_ENVIRONMENT);
  g_autofree char *of_target = NULL, *difference = NULL, *text = NULL;

  if (!self->old) /* the Backup manager compares it before it does anything, and says so */
    return TRUE;
  if (self->target->old_plugin == REPRISE_NOCOBASE_THERE &&
      !ask_environment (self, &of_target, cancellable, error))
    return FALSE;
  if (of_target == NULL)
    warn (self, "environment", _ ("How the server’s database is set cannot be seen yet."),
          _ ("It is compared with the safety copy, before anything is written."));
  else if (reprise_nocobase_plan_check_environment (of_archive, of_target, &difference))
    pass (self, "environment", _ ("The server’s database is set as the backup’s."));
  else
    {
      text = g_strdup_printf (_ ("The server’s database is set differently: the backup needs %s."),
                              difference);
      refuse (self, "environment", text, _ ("Restore it into a server that is set so."));
    }
  return TRUE;
}

/* Those that the archive needs and the server does not have: (element-type utf8), or %NULL where the account may not see that. */
static GPtrArray *
find_missing_packages (RepriseNocobasePlanner *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (JsonObject) root =
    reprise_nocobase_client_get (self->target->client, cancellable, error, "pm:list", NULL);
  g_autoptr (GHashTable) there = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) needed =
    reprise_nocobase_planner_get_lines (self->inside, REPRISE_NOCOBASE_DATA_PLUGINS);
  JsonArray *rows = reprise_json_get_array (root, "data");

  if (root == NULL)
    return NULL;
  for (guint i = 0; i < reprise_json_array_get_length (rows); i++)
    {
      const char *package =
        reprise_json_get_string (reprise_json_array_get_object (rows, i), "packageName", NULL);

      if (package != NULL)
        g_hash_table_add (there, g_strdup (package));
    }
  for (guint i = 0; needed[i] != NULL; i++)
    {
      g_autoptr (JsonObject) one = NULL;

      if (g_hash_table_contains (there, needed[i]))
        continue;
      /* The list leaves out what is deprecated. */
      one = reprise_nocobase_client_get (self->target->client, cancellable, NULL, "pm:get",
                                         "filterByTk", needed[i], NULL);
      if (one == NULL)
        g_ptr_array_add (missing, g_strdup (needed[i]));
    }
  return g_steal_pointer (&missing);
}

/* Whether a field to be restored is of a type that only a missing plugin knows: then the restore would end in the middle. */
static gboolean
needs_missing_type (RepriseNocobasePlanner *self, GPtrArray *missing)
{
  g_auto (GStrv) types =
    reprise_nocobase_planner_get_lines (self->inside, REPRISE_NOCOBASE_DATA_TYPES);
  RepriseGroups groups = reprise_plan_get_groups (self->plan);

  for (guint i = 0; types[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (types[i], "\t", 2);
      const char *package = reprise_nocobase_rules_find_package (parts[1]);
      RepriseGroup group = REPRISE_GROUP_REQUIRED;

      reprise_contents_find (reprise_archive_get_contents (self->inside), parts[0], &group);
      if (REPRISE_GROUPS_HAS (groups, group) &&
          (package == NULL ||
           g_ptr_array_find_with_equal_func (missing, package, g_str_equal, NULL)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_packages (RepriseNocobasePlanner *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) missing = find_missing_packages (self, cancellable, &local);
  g_autofree char *names = NULL, *text = NULL;

  if (missing == NULL)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      warn (self, "plugins",
            _ ("Whether the server has the plugins that the backup needs could not be seen."),
            local->message);
      return TRUE;
    }
  if (missing->len == 0)
    {
      pass (self, "plugins", _ ("The server has all plugins that the backup needs."));
      return TRUE;
    }
  names = reprise_strv_join_some (missing, REPRISE_NOCOBASE_MAX_NAMES);
  text =
    g_strdup_printf (_ ("The server lacks plugins that are enabled in the backup: %s."), names);
  if (self->old && (reprise_nocobase_version_get_major (self->target->version) < 2 ||
                    needs_missing_type (self, missing)))
    refuse (self, "plugins", text, _ ("The restore would break the server: install them first."));
  else
    warn (self, "plugins", text, _ ("What they do will be missing until they are installed."));
  return TRUE;
}

static gboolean
is_restored (RepriseNocobasePlanner *self, RepriseContents *contents, const char *collection)
{
  RepriseGroup group;

  return contents != NULL && reprise_contents_find (contents, collection, &group) != NULL &&
         REPRISE_GROUPS_HAS (reprise_plan_get_groups (self->plan), group);
}

/* A collection that inherits is only restored where the one that it inherits from is. */
static void
check_parents (RepriseNocobasePlanner *self)
{
  g_auto (GStrv) lines =
    reprise_nocobase_planner_get_lines (self->inside, REPRISE_NOCOBASE_DATA_INHERITS);
  RepriseContents *contents = reprise_archive_get_contents (self->inside);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], "\t", 2);
      g_autofree char *text = NULL;

      if (!is_restored (self, contents, parts[0]) || is_restored (self, contents, parts[1]))
        continue;
      text = g_strdup_printf (_ ("“%s” inherits from “%s”, which is not restored with it."),
                              parts[0], parts[1]);
      refuse (self, "inherits", text, _ ("Restore its group as well."));
    }
}

/* Dropping a table takes those that inherit from it along, also in groups that nobody chose. */
void
reprise_nocobase_planner_check_children (RepriseNocobasePlanner *self)
{
  g_auto (GStrv) lines = g_strsplit (self->inherits->str, "\n", -1);
  RepriseContents *contents = reprise_archive_get_contents (self->inside);

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], "\t", 2);
      g_autofree char *text = NULL;

      if (!is_restored (self, contents, parts[1]) || is_restored (self, contents, parts[0]))
        continue;
      if (reprise_contents_find (contents, parts[0], NULL) != NULL)
        {
          text = g_strdup_printf (
            _ ("Replacing “%s” removes “%s”, which inherits from it and is not restored."),
            parts[1], parts[0]);
          refuse (self, "inherits", text, _ ("Restore its group as well."));
        }
      else
        reprise_plan_add_loss (self->plan,
                               _ ("“%s” is lost: it inherits from “%s”, and is not in the backup."),
                               parts[0], parts[1]);
    }
}

static void
check_identity (RepriseNocobasePlanner *self)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (self->archive);
  const char *from = manifest != NULL ? reprise_manifest_get_identity (manifest) : NULL;
  const char *to = reprise_nocobase_client_get_identity (self->target->client);
  g_autofree char *text = NULL;

  if (from == NULL || strcmp (from, to) == 0)
    return;
  text = g_strdup_printf (_ ("The backup is of another application, %s."), from);
  warn (self, "identity", text,
        _ ("Everything that it replaces here is replaced by that application’s."));
}

/* The Backup manager restores everything: nobody gets more than was asked for without having been told. */
static void
check_groups (RepriseNocobasePlanner *self, RepriseGroups asked)
{
  RepriseGroups there = reprise_contents_get_groups (reprise_archive_get_contents (self->inside));

  if (self->old)
    {
      if (asked != REPRISE_GROUPS_NONE && (asked & ~there & REPRISE_GROUPS_ALL) != 0)
        {
          g_autofree char *names = reprise_groups_to_text (asked & ~there & REPRISE_GROUPS_ALL);
          g_autofree char *text = g_strdup_printf (_ ("The archive does not hold: %s."), names);

          warn (self, "groups", text, NULL);
        }
      reprise_plan_force_group (
        self->plan, REPRISE_GROUP_REQUIRED,
        _ ("NocoBase always restores the required group, with whatever else is chosen."));
      return;
    }
  for (guint group = 0; group < REPRISE_GROUP_SKIPPED; group++)
    if (REPRISE_GROUPS_HAS (there, group))
      reprise_plan_force_group (
        self->plan, (RepriseGroup) group,
        _ ("An archive of the Backup manager is always restored as a whole."));
  if (asked != REPRISE_GROUPS_NONE && (there & ~asked) != 0)
    refuse (self, "groups", _ ("An archive of the Backup manager can only be restored as a whole."),
            _ ("Choose all groups."));
}

/* Whether there is anything to compare with the server: what is in the archive. */
gboolean
reprise_nocobase_planner_is_readable (RepriseNocobasePlanner *self)
{
  return self->inside != NULL && reprise_archive_get_contents (self->inside) != NULL;
}

/* All that shows without the rows of the server. */
gboolean
reprise_nocobase_planner_check (RepriseNocobasePlanner *self,
                                RepriseGroups groups,
                                RepriseSecrets *secrets,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  if (!check_archive (self, secrets, progress, cancellable, error))
    return FALSE;
  check_plugin (self);
  if (!reprise_nocobase_planner_is_readable (self))
    return TRUE;
  check_engine (self);
  check_version (self);
  check_identity (self);
  check_groups (self, groups);
  if (!check_environment (self, cancellable, error) || !check_packages (self, cancellable, error))
    return FALSE;
  if (self->old)
    check_parents (self);
  return TRUE;
}
