/* reprise-services.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-services"

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-thread.h"
#include "service/reprise-services-file.h"
#include "service/reprise-services.h"

#define WATCH_DELAY_MS 100
#define MAX_NEAR       4

struct _RepriseServices
{
  RepriseList parent_instance; /* of RepriseService; by name */

  char *path;            /* (owned); never changes, so the worker may read it */
  guint serial;          /* of the reading that is shown */
  GFileMonitor *monitor; /* (owned) (nullable) */
  guint reload_source;   /* or 0 */
};

G_DEFINE_FINAL_TYPE (RepriseServices, reprise_services, REPRISE_TYPE_LIST)

static void
reprise_services_dispose (GObject *object)
{
  RepriseServices *self = REPRISE_SERVICES (object);

  g_clear_handle_id (&self->reload_source, g_source_remove);
  if (self->monitor != NULL)
    g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
  G_OBJECT_CLASS (reprise_services_parent_class)->dispose (object);
}

static void
reprise_services_finalize (GObject *object)
{
  RepriseServices *self = REPRISE_SERVICES (object);

  g_clear_pointer (&self->path, g_free);
  G_OBJECT_CLASS (reprise_services_parent_class)->finalize (object);
}

static void
reprise_services_class_init (RepriseServicesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = reprise_services_dispose;
  object_class->finalize = reprise_services_finalize;
  REPRISE_LIST_CLASS (klass)->item_type = REPRISE_TYPE_SERVICE;
}

static void
reprise_services_init (RepriseServices *self)
{
}

/**
 * reprise_services_new:
 * @path: (nullable): of the key file, or %NULL for the user's own
 *
 * Returns: (transfer full): an empty list; reprise_services_load() or reprise_services_load_async() fills it
 */
RepriseServices *
reprise_services_new (const char *path)
{
  RepriseServices *self = g_object_new (REPRISE_TYPE_SERVICES, NULL);

  self->path = path != NULL ? g_strdup (path) : reprise_services_dup_default_path ();
  return self;
}

/* (transfer full) */
char *
reprise_services_dup_default_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "reprise", "services.conf", NULL);
}

static int
position_of (RepriseServices *self, const char *uuid)
{
  GPtrArray *services = reprise_list_get_items (self);

  for (guint i = 0; i < services->len; i++)
    if (g_strcmp0 (reprise_service_get_uuid (services->pdata[i]), uuid) == 0)
      return (int) i;
  return -1;
}

/* (transfer none) (nullable) */
RepriseService *
reprise_services_get (RepriseServices *self, const char *uuid)
{
  GPtrArray *services = reprise_list_get_items (self);
  int position = position_of (self, uuid);

  return position < 0 ? NULL : services->pdata[position];
}

/* How many characters to change, add or take away; both strings short */
static guint
distance (const char *a, const char *b)
{
  g_autofree gunichar *x = g_utf8_to_ucs4_fast (a, -1, NULL);
  g_autofree gunichar *y = g_utf8_to_ucs4_fast (b, -1, NULL);
  glong n = g_utf8_strlen (b, -1);
  g_autofree guint *row = g_new (guint, (gsize) n + 1);

  for (glong j = 0; j <= n; j++)
    row[j] = (guint) j;
  for (glong i = 1; x[i - 1] != 0; i++)
    {
      guint diagonal = row[0];

      row[0] = (guint) i;
      for (glong j = 1; j <= n; j++)
        {
          guint above = row[j];

          row[j] = MIN (MIN (above, row[j - 1]) + 1, diagonal + (x[i - 1] != y[j - 1]));
          diagonal = above;
        }
    }
  return row[n];
}

static gboolean
is_near (const char *name, const char *wanted)
{
  g_autofree char *a = g_utf8_casefold (name, -1);
  g_autofree char *b = g_utf8_casefold (wanted, -1);

  if (strstr (a, b) != NULL || strstr (b, a) != NULL)
    return TRUE;
  return distance (a, b) <= MAX (1, (guint) g_utf8_strlen (a, -1) / 3);
}

static void
set_not_found (RepriseServices *self, const char *name, GError **error)
{
  GPtrArray *services = reprise_list_get_items (self);

  g_autoptr (GString) near = g_string_new (NULL);
  g_autofree char *shown = g_utf8_make_valid (name, 4 * 100 < strlen (name) ? 4 * 100 : -1);
  guint n = 0;

  for (guint i = 0; i < services->len && n < MAX_NEAR; i++)
    if (is_near (reprise_service_get_name (services->pdata[i]), shown))
      /* Translators: one name in a list of names */
      g_string_append_printf (near, n++ == 0 ? _ ("“%s”") : _ (", “%s”"),
                              reprise_service_get_name (services->pdata[i]));
  if (n == 0)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                       _ ("There is no service named “%s”."), shown);
  else
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                       /* Translators: a name, and a list of names in quotes */
                       _ ("There is no service named “%s”. Near it: %s."), shown, near->str);
}

/**
 * reprise_services_find:
 * @name: a name or a UUID
 *
 * Returns: (transfer none): the service, or %NULL with %REPRISE_ERROR_NOT_FOUND, which tells names near it
 */
RepriseService *
reprise_services_find (RepriseServices *self, const char *name, GError **error)
{
  GPtrArray *services = reprise_list_get_items (self);

  RepriseService *service = reprise_services_get (self, name);

  for (guint i = 0; service == NULL && i < services->len; i++)
    if (g_str_equal (reprise_service_get_name (services->pdata[i]), name))
      service = services->pdata[i];
  if (service == NULL)
    set_not_found (self, name, error);
  return service;
}

/**
 * reprise_services_check_name:
 * @but_uuid: (nullable): the service that is to have the name
 *
 * Returns: whether the name can be given; else %REPRISE_ERROR_INVALID or %REPRISE_ERROR_EXISTS with a sentence for people
 */
gboolean
reprise_services_check_name (RepriseServices *self,
                             const char *name,
                             const char *but_uuid,
                             GError **error)
{
  return reprise_services_check_name_in (reprise_list_get_items (self), name, but_uuid, error);
}

static int
compare_cb (gconstpointer a, gconstpointer b)
{
  RepriseService *x = *(RepriseService *const *) a, *y = *(RepriseService *const *) b;
  int order = g_utf8_collate (reprise_service_get_name (x), reprise_service_get_name (y));

  return order != 0 ? order : strcmp (reprise_service_get_uuid (x), reprise_service_get_uuid (y));
}

static void
copy_table (GHashTable *old,
            GHashTable *new,
            RepriseService *to,
            void (*set) (RepriseService *, const char *, const char *))
{
  g_autofree gpointer *keys = g_hash_table_get_keys_as_array (old, NULL);
  GHashTableIter iter;
  gpointer key, value;

  for (guint i = 0; keys[i] != NULL; i++)
    if (!g_hash_table_contains (new, keys[i]))
      set (to, keys[i], NULL);
  g_hash_table_iter_init (&iter, new);
  while (g_hash_table_iter_next (&iter, &key, &value))
    set (to, key, value);
}

/* Nothing is notified where nothing differs. */
static void
copy_service (RepriseService *from, RepriseService *to)
{
  reprise_service_set_name (to, reprise_service_get_name (from));
  reprise_service_set_production (to, reprise_service_get_production (from));
  copy_table (reprise_service_get_settings (to), reprise_service_get_settings (from), to,
              reprise_service_set_setting);
  copy_table (reprise_service_get_rules (to), reprise_service_get_rules (from), to,
              reprise_service_set_rule);
  reprise_service_settle (to);
}

static gboolean
has_uuid (GPtrArray *services, const char *uuid)
{
  for (guint i = 0; i < services->len; i++)
    if (g_str_equal (reprise_service_get_uuid (services->pdata[i]), uuid))
      return TRUE;
  return FALSE;
}

/* A name that changed may belong elsewhere: only the rows between the first and the last that moved are told. */
static void
sort_services (RepriseServices *self)
{
  GPtrArray *services = reprise_list_get_items (self);
  guint n = services->len;
  g_autofree gpointer *before = g_memdup2 (services->pdata, n * sizeof (gpointer));
  guint first = 0, last = n;

  g_ptr_array_sort (services, compare_cb);
  while (first < n && before[first] == services->pdata[first])
    first++;
  if (first == n)
    return;
  while (before[last - 1] == services->pdata[last - 1])
    last--;
  g_list_model_items_changed (G_LIST_MODEL (self), first, last - first, last - first);
}

static void
insert_sorted (RepriseServices *self, RepriseService *service)
{
  GPtrArray *services = reprise_list_get_items (self);
  guint at = 0;

  while (at < services->len && compare_cb (&services->pdata[at], &service) < 0)
    at++;
  reprise_list_insert (self, at, service);
}

/* The objects that are known stay the same. */
static void
merge (RepriseServices *self, RepriseServicesReading *reading)
{
  GPtrArray *services = reprise_list_get_items (self);

  if (reading->serial < self->serial)
    return;
  self->serial = reading->serial;
  for (guint i = services->len; i-- > 0;)
    if (!has_uuid (reading->services, reprise_service_get_uuid (services->pdata[i])))
      reprise_list_remove (self, i);
  for (guint i = 0; i < reading->services->len; i++)
    {
      RepriseService *service = reading->services->pdata[i];
      RepriseService *known = reprise_services_get (self, reprise_service_get_uuid (service));

      if (known != NULL)
        copy_service (service, known);
    }
  sort_services (self);
  for (guint i = 0; i < reading->services->len; i++)
    if (reprise_services_get (self, reprise_service_get_uuid (reading->services->pdata[i])) == NULL)
      insert_sorted (self, reading->services->pdata[i]);
}

static gboolean
take_reading (RepriseServices *self, RepriseServicesReading *reading)
{
  if (reading == NULL)
    return FALSE;
  merge (self, reading);
  reprise_services_reading_free (reading);
  return TRUE;
}

/**
 * reprise_services_load:
 *
 * Returns: whether the file was read; a file that is not there is an empty one
 */
gboolean
reprise_services_load (RepriseServices *self, GError **error)
{
  return take_reading (self, reprise_services_file_read (self->path, error));
}

/**
 * reprise_services_save:
 * @service: a new one, a copy of one that was changed, or one of the list
 *
 * The list gets an object of its own for a new service.
 *
 * Of a service that was read only what was changed since is written: what another program changed meanwhile stays.
 *
 * Returns: whether it is saved; else %REPRISE_ERROR_INVALID or %REPRISE_ERROR_EXISTS (the name), %REPRISE_ERROR_NOT_FOUND
 *   (another program removed it), %REPRISE_ERROR_BUSY, %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_NOT_SUPPORTED, or an error of the system
 */
gboolean
reprise_services_save (RepriseServices *self, RepriseService *service, GError **error)
{
  return take_reading (self, reprise_services_file_change (self->path, service, NULL, error));
}

/* As reprise_services_save(); %REPRISE_ERROR_NOT_FOUND where there is no such service. */
gboolean
reprise_services_remove (RepriseServices *self, const char *uuid, GError **error)
{
  return take_reading (self, reprise_services_file_change (self->path, NULL, uuid, error));
}

/* What a worker is to do; all of it is its own. */
typedef struct
{
  char *path;           /* (owned) */
  RepriseService *save; /* (owned) (nullable) */
  char *remove_uuid;    /* (owned) (nullable) */
} Change;

static void
change_free (gpointer data)
{
  Change *change = data;

  g_free (change->path);
  g_clear_object (&change->save);
  g_free (change->remove_uuid);
  g_free (change);
}

static void
change_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Change *change = data;
  GError *error = NULL;
  RepriseServicesReading *reading;

  if (change->save == NULL && change->remove_uuid == NULL)
    reading = reprise_services_file_read (change->path, &error);
  else
    reading =
      reprise_services_file_change (change->path, change->save, change->remove_uuid, &error);
  if (reading == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, reading, (GDestroyNotify) reprise_services_reading_free);
}

/* Merged here, and not in the caller's finish: what the file says is shown whether or not somebody asks. */
static void
change_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (take_reading (REPRISE_SERVICES (source), g_task_propagate_pointer (G_TASK (result), &error)))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* The work is too short to be cancelled; only what has not begun is. */
static void
change_async (RepriseServices *self,
              RepriseService *save,
              const char *remove_uuid,
              gpointer tag,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) work = NULL;
  Change *change;

  g_task_set_source_tag (task, tag);
  g_task_set_check_cancellable (task, FALSE);
  if (g_task_return_error_if_cancelled (task))
    return;
  change = g_new0 (Change, 1);
  change->path = g_strdup (self->path);
  change->save = save == NULL ? NULL : reprise_service_copy (save);
  change->remove_uuid = g_strdup (remove_uuid);
  work = g_task_new (self, NULL, change_done_cb, g_object_ref (task));
  g_task_set_task_data (work, change, change_free);
  reprise_task_run_in_own_thread (work, change_worker);
}

void
reprise_services_load_async (RepriseServices *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  change_async (self, NULL, NULL, reprise_services_load_async, cancellable, callback, user_data);
}

gboolean
reprise_services_load_finish (RepriseServices *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
reprise_services_save_async (RepriseServices *self,
                             RepriseService *service,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (REPRISE_IS_SERVICE (service));

  change_async (self, service, NULL, reprise_services_save_async, cancellable, callback, user_data);
}

gboolean
reprise_services_save_finish (RepriseServices *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
reprise_services_remove_async (RepriseServices *self,
                               const char *uuid,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (uuid != NULL);

  change_async (self, NULL, uuid, reprise_services_remove_async, cancellable, callback, user_data);
}

gboolean
reprise_services_remove_finish (RepriseServices *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
reloaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!reprise_services_load_finish (REPRISE_SERVICES (source), result, &error))
    g_message ("Could not read the services again: %s", error->message);
}

static gboolean
reload_cb (gpointer data)
{
  RepriseServices *self = data;

  self->reload_source = 0;
  reprise_services_load_async (self, NULL, reloaded_cb, NULL);
  return G_SOURCE_REMOVE;
}

/* One reading for the several events of one write. */
static void
file_changed_cb (RepriseServices *self)
{
  if (self->reload_source == 0)
    self->reload_source = g_timeout_add (WATCH_DELAY_MS, reload_cb, self);
}

/* From now on, brings what other processes change. On the main context. */
void
reprise_services_watch (RepriseServices *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->path);
  g_autoptr (GError) error = NULL;

  if (self->monitor != NULL)
    return;
  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);
  if (self->monitor == NULL)
    g_message ("Changes by other programs are not seen: %s", error->message);
  else
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (file_changed_cb), self,
                             G_CONNECT_SWAPPED);
}
