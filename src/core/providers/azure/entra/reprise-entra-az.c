/* reprise-entra-az.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "net/reprise-http-error.h"
#include "net/reprise-json.h"
#include "providers/azure/entra/reprise-entra-private.h"

#define PROGRAM         "az"
#define DEFAULT_SECONDS 600 /* where it does not say when its token ends */

/* Whether the program is installed, and not out of reach behind a sandbox. */
gboolean
reprise_entra_az_can_run (void)
{
  g_autofree char *path = NULL;

  if (reprise_sandbox_is_active ())
    return FALSE;
  path = g_find_program_in_path (PROGRAM);
  return path != NULL;
}

/* Older versions give only a local time without zone: “2026-11-21 20:22:57.000000”. */
static gint64
find_end (JsonObject *root)
{
  gint64 end = reprise_json_get_int (root, "expires_on", 0);
  const char *local = reprise_json_get_string (root, "expiresOn", NULL);
  g_autoptr (GTimeZone) zone = NULL;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *text = NULL;

  if (end > 0 || local == NULL)
    return end;
  zone = g_time_zone_new_local ();
  text = g_strndup (local, strcspn (local, "."));
  g_strdelimit (text, " ", 'T');
  time = g_date_time_new_from_iso8601 (text, zone);
  return time != NULL ? g_date_time_to_unix (time) : 0;
}

static gboolean
read_output (RepriseEntra *self, GBytes *output, GError **error)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (output, &size);
  g_autoptr (JsonObject) root = reprise_json_parse_object (data, size, NULL, NULL);
  g_autoptr (RepriseSecretValue) token = NULL;
  const char *text = reprise_json_get_string (root, "accessToken", NULL);
  gint64 end = find_end (root), now = g_get_real_time () / G_USEC_PER_SEC;

  if (text == NULL || *text == '\0' || strlen (text) >= REPRISE_SECRET_MAX_BYTES)
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                           _ ("The program “az” gave no token."));
      return FALSE;
    }
  token = reprise_secret_value_new_text (text);
  reprise_entra_set_token (self, token, end > now ? end - now : DEFAULT_SECONDS);
  g_mutex_lock (&self->mutex);
  g_free (self->home);
  self->home = g_strdup (reprise_json_get_string (root, "tenant", NULL));
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

/* Its last line says most; one that asks to sign in is said in our words. */
static void
set_failure (GBytes *messages, GError **error)
{
  gsize size = 0;
  const char *data = messages != NULL ? g_bytes_get_data (messages, &size) : NULL;
  g_autofree char *sentence =
    data != NULL ? reprise_http_clean_sentence (data, (gssize) size) : NULL;

  if (sentence != NULL && strstr (sentence, "az login") != NULL)
    g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                         _ ("Nobody is signed in with the program “az”. Run “az login” in a "
                            "terminal."));
  else
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                 _ ("The program “az” gave no token. It says: %s"),
                 sentence != NULL && *sentence != '\0' ? sentence : _ ("nothing"));
}

/* Asks the program for a token of its own session, for the account's resource. */
gboolean
reprise_entra_use_az (RepriseEntra *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GSubprocess) program = NULL;
  g_autoptr (GBytes) output = NULL;
  g_autoptr (GBytes) messages = NULL;

  if (!reprise_entra_az_can_run ())
    {
      g_set_error_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        reprise_sandbox_is_active ()
          ? _ ("From inside the sandbox the program “az” cannot be reached. Sign in with the "
               "browser.")
          : _ ("The program “az” is not installed. Sign in with the browser."));
      return FALSE;
    }
  g_ptr_array_add (argv, (gpointer) PROGRAM);
  g_ptr_array_add (argv, (gpointer) "account");
  g_ptr_array_add (argv, (gpointer) "get-access-token");
  g_ptr_array_add (argv, (gpointer) "--resource");
  g_ptr_array_add (argv, self->resource);
  if (*self->tenant != '\0')
    {
      g_ptr_array_add (argv, (gpointer) "--tenant");
      g_ptr_array_add (argv, self->tenant);
    }
  g_ptr_array_add (argv, (gpointer) "-o");
  g_ptr_array_add (argv, (gpointer) "json");
  g_ptr_array_add (argv, NULL);
  program =
    g_subprocess_newv ((const char *const *) argv->pdata,
                       G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, error);
  if (program == NULL)
    return FALSE;
  if (!g_subprocess_communicate (program, NULL, cancellable, &output, &messages, error))
    {
      g_subprocess_force_exit (program);
      return FALSE;
    }
  if (g_subprocess_get_successful (program))
    return read_output (self, output, error);
  set_failure (messages, error);
  return FALSE;
}
