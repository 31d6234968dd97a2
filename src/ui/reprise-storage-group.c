/* reprise-storage-group.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-format.h"
#include "reprise-storage-group.h"

struct _RepriseStorageGroup
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *folder_row;
  GtkWidget *space_row;
  GtkLabel *space;
  GtkLevelBar *space_bar;

  RepriseServiceItem *item;  /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) (nullable): of what is read for this service */
};

G_DEFINE_FINAL_TYPE (RepriseStorageGroup, reprise_storage_group, ADW_TYPE_PREFERENCES_GROUP)

/* (transfer full): “19 backups · 3.1 GB” */
static char *
describe_backups (RepriseServiceItem *item)
{
  GListModel *backups = reprise_service_item_get_backups (item);
  guint n = g_list_model_get_n_items (backups), in_vault = 0;
  gint64 size_bytes = 0;
  g_autofree char *size = NULL;
  g_autofree char *count = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseBackup) backup = g_list_model_get_item (backups, i);

      if (!reprise_backup_get_in_vault (backup))
        continue;
      in_vault++;
      size_bytes += MAX (reprise_backup_get_size_bytes (backup), 0);
    }
  size = g_format_size ((guint64) size_bytes);
  count = reprise_format_count (in_vault);
  text = g_strdup_printf (
    ngettext ("%s backup of this service", "%s backups of this service", in_vault), count);
  return in_vault > 0 ? g_strdup_printf ("%s · %s", text, size) : g_steal_pointer (&text);
}

typedef struct
{
  RepriseVault *vault; /* (owned) */
  RepriseStorageFacts facts;
} Storage;

static void
storage_free (Storage *storage)
{
  g_clear_object (&storage->vault);
  g_free (storage);
}

static void
storage_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Storage *storage = data;
  GError *error = NULL;

  if (reprise_vault_get_facts (storage->vault, &storage->facts, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
storage_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseStorageGroup) self = data;
  Storage *storage = g_task_get_task_data (G_TASK (result));
  gint64 total = storage->facts.total_bytes, free_bytes = storage->facts.free_bytes;
  gboolean known = g_task_propagate_boolean (G_TASK (result), NULL) && total > 0 && free_bytes >= 0;

  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    return;
  gtk_widget_set_visible (self->space_row, known);
  if (known)
    {
      g_autofree char *free_text = g_format_size ((guint64) free_bytes);
      g_autofree char *total_text = g_format_size ((guint64) total);
      /* Translators: two sizes: “41 GB free of 200 GB” */
      g_autofree char *text = g_strdup_printf (_ ("%s free of %s"), free_text, total_text);

      gtk_label_set_label (self->space, text);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->space_row),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
      gtk_level_bar_set_value (self->space_bar, 1 - (double) free_bytes / (double) total);
    }
}

static void
update (RepriseStorageGroup *self)
{
  g_autoptr (RepriseVault) vault =
    reprise_context_dup_vault (reprise_service_item_get_context (self->item));
  g_autofree char *name = g_filename_display_name (reprise_vault_get_path (vault));
  g_autofree char *text = describe_backups (self->item);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->folder_row), name);
  adw_action_row_set_subtitle (self->folder_row, text);
}

static void
read_space (RepriseStorageGroup *self)
{
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, storage_cb, g_object_ref (self));
  Storage *storage = g_new0 (Storage, 1);

  storage->vault = reprise_context_dup_vault (reprise_service_item_get_context (self->item));
  g_task_set_task_data (task, storage, (GDestroyNotify) storage_free);
  g_task_run_in_thread (task, storage_worker);
}

static void
drop_item (RepriseStorageGroup *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
}

static void
reprise_storage_group_dispose (GObject *object)
{
  RepriseStorageGroup *self = REPRISE_STORAGE_GROUP (object);

  drop_item (self);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_STORAGE_GROUP);
  G_OBJECT_CLASS (reprise_storage_group_parent_class)->dispose (object);
}

static void
reprise_storage_group_class_init (RepriseStorageGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_storage_group_dispose;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-storage-group.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, RepriseStorageGroup, name)
  BIND (folder_row);
  BIND (space_row);
  BIND (space);
  BIND (space_bar);
#undef BIND
}

static void
reprise_storage_group_init (RepriseStorageGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* How full a disk may be before it is worth a colour. */
  gtk_level_bar_add_offset_value (self->space_bar, GTK_LEVEL_BAR_OFFSET_LOW, 0.8);
  gtk_level_bar_add_offset_value (self->space_bar, GTK_LEVEL_BAR_OFFSET_HIGH, 0.9);
  gtk_level_bar_add_offset_value (self->space_bar, GTK_LEVEL_BAR_OFFSET_FULL, 1);
}

/* @item: (nullable): the service whose backups are kept there */
void
reprise_storage_group_set_item (RepriseStorageGroup *self, RepriseServiceItem *item)
{
  drop_item (self);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  g_signal_connect_object (item, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  read_space (self);
}
