/* reprise-gate.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-gate.h"
#include "vault/reprise-lock.h"

static const struct
{
  const char *id;
  const char *text; /* (nullable) */
} WAITS[REPRISE_N_WAITS] = {
  [REPRISE_WAIT_NOTHING] = { "nothing", NULL },
  [REPRISE_WAIT_NETWORK] = { "network", N_ ("Waits for a network") },
  [REPRISE_WAIT_METERED] = { "metered", N_ ("Waits for a connection that is not metered") },
  [REPRISE_WAIT_POWER_SAVER] = { "power-saver", N_ ("Waits until power is not saved any more") },
  [REPRISE_WAIT_KEYRING] = { "keyring", N_ ("Waits until the keyring is unlocked") },
  [REPRISE_WAIT_HOLDER] = { "busy", N_ ("Waits for another job of this service") },
};

/* (transfer none): the name for scripts, an interface */
const char *
reprise_wait_to_string (RepriseWait wait)
{
  g_return_val_if_fail (wait < REPRISE_N_WAITS, NULL);

  return WAITS[wait].id;
}

/* (transfer none) (nullable): for people; %NULL for nothing */
const char *
reprise_wait_get_text (RepriseWait wait)
{
  g_return_val_if_fail (wait < REPRISE_N_WAITS, NULL);

  return WAITS[wait].text != NULL ? _ (WAITS[wait].text) : NULL;
}

static gboolean
is_this_computer (const char *address)
{
  g_autoptr (GUri) uri = g_uri_parse (address, G_URI_FLAGS_NONE, NULL);
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;
  g_autoptr (GInetAddress) inet = host != NULL ? g_inet_address_new_from_string (host) : NULL;

  return inet != NULL ? g_inet_address_get_is_loopback (inet) : g_strcmp0 (host, "localhost") == 0;
}

/* Whether backups of the service come over a network: not from a path, nor from a server of this computer. */
gboolean
reprise_gate_needs_network (RepriseKind *kind, RepriseService *service)
{
  const RepriseSetting *settings = reprise_kind_get_settings (kind);
  gboolean has_path = FALSE;

  for (guint i = 0; settings[i].key != NULL; i++)
    {
      const char *value = reprise_kind_get_value (kind, service, settings[i].key);

      if (settings[i].type == REPRISE_SETTING_ADDRESS && settings[i].required && value != NULL)
        return !is_this_computer (value);
      if (settings[i].type == REPRISE_SETTING_PATH && settings[i].required)
        has_path = TRUE;
    }
  return !has_path;
}

/* Whether something that is due may run as things stand, or what it waits for. */
RepriseWait
reprise_gate_check (const RepriseConditions *conditions,
                    gboolean needs_network,
                    gboolean run_on_metered,
                    gboolean run_on_power_saver)
{
  if (conditions->power_saver && !run_on_power_saver)
    return REPRISE_WAIT_POWER_SAVER;
  if (!needs_network)
    return REPRISE_WAIT_NOTHING;
  if (!conditions->network)
    return REPRISE_WAIT_NETWORK;
  return conditions->metered && !run_on_metered ? REPRISE_WAIT_METERED : REPRISE_WAIT_NOTHING;
}

/**
 * reprise_gate_check_keyring:
 *
 * Whether the secrets that the service cannot do without can be asked for. Nobody is asked anything.
 *
 * Returns: %FALSE with %REPRISE_ERROR_KEYRING where the keyring is in the way; a secret that is not there is another matter
 */
gboolean
reprise_gate_check_keyring (RepriseKind *kind,
                            RepriseService *service,
                            RepriseSecrets *secrets,
                            GCancellable *cancellable,
                            GError **error)
{
  const RepriseSetting *settings = reprise_kind_get_settings (kind);

  for (guint i = 0; settings[i].key != NULL; i++)
    {
      g_autoptr (RepriseSecretValue) value = NULL;
      g_autoptr (GError) local_error = NULL;

      if (settings[i].type != REPRISE_SETTING_SECRET || !settings[i].required ||
          !reprise_setting_is_shown (&settings[i], settings,
                                     reprise_service_get_settings (service)))
        continue;
      value = reprise_secrets_lookup (secrets, settings[i].key, cancellable, &local_error);
      if (g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_KEYRING))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * reprise_gate_check_ready:
 *
 * What is in the way on this computer, so that a job need not begin to fail at it. Nobody is asked anything.
 */
RepriseWait
reprise_gate_check_ready (RepriseKind *kind,
                          RepriseService *service,
                          RepriseSecrets *secrets,
                          GCancellable *cancellable)
{
  if (reprise_lock_get_holder (reprise_service_get_uuid (service), NULL, NULL, NULL, NULL))
    return REPRISE_WAIT_HOLDER;
  return reprise_gate_check_keyring (kind, service, secrets, cancellable, NULL)
           ? REPRISE_WAIT_NOTHING
           : REPRISE_WAIT_KEYRING;
}
