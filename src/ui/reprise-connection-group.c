/* reprise-connection-group.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-connection-group.h"

struct _RepriseConnectionGroup
{
  AdwPreferencesGroup parent_instance;

  GtkSpinner *spinner;
  GtkListBox *list;

  RepriseServiceItem *item;        /* (owned) (nullable) */
  const RepriseProbe *shown_probe; /* (nullable): compared, never looked into */
  gboolean shown_lack;             /* nobody is signed in */
  GCancellable *cancellable;       /* (owned) (nullable): of what is read for this service */
};

G_DEFINE_FINAL_TYPE (RepriseConnectionGroup, reprise_connection_group, ADW_TYPE_PREFERENCES_GROUP)

static GtkWidget *
add_row (RepriseConnectionGroup *self, const char *title, const char *value)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "title", title, "subtitle", value,
                                 "use-markup", FALSE, "subtitle-lines", 3, NULL);

  gtk_widget_add_css_class (row, "property");
  gtk_list_box_append (self->list, row);
  return row;
}

/* A page in the browser, where the value is its address. */
static void
add_link (GtkWidget *row, const char *label, const char *value)
{
  GtkWidget *link;

  if (value == NULL ||
      (!g_str_has_prefix (value, "http://") && !g_str_has_prefix (value, "https://")))
    return;
  /* Translators: opens a page in the browser */
  link = gtk_link_button_new_with_label (value, _ ("Open"));
  gtk_widget_set_valign (link, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (link), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, label,
                                  -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), link);
}

/* (transfer none): the value as a person reads it */
static const char *
get_value_text (const RepriseSetting *setting, const char *value)
{
  if (setting->type == REPRISE_SETTING_BOOLEAN)
    return g_strcmp0 (value, "true") == 0 ? _ ("Yes") : _ ("No");
  return reprise_setting_get_choice_label (setting, value);
}

typedef struct
{
  RepriseConnectionGroup *self; /* (owned) */
  AdwActionRow *row;            /* (owned) */
  GCancellable *cancellable;    /* (owned) */
  gboolean required;
} KeyringRow;

/* Where the secret is, and what to do when it is missing. */
static const char *
get_keyring_text (RepriseKeyringState state, gboolean required)
{
  if (state == REPRISE_KEYRING_THERE)
    return _ ("In the keyring");
  if (state != REPRISE_KEYRING_NOT_FOUND)
    return reprise_keyring_state_get_text (state);
  return required ? _ ("Not in the keyring: edit the connection to give it")
                  : _ ("Not set (optional)");
}

static void
keyring_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  KeyringRow *row = data;
  g_autoptr (GError) error = NULL;
  RepriseKeyringState state;

  if (reprise_keyring_get_state_finish (result, &state, &error))
    adw_action_row_set_subtitle (row->row, get_keyring_text (state, row->required));
  else if (!g_cancellable_is_cancelled (row->cancellable))
    adw_action_row_set_subtitle (row->row, error->message);
  g_object_unref (row->self);
  g_object_unref (row->row);
  g_object_unref (row->cancellable);
  g_free (row);
}

/* A secret is never shown, only where it is. */
static void
add_secret_row (RepriseConnectionGroup *self, const RepriseSetting *setting)
{
  KeyringRow *data = g_new0 (KeyringRow, 1);

  data->self = g_object_ref (self);
  data->row = ADW_ACTION_ROW (
    g_object_ref (add_row (self, _ (setting->label), _ ("Looking into the keyring…"))));
  data->cancellable = g_object_ref (self->cancellable);
  data->required = setting->required;
  reprise_keyring_get_state_async (reprise_service_item_get_uuid (self->item), setting->key,
                                   self->cancellable, keyring_cb, data);
}

static void
add_setting_row (RepriseConnectionGroup *self, const RepriseSetting *setting)
{
  RepriseService *service = reprise_service_item_get_service (self->item);
  const char *value =
    reprise_kind_get_value (reprise_service_item_get_kind (self->item), service, setting->key);

  if (setting->label == NULL)
    return;
  if (setting->type == REPRISE_SETTING_SECRET)
    add_secret_row (self, setting);
  else if (value != NULL && value[0] != '\0' &&
           !(setting->advanced && g_strcmp0 (value, setting->default_value) == 0))
    add_row (self, _ (setting->label), get_value_text (setting, value));
}

/* (transfer full): “1.7.2 · answered in 0.3 s” */
static char *
describe_probe (const RepriseProbe *probe)
{
  g_autofree char *latency = NULL;

  if (probe->latency_ms >= 0 && probe->version == NULL)
    /* Translators: a number of seconds, such as 0.3 */
    return g_strdup_printf (_ ("Answered in %.1f s"), (double) probe->latency_ms / 1000);
  if (probe->latency_ms >= 0)
    /* Translators: a number of seconds, such as 0.3 */
    latency = g_strdup_printf (_ ("answered in %.1f s"), (double) probe->latency_ms / 1000);
  if (probe->version != NULL && latency != NULL)
    return g_strdup_printf ("%s · %s", probe->version, latency);
  return g_strdup (probe->version != NULL ? probe->version : latency);
}

static void
add_probe_rows (RepriseConnectionGroup *self, const RepriseProbe *probe)
{
  g_autofree char *version = describe_probe (probe);

  if (version != NULL)
    add_row (self, probe->version != NULL ? _ ("Version") : _ ("Connection"), version);
  for (guint i = 0; i < probe->facts->len; i++)
    {
      const RepriseFact *fact = probe->facts->pdata[i];

      add_link (add_row (self, fact->label, fact->value), fact->label, fact->value);
    }
  for (guint i = 0; i < probe->warnings->len; i++)
    {
      GtkWidget *row = add_row (self, _ ("Warning"), probe->warnings->pdata[i]);

      adw_action_row_add_prefix (ADW_ACTION_ROW (row),
                                 gtk_image_new_from_icon_name ("reprise-warning-symbolic"));
    }
}

/* What the service keeps beside its backups, with a button for it. */
static void
add_action_row (RepriseConnectionGroup *self,
                const char *title,
                const char *subtitle,
                const char *label,
                const char *action_name)
{
  GtkWidget *row = add_row (self, title, subtitle);
  GtkWidget *button = g_object_new (GTK_TYPE_BUTTON, "label", label, "use-underline", TRUE,
                                    "valign", GTK_ALIGN_CENTER, "action-name", action_name, NULL);

  gtk_widget_remove_css_class (row, "property");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

/* Whether somebody has to sign in before anything else can be done. */
static gboolean
lacks_sign_in (RepriseConnectionGroup *self)
{
  return reprise_service_item_get_status (self->item)->state == REPRISE_STATUS_SIGN_IN;
}

static void
add_own_rows (RepriseConnectionGroup *self)
{
  if (reprise_service_item_needs_person (self->item))
    add_action_row (self, _ ("Sign-In"),
                    self->shown_lack ? _ ("Nobody is signed in")
                                     : _ ("With your account; the keyring has what renews it"),
                    self->shown_lack ? _ ("_Sign In…") : _ ("Sign _Out"),
                    self->shown_lack ? "win.sign-in" : "win.sign-out");
  if (reprise_service_item_can (self->item, REPRISE_HAS_SCHEDULE))
    add_action_row (self, _ ("Schedule of the Service"),
                    _ ("One that the service keeps and follows itself"), _ ("_Open…"),
                    "win.show-own-schedule");
  if (reprise_service_item_can (self->item, REPRISE_CAN_RENEW))
    add_action_row (
      self, _ ("Access That Ends"),
      _ ("Gives the service the access of these settings for all backups that it has"),
      _ ("Re_new"), "win.renew-access");
}

static void
update (RepriseConnectionGroup *self)
{
  RepriseKind *kind = reprise_service_item_get_kind (self->item);
  const RepriseSetting *settings = kind != NULL ? reprise_kind_get_settings (kind) : NULL;
  GHashTable *values = reprise_service_get_settings (reprise_service_item_get_service (self->item));
  GtkWidget *row;

  self->shown_probe = reprise_service_item_get_probe (self->item);
  self->shown_lack = lacks_sign_in (self);
  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
  add_row (self, _ ("Kind"),
           kind != NULL ? reprise_kind_get_title (kind)
                        : _ ("This version of Reprise does not know this kind of service"));
  for (const RepriseSetting *setting = settings; setting != NULL && setting->key != NULL; setting++)
    if (reprise_setting_is_shown (setting, settings, values))
      add_setting_row (self, setting);
  if (reprise_service_item_get_probe (self->item) != NULL)
    add_probe_rows (self, reprise_service_item_get_probe (self->item));
  add_own_rows (self);
  if (reprise_service_get_production (reprise_service_item_get_service (self->item)))
    add_row (self, _ ("Production"), _ ("Its name has to be typed before data is replaced"));
}

static void
update_reading (RepriseConnectionGroup *self)
{
  gboolean reading = reprise_service_item_get_reading (self->item);

  gtk_spinner_set_spinning (self->spinner, reading);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), reading);
}

static void
changed_cb (RepriseConnectionGroup *self)
{
  if (reprise_service_item_get_probe (self->item) != self->shown_probe ||
      lacks_sign_in (self) != self->shown_lack)
    update (self);
}

static void
drop_item (RepriseConnectionGroup *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->item != NULL)
    {
      g_signal_handlers_disconnect_by_data (reprise_service_item_get_service (self->item), self);
      g_signal_handlers_disconnect_by_data (self->item, self);
    }
  g_clear_object (&self->item);
}

static void
reprise_connection_group_dispose (GObject *object)
{
  RepriseConnectionGroup *self = REPRISE_CONNECTION_GROUP (object);

  drop_item (self);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_CONNECTION_GROUP);
  G_OBJECT_CLASS (reprise_connection_group_parent_class)->dispose (object);
}

static void
reprise_connection_group_class_init (RepriseConnectionGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_connection_group_dispose;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-connection-group.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, RepriseConnectionGroup, name)
  BIND (spinner);
  BIND (list);
#undef BIND
}

static void
reprise_connection_group_init (RepriseConnectionGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* @item: (nullable): the service that it leads to */
void
reprise_connection_group_set_item (RepriseConnectionGroup *self, RepriseServiceItem *item)
{
  RepriseService *service = item != NULL ? reprise_service_item_get_service (item) : NULL;

  drop_item (self);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  g_signal_connect_object (item, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (item, "notify::status", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (item, "notify::reading", G_CALLBACK (update_reading), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  update_reading (self);
}
