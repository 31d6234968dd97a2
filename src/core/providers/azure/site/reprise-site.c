/* reprise-site.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-wait.h"
#include "providers/azure/site/reprise-site-private.h"

G_DEFINE_FINAL_TYPE (RepriseSite, reprise_site, G_TYPE_OBJECT)

static void
reprise_site_finalize (GObject *object)
{
  RepriseSite *self = REPRISE_SITE (object);

  g_clear_object (&self->arm);
  g_free (self->id);
  G_OBJECT_CLASS (reprise_site_parent_class)->finalize (object);
}

static void
reprise_site_class_init (RepriseSiteClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_site_finalize;
}

static void
reprise_site_init (RepriseSite *self)
{
}

/* (transfer full). @slot (nullable): of the application */
RepriseSite *
reprise_site_new (RepriseArm *arm,
                  const char *subscription,
                  const char *group,
                  const char *name,
                  const char *slot)
{
  RepriseSite *self = g_object_new (REPRISE_TYPE_SITE, NULL);
  gboolean has_slot = slot != NULL && *slot != '\0';

  self->arm = g_object_ref (arm);
  self->id =
    reprise_arm_path ("subscriptions", subscription, "resourceGroups", group, "providers",
                      "Microsoft.Web", "sites", name, has_slot ? "slots" : NULL, slot, NULL);
  return self;
}

/* (transfer full) (nullable): from its resource ID */
RepriseSite *
reprise_site_new_for_id (RepriseArm *arm, const char *id)
{
  g_autofree char *subscription = reprise_arm_id_get (id, "subscriptions");
  g_autofree char *group = reprise_arm_id_get (id, "resourceGroups");
  g_autofree char *name = reprise_arm_id_get (id, "sites");
  g_autofree char *slot = reprise_arm_id_get (id, "slots");

  return subscription != NULL && group != NULL && name != NULL
           ? reprise_site_new (arm, subscription, group, name, slot)
           : NULL;
}

/* Its resource ID. */
const char *
reprise_site_get_id (RepriseSite *self)
{
  return self->id;
}

/* (transfer full): for people: “shop”, or “shop/staging” of a slot */
char *
reprise_site_dup_name (RepriseSite *self)
{
  g_autofree char *name = reprise_arm_id_get (self->id, "sites");
  g_autofree char *slot = reprise_arm_id_get (self->id, "slots");

  return slot != NULL ? g_strdup_printf ("%s/%s", name, slot) : g_steal_pointer (&name);
}

/* (transfer full): how the names of its backups begin: those of a slot are told from those of the application */
char *
reprise_site_dup_blob_prefix (RepriseSite *self)
{
  char *name = reprise_site_dup_name (self);

  return g_strdelimit (name, "/", '-');
}

typedef struct
{
  const char *id;
  JsonObject *found; /* (owned) (nullable) */
} Look;

/* The name of a slot in an answer is “site/slot”, or only “slot”. */
static gboolean
take_slot (JsonObject *item, gpointer data, GError **error)
{
  Look *look = data;
  const char *name = reprise_json_get_string (item, "name", "");
  const char *slash = strrchr (name, '/');

  if (look->found == NULL && g_ascii_strcasecmp (slash != NULL ? slash + 1 : name, look->id) == 0)
    look->found = json_object_ref (item);
  return TRUE;
}

static JsonObject *
look_for_slot (RepriseSite *self, const char *slot, GCancellable *cancellable, GError **error)
{
  g_autofree char *whole = g_strndup (self->id, (gsize) (strstr (self->id, "/slots/") - self->id));
  g_autofree char *path = g_strconcat (whole, "/slots", NULL);
  Look look = { slot, NULL };

  if (!reprise_arm_walk (self->arm, path, REPRISE_ARM_VERSION_WEB, NULL, take_slot, &look,
                         cancellable, error))
    {
      reprise_arm_explain_missing (whole, error);
      return NULL;
    }
  if (look.found == NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                       _ ("The application has no slot “%s”."), slot);
  return look.found;
}

/**
 * reprise_site_look:
 *
 * Returns: (transfer full): what Azure says of the application, or %NULL with %REPRISE_ERROR_NOT_FOUND and others
 */
JsonObject *
reprise_site_look (RepriseSite *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *slot = reprise_arm_id_get (self->id, "slots");
  JsonObject *root;

  if (slot != NULL)
    return look_for_slot (self, slot, cancellable, error);
  root = reprise_arm_get (self->arm, self->id, REPRISE_ARM_VERSION_WEB, cancellable, error);
  if (root == NULL)
    reprise_arm_explain_missing (self->id, error);
  return root;
}

/* “properties” with the address of the storage, and open for more */
static GString *
begin_body (RepriseSecretValue *storage)
{
  GString *body = reprise_arm_body_new ();

  reprise_arm_body_open (body, "properties", '{');
  if (storage != NULL)
    reprise_arm_body_add (body, "storageAccountUrl", reprise_secret_value_get_text (storage));
  return body;
}

static GBytes *
end_body (GString *body)
{
  reprise_arm_body_close (body, '}');
  return reprise_arm_body_finish (body);
}

void
reprise_site_add_databases (GString *body, GPtrArray *databases)
{
  if (databases == NULL || databases->len == 0)
    return;
  reprise_arm_body_open (body, "databases", '[');
  for (guint i = 0; i < databases->len; i++)
    {
      const RepriseSiteDatabase *each = databases->pdata[i];

      reprise_arm_body_open (body, NULL, '{');
      reprise_arm_body_add (body, "databaseType", each->type);
      reprise_arm_body_add (body, "name", each->name);
      reprise_arm_body_add (body, "connectionStringName", each->connection_name);
      if (each->connection != NULL)
        reprise_arm_body_add (body, "connectionString",
                              reprise_secret_value_get_text (each->connection));
      reprise_arm_body_close (body, '}');
    }
  reprise_arm_body_close (body, ']');
}

static JsonObject *
send (RepriseSite *self,
      const char *method,
      const char *below,
      GBytes *body,
      RepriseHttpEffect effect,
      RepriseHttpOutcome *outcome,
      GCancellable *cancellable,
      GError **error)
{
  g_autofree char *path = g_strconcat (self->id, below, NULL);

  return reprise_arm_send (self->arm, method, path, REPRISE_ARM_VERSION_WEB, body, effect, outcome,
                           cancellable, error);
}

static char *
make_backup_path (gint64 id, const char *below)
{
  return g_strdup_printf ("/backups/%" G_GINT64_FORMAT "%s", id, below);
}

/* --- backups --- */

/**
 * reprise_site_back_up:
 * @storage: the address of the container, with a signature that may write
 * @name: (nullable): of the backup
 * @databases: (nullable) (element-type RepriseSiteDatabase): that are backed up along
 * @outcome: (out) (optional): where no answer came, look into the list before it is asked for again
 *
 * Returns: (transfer full): the backup, which is only queued so far: see reprise_site_follow_backup()
 */
RepriseSiteBackup *
reprise_site_back_up (RepriseSite *self,
                      RepriseSecretValue *storage,
                      const char *name,
                      GPtrArray *databases,
                      RepriseHttpOutcome *outcome,
                      GCancellable *cancellable,
                      GError **error)
{
  GString *text = begin_body (storage);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (JsonObject) answer = NULL;

  reprise_arm_body_add (text, "backupName", name);
  reprise_site_add_databases (text, databases);
  body = end_body (text);
  answer = send (self, "POST", "/backup", body, REPRISE_HTTP_START, outcome, cancellable, error);
  return answer != NULL ? reprise_site_backup_read (answer, error) : NULL;
}

static gboolean
take_backup (JsonObject *item, gpointer data, GError **error)
{
  RepriseSiteBackup *backup = reprise_site_backup_read (item, NULL);

  if (backup != NULL)
    g_ptr_array_add (data, backup);
  return TRUE;
}

/* Newest first */
static int
compare_backups (gconstpointer a, gconstpointer b)
{
  const RepriseSiteBackup *one = *(RepriseSiteBackup *const *) a,
                          *other = *(RepriseSiteBackup *const *) b;

  if (one->created_at != NULL && other->created_at != NULL)
    return -g_date_time_compare (one->created_at, other->created_at);
  return one->id < other->id ? 1 : one->id > other->id ? -1 : 0;
}

/* (transfer full) (element-type RepriseSiteBackup): newest first, without secrets */
GPtrArray *
reprise_site_list_backups (RepriseSite *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_strconcat (self->id, "/backups", NULL);
  g_autoptr (GPtrArray) backups =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_site_backup_free);

  if (!reprise_arm_walk (self->arm, path, REPRISE_ARM_VERSION_WEB, NULL, take_backup, backups,
                         cancellable, error))
    return NULL;
  g_ptr_array_sort (backups, compare_backups);
  return g_steal_pointer (&backups);
}

RepriseSiteBackup *
reprise_site_get_backup (RepriseSite *self, gint64 id, GCancellable *cancellable, GError **error)
{
  g_autofree char *below = make_backup_path (id, "");
  g_autoptr (JsonObject) answer =
    send (self, "GET", below, NULL, REPRISE_HTTP_READ, NULL, cancellable, error);

  return answer != NULL ? reprise_site_backup_read (answer, error) : NULL;
}

/**
 * reprise_site_follow_backup:
 *
 * Waits until Azure no longer works on a backup, be it made or deleted.
 *
 * Returns: (transfer full): the backup as it is then, whatever came of it
 */
RepriseSiteBackup *
reprise_site_follow_backup (RepriseSite *self,
                            gint64 id,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  for (;;)
    {
      g_autoptr (RepriseSiteBackup) backup = reprise_site_get_backup (self, id, cancellable, error);

      if (backup == NULL)
        return NULL;
      reprise_progress_set_message (progress, reprise_site_status_get_text (backup->status));
      reprise_progress_touch (progress);
      if (!reprise_site_status_is_moving (backup->status))
        return g_steal_pointer (&backup);
      if (!reprise_wait (reprise_arm_get_poll_ms (self->arm), cancellable, error))
        return NULL;
    }
}

/**
 * reprise_site_get_backup_secrets:
 *
 * Only where a person asks to see them: the address with the signature, and connection strings.
 */
RepriseSiteBackup *
reprise_site_get_backup_secrets (RepriseSite *self,
                                 gint64 id,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autofree char *below = make_backup_path (id, "/list");
  g_autoptr (GBytes) body = reprise_arm_body_finish (reprise_arm_body_new ());
  g_autoptr (JsonObject) answer =
    send (self, "POST", below, body, REPRISE_HTTP_READ, NULL, cancellable, error);

  return answer != NULL ? reprise_site_backup_read (answer, error) : NULL;
}

/* Gives Azure a new signature for a backup, in place of the one that it was made with. */
gboolean
reprise_site_renew_storage (RepriseSite *self,
                            gint64 id,
                            RepriseSecretValue *storage,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autofree char *below = make_backup_path (id, "/list");
  g_autoptr (GBytes) body = end_body (begin_body (storage));
  g_autoptr (JsonObject) answer =
    send (self, "POST", below, body, REPRISE_HTTP_WRITE, NULL, cancellable, error);

  return answer != NULL;
}

/* Deletes it and waits for the outcome. A backup that is no longer known is deleted. */
static RepriseSiteStatus
delete_once (RepriseSite *self,
             gint64 id,
             char **log,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  g_autofree char *below = make_backup_path (id, "");
  g_autoptr (JsonObject) answer =
    send (self, "DELETE", below, NULL, REPRISE_HTTP_WRITE, NULL, cancellable, error);
  g_autoptr (RepriseSiteBackup) backup = NULL;
  g_autoptr (GError) local = NULL;

  if (answer == NULL)
    return REPRISE_SITE_UNKNOWN;
  backup = reprise_site_follow_backup (self, id, progress, cancellable, &local);
  if (backup == NULL && g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return REPRISE_SITE_DELETED;
  if (backup == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return REPRISE_SITE_UNKNOWN;
    }
  g_free (*log);
  *log = g_strdup (backup->log);
  return backup->status;
}

/**
 * reprise_site_delete_backup:
 * @new_storage: (nullable): a signature that is still good. Azure deletes with the one that made the backup; where that has
 *   ended, it is renewed with this one, and the backup deleted, as one action
 *
 * Deletes a backup, and waits until it is gone.
 *
 * Returns: %FALSE with %REPRISE_ERROR_NOT_FOUND, with %REPRISE_ERROR_NEEDS_SIGN_IN where Azure could not delete it and
 *   a new signature may help, and others
 */
gboolean
reprise_site_delete_backup (RepriseSite *self,
                            gint64 id,
                            RepriseSecretValue *new_storage,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autofree char *log = NULL;
  g_autoptr (GError) local = NULL;
  RepriseSiteStatus status = delete_once (self, id, &log, progress, cancellable, &local);

  if (status == REPRISE_SITE_DELETE_FAILED && new_storage != NULL)
    {
      if (!reprise_site_renew_storage (self, id, new_storage, cancellable, error))
        return FALSE;
      status = delete_once (self, id, &log, progress, cancellable, &local);
    }
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (status == REPRISE_SITE_DELETE_FAILED)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
      _ ("Azure could not delete the backup, mostly because the shared access signature "
         "that made it has ended: renew it. It says: %s"),
      log != NULL ? log : _ ("nothing"));
  else if (status != REPRISE_SITE_DELETED)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                       _ ("Azure did not delete the backup. Its state is: %s"),
                       reprise_site_status_get_text (status));
  return status == REPRISE_SITE_DELETED;
}

/* --- its own schedule --- */

/**
 * reprise_site_get_schedule:
 *
 * Returns: (transfer full) (nullable): the schedule; %NULL with %REPRISE_ERROR_NOT_FOUND where there is none
 */
RepriseSiteSchedule *
reprise_site_get_schedule (RepriseSite *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) answer =
    send (self, "POST", "/config/backup/list", NULL, REPRISE_HTTP_READ, NULL, cancellable, &local);
  RepriseSiteSchedule *schedule =
    answer != NULL ? reprise_site_schedule_read (answer, &local) : NULL;

  if (schedule != NULL)
    return schedule;
  if (local == NULL || g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                               _ ("The application has no schedule."));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static GBytes *
make_schedule_body (const RepriseSiteSchedule *schedule)
{
  GString *body = begin_body (schedule->storage);
  g_autofree char *start = NULL;

  reprise_arm_body_add (body, "backupName", schedule->name);
  reprise_arm_body_add_boolean (body, "enabled", schedule->enabled);
  reprise_site_add_databases (body, schedule->databases);
  reprise_arm_body_open (body, "backupSchedule", '{');
  reprise_arm_body_add_int (body, "frequencyInterval", schedule->interval);
  reprise_arm_body_add (body, "frequencyUnit", schedule->hours ? "Hour" : "Day");
  reprise_arm_body_add_boolean (body, "keepAtLeastOneBackup", schedule->keep_one);
  reprise_arm_body_add_int (body, "retentionPeriodInDays", schedule->retention_days);
  if (schedule->start_at != NULL)
    {
      g_autoptr (GDateTime) utc = g_date_time_to_utc (schedule->start_at);

      start = g_date_time_format (utc, "%Y-%m-%dT%H:%M:%SZ");
      reprise_arm_body_add (body, "startTime", start);
    }
  reprise_arm_body_close (body, '}');
  return end_body (body);
}

static gboolean
is_same (const RepriseSiteSchedule *a, const RepriseSiteSchedule *b)
{
  return a->enabled == b->enabled && a->interval == b->interval && a->hours == b->hours &&
         a->keep_one == b->keep_one && a->retention_days == b->retention_days;
}

/**
 * reprise_site_set_schedule:
 * @schedule: with its storage; paused where it is not enabled
 *
 * Sets the schedule, and reads it back: Azure is known to say that it failed when it did not, and the other way.
 */
gboolean
reprise_site_set_schedule (RepriseSite *self,
                           const RepriseSiteSchedule *schedule,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (GBytes) body = make_schedule_body (schedule);
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseSiteSchedule) kept = NULL;
  g_autoptr (JsonObject) answer = NULL;

  if (schedule->interval < 1 || schedule->retention_days < 0 || schedule->storage == NULL)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ ("A schedule needs a storage, an interval of at least 1, and days for "
           "which backups are kept (0 for ever)."));
      return FALSE;
    }
  answer =
    send (self, "PUT", "/config/backup", body, REPRISE_HTTP_WRITE, NULL, cancellable, &local);
  if (answer == NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_FAILED) &&
      !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  kept = reprise_site_get_schedule (self, cancellable, NULL);
  if (kept != NULL && is_same (kept, schedule))
    return TRUE;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                               _ ("Azure accepted the schedule, but has another one."));
  return FALSE;
}

gboolean
reprise_site_remove_schedule (RepriseSite *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (JsonObject) answer =
    send (self, "DELETE", "/config/backup", NULL, REPRISE_HTTP_WRITE, NULL, cancellable, error);

  return answer != NULL;
}
