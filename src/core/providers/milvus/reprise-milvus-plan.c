/* reprise-milvus-plan.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdio.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/milvus/reprise-milvus-name.h"
#include "providers/milvus/reprise-milvus-place.h"
#include "providers/milvus/reprise-milvus-plan.h"
#include "providers/milvus/reprise-milvus-settings.h"

/**
 * Draft:
 * @known: whether Milvus said which of the targets exist
 * @replace: whether those that exist are dropped
 *
 * A plan while it is made.
 */
typedef struct
{
  RepriseMilvusTarget *target;
  ReprisePlan *plan;
  GPtrArray *goals;
  gboolean known;
  gboolean replace;
  RepriseMilvusGeneration generation;
  char *milvus_version; /* (owned) (nullable) */
} Draft;

static gboolean
is_true (Draft *draft, const char *key, gboolean fallback)
{
  return reprise_milvus_plan_is_true (reprise_plan_get_options (draft->plan), key, fallback);
}

/* --- checks --- */

/* %FALSE with @error where the server is there and does not answer: then it would answer to nothing else either, and the oldest ones
 * would be waited for very long. */
static gboolean
check_server (Draft *draft, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  RepriseMilvusClient *client = reprise_milvus_target_get_client (draft->target);
  g_autoptr (RepriseMilvusCheck) check = reprise_milvus_client_check (client, cancellable, &local);
  g_autofree char *text = NULL;

  if (local != NULL && (reprise_error_is_stop (local) ||
                        g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_STALLED)))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (local != NULL)
    reprise_plan_add_check (draft->plan, "server", REPRISE_CHECK_REFUSED, local->message, NULL);
  else if (check == NULL)
    reprise_plan_add_check (draft->plan, "server", REPRISE_CHECK_WARNING,
                            _ ("This backup server is older than 0.4.0, and cannot say whether it "
                               "reaches Milvus and the storage."),
                            NULL);
  else
    {
      text = reprise_milvus_target_explain_check (draft->target, check);
      reprise_plan_add_check (
        draft->plan, "server",
        !check->ok     ? REPRISE_CHECK_REFUSED
        : text != NULL ? REPRISE_CHECK_WARNING
                       : REPRISE_CHECK_OK,
        text != NULL ? text : _ ("The backup server reaches Milvus and the storage."), NULL);
      draft->milvus_version = g_strdup (check->milvus_version);
    }
  return TRUE;
}

static int
read_version (const char *text)
{
  int major = 0, minor = 0;

  if (text == NULL || sscanf (*text == 'v' ? text + 1 : text, "%d.%d", &major, &minor) != 2)
    return -1;
  return major * 1000 + minor;
}

static void
check_version (Draft *draft)
{
  const char *saved = reprise_archive_get_service_version (reprise_plan_get_archive (draft->plan));
  g_autofree char *text = NULL;

  if (read_version (saved) < 0 || read_version (draft->milvus_version) < 0)
    return;
  if (read_version (draft->milvus_version) < read_version (saved))
    text =
      g_strdup_printf (_ ("The backup is of Milvus %s, and this is %s: a restore needs the same "
                          "version or a newer one."),
                       saved, draft->milvus_version);
  else
    text = g_strdup_printf (_ ("Milvus %s; the backup is of %s."), draft->milvus_version, saved);
  reprise_plan_add_check (draft->plan, "version",
                          read_version (draft->milvus_version) < read_version (saved)
                            ? REPRISE_CHECK_WARNING
                            : REPRISE_CHECK_OK,
                          text, NULL);
}

/* What lies only in the vault must be put into the storage first. */
static void
check_upload (Draft *draft, const RepriseMilvusPlace *place)
{
  if (!reprise_milvus_target_has_storage (draft->target))
    reprise_plan_add_check (
      draft->plan, "archive", REPRISE_CHECK_REFUSED,
      place->renamed
        ? _ ("The backup server has another backup of the same name, which is not the one that is "
             "to be restored; and the object storage, into which that could be uploaded under "
             "another name, is not set in the settings of the service.")
        : _ ("The backup must be uploaded to the object storage first, and that "
             "is not set in the settings of the service."),
      NULL);
  else if (place->renamed)
    {
      g_autofree char *text = g_strdup_printf (
        _ ("The backup server has another backup of the same name, which is left alone: this one "
           "is uploaded to the object storage as “%s”."),
        place->name);

      reprise_plan_add_check (draft->plan, "archive", REPRISE_CHECK_WARNING, text, NULL);
    }
  else
    reprise_plan_add_check (draft->plan, "archive", REPRISE_CHECK_OK,
                            _ ("The backup is uploaded to the object storage first."), NULL);
}

static void
check_archive (Draft *draft, const RepriseMilvusPlace *place)
{
  RepriseArchive *archive = reprise_plan_get_archive (draft->plan);
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  g_autofree char *text = NULL;

  if (place->there && place->renamed)
    {
      text = g_strdup_printf (_ ("The backup server has the backup as “%s”; that of the same name "
                                 "is another one."),
                              place->name);
      reprise_plan_add_check (draft->plan, "archive", REPRISE_CHECK_WARNING, text, NULL);
    }
  else if (place->there)
    reprise_plan_add_check (draft->plan, "archive", REPRISE_CHECK_OK,
                            _ ("The backup server has the backup."), NULL);
  else if (backup != NULL && reprise_backup_get_state (backup) == REPRISE_BACKUP_PARTIAL)
    reprise_plan_add_check (draft->plan, "archive", REPRISE_CHECK_REFUSED,
                            _ ("The backup was left half made, and cannot be restored."), NULL);
  else if (reprise_archive_get_path (archive) == NULL ||
           reprise_milvus_plan_get_reference (archive) != NULL)
    reprise_plan_add_check (draft->plan, "archive", REPRISE_CHECK_REFUSED,
                            _ ("The backup server does not have the backup any more."), NULL);
  else
    check_upload (draft, place);
}

static char *
list_existing (GPtrArray *goals)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < goals->len; i++)
    {
      const RepriseMilvusGoal *goal = goals->pdata[i];
      g_autofree char *name = reprise_milvus_name_show (goal->to);

      if (goal->exists)
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
    }
  return names->len > 0 ? g_string_free (g_steal_pointer (&names), FALSE) : NULL;
}

static void
check_existing (Draft *draft)
{
  g_autofree char *names = draft->known ? list_existing (draft->goals) : NULL;
  g_autofree char *text = NULL;

  if (!draft->known)
    {
      reprise_plan_add_check (
        draft->plan, "target", REPRISE_CHECK_WARNING,
        reprise_milvus_target_has_milvus (draft->target)
          ? _ ("Whether its collections exist is not reported, for what is in the backup is not.")
          : _ (
              "Whether collections of those names exist is not reported, for the address of Milvus "
              "itself is not set."),
        draft->replace ? _ ("Those that exist are dropped.")
                       : _ ("Where one exists, the backup server refuses the restore."));
      return;
    }
  if (names == NULL)
    {
      reprise_plan_add_check (draft->plan, "target", REPRISE_CHECK_OK,
                              _ ("No collection of those names exists."), NULL);
      return;
    }
  text = g_strdup_printf (draft->replace ? _ ("These collections are dropped, and replaced: %s")
                                         : _ ("These collections exist already: %s"),
                          names);
  reprise_plan_add_check (draft->plan, "target",
                          draft->replace ? REPRISE_CHECK_WARNING : REPRISE_CHECK_REFUSED, text,
                          draft->replace ? NULL
                                         : _ ("Give a suffix such as “_recover” or other names, or "
                                              "choose to replace what exists."));
}

/* What backup.yaml of older servers cannot say. */
static void
check_folder (Draft *draft)
{
  const char *local =
    reprise_milvus_target_get_setting (draft->target, REPRISE_MILVUS_SETTING_LOCAL);
  const char *storage =
    reprise_milvus_target_get_setting (draft->target, REPRISE_MILVUS_SETTING_STORAGE);

  if (draft->generation != REPRISE_MILVUS_C && g_str_equal (local, REPRISE_MILVUS_LOCAL_FORM) &&
      g_str_equal (storage, REPRISE_MILVUS_STORAGE_FOLDER) &&
      *reprise_milvus_target_get_setting (draft->target, REPRISE_MILVUS_SETTING_DATA_FOLDER) !=
        '\0')
    reprise_plan_add_check (draft->plan, "storage", REPRISE_CHECK_REFUSED,
                            _ ("Backup servers before 0.6.0 cannot restore into a Milvus that "
                               "keeps its data in a folder."),
                            NULL);
}

static void
check_options (Draft *draft)
{
  if (is_true (draft, REPRISE_MILVUS_OPTION_STRUCTURE, FALSE) &&
      draft->generation == REPRISE_MILVUS_A)
    reprise_plan_add_check (draft->plan, "structure", REPRISE_CHECK_WARNING,
                            _ ("Backup servers of that age may restore the rows too."), NULL);
  if (!is_true (draft, REPRISE_MILVUS_OPTION_INDEXES, TRUE))
    reprise_plan_add_check (draft->plan, "indexes", REPRISE_CHECK_WARNING,
                            _ ("Without indexes the collections cannot be loaded: create them "
                               "afterwards."),
                            NULL);
  if (draft->goals->len == 0 &&
      (reprise_milvus_plan_get (reprise_plan_get_options (draft->plan),
                                REPRISE_MILVUS_OPTION_RENAME, NULL) != NULL ||
       reprise_milvus_plan_get (reprise_plan_get_options (draft->plan),
                                REPRISE_MILVUS_OPTION_DATABASE, NULL) != NULL))
    reprise_plan_add_check (
      draft->plan, "names", REPRISE_CHECK_REFUSED,
      _ ("What is in the backup is not reported: name the collections that are "
         "to get other names."),
      NULL);
}

static void
check_verification (Draft *draft)
{
  if (!reprise_milvus_target_has_milvus (draft->target))
    reprise_plan_add_check (draft->plan, "verification", REPRISE_CHECK_WARNING,
                            _ ("The rows cannot be counted afterwards, for the address of Milvus "
                               "itself is not set."),
                            NULL);
}

/* --- what may be dropped --- */

#define COVERED "reprise-milvus-covered"

/* Those that exist now may be dropped: they were shown, or are in the safety copy. Whatever comes to be later may not. */
void
reprise_milvus_plan_cover (ReprisePlan *plan, GPtrArray *goals)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < goals->len; i++)
    if (((RepriseMilvusGoal *) goals->pdata[i])->exists)
      g_ptr_array_add (names, g_strdup (((RepriseMilvusGoal *) goals->pdata[i])->to));
  g_object_set_data_full (G_OBJECT (plan), COVERED, names, (GDestroyNotify) g_ptr_array_unref);
}

/* %FALSE with %REPRISE_ERROR_REFUSED where one exists now that did not then; @goals were looked at just before */
gboolean
reprise_milvus_plan_check_covered (ReprisePlan *plan, GPtrArray *goals, GError **error)
{
  GPtrArray *names = g_object_get_data (G_OBJECT (plan), COVERED);

  for (guint i = 0; i < goals->len; i++)
    {
      const RepriseMilvusGoal *goal = goals->pdata[i];
      g_autofree char *name = NULL;

      if (!goal->exists ||
          (names != NULL && g_ptr_array_find_with_equal_func (names, goal->to, g_str_equal, NULL)))
        continue;
      name = reprise_milvus_name_show (goal->to);
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("The collection “%s” came into being while the restore was prepared, and is "
           "in no safety copy. Nothing was dropped: begin again."),
        name);
      return FALSE;
    }
  return TRUE;
}

/* --- rows and steps --- */

static ReprisePlanAction
get_action (Draft *draft, const RepriseMilvusGoal *goal)
{
  if (goal->exists && !draft->replace)
    return REPRISE_PLAN_REFUSED;
  return goal->exists || (!draft->known && draft->replace) ? REPRISE_PLAN_REPLACED
                                                           : REPRISE_PLAN_CREATED;
}

static void
add_row (Draft *draft, const RepriseMilvusGoal *goal)
{
  g_autofree char *from = reprise_milvus_name_show (goal->from);
  g_autofree char *to = reprise_milvus_name_show (goal->to);
  g_autofree char *text =
    g_str_equal (from, to) ? NULL : g_strdup_printf (_ ("It gets the name “%s”."), to);
  gboolean structure = is_true (draft, REPRISE_MILVUS_OPTION_STRUCTURE, FALSE);

  reprise_plan_add_row (draft->plan, REPRISE_GROUP_CUSTOM, from,
                        draft->known ? goal->now : (gint64) REPRISE_NOT_REPORTED,
                        structure ? 0 : goal->rows, get_action (draft, goal), text);
  if (goal->exists && draft->replace && draft->generation == REPRISE_MILVUS_A)
    {
      g_autofree char *step = g_strdup_printf ("POST collections/drop %s", to);

      reprise_plan_add_step (draft->plan, step);
    }
}

static gboolean
restores_roles (Draft *draft)
{
  RepriseContents *contents = reprise_archive_get_contents (reprise_plan_get_archive (draft->plan));
  RepriseGroups groups = reprise_plan_get_groups (draft->plan);

  return contents != NULL &&
         REPRISE_GROUPS_HAS (reprise_contents_get_groups (contents), REPRISE_GROUP_USER) &&
         (groups == REPRISE_GROUPS_NONE || REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_USER));
}

static void
add_rows (Draft *draft, const char *name)
{
  RepriseGroups groups = reprise_plan_get_groups (draft->plan);
  g_autofree char *step = g_strdup_printf ("POST restore %s", name);

  for (guint i = 0; i < draft->goals->len; i++)
    add_row (draft, draft->goals->pdata[i]);
  if (draft->goals->len == 0)
    reprise_plan_add_row (draft->plan, REPRISE_GROUP_CUSTOM, NULL, REPRISE_NOT_REPORTED,
                          REPRISE_NOT_REPORTED,
                          draft->replace ? REPRISE_PLAN_REPLACED : REPRISE_PLAN_CREATED, NULL);
  if (restores_roles (draft))
    reprise_plan_add_row (draft->plan, REPRISE_GROUP_USER, _ ("Users, roles and grants"),
                          REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED, REPRISE_PLAN_MERGED,
                          _ ("Those that are missing are added."));
  if (groups != REPRISE_GROUPS_NONE && !REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_CUSTOM))
    reprise_plan_add_check (draft->plan, "groups", REPRISE_CHECK_REFUSED,
                            _ ("Milvus Backup restores roles together with collections only."),
                            NULL);
  reprise_plan_add_check (draft->plan, "others", REPRISE_CHECK_OK,
                          _ ("Collections that are not listed are left alone, and not counted."),
                          NULL);
  reprise_plan_add_group_rows (draft->plan);
  reprise_plan_add_step (draft->plan, step);
}

static void
add_losses (Draft *draft)
{
  gboolean overwrites = draft->replace && !draft->known;

  for (guint i = 0; i < draft->goals->len; i++)
    overwrites |= draft->replace && ((RepriseMilvusGoal *) draft->goals->pdata[i])->exists;
  reprise_plan_set_overwrites (draft->plan, overwrites);
  if (overwrites)
    reprise_plan_add_loss (draft->plan, "%s",
                           _ ("Collections that are replaced are dropped first and cannot be used "
                              "until the restore is over. Everything else stays usable."));
  else
    reprise_plan_add_loss (draft->plan, "%s", _ ("Milvus stays usable meanwhile."));
  reprise_plan_add_loss (draft->plan, "%s",
                         _ ("Restored collections are not loaded, whatever they were before."));
  if (!draft->known && draft->replace)
    reprise_plan_set_no_safety_copy (
      draft->plan,
      reprise_milvus_target_has_milvus (draft->target)
        ? _ (
            "which collections exist is not reported, for what is in the backup is not; name those "
            "that are to be restored")
        : _ ("which collections exist is not reported, for the address of Milvus itself "
             "is not set"));
}

/* How it is restored depends on whether what exists is dropped; %FALSE with @error where Milvus should be asked and cannot */
static gboolean
fill (Draft *draft, GCancellable *cancellable, GError **error)
{
  RepriseMilvusClient *client = reprise_milvus_target_get_client (draft->target);
  RepriseArchive *archive = reprise_plan_get_archive (draft->plan);
  g_autoptr (RepriseMilvusPlace) place = NULL;

  draft->generation = reprise_milvus_client_get_generation (client, cancellable, error);
  if (draft->generation == 0 || !check_server (draft, cancellable, error))
    return FALSE;
  place = reprise_milvus_place_find (draft->target, archive, cancellable, error);
  if (place == NULL)
    return FALSE;
  draft->known = reprise_milvus_target_has_milvus (draft->target) && draft->goals->len > 0;
  if (draft->known && !reprise_milvus_plan_look (draft->target, draft->goals, cancellable, error))
    return FALSE;
  check_version (draft);
  check_archive (draft, place);
  check_existing (draft);
  check_options (draft);
  check_folder (draft);
  check_verification (draft);
  add_rows (draft, place->name);
  add_losses (draft);
  reprise_milvus_plan_cover (draft->plan, draft->goals);
  return TRUE;
}

/**
 * reprise_milvus_plan_new:
 *
 * Returns: (transfer full): what a restore would do. It only reads
 */
ReprisePlan *
reprise_milvus_plan_new (RepriseMilvusTarget *target,
                         RepriseArchive *archive,
                         RepriseGroups groups,
                         GHashTable *options,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (ReprisePlan) plan = reprise_plan_new (archive, groups, options);
  g_autoptr (GPtrArray) goals =
    reprise_milvus_plan_list_goals (target, archive, options, cancellable, error);
  RepriseHttp *http = reprise_milvus_client_get_http (reprise_milvus_target_get_client (target));
  Draft draft = { .target = target, .plan = plan, .goals = goals };
  gboolean ok;

  if (goals == NULL)
    return NULL;
  draft.replace = g_str_equal (reprise_milvus_plan_get (options, REPRISE_MILVUS_OPTION_EXISTING,
                                                        REPRISE_MILVUS_EXISTING_REFUSE),
                               REPRISE_MILVUS_EXISTING_REPLACE);
  ok = fill (&draft, cancellable, error);
  g_free (draft.milvus_version);
  if (!ok)
    return NULL;
  reprise_plan_set_target (plan, reprise_http_get_name (http));
  return g_steal_pointer (&plan);
}
