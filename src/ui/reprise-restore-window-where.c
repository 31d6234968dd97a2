/* reprise-restore-window-where.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "provider/reprise-context-access.h"
#include "reprise-format.h"
#include "reprise-restore-where.h"
#include "reprise-restore-window-private.h"

/* How many services there are that this backup could go to. */
static guint
count_servers (RepriseRestoreWindow *self)
{
  GListModel *model = adw_combo_row_get_model (self->server_row);

  return model != NULL ? g_list_model_get_n_items (model) : 0;
}

/* (transfer none): the service that is restored into: that of the backup, unless another was chosen */
RepriseService *
reprise_restore_window_get_target (RepriseRestoreWindow *self)
{
  gpointer chosen = gtk_widget_get_visible (GTK_WIDGET (self->server_group))
                      ? adw_combo_row_get_selected_item (self->server_row)
                      : NULL;

  return chosen != NULL ? chosen : self->service;
}

static gboolean
is_same_kind_cb (gpointer item, gpointer data)
{
  RepriseRestoreWindow *self = data;

  return self->service != NULL &&
         g_strcmp0 (reprise_service_get_kind (item), reprise_service_get_kind (self->service)) == 0;
}

/* Of the same kind; the one that was backed up is chosen at first. */
static void
offer_servers (RepriseRestoreWindow *self)
{
  GListModel *services = G_LIST_MODEL (reprise_context_get_services (self->context));
  g_autoptr (GtkFilterListModel) model = gtk_filter_list_model_new (
    g_object_ref (services), GTK_FILTER (gtk_custom_filter_new (is_same_kind_cb, self, NULL)));

  adw_combo_row_set_expression (self->server_row,
                                gtk_property_expression_new (REPRISE_TYPE_SERVICE, NULL, "name"));
  adw_combo_row_set_model (self->server_row, G_LIST_MODEL (model));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (model)); i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (G_LIST_MODEL (model), i);

      if (g_str_equal (reprise_service_get_uuid (service),
                       reprise_service_get_uuid (self->service)))
        adw_combo_row_set_selected (self->server_row, i);
    }
}

/* What was chosen before this window was opened. */
static void
set_known_options (RepriseRestoreWindow *self)
{
  GHashTableIter iter;
  gpointer key, value;

  if (self->options == NULL)
    return;
  g_hash_table_iter_init (&iter, self->options);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (gtk_widget_get_visible (GTK_WIDGET (self->source_step)) ||
        g_str_equal (key, REPRISE_WHERE_INTO))
      reprise_settings_form_set_value (self->where_form, key, value);
    else
      reprise_settings_form_fix_value (self->where_form, key, value);
}

/* What was chosen is said, and not asked for again. */
static void
describe_document (RepriseRestoreWindow *self)
{
  const char *document = reprise_settings_form_get_value (self->where_form, REPRISE_WHERE_DOCUMENT);
  const char *database =
    reprise_settings_form_get_value (self->where_form, REPRISE_WHERE_DATABASES);
  g_autofree char *text = NULL;

  if (self->version_at == NULL || document == NULL || database == NULL)
    return;
  {
    g_autofree char *when = reprise_format_date_time (self->version_at);

    /* Translators: a document, its database, and a date */
    text = g_strdup_printf (_ ("“%s” of “%s”, as it was saved on %s"), document, database, when);
  }
  adw_preferences_group_set_description (self->where_group, text);
}

/* Of a service of many databases: the words for what happens to them, and what there is to choose from. */
static void
prepare_databases (RepriseRestoreWindow *self)
{
  RepriseKind *kind = reprise_restore_window_get_kind (self);
  gboolean has = kind != NULL && reprise_kind_can (kind, REPRISE_HAS_HISTORY);

  reprise_where_offer_nearest (self->nearest_group, self->where_form, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->server_group), has && count_servers (self) > 1);
  reprise_where_offer_databases (self->where_form, reprise_archive_get_contents (self->archive));
  if (!has)
    return;
  adw_preferences_group_set_description (
    self->where_group, _ ("A new database is made, unless the same one or another one is chosen"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->conflict_row),
                                 _ ("In a database that is there, the saved documents win"));
  adw_action_row_set_subtitle (
    self->conflict_row, _ ("Each that differs gets a new version with what was saved. What was "
                           "changed since stays in the safety copy; the review counts it."));
  describe_document (self);
  if (self->points != NULL)
    reprise_where_offer_points (self->where_form, self->points);
  reprise_where_propose_target (self->where_form);
}

/* --- what can be chosen --- */

/* (transfer full): the service that is asked: the target, as far as the form does not name another place. What lies in the one that is
 * named is not where it was. */
static RepriseService *
make_asked (RepriseRestoreWindow *self)
{
  const RepriseSetting *settings =
    reprise_kind_get_settings (reprise_restore_window_get_kind (self));
  RepriseService *asked = reprise_service_copy (reprise_restore_window_get_target (self));

  for (const RepriseSetting *setting = settings; setting != NULL && setting->key != NULL; setting++)
    {
      const char *value = reprise_settings_form_get_value (self->where_form, setting->key);

      if (value == NULL || *value == '\0')
        continue;
      for (const RepriseSetting *other = settings; other->key != NULL; other++)
        if (reprise_setting_lies_in (other, settings, setting->key))
          reprise_service_set_setting (asked, other->key, NULL);
      reprise_service_set_setting (asked, setting->key, value);
    }
  return asked;
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseRestoreWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) choices =
    reprise_context_list_values_finish (REPRISE_CONTEXT (source), result, &error);
  g_autofree char *problem = error != NULL ? reprise_error_get_sentence (error) : NULL;

  if (error == NULL || !reprise_error_is_stop (error))
    reprise_settings_form_show_choices (self->where_form, self->wanted, choices, problem);
}

static void
list_wanted_cb (RepriseSettingsForm *form, const char *key, RepriseRestoreWindow *self)
{
  g_autoptr (RepriseService) asked = make_asked (self);

  g_free (self->wanted);
  self->wanted = g_strdup (key);
  reprise_context_list_values_async (
    self->context, asked, NULL, key,
    reprise_step_window_get_cancellable (REPRISE_STEP_WINDOW (self)), listed_cb,
    g_object_ref (self));
}

/* Where the kind lets one choose what becomes of what is there, nothing is replaced unasked. */
static void
prepare_existing (RepriseRestoreWindow *self)
{
  RepriseKind *kind = reprise_restore_window_get_kind (self);
  const RepriseSetting *settings = kind != NULL ? reprise_kind_get_restore_settings (kind) : NULL;
  gboolean chosen =
    settings != NULL && reprise_setting_find (settings, REPRISE_OPTION_EXISTING) != NULL;
  const char *meanwhile = chosen ? reprise_kind_explain_meanwhile (kind, TRUE) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->conflict_group), !chosen);
  if (meanwhile != NULL)
    adw_preferences_group_set_description (self->where_group, meanwhile);
}

/* The archive is known: what the step “Where” asks for, and what there is to choose from. */
void
reprise_restore_window_prepare_where (RepriseRestoreWindow *self)
{
  offer_servers (self);
  set_known_options (self);
  prepare_databases (self);
  prepare_existing (self);
  g_signal_handlers_disconnect_by_func (self->where_form, list_wanted_cb, self);
  g_signal_connect (self->where_form, "list-wanted", G_CALLBACK (list_wanted_cb), self);
  reprise_where_offer_collections (self->where_form, reprise_archive_get_contents (self->archive));
}
