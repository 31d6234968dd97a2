/* reprise-secret.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-secret"

#include "config.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reprise-secret-work.h"

/*
 * The helper that looks into the keyring for the other programs. It is started for one request and ends with it,
 * because the library aborts over a damaged keyring file, and so that what it leaves in memory does not last.
 *
 *   read the request from the socket (standard input)
 *   ask the session's secret service, or in a sandbox the file whose key the portal gives
 *   write the reply, end
 */

const SecretSchema reprise_secret_schema = {
  APPLICATION_ID,
  SECRET_SCHEMA_NONE,
  {
    { "service", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "kind", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { NULL, 0 },
  },
};

/* (transfer full) */
GHashTable *
request_make_attributes (const Request *request)
{
  GHashTable *attributes = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (attributes, (gpointer) "service", request->uuid);
  if (*request->kind != '\0')
    g_hash_table_insert (attributes, (gpointer) "kind", request->kind);
  return attributes;
}

void
reply_add_kind (Reply *reply, GHashTable *attributes)
{
  const char *kind = g_hash_table_lookup (attributes, "kind");

  if (kind != NULL && strchr (kind, '\n') == NULL)
    g_hash_table_add (reply->kinds, g_strdup (kind));
}

/* After a store and a look-up: whether what was read back is what was to be kept. Takes the value off the reply. */
gboolean
reply_check_stored (Reply *reply, const Request *request, GError **error)
{
  g_autoptr (SecretValue) value = g_steal_pointer (&reply->value);
  gsize size = 0, wanted_size = 0;
  const char *data = value != NULL ? secret_value_get (value, &size) : NULL;
  const char *wanted = secret_value_get (request->value, &wanted_size);

  if (reply->state != REPRISE_KEYRING_THERE && reply->state != REPRISE_KEYRING_NOT_FOUND)
    return TRUE;
  if (data != NULL && size == wanted_size && memcmp (data, wanted, size) == 0)
    return TRUE;
  g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_PROTOCOL,
                       "What was stored is not what is read back");
  return FALSE;
}

/* --- the socket --- */

static gboolean
read_all (gpointer data, gsize size)
{
  gsize have = 0;

  while (have < size)
    {
      gssize got = read (STDIN_FILENO, (char *) data + have, size - have);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return FALSE;
      have += (gsize) got;
    }
  return TRUE;
}

static gboolean
write_all (gconstpointer data, gsize size)
{
  gsize done = 0;

  while (done < size)
    {
      gssize put = send (STDIN_FILENO, (const char *) data + done, size - done, MSG_NOSIGNAL);

      if (put < 0 && errno == EINTR)
        continue;
      if (put <= 0)
        return FALSE;
      done += (gsize) put;
    }
  return TRUE;
}

/* (transfer full) (nullable): the next part of the request, as a string */
static char *
read_text (guint32 size)
{
  g_autofree char *text = NULL;

  if (size > REPRISE_SECRET_TEXT_MAX_BYTES)
    return NULL;
  text = g_malloc0 (size + 1);
  if (!read_all (text, size) || strlen (text) != size || !g_utf8_validate (text, -1, NULL))
    return NULL;
  return g_steal_pointer (&text);
}

/* Into libsecret's own memory, which is kept out of swap too. */
static SecretValue *
read_value (guint32 size)
{
  g_autofree char *buffer = NULL;
  SecretValue *read = NULL;

  if (size > REPRISE_SECRET_MAX_BYTES)
    return NULL;
  buffer = g_malloc0 (size + 1);
  if (read_all (buffer, size))
    read = secret_value_new (buffer, size,
                             g_utf8_validate_len (buffer, size, NULL) ? "text/plain"
                                                                      : "application/octet-stream");
  reprise_secret_wipe (buffer, size);
  return read;
}

static gboolean
read_request (Request *request)
{
  RepriseSecretRequest head;

  if (!read_all (&head, sizeof head) || head.magic != REPRISE_SECRET_MAGIC)
    return FALSE;
  request->operation = head.operation;
  request->may_prompt = head.may_prompt != 0;
  request->uuid = read_text (head.uuid_bytes);
  request->kind = request->uuid != NULL ? read_text (head.kind_bytes) : NULL;
  request->label = request->kind != NULL ? read_text (head.label_bytes) : NULL;
  request->value = request->label != NULL ? read_value (head.value_bytes) : NULL;
  return request->value != NULL;
}

static gboolean
write_reply (guint32 state, const char *text, SecretValue *value)
{
  RepriseSecretReply head = { .magic = REPRISE_SECRET_MAGIC, .state = state };
  const char *data = NULL;
  gsize size = 0;

  if (value != NULL)
    data = secret_value_get (value, &size);
  if (size > REPRISE_SECRET_MAX_BYTES)
    return write_reply (REPRISE_SECRET_REPLY_FAILED, "The secret is larger than 64 KiB", NULL);
  head.text_bytes = (guint32) MIN (strlen (text), REPRISE_SECRET_TEXT_MAX_BYTES);
  head.value_bytes = (guint32) size;
  return write_all (&head, sizeof head) && write_all (text, head.text_bytes) &&
         write_all (data, size);
}

/* Where the other side has gone there is nobody to answer: a window that asks for the password goes too. */
static gpointer
watch_hang_up (gpointer data)
{
  struct pollfd polled = { .fd = STDIN_FILENO, .events = POLLRDHUP };

  while (poll (&polled, 1, -1) < 0 && errno == EINTR)
    ;
  _exit (1);
}

/* --- the answer --- */

static char *
join_kinds (GHashTable *kinds)
{
  g_autoptr (GList) sorted = g_list_sort (g_hash_table_get_keys (kinds), (GCompareFunc) g_strcmp0);
  GString *text = g_string_new (NULL);

  for (GList *l = sorted; l != NULL; l = l->next)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", (const char *) l->data);
  return g_string_free (text, FALSE);
}

/* libsecret chooses by the same rule; SECRET_BACKEND is its own switch. */
static gboolean
uses_service (void)
{
  const char *backend = g_getenv ("SECRET_BACKEND");

  if (backend != NULL && *backend != '\0')
    return g_str_equal (backend, "service");
  return !reprise_secret_is_sandbox ();
}

static gboolean
run (const Request *request)
{
  Reply reply = { .state = REPRISE_KEYRING_NOT_FOUND };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gboolean done;

  reply.kinds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  done =
    uses_service () ? service_run (request, &reply, &error) : file_run (request, &reply, &error);
  text = done ? join_kinds (reply.kinds) : g_strdup (error->message);
  g_hash_table_unref (reply.kinds);
  if (done)
    done = write_reply (reply.state, text, reply.value);
  else if (g_error_matches (error, SECRET_ERROR, SECRET_ERROR_INVALID_FILE_FORMAT))
    write_reply (REPRISE_SECRET_REPLY_DAMAGED, text, NULL);
  else
    write_reply (REPRISE_SECRET_REPLY_FAILED, text, NULL);
  g_clear_pointer (&reply.value, secret_value_unref);
  return done;
}

static void
request_clear (Request *request)
{
  g_free (request->uuid);
  g_free (request->kind);
  g_free (request->label);
  g_clear_pointer (&request->value, secret_value_unref);
}

int
main (int argc, char *argv[])
{
  Request request = { 0 };
  struct sockaddr_storage address;
  socklen_t address_size = sizeof address;
  gboolean done;

  setlocale (LC_ALL, "");
  reprise_secret_forbid_core ();
  if (argc > 1 || getsockname (STDIN_FILENO, (struct sockaddr *) &address, &address_size) != 0)
    {
      fputs ("reprise-secret is started by the other programs of Reprise.\n", stderr);
      return 2;
    }
  if (!read_request (&request))
    {
      request_clear (&request);
      return 1;
    }
  g_thread_unref (g_thread_new ("hang-up", watch_hang_up, NULL));
  done = run (&request);
  request_clear (&request);
  return done ? 0 : 1;
}
