/* reprise-secret-file.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-secret-file"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include <glib/gstdio.h>

#include "reprise-secret-work.h"

#define HEADER \
  "GnomeKeyring\n\r\0\n\1" /* and one more number of the version, after which come the items */
#define HEADER_BYTES (sizeof HEADER)
#define FILE_TYPE    G_VARIANT_TYPE ("(uayutua(a{say}ay))") /* as libsecret has it */

/*
 * The sandbox's keyring: one encrypted file, whose key the Secret portal gives. libsecret does it; this part has no
 * lock that somebody could open. A file that is cut short makes the library abort, which the caller sees; or, where what is left happens
 * to end like a file without secrets, be taken for one and written over: so it is looked at first.
 */

static gboolean
is_no_service (const GError *error)
{
  return (error->domain == G_DBUS_ERROR &&
          !g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED)) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

/* Turns an error that is one of the states into that state. Takes @failure. */
static gboolean
settle (Reply *reply, GError *failure, GError **error)
{
  gboolean settled = TRUE;

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) ||
      g_error_matches (failure, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    reply->state = REPRISE_KEYRING_DENIED;
  else if (is_no_service (failure))
    reply->state = REPRISE_KEYRING_NO_SERVICE;
  else
    settled = FALSE;
  if (settled)
    g_error_free (failure);
  else
    g_propagate_error (error, failure);
  return settled;
}

/*
 * Two helpers at once would each write back the file that it read, and the library does not notice: one after the other,
 * then. Held until the helper ends. Without a lock nothing is written.
 */
static gboolean
take_turn (const Request *request, GError **error)
{
  g_autofree char *folder = g_build_filename (g_get_user_runtime_dir (), "reprise", NULL);
  g_autofree char *path = g_build_filename (folder, "keyring.lock", NULL);
  int fd;

  g_mkdir_with_parents (folder, 0700);
  fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0 && flock (fd, LOCK_EX) == 0)
    return TRUE;
  if (request->operation != REPRISE_SECRET_OPERATION_STORE &&
      request->operation != REPRISE_SECRET_OPERATION_DELETE)
    return TRUE;
  g_set_error (error, SECRET_ERROR, SECRET_ERROR_PROTOCOL, "%s: %s", path, g_strerror (errno));
  return FALSE;
}

static char *
dup_path (void)
{
  const char *tested = g_getenv ("SECRET_FILE_TEST_PATH"); /* which libsecret takes, too */

  return tested != NULL
           ? g_strdup (tested)
           : g_build_filename (g_get_user_data_dir (), "keyrings", "default.keyring", NULL);
}

/* Whether the file is whole. One that is not there, or of no bytes, is as good as none; one that cannot be read, or is of another version,
 * is for the library to tell. */
static gboolean
check_whole (GError **error)
{
  g_autofree char *path = dup_path ();
  g_autofree char *contents = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) items = NULL;
  gsize size = 0;

  if (!g_file_get_contents (path, &contents, &size, NULL) || size == 0)
    return TRUE;
  if (size > HEADER_BYTES && memcmp (contents, HEADER, HEADER_BYTES - 1) != 0)
    return TRUE;
  if (size > HEADER_BYTES)
    {
      bytes = g_bytes_new (contents + HEADER_BYTES, size - HEADER_BYTES);
      items = g_variant_ref_sink (g_variant_new_from_bytes (FILE_TYPE, bytes, FALSE));
    }
  if (items != NULL && g_variant_is_normal_form (items))
    return TRUE;
  g_set_error (error, SECRET_ERROR, SECRET_ERROR_INVALID_FILE_FORMAT, "%s is cut short", path);
  return FALSE;
}

static gboolean
look_up (const Request *request, Reply *reply, GError **error)
{
  g_autoptr (GHashTable) attributes = request_make_attributes (request);
  GError *failure = NULL;

  reply->value =
    secret_password_lookupv_binary_sync (&reprise_secret_schema, attributes, NULL, &failure);
  reply->state = reply->value != NULL ? REPRISE_KEYRING_THERE : REPRISE_KEYRING_NOT_FOUND;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

static gboolean
get_state (const Request *request, Reply *reply, GError **error)
{
  if (!look_up (request, reply, error))
    return FALSE;
  g_clear_pointer (&reply->value, secret_value_unref);
  if (*request->kind == '\0') /* the file could be read, which was the question */
    reply->state = REPRISE_KEYRING_THERE;
  return TRUE;
}

static gboolean
store (const Request *request, Reply *reply, GError **error)
{
  g_autoptr (GHashTable) attributes = request_make_attributes (request);

  return secret_password_storev_binary_sync (&reprise_secret_schema, attributes,
                                             SECRET_COLLECTION_DEFAULT, request->label,
                                             request->value, NULL, error) &&
         look_up (request, reply, error) && reply_check_stored (reply, request, error);
}

static gboolean
delete_found (const Request *request, Reply *reply, GError **error)
{
  g_autoptr (GHashTable) attributes = request_make_attributes (request);
  GError *failure = NULL;
  gboolean deleted =
    secret_password_clearv_sync (&reprise_secret_schema, attributes, NULL, &failure);

  reply->state = deleted ? REPRISE_KEYRING_THERE : REPRISE_KEYRING_NOT_FOUND;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

static gboolean
list (const Request *request, Reply *reply, GError **error)
{
  g_autoptr (GHashTable) attributes = request_make_attributes (request);
  GError *failure = NULL;
  GList *items = secret_password_searchv_sync (&reprise_secret_schema, attributes,
                                               SECRET_SEARCH_ALL, NULL, &failure);

  reply->state = items != NULL ? REPRISE_KEYRING_THERE : REPRISE_KEYRING_NOT_FOUND;
  for (GList *l = items; l != NULL; l = l->next)
    {
      g_autoptr (GHashTable) found = secret_retrievable_get_attributes (l->data);

      reply_add_kind (reply, found);
    }
  g_list_free_full (items, g_object_unref);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

static gboolean
operate (const Request *request, Reply *reply, GError **error)
{
  switch (request->operation)
    {
    case REPRISE_SECRET_OPERATION_GET_STATE:
    case REPRISE_SECRET_OPERATION_UNLOCK:
      return get_state (request, reply, error);
    case REPRISE_SECRET_OPERATION_LOOKUP:
      return look_up (request, reply, error);
    case REPRISE_SECRET_OPERATION_STORE:
      return store (request, reply, error);
    case REPRISE_SECRET_OPERATION_DELETE:
      return delete_found (request, reply, error);
    case REPRISE_SECRET_OPERATION_LIST:
      return list (request, reply, error);
    default:
      g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_PROTOCOL, "Unknown operation");
      return FALSE;
    }
}

/* Carries out a request. Fails only with what is none of the five states. */
gboolean
file_run (const Request *request, Reply *reply, GError **error)
{
  GError *failure = NULL;

  if (!take_turn (request, error))
    return FALSE;
  if (!check_whole (error))
    return FALSE;
  if (operate (request, reply, &failure))
    return TRUE;
  return settle (reply, failure, error);
}
