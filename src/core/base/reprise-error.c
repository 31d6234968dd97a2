/* reprise-error.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"

#include <string.h>

#include "base/reprise-saying.h"
#include "base/reprise-scrub.h"

/* Beside the message, which others may change. */
typedef struct
{
  char *said; /* (owned) (nullable): the same as base/reprise-saying.h has it */
} RepriseErrorPrivate;

static void
reprise_error_private_init (RepriseErrorPrivate *private)
{
}

/* GLib asks whether an error is of the domain, so that the compiler warns of pointers to nothing. */
static void
reprise_error_private_copy (const RepriseErrorPrivate *from, RepriseErrorPrivate *to)
{
  if (from != NULL && to != NULL)
    to->said = g_strdup (from->said);
}

static void
reprise_error_private_clear (RepriseErrorPrivate *private)
{
  if (private != NULL)
    g_free (private->said);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-align" /* in GLib’s macro */
G_DEFINE_EXTENDED_ERROR (RepriseError, reprise_error)
#pragma GCC diagnostic pop

static RepriseExit
exit_of_code (RepriseError code)
{
  switch (code)
    {
    case REPRISE_ERROR_INVALID:
      return REPRISE_EXIT_USAGE;
    case REPRISE_ERROR_NEEDS_SIGN_IN:
    case REPRISE_ERROR_NEEDS_PASSWORD:
    case REPRISE_ERROR_KEYRING:
      return REPRISE_EXIT_SIGN_IN;
    case REPRISE_ERROR_REFUSED:
      return REPRISE_EXIT_REFUSED;
    case REPRISE_ERROR_BUSY:
      return REPRISE_EXIT_BUSY;
    case REPRISE_ERROR_DAMAGED:
      return REPRISE_EXIT_DAMAGED;
    case REPRISE_ERROR_FAILED:
    case REPRISE_ERROR_NOT_SUPPORTED:
    case REPRISE_ERROR_NOT_FOUND:
    case REPRISE_ERROR_EXISTS:
    case REPRISE_ERROR_DENIED:
    case REPRISE_ERROR_LIMIT:
    case REPRISE_ERROR_UNREACHABLE:
    case REPRISE_ERROR_STALLED:
    case REPRISE_ERROR_PROTOCOL:
    case REPRISE_ERROR_BROKEN:
    default:
      return REPRISE_EXIT_FAILED;
    }
}

/* Whether trying again is of no use before somebody has signed in. @error: (nullable) */
gboolean
reprise_error_needs_person (const GError *error)
{
  return g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
}

/**
 * reprise_error_get_exit:
 * @error: (nullable): an error of any domain, or %NULL for none
 *
 * Returns: the exit code that a script is told
 */
RepriseExit
reprise_error_get_exit (const GError *error)
{
  if (error == NULL)
    return REPRISE_EXIT_DONE;
  if (reprise_error_is_stop (error))
    return REPRISE_EXIT_STOPPED;
  if (error->domain == REPRISE_ERROR)
    return exit_of_code (error->code);
  if (error->domain == G_OPTION_ERROR)
    return REPRISE_EXIT_USAGE;
  return REPRISE_EXIT_FAILED;
}

/* (transfer none): the name for what is kept: “unreachable” */
const char *
reprise_error_code_to_string (RepriseError code)
{
  static const char *const NAMES[] = {
    [REPRISE_ERROR_FAILED] = "failed",
    [REPRISE_ERROR_INVALID] = "invalid",
    [REPRISE_ERROR_NOT_SUPPORTED] = "not-supported",
    [REPRISE_ERROR_NOT_FOUND] = "not-found",
    [REPRISE_ERROR_EXISTS] = "exists",
    [REPRISE_ERROR_NEEDS_SIGN_IN] = "needs-sign-in",
    [REPRISE_ERROR_NEEDS_PASSWORD] = "needs-password",
    [REPRISE_ERROR_KEYRING] = "keyring",
    [REPRISE_ERROR_DENIED] = "denied",
    [REPRISE_ERROR_BUSY] = "busy",
    [REPRISE_ERROR_REFUSED] = "refused",
    [REPRISE_ERROR_DAMAGED] = "damaged",
    [REPRISE_ERROR_LIMIT] = "limit",
    [REPRISE_ERROR_UNREACHABLE] = "unreachable",
    [REPRISE_ERROR_STALLED] = "stalled",
    [REPRISE_ERROR_PROTOCOL] = "protocol",
    [REPRISE_ERROR_BROKEN] = "broken",
  };

  g_return_val_if_fail (code < G_N_ELEMENTS (NAMES), NULL);

  return NAMES[code];
}

/* (transfer none) (nullable): the same of an error; %NULL for none, and for those of the system */
const char *
reprise_error_get_name (const GError *error)
{
  return error != NULL && error->domain == REPRISE_ERROR
           ? reprise_error_code_to_string ((RepriseError) error->code)
           : NULL;
}

/**
 * reprise_error_is_stop:
 * @error: (nullable): an error of any domain
 *
 * Returns: whether it only says that somebody pressed Stop
 */
gboolean
reprise_error_is_stop (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/**
 * reprise_error_get_sentence:
 * @error: an error of any domain
 *
 * Messages come from the system and from services too, with a full stop or without one. One that ends in a line of its
 * own, which is a command to be copied, is left as it is.
 *
 * Returns: (transfer full): its message without secrets, as a sentence that others can follow
 */
char *
reprise_error_get_sentence (const GError *error)
{
  g_autofree char *text = reprise_scrub (error->message);
  const char *end = text + strlen (text);
  gunichar last;

  if (end == text || strchr (text, '\n') != NULL)
    return g_steal_pointer (&text);
  last = g_utf8_get_char (g_utf8_prev_char (end));
  if (last == '.' || last == '!' || last == '?' || last == 0x2026 /* … */)
    return g_steal_pointer (&text);
  return g_strconcat (text, ".", NULL);
}

/* @said: (transfer full) (nullable): the message of @error, which is not kept for errors of others */
static void
keep_said (GError *error, char *said)
{
  RepriseErrorPrivate *private =
    error->domain == REPRISE_ERROR ? reprise_error_get_private (error) : NULL;

  if (private == NULL)
    {
      g_free (said);
      return;
    }
  g_free (private->said);
  private->said = said;
}

/**
 * reprise_error_get_saying:
 * @error: an error of any domain
 *
 * What of another sentence is kept as a saying takes this for an argument, where it would take the message for a text.
 *
 * Returns: (transfer none): its message as base/reprise-saying.h has it; the message alone where more is not known
 */
const char *
reprise_error_get_saying (const GError *error)
{
  const RepriseErrorPrivate *private =
    error->domain == REPRISE_ERROR ? reprise_error_get_private (error) : NULL;
  g_autofree char *text = private != NULL ? reprise_saying_to_text (private->said) : NULL;

  return g_strcmp0 (text, error->message) == 0 ? private->said : error->message;
}

/**
 * reprise_error_new_sentence:
 * @error: an error of any domain
 *
 * Returns: (transfer full): the same, with the message that reprise_error_get_sentence() gives: for what is shown and kept
 */
GError *
reprise_error_new_sentence (const GError *error)
{
  static const char SENTENCE[] = "%s.";
  g_autofree char *text = reprise_error_get_sentence (error);
  const char *saying = reprise_error_get_saying (error);
  g_autofree char *said =
    g_str_equal (text, error->message) ? g_strdup (saying) : reprise_say (SENTENCE, saying);
  g_autofree char *shown = reprise_saying_to_text (said);
  GError *sentence = g_error_new_literal (error->domain, error->code, text);

  if (g_str_equal (shown, text)) /* a secret has been taken out of the text alone */
    keep_said (sentence, g_steal_pointer (&said));
  return sentence;
}

static gboolean
is_english (void)
{
  return g_str_equal (reprise_saying_get_language (), "en");
}

/* (transfer full) (nullable): @format is translated. Only in English is that the text of a saying as well: what a translation is of,
 * nobody knows. */
static char *
say_valist (const char *format, va_list args)
{
  return is_english () && reprise_saying_understands (format) ? reprise_say_valist (format, args)
                                                              : NULL;
}

static char *
say (const char *format, ...)
{
  va_list args;
  char *said;

  va_start (args, format);
  said = say_valist (format, args);
  va_end (args);
  return said;
}

/* As g_set_error(), with arguments that reprise_error_get_saying() may have given: in English alone they are other than messages. */
void
reprise_error_set (GError **error, GQuark domain, int code, const char *format, ...)
{
  char *said;
  g_autofree char *text = NULL;
  va_list args;

  if (error == NULL)
    return;
  va_start (args, format);
  said = say_valist (format, args);
  text = said != NULL ? reprise_saying_to_text (said) : g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, domain, code, text);
  keep_said (*error, said);
}

/**
 * reprise_error_set_literal:
 * @text: as g_set_error_literal() takes it, or a saying
 */
void
reprise_error_set_literal (GError **error, GQuark domain, int code, const char *text)
{
  g_autofree char *shown = reprise_saying_to_text (text);

  if (error == NULL)
    return;
  g_set_error_literal (error, domain, code, shown);
  if (!g_str_equal (shown, text))
    keep_said (*error, g_strdup (text));
  else if (strchr (text, '%') == NULL)
    keep_said (*error, say (text));
}

/* As g_prefix_error() */
void
reprise_error_prefix (GError **error, const char *format, ...)
{
  static const char BOTH[] = "%s%s";
  char *said = NULL;
  g_autofree char *prefix = NULL;
  g_autofree char *prefix_said = NULL;
  va_list args;

  if (error == NULL || *error == NULL)
    return;
  va_start (args, format);
  prefix_said = say_valist (format, args);
  prefix =
    prefix_said != NULL ? reprise_saying_to_text (prefix_said) : g_strdup_vprintf (format, args);
  va_end (args);
  if (prefix_said != NULL)
    said = reprise_say (BOTH, prefix_said, reprise_error_get_saying (*error));
  g_prefix_error (error, "%s", prefix);
  keep_said (*error, said);
}

/* Puts a sentence before the message, with a space between them. @text: not translated */
void
reprise_error_prefix_say (GError **error, const char *text)
{
  static const char BOTH[] = "%s %s";
  char *said = NULL;

  if (error == NULL || *error == NULL)
    return;
  if (is_english ())
    {
      g_autofree char *before = say (text);

      said = reprise_say (BOTH, before, reprise_error_get_saying (*error));
    }
  g_prefix_error (error, "%s ", g_dgettext (GETTEXT_PACKAGE, text));
  keep_said (*error, said);
}
