/* reprise-sign-in-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "provider/reprise-context-access.h"
#include "reprise-sign-in-window.h"
#include "reprise-title.h"
#include "reprise-ui.h"

/* choose a way → the browser, or the code → signed in: closes; failed → choose again */
struct _RepriseSignInWindow
{
  AdwWindow parent_instance;

  RepriseTitle *window_title;
  GtkStack *stack;
  GtkButton *browser_button;
  GtkButton *code_button;
  GtkButton *open_again_button;
  GtkLabel *place_label;
  GtkLabel *code_label;
  GtkButton *copy_button;
  GtkLabel *time_label;
  AdwStatusPage *failed_page;
  GtkButton *retry_button;

  RepriseContext *context;   /* (owned) */
  RepriseService *service;   /* (owned) */
  RepriseSecrets *secrets;   /* (owned) (nullable): those of the keyring */
  GCancellable *cancellable; /* (owned) (nullable): of the sign-in that runs */
  RepriseSignIn *sign_in;    /* (owned) (nullable): likewise */
  RepriseSignInWays ways;
  guint timer;
};

G_DEFINE_FINAL_TYPE (RepriseSignInWindow, reprise_sign_in_window, ADW_TYPE_WINDOW)

static guint signed_in_signal;

static void
stop (RepriseSignInWindow *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->sign_in != NULL)
    g_signal_handlers_disconnect_by_data (self->sign_in, self);
  g_clear_object (&self->sign_in);
}

static void
show_page (RepriseSignInWindow *self, const char *name, GtkWidget *focus)
{
  gtk_stack_set_visible_child_name (self->stack, name);
  if (focus != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    gtk_widget_grab_focus (focus);
}

static void
show_failure (RepriseSignInWindow *self, const GError *error)
{
  g_autofree char *why = reprise_error_get_sentence (error);

  stop (self);
  reprise_ui_set_description (self->failed_page, why);
  show_page (self, "failed", GTK_WIDGET (self->retry_button));
}

/* --- what the person does --- */

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseSignInWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (gtk_show_uri_full_finish (GTK_WINDOW (source), result, &error) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->sign_in == NULL)
    return;
  /* The code can be used elsewhere; without a browser the other way leads nowhere. */
  if (reprise_sign_in_get_way (self->sign_in) == REPRISE_SIGN_IN_BROWSER)
    {
      reprise_error_prefix (&error, "%s ", _ ("The browser could not be started."));
      show_failure (self, error);
    }
}

static void
open_page (RepriseSignInWindow *self)
{
  const RepriseSignInStep *step =
    self->sign_in != NULL ? reprise_sign_in_get_step (self->sign_in) : NULL;

  if (step != NULL)
    gtk_show_uri_full (GTK_WINDOW (self),
                       step->whole_address != NULL ? step->whole_address : step->address,
                       GDK_CURRENT_TIME, self->cancellable, opened_cb, g_object_ref (self));
}

static void
copy_code_cb (RepriseSignInWindow *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          gtk_label_get_label (self->code_label));
  gtk_button_set_label (self->copy_button, _ ("_Copied"));
}

/* The time that the code is good for: minutes and seconds. */
static gboolean
tick_cb (gpointer data)
{
  RepriseSignInWindow *self = data;
  const RepriseSignInStep *step = reprise_sign_in_get_step (self->sign_in);
  gint64 left =
    MAX ((step->end_us - g_get_monotonic_time () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC, 0);
  g_autofree char *time = g_strdup_printf ("%d:%02d", (int) (left / 60), (int) (left % 60));
  /* Translators: a time in minutes and seconds: “14:32” */
  g_autofree char *text = g_strdup_printf (_ ("The code is good for %s."), time);

  gtk_label_set_label (self->time_label, text);
  return G_SOURCE_CONTINUE;
}

static void
show_code (RepriseSignInWindow *self, const RepriseSignInStep *step)
{
  /* Translators: the address of a page */
  g_autofree char *place =
    g_strdup_printf (_ ("Open %s on this or any other device, sign in there, and type in this "
                        "code:"),
                     step->address);

  gtk_label_set_label (self->place_label, place);
  gtk_label_set_label (self->code_label, step->code);
  gtk_button_set_label (self->copy_button, _ ("_Copy Code"));
  gtk_widget_set_visible (GTK_WIDGET (self->time_label), step->end_us != 0);
  if (step->end_us != 0)
    {
      self->timer = g_timeout_add_seconds (1, tick_cb, self);
      tick_cb (self);
    }
  show_page (self, "code", GTK_WIDGET (self->copy_button));
}

static void
step_cb (RepriseSignInWindow *self)
{
  const RepriseSignInStep *step = reprise_sign_in_get_step (self->sign_in);

  g_clear_handle_id (&self->timer, g_source_remove);
  if (step->code != NULL)
    {
      show_code (self, step);
      return;
    }
  show_page (self, "browser", GTK_WIDGET (self->open_again_button));
  open_page (self);
}

/* --- the sign-in --- */

static void
signed_in_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseSignInWindow) self = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = reprise_context_sign_in_finish (REPRISE_CONTEXT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (!ok)
    {
      show_failure (self, error);
      return;
    }
  stop (self);
  g_signal_emit (self, signed_in_signal, 0);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
start (RepriseSignInWindow *self, RepriseSignInWays way)
{
  stop (self);
  self->cancellable = g_cancellable_new ();
  self->sign_in = reprise_sign_in_new (way);
  g_signal_connect_swapped (self->sign_in, "step", G_CALLBACK (step_cb), self);
  show_page (self, "wait", NULL);
  reprise_context_sign_in_async (self->context, self->service, self->secrets, self->sign_in,
                                 self->cancellable, signed_in_cb, g_object_ref (self));
}

static void
browser_cb (RepriseSignInWindow *self)
{
  start (self, REPRISE_SIGN_IN_BROWSER);
}

static void
code_cb (RepriseSignInWindow *self)
{
  start (self, REPRISE_SIGN_IN_CODE);
}

static void
choose_cb (RepriseSignInWindow *self)
{
  gboolean browser = (self->ways & REPRISE_SIGN_IN_BROWSER) != 0;

  stop (self);
  show_page (self, "choose", GTK_WIDGET (browser ? self->browser_button : self->code_button));
}

/* From the beginning the keyboard is on what is suggested, not on Cancel. */
static void
reprise_sign_in_window_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (reprise_sign_in_window_parent_class)->map (widget);
  if (REPRISE_SIGN_IN_WINDOW (widget)->sign_in == NULL)
    choose_cb (REPRISE_SIGN_IN_WINDOW (widget));
}

static gboolean
reprise_sign_in_window_close_request (GtkWindow *window)
{
  stop (REPRISE_SIGN_IN_WINDOW (window));
  return GTK_WINDOW_CLASS (reprise_sign_in_window_parent_class)->close_request (window);
}

static void
reprise_sign_in_window_dispose (GObject *object)
{
  RepriseSignInWindow *self = REPRISE_SIGN_IN_WINDOW (object);

  stop (self);
  g_clear_object (&self->context);
  g_clear_object (&self->service);
  g_clear_object (&self->secrets);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_SIGN_IN_WINDOW);
  G_OBJECT_CLASS (reprise_sign_in_window_parent_class)->dispose (object);
}

static void
reprise_sign_in_window_class_init (RepriseSignInWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_sign_in_window_dispose;
  widget_class->map = reprise_sign_in_window_map;
  GTK_WINDOW_CLASS (klass)->close_request = reprise_sign_in_window_close_request;
  signed_in_signal = g_signal_new ("signed-in", REPRISE_TYPE_SIGN_IN_WINDOW, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (REPRISE_TYPE_TITLE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-sign-in-window.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, RepriseSignInWindow, name)
  BIND (window_title);
  BIND (stack);
  BIND (browser_button);
  BIND (code_button);
  BIND (open_again_button);
  BIND (place_label);
  BIND (code_label);
  BIND (copy_button);
  BIND (time_label);
  BIND (failed_page);
  BIND (retry_button);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, browser_cb);
  gtk_widget_class_bind_template_callback (widget_class, code_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_code_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_page);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
reprise_sign_in_window_init (RepriseSignInWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * reprise_sign_in_window_new:
 * @service: of a kind at which somebody signs in
 * @secrets: (nullable): those of the keyring
 */
RepriseSignInWindow *
reprise_sign_in_window_new (GtkWindow *parent,
                            RepriseContext *context,
                            RepriseService *service,
                            RepriseSecrets *secrets)
{
  RepriseSignInWindow *self =
    g_object_new (REPRISE_TYPE_SIGN_IN_WINDOW, "transient-for", parent, NULL);
  RepriseKind *kind = reprise_registry_get (reprise_context_get_registry (context),
                                            reprise_service_get_kind (service));
  const char *name = reprise_service_get_name (service);

  self->context = g_object_ref (context);
  self->service = g_object_ref (service);
  g_set_object (&self->secrets, secrets);
  self->ways = kind != NULL
                 ? reprise_kind_get_sign_in_ways (kind, reprise_service_get_settings (service))
                 : REPRISE_SIGN_IN_NO_WAY;
  reprise_title_set_subtitle (self->window_title,
                              *name != '\0' || kind == NULL ? name : reprise_kind_get_title (kind));
  gtk_widget_set_visible (GTK_WIDGET (self->browser_button),
                          (self->ways & REPRISE_SIGN_IN_BROWSER) != 0);
  gtk_widget_set_visible (GTK_WIDGET (self->code_button), (self->ways & REPRISE_SIGN_IN_CODE) != 0);
  choose_cb (self);
  return self;
}
