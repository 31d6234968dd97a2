/* reprise-cli-secrets.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-webhook.h"
#include "reprise-cli-options.h"
#include "reprise-cli-output.h"
#include "reprise-cli-secrets.h"
#include "reprise-cli-terminal.h"

static const RepriseSetting *
find_secret (RepriseKind *kind, const char *key, GError **error)
{
  const RepriseSetting *setting = reprise_setting_find (reprise_kind_get_settings (kind), key);

  if (setting != NULL && setting->type == REPRISE_SETTING_SECRET)
    return setting;
  /* Translators: a kind of service, and the name of a secret */
  reprise_cli_set_usage_error (error, _ ("%s has no secret “%s”."), reprise_kind_get_title (kind),
                               key);
  return NULL;
}

/* Whether all that --secret-fd gave is a secret of this kind, or one that every kind may have. */
gboolean
reprise_cli_check_given (RepriseCli *cli, RepriseKind *kind, GError **error)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, cli->given);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_str_equal (key, REPRISE_CLI_ARCHIVE_PASSWORD) &&
        !g_str_equal (key, REPRISE_WEBHOOK_SECRET) && find_secret (kind, key, error) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
ask_one (RepriseCli *cli, const RepriseSetting *setting, GError **error)
{
  const char *label = setting->label != NULL ? _ (setting->label) : setting->key;
  /* Translators: a prompt for a secret: “Password:” */
  g_autofree char *prompt = g_strdup_printf (_ ("%s:"), label);
  RepriseSecretValue *value = reprise_cli_ask_secret (cli, prompt, error);

  if (value == NULL)
    return FALSE;
  g_hash_table_insert (cli->given, g_strdup (setting->key), value);
  return TRUE;
}

/* @keys: (nullable): of --secret */
gboolean
reprise_cli_ask_secrets (RepriseCli *cli, RepriseKind *kind, char **keys, GError **error)
{
  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      const RepriseSetting *setting =
        reprise_cli_check_text (keys[i], error) ? find_secret (kind, keys[i], error) : NULL;

      if (setting == NULL || !ask_one (cli, setting, error))
        return FALSE;
    }
  return TRUE;
}

/* Asks on a terminal for the secrets among @all that are needed beside those settings and nobody has given; elsewhere for none. */
gboolean
reprise_cli_ask_missing (RepriseCli *cli,
                         const RepriseSetting *all,
                         GHashTable *settings,
                         GError **error)
{
  if (!reprise_cli_is_attended ())
    return TRUE;
  for (const RepriseSetting *setting = all; setting != NULL && setting->key != NULL; setting++)
    if (setting->type == REPRISE_SETTING_SECRET && setting->required &&
        reprise_setting_is_shown (setting, all, settings) &&
        !g_hash_table_contains (cli->given, setting->key) && !ask_one (cli, setting, error))
      return FALSE;
  return TRUE;
}

static gboolean
describe (RepriseCli *cli, const RepriseSetting *setting, RepriseSecretValue *value, GError **error)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text =
    setting->describe (reprise_secret_value_get_text (value), warnings, error);

  if (text == NULL)
    return FALSE;
  /* Translators: the label of a secret, and what it is good for */
  g_printerr (_ ("%s: %s\n"), _ (setting->label), text);
  for (guint i = 0; i < warnings->len; i++)
    {
      reprise_cli_warn ("%s", (char *) warnings->pdata[i]);
      g_hash_table_add (cli->warned, g_strdup (warnings->pdata[i]));
    }
  return TRUE;
}

/* Says what those that were given are good for, where that can be seen from them; one that cannot be read is refused. */
gboolean
reprise_cli_describe_given (RepriseCli *cli, RepriseKind *kind, GError **error)
{
  const RepriseSetting *setting = reprise_kind_get_settings (kind);

  for (; setting != NULL && setting->key != NULL; setting++)
    {
      RepriseSecretValue *value =
        setting->describe != NULL ? g_hash_table_lookup (cli->given, setting->key) : NULL;

      if (value != NULL && !describe (cli, setting, value, error))
        return FALSE;
    }
  return TRUE;
}

/* Whether a service with those settings needs a secret that nobody has given. */
gboolean
reprise_cli_lacks_secret (RepriseCli *cli, RepriseKind *kind, GHashTable *settings)
{
  const RepriseSetting *all = reprise_kind_get_settings (kind);

  for (const RepriseSetting *setting = all; setting != NULL && setting->key != NULL; setting++)
    if (setting->type == REPRISE_SETTING_SECRET && setting->required &&
        reprise_setting_is_shown (setting, all, settings) &&
        !g_hash_table_contains (cli->given, setting->key))
      return TRUE;
  return FALSE;
}

static RepriseKeyringFlags
get_flags (void)
{
  return reprise_cli_is_attended () ? REPRISE_KEYRING_MAY_PROMPT : REPRISE_KEYRING_UNATTENDED;
}

static gboolean
store_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, cli->given);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (!reprise_keyring_store (data, key, value, get_flags (), cancellable, error))
      return FALSE;
  return TRUE;
}

/* Puts what was given into the keyring; %FALSE with %REPRISE_ERROR_KEYRING and the sentence of its state. */
gboolean
reprise_cli_store_secrets (RepriseCli *cli, RepriseService *service, GError **error)
{
  g_autofree char *uuid = g_strdup (reprise_service_get_uuid (service));

  return g_hash_table_size (cli->given) == 0 ||
         reprise_cli_run_in_thread (cli, store_func, uuid, error);
}

static gboolean
forget_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  return reprise_keyring_delete (data, NULL, get_flags (), cancellable, error);
}

/* Whether the kind, where it is known, has secrets at all. */
gboolean
reprise_cli_has_secrets (RepriseKind *kind)
{
  const RepriseSetting *setting = kind != NULL ? reprise_kind_get_settings (kind) : NULL;

  for (; setting != NULL && setting->key != NULL; setting++)
    if (setting->type == REPRISE_SETTING_SECRET)
      return TRUE;
  return kind == NULL;
}

/* Deletes all secrets of a service from the keyring. */
gboolean
reprise_cli_forget_secrets (RepriseCli *cli, RepriseService *service, GError **error)
{
  g_autofree char *uuid = g_strdup (reprise_service_get_uuid (service));
  g_autoptr (GError) local_error = NULL;

  if (reprise_cli_run_in_thread (cli, forget_func, uuid, &local_error) ||
      g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

typedef struct
{
  const char *uuid;
  const char *key;
  RepriseKeyringState state;
} State;

static gboolean
state_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  State *state = data;

  return reprise_keyring_get_state (state->uuid, state->key, &state->state, cancellable, error);
}

/**
 * reprise_cli_secret_state:
 * @id: (out) (transfer none): for scripts: “there”, “locked”, “no-service”, “denied”, “not-found”, “unknown”
 *
 * Returns: (transfer full): where a secret is, for people; never the secret
 */
char *
reprise_cli_secret_state (RepriseCli *cli,
                          RepriseService *service,
                          const RepriseSetting *setting,
                          const char **id)
{
  static const char *const ids[REPRISE_N_KEYRING_STATES] = { "there", "locked", "no-service",
                                                             "denied", "not-found" };
  State state = { reprise_service_get_uuid (service), setting->key, REPRISE_KEYRING_NOT_FOUND };
  g_autoptr (GError) error = NULL;

  if (!reprise_cli_run_in_thread (cli, state_func, &state, &error))
    {
      *id = "unknown";
      return g_strdup (error->message);
    }
  *id = ids[state.state];
  if (state.state == REPRISE_KEYRING_THERE)
    return g_strdup (_ ("in the keyring"));
  if (state.state == REPRISE_KEYRING_NOT_FOUND && !setting->required)
    return g_strdup (_ ("not set (optional)"));
  if (state.state == REPRISE_KEYRING_NOT_FOUND)
    return g_strdup (_ ("missing: the service needs a sign-in"));
  return g_strdup (reprise_keyring_state_get_text (state.state));
}
