/* azure-client.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is spoken with Azure, one call at a time, for the suite against real peers:
 *
 *   azure-client COMMAND [ARGUMENT…]
 *
 * Where the peers are and how to sign in is in the environment, as the peers print it. A result is a line on standard output; an error
 * is the line “error CODE SENTENCE” and the exit code 1.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/reprise-error.h"
#include "providers/azure/reprise-arm.h"
#include "providers/azure/blob/reprise-blob.h"
#include "providers/azure/entra/reprise-entra-private.h"

#define UUID "5d0d1f0e-6c5b-4f0e-9d5c-0a1f3bb2a0a1"

static const char *
get (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL ? value : "";
}

static void say (const char *format, ...) G_GNUC_PRINTF (1, 2);

static void
say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_print ("%s\n", text);
  fflush (stdout);
}

static void
give (const char *kind, const char *text)
{
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (text);

  reprise_secrets_override (UUID, kind, value);
}

static RepriseEntra *
open_account (RepriseEntraMethod method, GError **error)
{
  gboolean person = method == REPRISE_ENTRA_PERSON;
  RepriseEntraConfig config = {
    method,           get ("AUTHORITY"),
    get ("TENANT"),   get (person ? "PUBLIC_CLIENT_ID" : "ROBOT_CLIENT_ID"),
    get ("RESOURCE"),
  };
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (UUID, REPRISE_KEYRING_UNATTENDED);

  give (REPRISE_ENTRA_SECRET_CLIENT, get ("ROBOT_CLIENT_SECRET"));
  give (REPRISE_ENTRA_SECRET_REFRESH, "none");
  return reprise_entra_open (&config, secrets, error);
}

static gboolean
open_cb (const char *address, gpointer data, GError **error)
{
  say ("open %s", address);
  return TRUE;
}

static void
show_cb (const RepriseEntraCode *code, gpointer data)
{
  say ("code %s %s %d", code->user_code, code->address, (int) code->seconds);
}

static RepriseArm *
connect_arm (RepriseEntra *account, GError **error)
{
  g_autoptr (RepriseHttpAuth) auth = reprise_entra_dup_auth (account);

  return reprise_arm_new (get ("ARM_ENDPOINT"), auth, error);
}

/* sign-in browser|code [SECONDS]: and then goes on asking for so long */
static gboolean
sign_in (char **args, GError **error)
{
  g_autoptr (RepriseEntra) account = open_account (REPRISE_ENTRA_PERSON, error);
  g_autoptr (RepriseArm) arm = account != NULL ? connect_arm (account, error) : NULL;
  gint64 end_us;
  guint n = 0;

  if (arm == NULL)
    return FALSE;
  if (strcmp (args[0], "browser") == 0
        ? !reprise_entra_sign_in_with_browser (account, open_cb, NULL, NULL, error)
        : !reprise_entra_sign_in_with_code (account, show_cb, NULL, NULL, error))
    return FALSE;
  say ("signed in");
  end_us = g_get_monotonic_time () + (args[1] != NULL ? atoi (args[1]) : 0) * G_USEC_PER_SEC;
  do
    {
      g_autoptr (GPtrArray) groups =
        reprise_arm_list (arm, REPRISE_ARM_GROUPS, args[2], NULL, error);

      if (groups == NULL)
        return FALSE;
      n++;
      g_usleep (300 * 1000);
    }
  while (g_get_monotonic_time () < end_us);
  say ("asked %u", n);
  return TRUE;
}

static RepriseArm *
connect_robot (GError **error)
{
  g_autoptr (RepriseEntra) account = open_account (REPRISE_ENTRA_SECRET, error);

  return account != NULL ? connect_arm (account, error) : NULL;
}

/* list NUMBER [SCOPE] */
static gboolean
list (char **args, GError **error)
{
  g_autoptr (RepriseArm) arm = connect_robot (error);
  g_autoptr (GPtrArray) items =
    arm != NULL ? reprise_arm_list (arm, (RepriseArmList) atoi (args[0]), args[1], NULL, error)
                : NULL;

  for (guint i = 0; items != NULL && i < items->len; i++)
    say ("item %s", ((RepriseArmItem *) items->pdata[i])->name);
  return items != NULL;
}

/* start PATH VERSION BODY: prints what it takes to follow it */
static gboolean
start (char **args, GError **error)
{
  g_autoptr (RepriseArm) arm = connect_robot (error);
  g_autoptr (GBytes) body = g_bytes_new (args[2], strlen (args[2]));
  g_autoptr (RepriseHttpOperation) operation =
    arm != NULL ? reprise_arm_start (arm, args[0], args[1], body, NULL, NULL, error) : NULL;
  g_autofree char *state = NULL;

  if (operation == NULL)
    return FALSE;
  state = reprise_http_operation_save (operation);
  say ("state %s", state);
  return TRUE;
}

/* follow STATE */
static gboolean
follow (char **args, GError **error)
{
  g_autoptr (RepriseArm) arm = connect_robot (error);
  g_autoptr (RepriseHttpOperation) operation =
    arm != NULL ? reprise_http_operation_new_from_state (reprise_arm_get_http (arm), args[0], error)
                : NULL;
  gboolean done;

  if (operation == NULL)
    return FALSE;
  done = reprise_http_operation_wait (operation, NULL, NULL, error);
  say ("state %d", (int) reprise_http_operation_get_state (operation));
  return done;
}

/* send METHOD PATH VERSION [BODY] */
static gboolean
send (char **args, GError **error)
{
  g_autoptr (RepriseArm) arm = connect_robot (error);
  g_autoptr (GBytes) body = args[3] != NULL ? g_bytes_new (args[3], strlen (args[3])) : NULL;
  g_autoptr (JsonObject) answer =
    arm != NULL
      ? reprise_arm_send (arm, args[0], args[1], args[2], body,
                          strcmp (args[0], "GET") == 0 ? REPRISE_HTTP_READ : REPRISE_HTTP_START,
                          NULL, NULL, error)
      : NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  if (answer == NULL)
    return FALSE;
  node = json_node_alloc ();
  json_node_init_object (node, answer);
  text = json_to_string (node, FALSE);
  say ("answer %s", text);
  return TRUE;
}

/* sas ACCOUNT-ID CONTAINER: made by Azure; then the container is asked with it */
static gboolean
make_sas (char **args, GError **error)
{
  g_autoptr (RepriseArm) arm = connect_robot (error);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) end = g_date_time_add_days (now, 30);
  g_autoptr (RepriseSecretValue) token =
    arm != NULL ? reprise_arm_make_sas (arm, args[0], args[1], "rwdl", end, NULL, error) : NULL;
  g_autofree char *address = NULL;
  g_autoptr (RepriseSas) sas = NULL;
  g_autoptr (RepriseBlob) blob = NULL;

  if (token == NULL)
    return FALSE;
  address = g_strdup_printf ("%s/%s?%s", get ("BLOB_ENDPOINT"), args[1],
                             reprise_secret_value_get_text (token));
  sas = reprise_sas_parse (address, error);
  blob = sas != NULL ? reprise_blob_new_for_sas (sas, error) : NULL;
  if (blob == NULL || !reprise_blob_check_container (blob, NULL, error))
    return FALSE;
  say ("good");
  return TRUE;
}

static RepriseBlob *
connect_blob (const char *address, GError **error)
{
  g_autoptr (RepriseSas) sas = reprise_sas_parse (address, error);

  return sas != NULL ? reprise_blob_new_for_sas (sas, error) : NULL;
}

/* check SAS: what it says of itself, and what the storage says */
static gboolean
check (char **args, GError **error)
{
  g_autoptr (RepriseSas) sas = reprise_sas_parse (args[0], error);
  g_autoptr (RepriseBlob) blob = NULL;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GError) local = NULL;

  if (sas == NULL)
    return FALSE;
  if (!reprise_sas_check (sas, REPRISE_SAS_FOR_BACKUPS, now, NULL, warnings, &local))
    say ("refused %s", local->message);
  for (guint i = 0; i < warnings->len; i++)
    say ("warning %s", (char *) warnings->pdata[i]);
  blob = reprise_blob_new_for_sas (sas, error);
  if (blob == NULL || !reprise_blob_check_container (blob, NULL, error))
    return FALSE;
  say ("good");
  return TRUE;
}

static void
say_memory (gint64 started_us)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  say ("took %.3f %ld", (double) (g_get_monotonic_time () - started_us) / G_USEC_PER_SEC,
       usage.ru_maxrss);
}

/* upload SAS FILE NAME [MD5]: the digest in base64, where it is known */
static gboolean
upload (char **args, GError **error)
{
  g_autoptr (RepriseBlob) blob = connect_blob (args[0], error);
  gint64 started_us = g_get_monotonic_time ();

  if (blob == NULL || !reprise_blob_upload (blob, args[2], args[1], args[3], "application/zip",
                                            FALSE, NULL, NULL, error))
    return FALSE;
  say_memory (started_us);
  return TRUE;
}

/* download SAS NAME FILE [OFFSET] */
static gboolean
download (char **args, GError **error)
{
  g_autoptr (RepriseBlob) blob = connect_blob (args[0], error);
  g_autoptr (RepriseBlobItem) item = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (args[2]);
  g_autoptr (GFileOutputStream) stream = NULL;
  guint64 offset = args[3] != NULL ? g_ascii_strtoull (args[3], NULL, 10) : 0;
  gint64 started_us = g_get_monotonic_time ();

  if (blob == NULL)
    return FALSE;
  item = reprise_blob_look (blob, args[1], NULL, error);
  if (item == NULL)
    return FALSE;
  stream = offset > 0 ? g_file_append_to (file, G_FILE_CREATE_NONE, NULL, error)
                      : g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, error);
  if (stream == NULL || !reprise_blob_download (blob, item, offset, G_OUTPUT_STREAM (stream), NULL,
                                                NULL, NULL, error))
    return FALSE;
  say_memory (started_us);
  return TRUE;
}

static gboolean
name_cb (const RepriseBlobItem *item, gpointer data, GError **error)
{
  say ("blob %s %" G_GINT64_FORMAT, item->name, item->size_bytes);
  return TRUE;
}

/* blobs CONTAINER: with the account's key; the container is made */
static gboolean
blobs (char **args, GError **error)
{
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text (get ("STORAGE_KEY"));
  g_autoptr (RepriseBlob) blob =
    reprise_blob_new_for_key (get ("BLOB_ENDPOINT"), get ("STORAGE_ACCOUNT"), args[0], key, error);

  return blob != NULL && reprise_blob_make_container (blob, NULL, error) &&
         reprise_blob_list (blob, NULL, name_cb, NULL, NULL, error);
}

/* delete SAS NAME */
static gboolean delete (char **args, GError **error)
{
  g_autoptr (RepriseBlob) blob = connect_blob (args[0], error);

  return blob != NULL && reprise_blob_delete (blob, args[1], NULL, error);
}

static const struct
{
  const char *name;
  int n_args;
  gboolean (*run) (char **args, GError **error);
} COMMANDS[] = {
  { "sign-in", 1, sign_in }, { "list", 1, list },     { "start", 3, start },
  { "follow", 1, follow },   { "send", 3, send },     { "sas", 2, make_sas },
  { "check", 1, check },     { "upload", 3, upload }, { "download", 3, download },
  { "blobs", 1, blobs },     { "delete", 2, delete },
};

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; argc > 1 && i < G_N_ELEMENTS (COMMANDS); i++)
    if (strcmp (argv[1], COMMANDS[i].name) == 0 && argc - 2 >= COMMANDS[i].n_args)
      {
        if (COMMANDS[i].run (argv + 2, &error))
          return 0;
        say ("error %d %s", error->domain == REPRISE_ERROR ? error->code : -1, error->message);
        return 1;
      }
  g_printerr ("azure-client COMMAND [ARGUMENT…]\n");
  return 2;
}
