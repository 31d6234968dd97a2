/* reprise-step-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-step-window.h"
#include "reprise-title.h"
#include "reprise-ui.h"

typedef struct
{
  AdwHeaderBar *header_bar;
  RepriseTitle *title;
  GtkButton *cancel_button;
  GtkButton *back_button;
  GtkButton *next_button;
  GtkSpinner *spinner;
  RepriseErrorBar *error_bar;
  GtkRevealer *busy_revealer;
  GtkLabel *busy_label;
  AdwLeaflet *leaflet;

  GPtrArray *steps;          /* (owned) (element-type RepriseStep); the leaflet holds them */
  GCancellable *cancellable; /* (owned) */
  char *subtitle;            /* (owned) (nullable) */
  gboolean busy;
  GtkWidget *focus; /* (nullable): weak; what had the keyboard before a step was worked on */
  guint focus_id;
} RepriseStepWindowPrivate;

static void buildable_init (GtkBuildableIface *iface);

static GtkBuildableIface *parent_buildable;

G_DEFINE_TYPE_WITH_CODE (RepriseStepWindow,
                         reprise_step_window,
                         ADW_TYPE_WINDOW,
                         G_ADD_PRIVATE (RepriseStepWindow)
                           G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE, buildable_init))

#define PRIVATE(self) ((RepriseStepWindowPrivate *) reprise_step_window_get_instance_private (self))

/* (nullable): the visible step @offset places from @step */
static RepriseStep *
find_beside (RepriseStepWindow *self, RepriseStep *step, int offset)
{
  RepriseStepWindowPrivate *priv = PRIVATE (self);
  guint index = 0;

  if (!g_ptr_array_find (priv->steps, step, &index))
    return NULL;
  for (int i = (int) index + offset; i >= 0 && i < (int) priv->steps->len; i += offset)
    if (gtk_widget_get_visible (priv->steps->pdata[i]))
      return priv->steps->pdata[i];
  return NULL;
}

/* “Step 2 of 4”, with what stands before it */
static void
update_title (RepriseStepWindow *self, RepriseStep *step)
{
  RepriseStepWindowPrivate *priv = PRIVATE (self);
  guint n = 0, position = 0;
  g_autofree char *text = NULL;
  g_autofree char *all = NULL;

  for (guint i = 0; i < priv->steps->len; i++)
    if (gtk_widget_get_visible (priv->steps->pdata[i]))
      {
        n++;
        if (priv->steps->pdata[i] == (gpointer) step)
          position = n;
      }
  if (n > 1)
    /* Translators: which page of a window of several steps is shown */
    text = g_strdup_printf (_ ("Step %u of %u"), position, n);
  if (priv->subtitle != NULL && text != NULL)
    /* Translators: the name of a service, and “Step 2 of 4” */
    all = g_strdup_printf (_ ("%s · %s"), priv->subtitle, text);
  reprise_title_set_title (priv->title, reprise_step_get_title (step));
  reprise_title_set_subtitle (priv->title, all != NULL              ? all
                                           : text != NULL           ? text
                                           : priv->subtitle != NULL ? priv->subtitle
                                                                    : "");
  /* Only a title that is another one: a screen reader that is told a name again loses the window (GTK 4.8). */
  if (g_strcmp0 (gtk_window_get_title (GTK_WINDOW (self)), reprise_step_get_title (step)) != 0)
    gtk_window_set_title (GTK_WINDOW (self), reprise_step_get_title (step));
}

static void
update_buttons (RepriseStepWindow *self)
{
  RepriseStepWindowPrivate *priv = PRIVATE (self);
  RepriseStep *step = reprise_step_window_get_step (self);
  gboolean first, final;

  if (step == NULL)
    return;
  first = find_beside (self, step, -1) == NULL;
  final = reprise_step_get_final (step);
  gtk_widget_set_visible (GTK_WIDGET (priv->cancel_button), first && !final);
  gtk_widget_set_visible (GTK_WIDGET (priv->back_button), !first && !final);
  gtk_button_set_label (priv->next_button, reprise_step_get_next_label (step) != NULL
                                             ? reprise_step_get_next_label (step)
                                             : _ ("_Next"));
  if (reprise_step_get_destructive (step))
    {
      gtk_widget_remove_css_class (GTK_WIDGET (priv->next_button), "suggested-action");
      gtk_widget_add_css_class (GTK_WIDGET (priv->next_button), "destructive-action");
    }
  else
    {
      gtk_widget_remove_css_class (GTK_WIDGET (priv->next_button), "destructive-action");
      gtk_widget_add_css_class (GTK_WIDGET (priv->next_button), "suggested-action");
    }
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "steps.next",
                                 reprise_step_get_can_next (step) && !priv->busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "steps.back", !first && !final && !priv->busy);
  update_title (self, step);
}

static void
step_notify_cb (RepriseStepWindow *self, GParamSpec *pspec, RepriseStep *step)
{
  update_buttons (self);
}

/* A form that cannot be changed loses the keyboard, and Cancel must not be what gets it: Enter means Next. */
static void
keep_focus (RepriseStepWindow *self)
{
  RepriseStepWindowPrivate *priv = PRIVATE (self);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  g_set_weak_pointer (
    &priv->focus,
    focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (priv->leaflet)) ? focus : NULL);
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
}

static gboolean
focus_cb (gpointer data)
{
  RepriseStepWindow *self = data;
  RepriseStep *step = reprise_step_window_get_step (self);

  PRIVATE (self)->focus_id = 0;
  if (step != NULL && !PRIVATE (self)->busy)
    reprise_ui_focus_field (GTK_WIDGET (step));
  return G_SOURCE_REMOVE;
}

/* What was filled in by what was waited for may come a moment later. */
static void
give_focus_back (RepriseStepWindow *self)
{
  RepriseStepWindowPrivate *priv = PRIVATE (self);

  if (priv->focus != NULL && gtk_widget_get_mapped (priv->focus))
    gtk_widget_grab_focus (priv->focus);
  else if (priv->focus_id == 0)
    priv->focus_id = g_idle_add (focus_cb, self);
  g_clear_weak_pointer (&priv->focus);
}

static void
shown_cb (RepriseStepWindow *self)
{
  RepriseStep *step = reprise_step_window_get_step (self);

  update_buttons (self);
  if (step == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  if (REPRISE_STEP_WINDOW_GET_CLASS (self)->enter != NULL)
    REPRISE_STEP_WINDOW_GET_CLASS (self)->enter (self, step);
  reprise_ui_focus_field (GTK_WIDGET (step));
}

static void
next_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseStepWindow *self = REPRISE_STEP_WINDOW (widget);
  RepriseStepWindowClass *klass = REPRISE_STEP_WINDOW_GET_CLASS (self);
  RepriseStep *step = reprise_step_window_get_step (self);

  if (step == NULL || PRIVATE (self)->busy || !reprise_step_get_can_next (step))
    return;
  reprise_error_bar_clear (PRIVATE (self)->error_bar);
  if (find_beside (self, step, 1) == NULL)
    {
      if (klass->finish != NULL)
        klass->finish (self, step);
    }
  else if (klass->leave == NULL || klass->leave (self, step))
    reprise_step_window_next (self);
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseStepWindow *self = REPRISE_STEP_WINDOW (widget);
  RepriseStep *before = find_beside (self, reprise_step_window_get_step (self), -1);

  if (before == NULL || PRIVATE (self)->busy ||
      reprise_step_get_final (reprise_step_window_get_step (self)))
    return;
  reprise_error_bar_clear (PRIVATE (self)->error_bar);
  reprise_step_window_show_step (self, before);
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseStepWindow *self = REPRISE_STEP_WINDOW (widget);

  if (PRIVATE (self)->busy || REPRISE_STEP_WINDOW_GET_CLASS (self)->retry == NULL)
    return;
  reprise_error_bar_clear (PRIVATE (self)->error_bar);
  REPRISE_STEP_WINDOW_GET_CLASS (self)->retry (self);
}

/* Whether Enter has a meaning of its own where the keyboard is: on a button, in a text of several lines, in a menu. */
static gboolean
wants_enter (GtkWidget *focus)
{
  return GTK_IS_BUTTON (focus) || GTK_IS_TEXT_VIEW (focus) || GTK_IS_MENU_BUTTON (focus) ||
         gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) != NULL;
}

/* Enter means Next on check boxes and rows too; the space key ticks and opens them. */
static gboolean
key_pressed_cb (RepriseStepWindow *self, guint keyval, guint keycode, GdkModifierType state)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if ((keyval != GDK_KEY_Return && keyval != GDK_KEY_KP_Enter && keyval != GDK_KEY_ISO_Enter) ||
      (state & gtk_accelerator_get_default_mod_mask ()) != 0 ||
      (focus != NULL && wants_enter (focus)))
    return GDK_EVENT_PROPAGATE;
  gtk_widget_activate_action (GTK_WIDGET (self), "steps.next", NULL);
  return GDK_EVENT_STOP;
}

static void
add_key_controller (RepriseStepWindow *self)
{
  GtkEventController *controller = gtk_event_controller_key_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (controller, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

static void
add_child (GtkBuildable *buildable, GtkBuilder *builder, GObject *child, const char *type)
{
  if (g_strcmp0 (type, "step") == 0 && REPRISE_IS_STEP (child))
    reprise_step_window_add_step (REPRISE_STEP_WINDOW (buildable), REPRISE_STEP (child));
  else
    parent_buildable->add_child (buildable, builder, child, type);
}

static void
buildable_init (GtkBuildableIface *iface)
{
  parent_buildable = g_type_interface_peek_parent (iface);
  iface->add_child = add_child;
}

static void
reprise_step_window_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (reprise_step_window_parent_class)->map (widget);
  shown_cb (REPRISE_STEP_WINDOW (widget));
}

/* Closed: what is still being read, and holds on to the window meanwhile, ends. The parent may be gone before, which GTK 4.8 would not
 * notice any more. */
static void
reprise_step_window_unrealize (GtkWidget *widget)
{
  g_cancellable_cancel (PRIVATE (REPRISE_STEP_WINDOW (widget))->cancellable);
  GTK_WIDGET_CLASS (reprise_step_window_parent_class)->unrealize (widget);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
}

/* The template is not disposed of here: GTK 4.8 would take the subclass's children for those of this class, and abort. */
static void
reprise_step_window_dispose (GObject *object)
{
  RepriseStepWindow *self = REPRISE_STEP_WINDOW (object);
  RepriseStepWindowPrivate *priv = PRIVATE (self);

  g_cancellable_cancel (priv->cancellable);
  g_clear_weak_pointer (&priv->focus);
  g_clear_handle_id (&priv->focus_id, g_source_remove);
  for (guint i = 0; i < priv->steps->len; i++)
    g_signal_handlers_disconnect_by_data (priv->steps->pdata[i], self);
  g_ptr_array_set_size (priv->steps, 0);
  G_OBJECT_CLASS (reprise_step_window_parent_class)->dispose (object);
}

static void
reprise_step_window_finalize (GObject *object)
{
  RepriseStepWindowPrivate *priv = PRIVATE (REPRISE_STEP_WINDOW (object));

  g_clear_pointer (&priv->steps, g_ptr_array_unref);
  g_clear_object (&priv->cancellable);
  g_clear_pointer (&priv->subtitle, g_free);
  G_OBJECT_CLASS (reprise_step_window_parent_class)->finalize (object);
}

static void
reprise_step_window_class_init (RepriseStepWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = reprise_step_window_dispose;
  object_class->finalize = reprise_step_window_finalize;
  widget_class->map = reprise_step_window_map;
  widget_class->unrealize = reprise_step_window_unrealize;
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_STEP);
  g_type_ensure (REPRISE_TYPE_TITLE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-step-window.ui");
  gtk_widget_class_bind_template_child_private (widget_class, RepriseStepWindow, header_bar);
  gtk_widget_class_bind_template_child_private (widget_class, RepriseStepWindow, title);
  gtk_widget_class_bind_template_child_private (widget_class, RepriseStepWindow, cancel_button);
  gtk_widget_class_bind_template_child_private (widget_class, RepriseStepWindow, back_button);
  gtk_widget_class_bind_template_child_private (widget_class, RepriseStepWindow, next_button);
  gtk_widget_class_bind_template_child_private (widget_class, RepriseStepWindow, spinner);
  gtk_widget_class_bind_template_child_private (widget_class, RepriseStepWindow, error_bar);
  gtk_widget_class_bind_template_child_private (widget_class, RepriseStepWindow, busy_revealer);
  gtk_widget_class_bind_template_child_private (widget_class, RepriseStepWindow, busy_label);
  gtk_widget_class_bind_template_child_private (widget_class, RepriseStepWindow, leaflet);
  gtk_widget_class_install_action (widget_class, "steps.next", NULL, next_action);
  gtk_widget_class_install_action (widget_class, "steps.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "steps.retry", NULL, retry_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "steps.back",
                                       NULL);
}

static void
reprise_step_window_init (RepriseStepWindow *self)
{
  RepriseStepWindowPrivate *priv = PRIVATE (self);

  priv->steps = g_ptr_array_new ();
  priv->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_window_set_default_widget (GTK_WINDOW (self), GTK_WIDGET (priv->next_button));
  add_key_controller (self);
  g_signal_connect_swapped (priv->leaflet, "notify::visible-child", G_CALLBACK (shown_cb), self);
}

/* Adds a step behind those that there are. */
void
reprise_step_window_add_step (RepriseStepWindow *self, RepriseStep *step)
{
  RepriseStepWindowPrivate *priv = PRIVATE (self);

  g_ptr_array_add (priv->steps, step);
  g_signal_connect_swapped (step, "notify", G_CALLBACK (step_notify_cb), self);
  adw_leaflet_append (priv->leaflet, GTK_WIDGET (step));
}

/* (transfer none) (nullable): the step that is shown */
RepriseStep *
reprise_step_window_get_step (RepriseStepWindow *self)
{
  GtkWidget *child = adw_leaflet_get_visible_child (PRIVATE (self)->leaflet);

  return child != NULL ? REPRISE_STEP (child) : NULL;
}

void
reprise_step_window_show_step (RepriseStepWindow *self, RepriseStep *step)
{
  adw_leaflet_set_visible_child (PRIVATE (self)->leaflet, GTK_WIDGET (step));
}

/* Goes to the next step; what was waited for is over. */
void
reprise_step_window_next (RepriseStepWindow *self)
{
  RepriseStep *next = find_beside (self, reprise_step_window_get_step (self), 1);

  reprise_step_window_set_busy (self, NULL);
  if (next != NULL)
    reprise_step_window_show_step (self, next);
}

/**
 * reprise_step_window_set_subtitle:
 * @subtitle: (nullable): which service it is about; shown before “Step 2 of 4”
 */
void
reprise_step_window_set_subtitle (RepriseStepWindow *self, const char *subtitle)
{
  RepriseStepWindowPrivate *priv = PRIVATE (self);

  g_free (priv->subtitle);
  priv->subtitle = g_strdup (subtitle);
  update_buttons (self);
}

/* @hint: (nullable): why Next cannot be pressed, as its tooltip: what says it in the form may be out of sight */
void
reprise_step_window_set_hint (RepriseStepWindow *self, const char *hint)
{
  gtk_widget_set_tooltip_text (GTK_WIDGET (PRIVATE (self)->next_button), hint);
}

/**
 * reprise_step_window_set_busy:
 * @text: (nullable): what is being done: “Connecting to app.example.com…”; %NULL: nothing any more
 *
 * While busy the forms cannot be changed, and Cancel still can be pressed.
 */
void
reprise_step_window_set_busy (RepriseStepWindow *self, const char *text)
{
  RepriseStepWindowPrivate *priv = PRIVATE (self);
  gboolean was = priv->busy;

  if (text != NULL && !was)
    keep_focus (self);
  priv->busy = text != NULL;
  gtk_widget_set_sensitive (GTK_WIDGET (priv->leaflet), !priv->busy);
  gtk_widget_set_visible (GTK_WIDGET (priv->spinner), priv->busy);
  gtk_spinner_set_spinning (priv->spinner, priv->busy);
  if (text != NULL)
    gtk_label_set_label (priv->busy_label, text);
  gtk_revealer_set_reveal_child (priv->busy_revealer, priv->busy);
  update_buttons (self);
  if (was && !priv->busy)
    give_focus_back (self);
}

gboolean
reprise_step_window_get_busy (RepriseStepWindow *self)
{
  return PRIVATE (self)->busy;
}

/* Says what failed and why; the form stays as it is, and is no longer busy. */
void
reprise_step_window_show_error (RepriseStepWindow *self, const char *title, const GError *error)
{
  reprise_step_window_set_busy (self, NULL);
  reprise_error_bar_show_error (PRIVATE (self)->error_bar, title, error);
}

/* As reprise_step_window_show_error(), of what nothing else in the window would begin again. */
void
reprise_step_window_show_failed (RepriseStepWindow *self, const char *title, const GError *error)
{
  reprise_step_window_show_error (self, title, error);
  reprise_error_bar_set_button (PRIVATE (self)->error_bar, _ ("_Try Again"), "steps.retry");
}

RepriseErrorBar *
reprise_step_window_get_error_bar (RepriseStepWindow *self)
{
  return PRIVATE (self)->error_bar;
}

/* (transfer none): cancelled when the window goes */
GCancellable *
reprise_step_window_get_cancellable (RepriseStepWindow *self)
{
  return PRIVATE (self)->cancellable;
}
