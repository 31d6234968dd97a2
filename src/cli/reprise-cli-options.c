/* reprise-cli-options.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "provider/reprise-rehearsal.h"
#include "reprise-cli-options.h"
#include "reprise-cli-output.h"
#include "reprise-cli-secrets.h"
#include "reprise-cli-terminal.h"

/* Wrong words on the command line: exit code 2, and the usage is shown. */
void
reprise_cli_set_usage_error (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  reprise_error_set_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, text);
}

/* --- near misses --- */

/* How many letters must be changed, added, dropped or swapped with their neighbour. */
static guint
distance (const char *a, const char *b)
{
  gsize width = strlen (b) + 1;
  g_autofree guint *rows = g_new (guint, 3 * width);
  guint *before = rows, *last = rows + width, *now = rows + 2 * width;

  for (gsize j = 0; j < width; j++)
    last[j] = (guint) j;
  for (gsize i = 1; i <= strlen (a); i++)
    {
      guint *freed = before;

      now[0] = (guint) i;
      for (gsize j = 1; j < width; j++)
        {
          now[j] = MIN (MIN (last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
          if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            now[j] = MIN (now[j], before[j - 2] + 1);
        }
      before = last;
      last = now;
      now = freed;
    }
  return last[width - 1];
}

/* (transfer full) (nullable): the known word that was most likely meant */
static char *
suggest (const char *typed, const char *const *known)
{
  guint best = 1 + (guint) strlen (typed) / 3;
  const char *found = NULL;

  for (guint i = 0; known[i] != NULL; i++)
    {
      guint d = distance (typed, known[i]);

      if (d <= best && (found == NULL || d < best))
        {
          best = d;
          found = known[i];
        }
    }
  return g_strdup (found);
}

/* --- commands --- */

static const RepriseCliCommand *
lookup_command (const char *name)
{
  for (guint i = 0; reprise_cli_commands[i] != NULL; i++)
    if (g_str_equal (reprise_cli_commands[i]->name, name))
      return reprise_cli_commands[i];
  return NULL;
}

/* (transfer container): the second words of the commands that begin with this word, or all first words for %NULL */
static const char **
list_words (const char *first)
{
  GPtrArray *words = g_ptr_array_new ();
  g_autofree char *prefix = first != NULL ? g_strconcat (first, " ", NULL) : g_strdup ("");

  for (guint i = 0; reprise_cli_commands[i] != NULL; i++)
    {
      const char *name = reprise_cli_commands[i]->name;

      if (g_str_has_prefix (name, prefix) && (first != NULL || strchr (name, ' ') == NULL))
        g_ptr_array_add (words, (char *) name + strlen (prefix));
    }
  if (first == NULL)
    {
      g_ptr_array_add (words, (char *) "service");
      g_ptr_array_add (words, (char *) "vault");
    }
  g_ptr_array_add (words, NULL);
  return (const char **) g_ptr_array_free (words, FALSE);
}

static void
set_unknown_command (const char *first, const char *typed, GError **error)
{
  g_autofree const char **words = list_words (first);
  g_autofree char *near = suggest (typed, words);
  g_autofree char *all = g_strjoinv (", ", (char **) words);
  g_autofree char *name =
    first != NULL ? g_strdup_printf ("%s %s", first, typed) : g_strdup (typed);

  if (near != NULL && first != NULL)
    reprise_cli_set_usage_error (error, _ ("There is no command “%s”. Did you mean “%s %s”?"), name,
                                 first, near);
  else if (near != NULL)
    reprise_cli_set_usage_error (error, _ ("There is no command “%s”. Did you mean “%s”?"), name,
                                 near);
  else if (first != NULL)
    reprise_cli_set_usage_error (error, _ ("There is no command “%s”. After “%s” comes one of %s."),
                                 name, first, all);
  else
    reprise_cli_set_usage_error (
      error, _ ("There is no command “%s”. “reprise --help” lists them."), name);
}

/**
 * reprise_cli_find_command:
 * @words: what follows the name of the program
 * @n_words: (out): how many of them name the command
 *
 * Returns: (nullable): the command, or %NULL with %G_OPTION_ERROR and the one that may have been meant
 */
const RepriseCliCommand *
reprise_cli_find_command (char **words, guint *n_words, GError **error)
{
  g_autofree const char **seconds = list_words (words[0]);
  g_autofree char *all = NULL;
  const RepriseCliCommand *command;

  *n_words = 1;
  command = lookup_command (words[0]);
  if (command != NULL)
    return command;
  if (seconds[0] == NULL)
    {
      set_unknown_command (NULL, words[0], error);
      return NULL;
    }
  if (words[1] == NULL || *words[1] == '-')
    {
      all = g_strjoinv (", ", (char **) seconds);
      reprise_cli_set_usage_error (error, _ ("After “%s” comes one of %s."), words[0], all);
      return NULL;
    }
  all = g_strdup_printf ("%s %s", words[0], words[1]);
  *n_words = 2;
  command = lookup_command (all);
  if (command == NULL)
    set_unknown_command (words[0], words[1], error);
  return command;
}

/* @first: (nullable): only the commands that begin with this word */
void
reprise_cli_print_help (const char *first)
{
  g_autofree char *prefix = first != NULL ? g_strconcat (first, " ", NULL) : g_strdup ("");

  g_print ("%s\n\n%s\n", _ ("Usage: reprise COMMAND [ARGUMENT…] [OPTION…]"),
           _ ("Backs up application services and restores them."));
  g_print ("\n%s\n", _ ("Commands:"));
  for (guint i = 0; reprise_cli_commands[i] != NULL; i++)
    if (g_str_has_prefix (reprise_cli_commands[i]->name, prefix))
      g_print ("  %-18s %s\n", reprise_cli_commands[i]->name, _ (reprise_cli_commands[i]->summary));
  g_print ("\n%s\n  %-18s %s\n  %-18s %s\n", _ ("Options:"), "--help",
           _ ("Show help, also of a command: reprise backup --help"), "--version",
           _ ("Show the version"));
  g_print ("\n%s\n", _ ("The manual page says more: man reprise"));
}

static char *
dup_usage (const RepriseCliCommand *command)
{
  return g_strdup_printf ("reprise %s%s%s %s", command->name, command->arguments != NULL ? " " : "",
                          command->arguments != NULL ? command->arguments : "",
                          /* Translators: in the usage line of a command */
                          _ ("[OPTION…]"));
}

/* @command: (nullable) */
void
reprise_cli_print_usage (const RepriseCliCommand *command)
{
  g_autofree char *usage = command != NULL ? dup_usage (command) : NULL;

  if (usage == NULL)
    return;
  /* Translators: how a command is used */
  g_printerr (_ ("Usage: %s\n"), usage);
  /* Translators: the name of a command */
  g_printerr (_ ("“reprise %s --help” tells its options.\n"), command->name);
}

/* --- options --- */

static gboolean
parse_progress_cb (const char *option, const char *value, gpointer data, GError **error)
{
  RepriseCli *cli = data;

  if (g_str_equal (value, "auto"))
    cli->progress = REPRISE_CLI_PROGRESS_AUTO;
  else if (g_str_equal (value, "json"))
    cli->progress = REPRISE_CLI_PROGRESS_JSON;
  else if (g_str_equal (value, "none"))
    cli->progress = REPRISE_CLI_PROGRESS_NONE;
  else
    {
      reprise_cli_set_usage_error (error, _ ("“--progress” is auto, json or none, not “%s”."),
                                   value);
      return FALSE;
    }
  return TRUE;
}

static gboolean
parse_secret_fd_cb (const char *option, const char *value, gpointer data, GError **error)
{
  RepriseCli *cli = data;
  char *kind = NULL;
  RepriseSecretValue *secret = NULL;

  g_autoptr (GError) local_error = NULL;

  if (!reprise_secrets_parse_option (value, &kind, &secret, &local_error))
    {
      reprise_cli_set_usage_error (error, "%s", local_error->message);
      return FALSE;
    }
  g_hash_table_insert (cli->given, kind, secret);
  return TRUE;
}

static void
add_shared (GArray *entries, RepriseCli *cli, gboolean *help)
{
  const GOptionEntry shared_help = { "help", 'h', 0, G_OPTION_ARG_NONE, help, N_ ("Show this help"),
                                     NULL };
  const GOptionEntry json = {
    "json", 0, 0, G_OPTION_ARG_NONE, &cli->json, N_ ("Print one JSON document"), NULL
  };
  const GOptionEntry yes = { "yes", 'y', 0, G_OPTION_ARG_NONE, &cli->yes, N_ ("Ask nothing: go on"),
                             NULL };
  const GOptionEntry progress = {
    "progress",
    0,
    0,
    G_OPTION_ARG_CALLBACK,
    (gpointer) parse_progress_cb,
    N_ ("Progress on standard error: auto, json (one object a line) or none"),
    N_ ("HOW")
  };
  const GOptionEntry secret_fd = { "secret-fd",
                                   0,
                                   0,
                                   G_OPTION_ARG_CALLBACK,
                                   (gpointer) parse_secret_fd_cb,
                                   N_ ("Read a secret from a file descriptor"),
                                   N_ ("KEY=FD") };

  const GOptionEntry service = {
    "service",
    0,
    0,
    G_OPTION_ARG_FILENAME,
    &cli->service,
    N_ ("Of which service the backup is, where more than one has the ID"),
    N_ ("NAME")
  };

  if (cli->command->flags & REPRISE_CLI_SERVICE)
    g_array_append_val (entries, service);
  if (cli->command->flags & REPRISE_CLI_YES)
    g_array_append_val (entries, yes);
  if (cli->command->flags & REPRISE_CLI_SECRET_FD)
    g_array_append_val (entries, secret_fd);
  if (cli->command->flags & REPRISE_CLI_JSON)
    g_array_append_val (entries, json);
  if (cli->command->flags & REPRISE_CLI_PROGRESS)
    g_array_append_val (entries, progress);
  g_array_append_val (entries, shared_help);
}

static gboolean
check_count (const RepriseCliCommand *command, guint n, GError **error)
{
  if (n >= command->n_min && n <= command->n_max)
    return TRUE;
  if (n < command->n_min)
    reprise_cli_set_usage_error (error, _ ("An argument is missing."));
  else if (command->n_max == 0)
    reprise_cli_set_usage_error (error, _ ("“%s” takes no argument."), command->name);
  else
    reprise_cli_set_usage_error (error, _ ("There are too many arguments."));
  return FALSE;
}

/**
 * reprise_cli_parse:
 * @words: what follows the name of the command
 *
 * Takes the options into their places.
 *
 * Returns: (transfer full): the arguments; %NULL without an error after the help was shown, else with %G_OPTION_ERROR
 */
char **
reprise_cli_parse (RepriseCli *cli, char **words, GError **error)
{
  const RepriseCliCommand *command = cli->command;
  g_autoptr (GOptionContext) context = g_option_context_new (command->arguments);
  g_autoptr (GArray) entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  g_autoptr (GStrvBuilder) line = g_strv_builder_new ();
  g_autofree char *name = g_strdup_printf ("reprise %s", command->name);
  g_auto (GStrv) argv = NULL;
  g_auto (GStrv) args = NULL;
  gboolean help = FALSE;
  GOptionGroup *group = g_option_group_new ("main", NULL, NULL, cli, NULL);
  const GOptionEntry rest = {
    G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &args, NULL, NULL
  };

  for (const GOptionEntry *entry = command->entries; entry != NULL && entry->long_name != NULL;
       entry++)
    g_array_append_val (entries, *entry);
  add_shared (entries, cli, &help);
  g_array_append_val (entries, rest);
  g_option_group_add_entries (group, (GOptionEntry *) (gpointer) entries->data);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_context_set_main_group (context, group);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, _ (command->summary));
  g_set_prgname (name);
  g_strv_builder_add (line, name);
  g_strv_builder_addv (line, (const char **) words);
  argv = g_strv_builder_end (line);
  if (!g_option_context_parse_strv (context, &argv, error))
    return NULL;
  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);

      g_print ("%s", text);
      return NULL;
    }
  if (args == NULL)
    args = g_new0 (char *, 1);
  return check_count (command, g_strv_length (args), error) ? g_steal_pointer (&args) : NULL;
}

/* --- what the words mean --- */

/* Whether words that are not the name of a file are text at all. */
gboolean
reprise_cli_check_text (const char *text, GError **error)
{
  g_autofree char *shown = NULL;

  if (g_utf8_validate (text, -1, NULL))
    return TRUE;
  shown = g_utf8_make_valid (text, -1);
  reprise_cli_set_usage_error (error, _ ("“%s” is not valid UTF-8."), shown);
  return FALSE;
}

/* KEY=VALUE, cut at the first “=” */
static gboolean
split (const char *option, const char *text, char **key, char **value, GError **error)
{
  const char *equals = strchr (text, '=');

  if (equals == NULL || equals == text)
    {
      /* Not shown: it may be a secret that somebody typed in the wrong place. */
      reprise_cli_set_usage_error (error, _ ("“--%s” takes KEY=VALUE."), option);
      return FALSE;
    }
  if (!reprise_cli_check_text (text, error))
    return FALSE;
  *key = g_strndup (text, (gsize) (equals - text));
  *value = g_strdup (equals + 1);
  return TRUE;
}

/* A FILE contains “/” or “.”, else it is an ID. */
gboolean
reprise_cli_is_file (const char *argument)
{
  return strpbrk (argument, "/.") != NULL;
}

/* (transfer none) */
RepriseService *
reprise_cli_find_service (RepriseCli *cli, const char *name, GError **error)
{
  if (!reprise_cli_check_text (name, error))
    return NULL;
  return reprise_services_find (reprise_context_get_services (cli->context), name, error);
}

/* (transfer none) */
RepriseKind *
reprise_cli_find_kind (RepriseCli *cli, RepriseService *service, GError **error)
{
  return reprise_registry_find (reprise_context_get_registry (cli->context),
                                reprise_service_get_kind (service), error);
}

static void
set_unknown_kind (RepriseCli *cli, const char *id, GError **error)
{
  GListModel *kinds = G_LIST_MODEL (reprise_context_get_registry (cli->context));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) ids = NULL;
  g_autofree char *near = NULL;
  g_autofree char *all = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (kinds); i++)
    {
      g_autoptr (RepriseKind) kind = g_list_model_get_item (kinds, i);

      g_strv_builder_add (builder, reprise_kind_get_id (kind));
    }
  ids = g_strv_builder_end (builder);
  near = suggest (id, (const char *const *) ids);
  all = g_strjoinv (", ", ids);
  if (near != NULL)
    reprise_cli_set_usage_error (error, _ ("There is no kind of service “%s”. Did you mean “%s”?"),
                                 id, near);
  else
    reprise_cli_set_usage_error (error, _ ("There is no kind of service “%s”. There is %s."), id,
                                 all);
}

/* (transfer none): the kind that is so called, with a check of what was typed */
RepriseKind *
reprise_cli_take_kind (RepriseCli *cli, const char *id, GError **error)
{
  RepriseKind *kind = NULL;

  if (!reprise_cli_check_text (id, error))
    return NULL;
  kind = reprise_registry_get (reprise_context_get_registry (cli->context), id);
  if (kind == NULL)
    set_unknown_kind (cli, id, error);
  return kind;
}

static void
set_unknown_setting (const RepriseSetting *settings,
                     const char *option,
                     const char *key,
                     GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) keys = NULL;
  g_autofree char *near = NULL;
  g_autofree char *all = NULL;

  for (; settings != NULL && settings->key != NULL; settings++)
    if (settings->type != REPRISE_SETTING_SECRET)
      g_strv_builder_add (builder, settings->key);
  keys = g_strv_builder_end (builder);
  near = suggest (key, (const char *const *) keys);
  all = g_strjoinv (", ", keys);
  if (near != NULL)
    reprise_cli_set_usage_error (error, _ ("“--%s” knows no “%s”. Did you mean “%s”?"), option, key,
                                 near);
  else if (keys[0] == NULL)
    reprise_cli_set_usage_error (
      error, _ ("“--%s” knows no “%s”: this kind of service has no such settings."), option, key);
  else
    reprise_cli_set_usage_error (error, _ ("“--%s” knows no “%s”. There is %s."), option, key, all);
}

/**
 * reprise_cli_take_settings:
 * @settings: (nullable): of a kind
 * @option: where they were given: “set”, “to”
 * @pairs: (nullable): KEY=VALUE each
 *
 * Checks values and brings them into the form in which they are kept. An empty value stands for the default, but
 * with --to it is refused.
 *
 * Returns: (transfer full): key → value, or %NULL with %G_OPTION_ERROR or %REPRISE_ERROR_INVALID
 */
GHashTable *
reprise_cli_take_settings (const RepriseSetting *settings,
                           const char *option,
                           char **pairs,
                           GError **error)
{
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *folder = g_get_current_dir ();

  for (guint i = 0; pairs != NULL && pairs[i] != NULL; i++)
    {
      g_autofree char *key = NULL;
      g_autofree char *value = NULL;
      const RepriseSetting *setting;

      if (!split (option, pairs[i], &key, &value, error))
        return NULL;
      setting = reprise_setting_find (settings, key);
      if (setting == NULL)
        {
          set_unknown_setting (settings, option, key, error);
          return NULL;
        }
      if (setting->type == REPRISE_SETTING_SECRET)
        {
          reprise_cli_set_usage_error (
            error,
            _ ("“%s” is a secret: it is asked for with --secret %s, or read with "
               "--secret-fd %s=FD."),
            key, key, key);
          return NULL;
        }
      /* an unset variable of a script must not turn a restore elsewhere into one over the application */
      if (*value == '\0' && g_str_equal (option, "to"))
        {
          reprise_cli_set_usage_error (error, _ ("“--%s %s=” lacks a value."), option, key);
          return NULL;
        }
      if (!reprise_setting_check (setting, value, error))
        return NULL;
      g_hash_table_insert (values, g_strdup (key),
                           reprise_setting_normalise (setting, value, folder));
    }
  return g_steal_pointer (&values);
}

/* Whether every setting is there that cannot be left out beside the others; secrets are asked for elsewhere. @option: “set”, “to” */
gboolean
reprise_cli_check_required (const RepriseSetting *all,
                            const char *option,
                            GHashTable *values,
                            GError **error)
{
  for (const RepriseSetting *setting = all; setting != NULL && setting->key != NULL; setting++)
    {
      const char *value = g_hash_table_lookup (values, setting->key);

      if (!setting->required || setting->type == REPRISE_SETTING_SECRET ||
          setting->default_value != NULL || (value != NULL && *value != '\0') ||
          !reprise_setting_is_shown (setting, all, values))
        continue;
      if (setting->listed)
        /* Translators: the label of a setting, an option without its dashes, and the key of the setting twice */
        reprise_cli_set_usage_error (
          error, _ ("“%s” is needed: --%s %s=…; --list %s shows what there is."),
          setting->label != NULL ? _ (setting->label) : setting->key, option, setting->key,
          setting->key);
      else
        /* Translators: the label of a setting, an option without its dashes, and the key of the setting */
        reprise_cli_set_usage_error (error, _ ("“%s” is needed: --%s %s=…"),
                                     setting->label != NULL ? _ (setting->label) : setting->key,
                                     option, setting->key);
      return FALSE;
    }
  return TRUE;
}

/* What was agreed to by naming where restores are rehearsed. */
void
reprise_cli_warn_of_stage (RepriseCli *cli, RepriseService *service)
{
  g_autofree char *text = reprise_rehearsal_dup_consent (cli->context, service);

  if (text != NULL)
    reprise_cli_warn ("%s", text);
}

/* --- secrets --- */

/**
 * reprise_cli_new_secrets:
 *
 * Returns: (transfer full): the secrets of a service: those that --secret-fd gave, and behind them the keyring's; or %NULL with
 *   %G_OPTION_ERROR where its kind has no such secret
 */
RepriseSecrets *
reprise_cli_new_secrets (RepriseCli *cli, RepriseService *service, GError **error)
{
  RepriseKind *kind = reprise_cli_find_kind (cli, service, error);
  GHashTableIter iter;
  gpointer key, value;

  if (kind == NULL || !reprise_cli_check_given (cli, kind, error))
    return NULL;
  g_hash_table_iter_init (&iter, cli->given);
  while (g_hash_table_iter_next (&iter, &key, &value))
    reprise_secrets_override (reprise_service_get_uuid (service), key, value);
  return reprise_secrets_new (reprise_service_get_uuid (service), reprise_cli_is_attended ()
                                                                    ? REPRISE_KEYRING_MAY_PROMPT
                                                                    : REPRISE_KEYRING_UNATTENDED);
}

/* (transfer none) (nullable): of an archive that is locked by one */
RepriseSecretValue *
reprise_cli_get_archive_password (RepriseCli *cli)
{
  return g_hash_table_lookup (cli->given, REPRISE_CLI_ARCHIVE_PASSWORD);
}
