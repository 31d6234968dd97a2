/* reprise-milvus-follow.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-strv.h"
#include "base/reprise-wait.h"
#include "providers/milvus/reprise-milvus-follow.h"
#include "providers/milvus/reprise-milvus-name.h"

/* After a restart of the server nothing is left of its tasks, and some versions start tasks that never begin: so each wait has an end. */

const RepriseMilvusPace REPRISE_MILVUS_PACE = {
  .first_ms = 2000,
  .later_ms = 5000,
  .hurry_ms = 30000,
  .stuck_ms = 60000,
  .idle_ms = 30 * 60 * 1000,
  .load_ms = 10 * 60 * 1000,
  .losses = 10,
};

#define QUICK_QUESTIONS 4
#define QUICK_MS        150u
#define MAX_NAMES       3
#define INDEXING        70 /* percent at which a restore rests while Milvus builds indexes */

/**
 * Watch:
 * @begun_us: monotonic, so are the others
 * @changed_us: when state or progress last were others
 * @looked_us: when the list was last asked
 * @asked: how often
 * @seen: whether the server has known of it
 * @counts: whether the progress means something: it begins at 100 in the oldest versions
 * @best: the highest progress that was shown
 * @told: (owned) (element-type utf8): collections that are restored, and were logged
 */
typedef struct
{
  const RepriseMilvusPace *pace;
  RepriseProgress *progress;
  gint64 begun_us;
  gint64 changed_us;
  gint64 looked_us;
  guint losses;
  guint asked;
  gboolean seen;
  gboolean counts;
  int best;
  RepriseMilvusState state;
  int percent;
  GHashTable *told;
} Watch;

static void
watch_clear (Watch *watch)
{
  g_clear_pointer (&watch->told, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Watch, watch_clear)

static gint64
get_ms_since (gint64 then_us)
{
  return (g_get_monotonic_time () - then_us) / 1000;
}

static void
begin (Watch *watch, const RepriseMilvusPace *pace, RepriseProgress *progress)
{
  *watch = (Watch){ .pace = pace, .progress = progress, .state = REPRISE_MILVUS_UNSAID };
  watch->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  watch->begun_us = watch->changed_us = watch->looked_us = g_get_monotonic_time ();
  reprise_progress_set_totals (progress, -1, 100);
}

/* What is small is done soon: the first questions follow quickly upon each other. */
static gboolean
pause_between (Watch *watch, GCancellable *cancellable, GError **error)
{
  guint usual = get_ms_since (watch->begun_us) < watch->pace->hurry_ms ? watch->pace->first_ms
                                                                       : watch->pace->later_ms;
  guint quick = watch->asked < QUICK_QUESTIONS ? QUICK_MS << watch->asked : usual;

  watch->asked++;
  return reprise_wait (MIN (usual, quick), cancellable, error);
}

static void
note (Watch *watch, RepriseMilvusState state, int percent)
{
  watch->seen = TRUE;
  watch->losses = 0;
  if (state != watch->state || percent != watch->percent)
    watch->changed_us = g_get_monotonic_time ();
  watch->state = state;
  watch->percent = percent;
  if (state != REPRISE_MILVUS_RUNNING)
    return;
  watch->counts |= percent < 100;
  if (!watch->counts || percent <= watch->best)
    return;
  watch->best = percent;
  reprise_progress_set_done (watch->progress, 0, percent);
}

/* Whether it may be asked again. @local: (transfer full); @name: (nullable): of the backup, or %NULL for a restore */
static gboolean
bear_loss (Watch *watch, GError *local, const char *name, GError **error)
{
  g_autoptr (GError) loss = local;

  if (reprise_error_is_stop (loss) ||
      g_error_matches (loss, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN))
    g_propagate_error (error, g_steal_pointer (&loss));
  else if (++watch->losses < watch->pace->losses)
    {
      reprise_progress_log (watch->progress, "no news: %s", loss->message);
      return TRUE;
    }
  else if (name == NULL)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE,
      _ ("There is no more news of the restore. The server may go on with it: the next "
         "restore looks first how this one came out. %s"),
      reprise_error_get_saying (loss));
  else
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE,
                       _ ("There is no more news of “%s”. The server may go on with it: look later "
                          "whether it is in the list. %s"),
                       name, reprise_error_get_saying (loss));
  return FALSE;
}

gboolean
reprise_milvus_is_listed (GPtrArray *list, const char *name)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    if (g_strcmp0 (((RepriseMilvusBackup *) list->pdata[i])->name, name) == 0)
      return TRUE;
  return FALSE;
}

/* (transfer full) (nullable): what the list says; its metadata is written last, so what is listed is finished */
static RepriseMilvusBackup *
find_listed (RepriseMilvusClient *client, const char *name, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) list = reprise_milvus_client_list (client, cancellable, NULL);

  for (guint i = 0; list != NULL && i < list->len; i++)
    if (g_strcmp0 (((RepriseMilvusBackup *) list->pdata[i])->name, name) == 0)
      {
        RepriseMilvusBackup *found = g_ptr_array_steal_index (list, i);

        found->state = REPRISE_MILVUS_DONE;
        return found;
      }
  return NULL;
}

/* Once in a while, where nothing moves. */
static RepriseMilvusBackup *
look_at_list (Watch *watch,
              RepriseMilvusClient *client,
              const char *name,
              GCancellable *cancellable)
{
  if (get_ms_since (watch->changed_us) < watch->pace->stuck_ms ||
      get_ms_since (watch->looked_us) < watch->pace->stuck_ms / 2)
    return NULL;
  watch->looked_us = g_get_monotonic_time ();
  return find_listed (client, name, cancellable);
}

static void
set_cut_off (const char *name, gboolean seen, GError **error)
{
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
    seen ? _ ("The backup server was started again while it made “%s”, which ended that "
              "backup. What it had copied is left in the storage and keeps the name: "
              "delete it there, and make another backup.")
         : _ ("The backup server knows nothing of “%s”: it was not begun, or the server "
              "was started again. Make another backup."),
    name);
}

/* @name: (nullable): of the backup, or %NULL for a restore */
static void
set_stuck (Watch *watch, const char *name, GError **error)
{
  if (watch->state == REPRISE_MILVUS_RUNNING && name == NULL)
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
      _ ("Nothing has moved for a long time with the restore, and it is not "
         "waited for any longer. Read the log of the backup server."));
  else if (watch->state == REPRISE_MILVUS_RUNNING)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
      _ ("Nothing has moved for a long time with “%s”, and it is not waited for any "
         "longer. Read the log of the backup server."),
      name);
  else if (name == NULL)
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
      _ ("The restore was accepted, but not begun: mostly the backup server "
         "cannot reach Milvus. Test the connection, and read the log of the "
         "server."));
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
      _ ("“%s” was accepted, but not begun: the backup server cannot reach Milvus, or the "
         "name is taken. Test the connection, and read the log of the server. The name "
         "stays taken until that is started again."),
      name);
}

/* The oldest generation makes one backup after the other, so that what waits may only wait its turn. */
static gboolean
is_given_up (Watch *watch, RepriseMilvusGeneration generation)
{
  gint64 idle_ms = get_ms_since (watch->changed_us);

  if (watch->state == REPRISE_MILVUS_INITIAL && generation != REPRISE_MILVUS_A)
    return idle_ms > watch->pace->stuck_ms;
  return idle_ms > watch->pace->idle_ms;
}

/* Whether to go on asking; else @backup or @error is set. */
static gboolean
judge_backup (Watch *watch,
              RepriseMilvusClient *client,
              const char *name,
              RepriseMilvusBackup **backup,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (RepriseMilvusBackup) now = g_steal_pointer (backup);
  RepriseMilvusGeneration generation =
    reprise_milvus_client_get_generation (client, cancellable, NULL);

  if (now == NULL)
    {
      *backup = find_listed (client, name, cancellable);
      if (*backup == NULL)
        set_cut_off (name, watch->seen, error);
      return FALSE;
    }
  note (watch, now->state, now->progress);
  switch (now->state)
    {
    case REPRISE_MILVUS_DONE:
      *backup = g_steal_pointer (&now);
      return FALSE;
    case REPRISE_MILVUS_FAILED:
    case REPRISE_MILVUS_TIMED_OUT:
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("Milvus Backup could not make “%s”. It says: %s"), name,
                         now->error != NULL ? now->error : _ ("an error without a text"));
      return FALSE;
    case REPRISE_MILVUS_UNSAID:
    case REPRISE_MILVUS_INITIAL:
    case REPRISE_MILVUS_RUNNING:
    default:
      break;
    }
  *backup = look_at_list (watch, client, name, cancellable);
  if (*backup != NULL)
    return FALSE;
  if (!is_given_up (watch, generation))
    return TRUE;
  set_stuck (watch, name, error);
  return FALSE;
}

/**
 * reprise_milvus_follow_backup:
 *
 * Until it has ended, however it ends.
 *
 * Returns: (transfer full): the finished backup, or %NULL with @error set
 */
RepriseMilvusBackup *
reprise_milvus_follow_backup (RepriseMilvusClient *client,
                              const char *name,
                              const RepriseMilvusPace *pace,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  g_auto (Watch) watch = { 0 };

  begin (&watch, pace, progress);
  for (;;)
    {
      GError *local = NULL;
      RepriseMilvusBackup *backup =
        reprise_milvus_client_get_backup (client, name, cancellable, &local);

      if (local != NULL ? !bear_loss (&watch, local, name, error)
                        : !judge_backup (&watch, client, name, &backup, cancellable, error))
        return backup;
      if (!pause_between (&watch, cancellable, error))
        return NULL;
    }
}

/* --- restores --- */

static char *
list_unfinished (const RepriseMilvusRestore *restore)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < restore->parts->len; i++)
    {
      const RepriseMilvusPart *part = restore->parts->pdata[i];

      if (part->state != REPRISE_MILVUS_DONE)
        g_string_append_printf (names, "%s%s.%s", names->len > 0 ? ", " : "", part->database,
                                part->name);
    }
  return names->len > 0 ? g_string_free (g_steal_pointer (&names), FALSE) : NULL;
}

/* That the task is done means little: what matched nothing is “done” too, and so is what was left alone. */
static gboolean
check_restored (const RepriseMilvusRestore *restore,
                RepriseMilvusGeneration generation,
                GError **error)
{
  g_autofree char *unfinished = generation != REPRISE_MILVUS_A ? list_unfinished (restore) : NULL;

  if (restore->parts->len == 0)
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
      _ ("Milvus Backup reports a success, but restored nothing: no collection of "
         "the backup has a name that was asked for."));
  else if (unfinished != NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                       _ ("Milvus Backup reports a success, but did not restore: %s"), unfinished);
  else
    return TRUE;
  return FALSE;
}

/* The oldest servers tell no states of collections, but their sizes. */
static gboolean
is_part_done (const RepriseMilvusPart *part)
{
  return part->state == REPRISE_MILVUS_DONE ||
         (part->total_bytes > 0 && part->restored_bytes >= part->total_bytes);
}

static gboolean
is_part_running (const RepriseMilvusPart *part)
{
  return part->state == REPRISE_MILVUS_RUNNING ||
         (part->restored_bytes > 0 && part->restored_bytes < part->total_bytes);
}

/* (transfer full) (nullable): those that it is at, the first of them */
static char *
list_running (const RepriseMilvusRestore *restore)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < restore->parts->len; i++)
    {
      const RepriseMilvusPart *part = restore->parts->pdata[i];
      g_autofree char *full = reprise_milvus_name_join (part->database, part->name);

      if (is_part_running (part) && !is_part_done (part))
        g_ptr_array_add (names, reprise_milvus_name_show (full));
    }
  return names->len > 0 ? reprise_strv_join_some (names, MAX_NAMES) : NULL;
}

/* Each collection once, in the log. */
static void
log_done (Watch *watch, const RepriseMilvusPart *part)
{
  char *name = g_strdup_printf ("%s.%s", part->database, part->name);

  if (g_hash_table_add (watch->told, name))
    reprise_progress_log (watch->progress, "%s is restored", name);
}

static void
tell_parts (Watch *watch, const RepriseMilvusRestore *restore)
{
  guint n = restore->parts->len;
  guint done = 0;
  g_autofree char *running = list_running (restore);
  g_autofree char *counted = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < n; i++)
    if (is_part_done (restore->parts->pdata[i]))
      {
        log_done (watch, restore->parts->pdata[i]);
        done++;
      }
  /* Translators: how many collections are restored, of how many */
  counted = g_strdup_printf (ngettext ("%u of %u collection", "%u of %u collections", n), done, n);
  if (restore->progress == INDEXING)
    text = g_strdup (_ ("Milvus is building indexes"));
  else if (n > 0 && running != NULL)
    /* Translators: “2 of 3 collections”, and the names of those that are being restored */
    text = g_strdup_printf (_ ("%s; now %s"), counted, running);
  else if (n > 0)
    text = g_steal_pointer (&counted);
  reprise_progress_set_message (watch->progress, text);
}

static gboolean
judge_restore (Watch *watch,
               RepriseMilvusClient *client,
               RepriseMilvusRestore **restore,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (RepriseMilvusRestore) now = g_steal_pointer (restore);
  RepriseMilvusGeneration generation =
    reprise_milvus_client_get_generation (client, cancellable, NULL);

  if (now == NULL)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
        _ ("The backup server was started again in the middle of the restore, which ended it. "
           "Collections may be half filled: drop them before the next try."));
      return FALSE;
    }
  note (watch, now->state, now->progress);
  switch (now->state)
    {
    case REPRISE_MILVUS_DONE:
      if (check_restored (now, generation, error))
        *restore = g_steal_pointer (&now);
      return FALSE;
    case REPRISE_MILVUS_FAILED:
    case REPRISE_MILVUS_TIMED_OUT:
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("Milvus Backup could not restore. It says: %s"),
                         now->error != NULL ? now->error : _ ("an error without a text"));
      return FALSE;
    case REPRISE_MILVUS_UNSAID:
    case REPRISE_MILVUS_INITIAL:
    case REPRISE_MILVUS_RUNNING:
    default:
      break;
    }
  tell_parts (watch, now);
  if (!is_given_up (watch, generation))
    return TRUE;
  set_stuck (watch, NULL, error);
  return FALSE;
}

/**
 * reprise_milvus_follow_restore:
 *
 * Until it has ended, however it ends.
 *
 * Returns: (transfer full): the finished restore with all its collections, or %NULL with @error set
 */
RepriseMilvusRestore *
reprise_milvus_follow_restore (RepriseMilvusClient *client,
                               const char *id,
                               const RepriseMilvusPace *pace,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  g_auto (Watch) watch = { 0 };

  begin (&watch, pace, progress);
  for (;;)
    {
      GError *local = NULL;
      RepriseMilvusRestore *restore =
        reprise_milvus_client_get_restore (client, id, cancellable, &local);

      if (local != NULL ? !bear_loss (&watch, local, NULL, error)
                        : !judge_restore (&watch, client, &restore, cancellable, error))
        return restore;
      if (!pause_between (&watch, cancellable, error))
        return NULL;
    }
}
