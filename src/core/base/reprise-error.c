/* reprise-error.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"

#include <string.h>

#include "base/reprise-scrub.h"

G_DEFINE_QUARK (reprise - error - quark, reprise_error)

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
