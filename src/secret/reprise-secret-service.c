/* reprise-secret-service.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-secret-service"

#include "config.h"

#include "reprise-secret-work.h"

/*
 * The session's secret service (GNOME Keyring, KWallet, KeePassXC…).
 *
 * A look-up by secret_service_lookup() gives nothing, and no error, both where a secret is missing and where it is
 * locked and nobody can be asked. So each operation searches, looks at “locked” and only then goes on.
 */

/* A service that lets nobody be asked: whatever wants a prompt is told that the keyring is locked. */
typedef struct
{
  SecretService parent_instance;
} QuietService;

typedef struct
{
  SecretServiceClass parent_class;
} QuietServiceClass;

static GType quiet_service_get_type (void);

G_DEFINE_TYPE (QuietService, quiet_service, SECRET_TYPE_SERVICE)

static GVariant *
quiet_service_prompt_sync (SecretService *service,
                           SecretPrompt *prompt,
                           GCancellable *cancellable,
                           const GVariantType *type,
                           GError **error)
{
  g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED, "Nobody can be asked");
  return NULL;
}

static void
quiet_service_prompt_async (SecretService *service,
                            SecretPrompt *prompt,
                            const GVariantType *type,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_task_report_new_error (service, callback, user_data, quiet_service_prompt_async, SECRET_ERROR,
                           SECRET_ERROR_IS_LOCKED, "Nobody can be asked");
}

static GVariant *
quiet_service_prompt_finish (SecretService *service, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
quiet_service_class_init (QuietServiceClass *klass)
{
  SecretServiceClass *service_class = SECRET_SERVICE_CLASS (klass);

  service_class->prompt_sync = quiet_service_prompt_sync;
  service_class->prompt_async = quiet_service_prompt_async;
  service_class->prompt_finish = quiet_service_prompt_finish;
}

static void
quiet_service_init (QuietService *self)
{
}

/* --- which state an error is --- */

static gboolean
is_remote (const GError *error, const char *name)
{
  g_autofree char *remote =
    g_dbus_error_is_remote_error (error) ? g_dbus_error_get_remote_error (error) : NULL;

  return g_strcmp0 (remote, name) == 0;
}

static gboolean
is_no_service (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) ||
         (error->domain == G_DBUS_ERROR && error->code >= G_DBUS_ERROR_SPAWN_EXEC_FAILED &&
          error->code <= G_DBUS_ERROR_SPAWN_NO_MEMORY) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static gboolean
is_denied (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_AUTH_FAILED) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

/* Turns an error that is one of the states into that state. Takes @failure. */
static gboolean
settle (Reply *reply, GError *failure, GError **error)
{
  gboolean settled = TRUE;

  if (g_error_matches (failure, SECRET_ERROR, SECRET_ERROR_IS_LOCKED) ||
      is_remote (failure, "org.freedesktop.Secret.Error.IsLocked"))
    reply->state = REPRISE_KEYRING_LOCKED;
  else if (is_no_service (failure))
    reply->state = REPRISE_KEYRING_NO_SERVICE;
  else if (is_denied (failure))
    reply->state = REPRISE_KEYRING_DENIED;
  else
    settled = FALSE;
  if (settled)
    g_error_free (failure);
  else
    g_propagate_error (error, failure);
  return settled;
}

/* --- the keyring itself --- */

/* Gives the keyring in which secrets are kept; %NULL without an error where there is none yet. */
static SecretCollection *
get_default (SecretService *service, GError **error)
{
  return secret_collection_for_alias_sync (service, SECRET_COLLECTION_DEFAULT,
                                           SECRET_COLLECTION_NONE, NULL, error);
}

static gboolean
unlock (SecretService *service, gpointer object, GError **error)
{
  g_autoptr (GList) objects = g_list_prepend (NULL, object);
  GList *unlocked = NULL;
  int count = secret_service_unlock_sync (service, objects, NULL, &unlocked, error);

  g_list_free_full (unlocked, g_object_unref);
  if (count > 0)
    return TRUE;
  if (count == 0)
    g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED, "It was not unlocked");
  return FALSE;
}

/* Whether the keyring in which secrets are kept is open, now. Without one it is not, unless somebody may make one. */
static gboolean
open_default (SecretService *service, gboolean may_prompt, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (SecretCollection) collection = get_default (service, &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (collection != NULL && !secret_collection_get_locked (collection))
    return TRUE;
  if (collection == NULL && may_prompt)
    return TRUE; /* storing makes one and asks for its password */
  if (may_prompt)
    return unlock (service, collection, error);
  g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED, "The keyring is locked");
  return FALSE;
}

static gboolean
is_default_locked (SecretService *service, gboolean *locked, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (SecretCollection) collection = get_default (service, &failure);

  *locked = collection != NULL && secret_collection_get_locked (collection);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* --- items --- */

static int
compare_items_cb (gconstpointer a, gconstpointer b)
{
  SecretItem *first = (SecretItem *) a, *second = (SecretItem *) b;
  gboolean first_locked = secret_item_get_locked (first),
           second_locked = secret_item_get_locked (second);
  guint64 first_time = secret_item_get_modified (first),
          second_time = secret_item_get_modified (second);

  if (first_locked != second_locked)
    return first_locked ? 1 : -1;
  return first_time > second_time ? -1 : first_time < second_time;
}

/*
 * Finds the items of a request: open ones first, the newest first. Sets the reply's state: there, locked (all that
 * match are, or nothing matches in a keyring that shows nothing while it is locked), not found.
 */
static gboolean
find (SecretService *service, const Request *request, Reply *reply, GList **items, GError **error)
{
  g_autoptr (GHashTable) attributes = request_make_attributes (request);
  GError *failure = NULL;
  gboolean locked = FALSE;

  *items = secret_service_search_sync (service, &reprise_secret_schema, attributes,
                                       SECRET_SEARCH_ALL, NULL, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  *items = g_list_sort (*items, compare_items_cb);
  if (*items != NULL)
    reply->state =
      secret_item_get_locked ((*items)->data) ? REPRISE_KEYRING_LOCKED : REPRISE_KEYRING_THERE;
  else if (is_default_locked (service, &locked, error))
    reply->state = locked ? REPRISE_KEYRING_LOCKED : REPRISE_KEYRING_NOT_FOUND;
  else
    return FALSE;
  return TRUE;
}

static void
free_items (GList **items)
{
  g_list_free_full (g_steal_pointer (items), g_object_unref);
}

/* As find(), and where all is locked and somebody can be asked, unlocks and finds again. */
static gboolean
find_open (SecretService *service,
           const Request *request,
           Reply *reply,
           GList **items,
           GError **error)
{
  if (!find (service, request, reply, items, error))
    return FALSE;
  if (reply->state != REPRISE_KEYRING_LOCKED || !request->may_prompt)
    return TRUE;
  if (*items != NULL ? !unlock (service, (*items)->data, error)
                     : !open_default (service, TRUE, error))
    {
      free_items (items);
      return FALSE;
    }
  free_items (items);
  return find (service, request, reply, items, error);
}

static gboolean
load (SecretItem *item, Reply *reply, GError **error)
{
  if (!secret_item_load_secret_sync (item, NULL, error))
    return FALSE;
  reply->value = secret_item_get_secret (item);
  reply->state = reply->value != NULL ? REPRISE_KEYRING_THERE : REPRISE_KEYRING_DENIED;
  return TRUE;
}

/* --- the operations --- */

static gboolean
look_up (SecretService *service, const Request *request, Reply *reply, GError **error)
{
  GList *items = NULL;
  gboolean done = find_open (service, request, reply, &items, error);

  if (done && reply->state == REPRISE_KEYRING_THERE)
    done = load (items->data, reply, error);
  free_items (&items);
  return done;
}

static gboolean
get_state (SecretService *service, const Request *request, Reply *reply, GError **error)
{
  GList *items = NULL;
  gboolean done;

  if (*request->kind == '\0')
    {
      reply->state = REPRISE_KEYRING_THERE;
      return open_default (service, FALSE, error);
    }
  done = find (service, request, reply, &items, error);
  free_items (&items);
  return done;
}

static gboolean
store (SecretService *service, const Request *request, Reply *reply, GError **error)
{
  g_autoptr (GHashTable) attributes = request_make_attributes (request);
  g_autoptr (GError) failure = NULL;

  if (!open_default (service, request->may_prompt, error))
    return FALSE;
  if (!secret_service_store_sync (service, &reprise_secret_schema, attributes,
                                  SECRET_COLLECTION_DEFAULT, request->label, request->value, NULL,
                                  &failure))
    {
      /* A window that was closed gives no error, or that there is no keyring yet. */
      if (failure == NULL || g_error_matches (failure, SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT))
        g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED, "It was not unlocked");
      else
        g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return look_up (service, request, reply, error) && reply_check_stored (reply, request, error);
}

static gboolean
delete_items (GList *items, GError **error)
{
  for (GList *l = items; l != NULL; l = l->next)
    if (!secret_item_delete_sync (l->data, NULL, error))
      return FALSE;
  return TRUE;
}

static gboolean
delete_found (SecretService *service, const Request *request, Reply *reply, GError **error)
{
  GList *items = NULL;
  gboolean done = find_open (service, request, reply, &items, error);

  if (done && reply->state == REPRISE_KEYRING_THERE)
    done = delete_items (items, error);
  free_items (&items);
  return done;
}

static gboolean
list (SecretService *service, const Request *request, Reply *reply, GError **error)
{
  GList *items = NULL;
  gboolean done = find_open (service, request, reply, &items, error);

  for (GList *l = items; done && l != NULL; l = l->next)
    {
      g_autoptr (GHashTable) attributes = secret_item_get_attributes (l->data);

      reply_add_kind (reply, attributes);
    }
  free_items (&items);
  return done;
}

static gboolean
operate (SecretService *service, const Request *request, Reply *reply, GError **error)
{
  switch (request->operation)
    {
    case REPRISE_SECRET_OPERATION_GET_STATE:
      return get_state (service, request, reply, error);
    case REPRISE_SECRET_OPERATION_LOOKUP:
      return look_up (service, request, reply, error);
    case REPRISE_SECRET_OPERATION_STORE:
      return store (service, request, reply, error);
    case REPRISE_SECRET_OPERATION_DELETE:
      return delete_found (service, request, reply, error);
    case REPRISE_SECRET_OPERATION_UNLOCK:
      reply->state = REPRISE_KEYRING_THERE;
      return open_default (service, TRUE, error);
    case REPRISE_SECRET_OPERATION_LIST:
      return list (service, request, reply, error);
    default:
      g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_PROTOCOL, "Unknown operation");
      return FALSE;
    }
}

/* Carries out a request. Fails only with what is none of the five states. */
gboolean
service_run (const Request *request, Reply *reply, GError **error)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr (SecretService) service = NULL;
  GError *failure = NULL;

  if (bus == NULL)
    {
      reply->state = REPRISE_KEYRING_NO_SERVICE;
      return TRUE;
    }
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  service =
    secret_service_open_sync (request->may_prompt ? SECRET_TYPE_SERVICE : quiet_service_get_type (),
                              NULL, SECRET_SERVICE_NONE, NULL, &failure);
  if (service != NULL && operate (service, request, reply, &failure))
    return TRUE;
  return settle (reply, failure, error);
}
