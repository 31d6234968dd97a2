/* reprise-surroundings.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-surroundings.h"

struct _RepriseSurroundings
{
  GObject parent_instance;

  GNetworkMonitor *network;     /* (owned) (nullable): not looked at while something is pretended */
  GPowerProfileMonitor *power;  /* (owned) (nullable) */
  RepriseConditions *pretended; /* (owned) (nullable) */
  RepriseConditions told;       /* the last ones that were told */
};

G_DEFINE_FINAL_TYPE (RepriseSurroundings, reprise_surroundings, G_TYPE_OBJECT)

static guint changed_signal;

static void
reprise_surroundings_dispose (GObject *object)
{
  RepriseSurroundings *self = REPRISE_SURROUNDINGS (object);

  g_clear_object (&self->network);
  g_clear_object (&self->power);
  g_clear_pointer (&self->pretended, g_free);
  G_OBJECT_CLASS (reprise_surroundings_parent_class)->dispose (object);
}

static void
reprise_surroundings_class_init (RepriseSurroundingsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = reprise_surroundings_dispose;
  changed_signal = g_signal_new ("changed", REPRISE_TYPE_SURROUNDINGS, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
reprise_surroundings_init (RepriseSurroundings *self)
{
}

static void
tell (RepriseSurroundings *self)
{
  RepriseConditions now;

  reprise_surroundings_get (self, &now);
  if (now.network == self->told.network && now.metered == self->told.metered &&
      now.power_saver == self->told.power_saver)
    return;
  self->told = now;
  g_signal_emit (self, changed_signal, 0);
}

RepriseSurroundings *
reprise_surroundings_new (void)
{
  RepriseSurroundings *self = g_object_new (REPRISE_TYPE_SURROUNDINGS, NULL);

  self->network = g_object_ref (g_network_monitor_get_default ());
  self->power = g_power_profile_monitor_dup_default ();
  g_signal_connect_object (self->network, "network-changed", G_CALLBACK (tell), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->network, "notify::network-metered", G_CALLBACK (tell), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->power, "notify::power-saver-enabled", G_CALLBACK (tell), self,
                           G_CONNECT_SWAPPED);
  reprise_surroundings_get (self, &self->told);
  return self;
}

void
reprise_surroundings_get (RepriseSurroundings *self, RepriseConditions *conditions)
{
  if (self->pretended != NULL)
    {
      *conditions = *self->pretended;
      return;
    }
  conditions->network = g_network_monitor_get_network_available (self->network);
  conditions->metered = g_network_monitor_get_network_metered (self->network);
  conditions->power_saver = g_power_profile_monitor_get_power_saver_enabled (self->power);
}

/* From now on, things stand as a test wants it. */
void
reprise_surroundings_pretend (RepriseSurroundings *self, const RepriseConditions *conditions)
{
  g_free (self->pretended);
  self->pretended = g_new (RepriseConditions, 1);
  *self->pretended = *conditions;
  tell (self);
}
