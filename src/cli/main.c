/* main.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "base/reprise-program.h"
#include "providers/reprise-providers.h"
#include "reprise-cli-options.h"
#include "reprise-cli-output.h"

/* What GLib says of a stop, which is no sentence for people. */
static gboolean
is_bare_stop (const GError *error)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) bare = NULL;

  g_cancellable_cancel (cancelled);
  g_cancellable_set_error_if_cancelled (cancelled, &bare);
  return reprise_error_is_stop (error) && g_str_equal (error->message, bare->message);
}

/* “reprise: ” and one sentence. */
static void
print_error (const GError *error)
{
  g_autofree char *sentence =
    is_bare_stop (error) ? g_strdup (_ ("Stopped.")) : reprise_error_get_sentence (error);
  g_autofree char *text = reprise_cli_escape_sentence (sentence);

  g_printerr ("reprise: %s\n", text);
}

static RepriseExit
fail (const RepriseCliCommand *command, const GError *error)
{
  print_error (error);
  if (error->domain == G_OPTION_ERROR)
    reprise_cli_print_usage (command);
  return reprise_error_get_exit (error);
}

/* What was printed must have arrived: a full disk is told. A reader that has seen enough (head) is no error. */
static RepriseExit
close_output (RepriseExit code)
{
  if ((fflush (stdout) == 0 && ferror (stdout) == 0) || errno == EPIPE)
    return code;
  /* Translators: the system's own word for what went wrong */
  g_printerr (_ ("reprise: Could not write the output (%s)\n"), g_strerror (errno));
  return code == REPRISE_EXIT_DONE ? REPRISE_EXIT_FAILED : code;
}

static RepriseExit
run_command (RepriseCli *cli, char **args)
{
  g_autoptr (RepriseRegistry) registry = reprise_providers_new_registry ();
  g_autoptr (RepriseContext) context = reprise_context_new (registry);
  g_autoptr (GError) error = NULL;
  RepriseExit code;

  if (!reprise_context_load (context, &error))
    return fail (NULL, error);
  cli->context = context;
  code = cli->command->run (cli, args, &error);
  return error != NULL ? fail (cli->command, error) : code;
}

static RepriseExit
find_and_run (RepriseCli *cli, char **words)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) args = NULL;
  guint n_words = 0;

  cli->command = reprise_cli_find_command (words, &n_words, &error);
  if (cli->command == NULL)
    return fail (NULL, error);
  args = reprise_cli_parse (cli, words + n_words, &error);
  if (error != NULL)
    return fail (cli->command, error);
  return args != NULL ? run_command (cli, args) : REPRISE_EXIT_DONE;
}

static gboolean
is_help (const char *word)
{
  return g_str_equal (word, "--help") || g_str_equal (word, "-h");
}

static RepriseExit
start (RepriseCli *cli, char **words)
{
  if (words[0] == NULL)
    {
      g_printerr ("%s\n", _ ("reprise: A command is missing. “reprise --help” lists them."));
      return REPRISE_EXIT_USAGE;
    }
  if (g_str_equal (words[0], "--version"))
    g_print ("reprise %s\n", PACKAGE_VERSION);
  else if (is_help (words[0]) || g_str_equal (words[0], "help"))
    reprise_cli_print_help (NULL);
  else if ((g_str_equal (words[0], "service") || g_str_equal (words[0], "vault")) &&
           words[1] != NULL && is_help (words[1]))
    reprise_cli_print_help (words[0]);
  else
    return find_and_run (cli, words);
  return REPRISE_EXIT_DONE;
}

int
main (int argc, char **argv)
{
  RepriseCli cli = { 0 };
  RepriseExit code;

  reprise_secret_forbid_core ();
  signal (
    SIGPIPE,
    SIG_IGN); /* a reader that has gone, and a file that grows too large, are errors of write() */
  signal (SIGXFSZ, SIG_IGN);
  reprise_program_set_up_memory ();
  cli.utf8 = reprise_program_set_up_locale ();
  cli.cancellable = g_cancellable_new ();
  cli.given = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                     (GDestroyNotify) reprise_secret_value_unref);
  cli.warned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  code = start (&cli, argv + 1);
  g_clear_object (&cli.cancellable);
  g_clear_pointer (&cli.service, g_free);
  g_clear_pointer (&cli.given, g_hash_table_unref);
  g_clear_pointer (&cli.warned, g_hash_table_unref);
  return close_output (code);
}
