/* reprise-cli-terminal.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <glib-unix.h>

#include "reprise-cli-terminal.h"

/* The longest line that a terminal gives in its usual mode. */
#define LINE_BYTES 4096

/* What a line is read into. It is wiped by whoever reads a secret. */
typedef struct
{
  char text[LINE_BYTES];
  gsize length;
  gboolean ended;   /* by the Enter key */
  gboolean closed;  /* by the end of the input */
  gboolean stopped; /* by Ctrl+C */
  guint input;      /* the source that reads, while it does */
} Line;

static gboolean
is_read (const Line *line)
{
  return line->ended || line->closed || line->length == sizeof line->text - 1;
}

/* Whether somebody is there to be asked. */
gboolean
reprise_cli_is_attended (void)
{
  return isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
}

static gboolean
readable_cb (int fd, GIOCondition condition, gpointer data)
{
  Line *line = data;
  gssize n = read (fd, line->text + line->length, sizeof line->text - 1 - line->length);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    line->closed = TRUE;
  else
    line->length += (gsize) n;
  line->ended = line->length > 0 && line->text[line->length - 1] == '\n';
  if (line->ended)
    line->length--;
  line->text[line->length] = '\0';
  if (!is_read (line))
    return G_SOURCE_CONTINUE;
  line->input = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
interrupt_cb (gpointer data)
{
  ((Line *) data)->stopped = TRUE;
  return G_SOURCE_CONTINUE;
}

/* The main loop goes on meanwhile: jobs run, and Ctrl+C is heard. */
static gboolean
read_line (const char *prompt, gboolean echo, Line *line, GError **error)
{
  struct termios before, silent;
  gboolean hidden = !echo && tcgetattr (STDIN_FILENO, &before) == 0;
  guint interrupt = g_unix_signal_add (SIGINT, interrupt_cb, line);

  if (hidden)
    {
      silent = before;
      silent.c_lflag &= (tcflag_t) ~ECHO;
      silent.c_lflag |= ECHONL;
      tcsetattr (STDIN_FILENO, TCSAFLUSH, &silent);
    }
  g_printerr ("%s ", prompt);
  line->input = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, readable_cb, line);
  while (!is_read (line) && !line->stopped)
    g_main_context_iteration (NULL, TRUE);
  g_clear_handle_id (&line->input, g_source_remove);
  if (hidden)
    tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);
  g_source_remove (interrupt);
  if (line->stopped || (line->closed && line->length == 0))
    {
      g_printerr ("\n");
      reprise_error_set_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                 _ ("Stopped; nothing was changed."));
      return FALSE;
    }
  return TRUE;
}

/**
 * reprise_cli_ask_line:
 *
 * Returns: (transfer full): what was typed, or %NULL with %G_IO_ERROR_CANCELLED after Ctrl+C or the end of the input
 */
char *
reprise_cli_ask_line (RepriseCli *cli, const char *prompt, GError **error)
{
  Line line = { 0 };

  return read_line (prompt, TRUE, &line, error) ? g_strdup (line.text) : NULL;
}

/**
 * reprise_cli_ask_secret:
 *
 * Asks without showing what is typed.
 *
 * Returns: (transfer full): the secret, or %NULL with %G_IO_ERROR_CANCELLED, or with %REPRISE_ERROR_INVALID where nobody is there to
 *   be asked or nothing was typed
 */
RepriseSecretValue *
reprise_cli_ask_secret (RepriseCli *cli, const char *prompt, GError **error)
{
  RepriseSecretValue *secret = NULL;
  Line line = { 0 };

  if (!reprise_cli_is_attended ())
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ ("There is no terminal to ask for a secret on: give it with --secret-fd KEY=FD."));
      return NULL;
    }
  if (read_line (prompt, FALSE, &line, error))
    {
      if (line.length == 0)
        reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                                   _ ("A secret must not be empty."));
      else
        secret = reprise_secret_value_new (line.text, line.length);
    }
  reprise_secret_wipe (&line, sizeof line);
  return secret;
}

static gboolean
is_yes (const char *answer)
{
  g_autofree char *folded = g_utf8_casefold (answer, -1);
  /* Translators: the letter that somebody types for “yes”, in lower case */
  const char *letter = _ ("y");
  /* Translators: the word that somebody types for “yes”, in lower case */
  const char *word = _ ("yes");

  return g_str_equal (folded, letter) || g_str_equal (folded, word);
}

static gboolean
refuse_unattended (GError **error)
{
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("This needs a consent, and there is nobody to ask: with --yes it is "
       "given beforehand. Nothing "
       "was changed."));
  return FALSE;
}

static gboolean
refuse_answer (GError **error)
{
  reprise_error_set_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                             _ ("Not agreed to; nothing was changed."));
  return FALSE;
}

/* Who wants JSON is a script, and has not seen what it would agree to. */
static gboolean
may_ask (RepriseCli *cli)
{
  return reprise_cli_is_attended () && !cli->json;
}

/**
 * reprise_cli_confirm:
 * @prompt: a question
 *
 * Returns: whether somebody agreed, or --yes was given; else %G_IO_ERROR_CANCELLED, or %REPRISE_ERROR_REFUSED where nobody is there
 */
gboolean
reprise_cli_confirm (RepriseCli *cli, const char *prompt, GError **error)
{
  g_autofree char *question = NULL;
  g_autofree char *answer = NULL;

  if (cli->yes)
    return TRUE;
  if (!may_ask (cli))
    return refuse_unattended (error);
  /* Translators: a question, and the letters that answer it: yes or no, where no is the default */
  question = g_strdup_printf (_ ("%s [y/N]"), prompt);
  answer = reprise_cli_ask_line (cli, question, error);
  if (answer == NULL)
    return FALSE;
  return is_yes (g_strstrip (answer)) || refuse_answer (error);
}

/* The same for what is marked as production: its name must be typed. --yes counts for it. */
gboolean
reprise_cli_confirm_name (RepriseCli *cli, const char *prompt, const char *name, GError **error)
{
  g_autofree char *question = NULL;
  g_autofree char *answer = NULL;

  if (cli->yes)
    return TRUE;
  if (!may_ask (cli))
    return refuse_unattended (error);
  question = g_strdup_printf (_ ("%s Type “%s” to confirm:"), prompt, name);
  answer = reprise_cli_ask_line (cli, question, error);
  if (answer == NULL)
    return FALSE;
  return g_str_equal (g_strstrip (answer), name) || refuse_answer (error);
}
