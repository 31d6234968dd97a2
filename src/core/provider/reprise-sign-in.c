/* reprise-sign-in.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-sign-in.h"

struct _RepriseSignIn
{
  GObject parent_instance;

  RepriseSignInWays way;   /* never changes, like the context: the worker may read them */
  GMainContext *context;   /* (owned): of the front */
  RepriseSignInStep *step; /* (owned) (nullable); of the front */
};

G_DEFINE_FINAL_TYPE (RepriseSignIn, reprise_sign_in, G_TYPE_OBJECT)

static guint step_signal;

static void
step_free (RepriseSignInStep *step)
{
  g_free (step->code);
  g_free (step->address);
  g_free (step->whole_address);
  g_free (step->message);
  g_free (step);
}

static void
reprise_sign_in_finalize (GObject *object)
{
  RepriseSignIn *self = REPRISE_SIGN_IN (object);

  g_clear_pointer (&self->step, step_free);
  g_main_context_unref (self->context);
  G_OBJECT_CLASS (reprise_sign_in_parent_class)->finalize (object);
}

static void
reprise_sign_in_class_init (RepriseSignInClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_sign_in_finalize;
  step_signal = g_signal_new ("step", REPRISE_TYPE_SIGN_IN, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
}

static void
reprise_sign_in_init (RepriseSignIn *self)
{
  self->context = g_main_context_ref_thread_default ();
}

/* @way: one of them, or %REPRISE_SIGN_IN_NO_WAY to see whether the secrets are accepted */
RepriseSignIn *
reprise_sign_in_new (RepriseSignInWays way)
{
  RepriseSignIn *self = g_object_new (REPRISE_TYPE_SIGN_IN, NULL);

  self->way = way;
  return self;
}

/* Any thread. */
RepriseSignInWays
reprise_sign_in_get_way (RepriseSignIn *self)
{
  return self->way;
}

/* (transfer none) (nullable): until the next one */
const RepriseSignInStep *
reprise_sign_in_get_step (RepriseSignIn *self)
{
  return self->step;
}

/* On its way to the front. */
typedef struct
{
  RepriseSignIn *sign_in; /* (owned) */
  RepriseSignInStep *step;
} Showing;

static void
showing_free (gpointer data)
{
  Showing *showing = data;

  g_object_unref (showing->sign_in);
  g_clear_pointer (&showing->step, step_free);
  g_free (showing);
}

static gboolean
show_cb (gpointer data)
{
  Showing *showing = data;
  RepriseSignIn *self = showing->sign_in;

  g_clear_pointer (&self->step, step_free);
  self->step = g_steal_pointer (&showing->step);
  g_signal_emit (self, step_signal, 0);
  return G_SOURCE_REMOVE;
}

/* In the worker: tells the front what the person is to do. */
void
reprise_sign_in_show (RepriseSignIn *self, const RepriseSignInStep *step)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Showing *showing = g_new0 (Showing, 1);

  showing->sign_in = g_object_ref (self);
  showing->step = g_new0 (RepriseSignInStep, 1);
  showing->step->code = g_strdup (step->code);
  showing->step->address = g_strdup (step->address);
  showing->step->whole_address = g_strdup (step->whole_address);
  showing->step->message = g_strdup (step->message);
  showing->step->end_us = step->end_us;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, show_cb, showing, showing_free);
  g_source_attach (source, self->context);
}
