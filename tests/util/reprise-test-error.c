/* reprise-test-error.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "reprise-test-error.h"

/* @error: (nullable). @code: of %REPRISE_ERROR; @words: in the sentence that the person reads */
void
reprise_test_assert_says (const GError *error, int code, const char *words)
{
  if (!g_error_matches (error, REPRISE_ERROR, code) || strstr (error->message, words) == NULL)
    g_error ("expected %d “%s”, not %d “%s”", code, words, error != NULL ? error->code : -1,
             error != NULL ? error->message : "no error");
}

/* The same, of an error in which no secret is: all of them are called “canary”. It is cleared. */
void
reprise_test_assert_error (GError **error, int code, const char *words)
{
  reprise_test_assert_says (*error, code, words);
  g_assert_null (strstr ((*error)->message, "canary"));
  g_clear_error (error);
}
