/* reprise-mock-keyring.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "reprise-mock-keyring.h"

#define ROOT       "/org/freedesktop/secrets"
#define COLLECTION ROOT "/collection/test"
#define SESSION    ROOT "/session/1"
#define PROMPT     ROOT "/prompt/1"

/* https://specifications.freedesktop.org/secret-service/ */
static const char interface_xml[] =
  "<node>"
  "<interface name='org.freedesktop.Secret.Service'>"
  "<property name='Collections' type='ao' access='read'/>"
  "<method name='OpenSession'><arg type='s' direction='in'/><arg type='v' direction='in'/>"
  "<arg type='v' direction='out'/><arg type='o' direction='out'/></method>"
  "<method name='CreateCollection'><arg type='a{sv}' direction='in'/><arg type='s' direction='in'/>"
  "<arg type='o' direction='out'/><arg type='o' direction='out'/></method>"
  "<method name='SearchItems'><arg type='a{ss}' direction='in'/>"
  "<arg type='ao' direction='out'/><arg type='ao' direction='out'/></method>"
  "<method name='Unlock'><arg type='ao' direction='in'/>"
  "<arg type='ao' direction='out'/><arg type='o' direction='out'/></method>"
  "<method name='GetSecrets'><arg type='ao' direction='in'/><arg type='o' direction='in'/>"
  "<arg type='a{o(oayays)}' direction='out'/></method>"
  "<method name='ReadAlias'><arg type='s' direction='in'/><arg type='o' direction='out'/></method>"
  "</interface>"
  "<interface name='org.freedesktop.Secret.Collection'>"
  "<property name='Items' type='ao' access='read'/><property name='Label' type='s' access='read'/>"
  "<property name='Locked' type='b' access='read'/><property name='Created' type='t' "
  "access='read'/>"
  "<property name='Modified' type='t' access='read'/>"
  "<method name='CreateItem'><arg type='a{sv}' direction='in'/><arg type='(oayays)' "
  "direction='in'/>"
  "<arg type='b' direction='in'/><arg type='o' direction='out'/><arg type='o' "
  "direction='out'/></method>"
  "</interface>"
  "<interface name='org.freedesktop.Secret.Item'>"
  "<property name='Locked' type='b' access='read'/><property name='Attributes' type='a{ss}' "
  "access='read'/>"
  "<property name='Label' type='s' access='read'/><property name='Created' type='t' access='read'/>"
  "<property name='Modified' type='t' access='read'/>"
  "<method name='Delete'><arg type='o' direction='out'/></method>"
  "<method name='GetSecret'><arg type='o' direction='in'/><arg type='(oayays)' "
  "direction='out'/></method>"
  "</interface>"
  "<interface name='org.freedesktop.Secret.Session'><method name='Close'/></interface>"
  "<interface name='org.freedesktop.Secret.Prompt'>"
  "<method name='Prompt'><arg type='s' direction='in'/></method><method name='Dismiss'/>"
  "<signal name='Completed'><arg type='b'/><arg type='v'/></signal>"
  "</interface>"
  "</node>";

typedef struct
{
  char *path;
  char *label;
  GHashTable *attributes;
  char *value;
  gsize size;
  guint registration;
} Item;

struct _RepriseMockKeyring
{
  GTestDBus *bus;
  GThread *thread;
  GMainContext *context; /* of the thread */
  int stopping;          /* (atomic) */
  GDBusNodeInfo *info;
  GDBusConnection *connection; /* the thread's */

  GMutex mutex; /* for what follows */
  GCond ready;
  gboolean serves;
  RepriseMockMode mode;
  gboolean accept;
  guint n_prompts;
  guint last_item;
  GPtrArray *items;       /* (element-type Item) */
  GVariant *prompt_gives; /* the result of the prompt under way */
};

static void
item_free (Item *item)
{
  g_free (item->path);
  g_free (item->label);
  g_hash_table_unref (item->attributes);
  g_free (item->value);
  g_free (item);
}

static gboolean
is_locked (RepriseMockKeyring *self)
{
  return self->mode == REPRISE_MOCK_LOCKED || self->mode == REPRISE_MOCK_LOCKED_HIDDEN;
}

static gboolean
matches (Item *item, GVariant *attributes)
{
  GVariantIter iter;
  const char *name, *value;

  g_variant_iter_init (&iter, attributes);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
    if (g_strcmp0 (g_hash_table_lookup (item->attributes, name), value) != 0)
      return FALSE;
  return TRUE;
}

static Item *
find_path (RepriseMockKeyring *self, const char *path)
{
  for (guint i = 0; i < self->items->len; i++)
    if (g_str_equal (((Item *) self->items->pdata[i])->path, path))
      return self->items->pdata[i];
  return NULL;
}

/* As find_path(); it must be there. */
static Item *
get_item (RepriseMockKeyring *self, const char *path)
{
  Item *item = find_path (self, path);

  if (item == NULL)
    g_error ("There is no item %s", path);
  return item;
}

static GVariant *
make_paths (RepriseMockKeyring *self, GVariant *attributes)
{
  GVariantBuilder paths;

  g_variant_builder_init (&paths, G_VARIANT_TYPE ("ao"));
  for (guint i = 0; i < self->items->len; i++)
    if (attributes == NULL || matches (self->items->pdata[i], attributes))
      g_variant_builder_add (&paths, "o", ((Item *) self->items->pdata[i])->path);
  return g_variant_builder_end (&paths);
}

static GVariant *
make_secret (Item *item)
{
  return g_variant_new (
    "(o@ay@ays)", SESSION, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, NULL, 0, 1),
    g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, item->value, item->size, 1), "text/plain");
}

static GHashTable *
parse_attributes (GVariant *variant)
{
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GVariantIter iter;
  char *name, *value;

  g_variant_iter_init (&iter, variant);
  while (g_variant_iter_next (&iter, "{ss}", &name, &value))
    g_hash_table_replace (attributes, name, value);
  return attributes;
}

static const GDBusInterfaceVTable vtable;

static void
serve (RepriseMockKeyring *self, const char *path, const char *interface, guint *registration)
{
  g_autoptr (GError) error = NULL;
  guint id = g_dbus_connection_register_object (
    self->connection, path, g_dbus_node_info_lookup_interface (self->info, interface), &vtable,
    self, NULL, &error);

  g_assert_no_error (error);
  if (registration != NULL)
    *registration = id;
}

static Item *
add_item (RepriseMockKeyring *self,
          GHashTable *attributes,
          const char *label,
          const char *value,
          gsize size)
{
  Item *item = g_new0 (Item, 1);

  item->path = g_strdup_printf (COLLECTION "/%u", ++self->last_item);
  item->label = g_strdup (label);
  item->attributes = attributes;
  item->value = g_memdup2 (value, size);
  item->size = size;
  g_ptr_array_add (self->items, item);
  serve (self, item->path, "org.freedesktop.Secret.Item", &item->registration);
  return item;
}

static void
create_item (RepriseMockKeyring *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) properties = g_variant_get_child_value (parameters, 0);
  g_autoptr (GVariant) secret = g_variant_get_child_value (parameters, 1);
  g_autoptr (GVariant) attributes =
    g_variant_lookup_value (properties, "org.freedesktop.Secret.Item.Attributes", NULL);
  g_autoptr (GVariant) bytes = g_variant_get_child_value (secret, 2);
  g_autofree char *label = NULL;
  const char *value = NULL;
  gsize size = 0;
  Item *item = NULL;

  g_assert_true (g_variant_lookup (properties, "org.freedesktop.Secret.Item.Label", "s", &label));
  value = g_variant_get_fixed_array (bytes, &size, 1);
  for (guint i = 0; i < self->items->len; i++)
    if (matches (self->items->pdata[i], attributes))
      item = self->items->pdata[i];
  if (self->mode != REPRISE_MOCK_FORGETS && item != NULL)
    {
      g_free (item->value);
      item->value = g_memdup2 (value, size);
      item->size = size;
    }
  else if (item == NULL)
    item = add_item (self, parse_attributes (attributes), label, value, size);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(oo)", item->path, "/"));
}

static void
delete_item (RepriseMockKeyring *self, const char *path, GDBusMethodInvocation *invocation)
{
  Item *item = get_item (self, path);

  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", "/"));
  g_dbus_connection_unregister_object (self->connection, item->registration);
  g_ptr_array_remove (self->items, item);
}

static void
get_secrets (RepriseMockKeyring *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  GVariantBuilder secrets;
  g_autoptr (GVariantIter) paths = NULL;
  const char *path;

  g_variant_get (parameters, "(ao&o)", &paths, NULL);
  g_variant_builder_init (&secrets, G_VARIANT_TYPE ("a{o(oayays)}"));
  while (g_variant_iter_next (paths, "&o", &path))
    g_variant_builder_add (&secrets, "{o@(oayays)}", path, make_secret (get_item (self, path)));
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(a{o(oayays)})", &secrets));
}

static void
search (RepriseMockKeyring *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) attributes = g_variant_get_child_value (parameters, 0);
  GVariant *none = g_variant_new_array (G_VARIANT_TYPE_OBJECT_PATH, NULL, 0);
  GVariant *found =
    self->mode == REPRISE_MOCK_LOCKED_HIDDEN || self->mode == REPRISE_MOCK_NO_DEFAULT
      ? g_variant_new_array (G_VARIANT_TYPE_OBJECT_PATH, NULL, 0)
      : make_paths (self, attributes);

  g_dbus_method_invocation_return_value (invocation, is_locked (self)
                                                       ? g_variant_new ("(@ao@ao)", none, found)
                                                       : g_variant_new ("(@ao@ao)", found, none));
}

static void
open_session (GVariant *parameters, GDBusMethodInvocation *invocation)
{
  const char *algorithm = NULL;

  g_variant_get (parameters, "(&sv)", &algorithm, NULL);
  if (g_str_equal (algorithm, "plain"))
    g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(vo)", g_variant_new_string (""), SESSION));
  else
    g_dbus_method_invocation_return_dbus_error (invocation,
                                                "org.freedesktop.DBus.Error.NotSupported", "plain");
}

static void
unlock (RepriseMockKeyring *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) objects = g_variant_get_child_value (parameters, 0);
  GVariant *none = g_variant_new_array (G_VARIANT_TYPE_OBJECT_PATH, NULL, 0);

  g_clear_pointer (&self->prompt_gives, g_variant_unref);
  self->prompt_gives = g_variant_ref_sink (g_variant_new_variant (objects));
  g_dbus_method_invocation_return_value (invocation, is_locked (self)
                                                       ? g_variant_new ("(@aoo)", none, PROMPT)
                                                       : g_variant_new ("(@aoo)", objects, "/"));
  if (!is_locked (self))
    g_variant_unref (g_variant_ref_sink (none));
}

static void
create_collection (RepriseMockKeyring *self, GDBusMethodInvocation *invocation)
{
  g_clear_pointer (&self->prompt_gives, g_variant_unref);
  self->prompt_gives =
    g_variant_ref_sink (g_variant_new_variant (g_variant_new_object_path (COLLECTION)));
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(oo)", "/", PROMPT));
}

static void
prompt (RepriseMockKeyring *self, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) gives = g_variant_get_variant (self->prompt_gives);
  g_autoptr (GVariant) nothing =
    g_variant_ref_sink (g_variant_is_of_type (gives, G_VARIANT_TYPE_OBJECT_PATH)
                          ? g_variant_new_object_path ("/")
                          : g_variant_new_array (G_VARIANT_TYPE_OBJECT_PATH, NULL, 0));

  self->n_prompts++;
  g_dbus_method_invocation_return_value (invocation, NULL);
  if (self->accept)
    self->mode = REPRISE_MOCK_OPEN;
  g_dbus_connection_emit_signal (
    self->connection, NULL, PROMPT, "org.freedesktop.Secret.Prompt", "Completed",
    g_variant_new ("(bv)", !self->accept, self->accept ? gives : nothing), NULL);
}

static gboolean
is_about_secrets (const char *method)
{
  static const char *const methods[] = { "GetSecret", "GetSecrets", "CreateItem", "Delete", NULL };

  return g_strv_contains (methods, method);
}

/* Behind the mutex. Whether the mode makes the call fail; then it is answered, or never will be. */
static gboolean
fails (RepriseMockKeyring *self, const char *method, GDBusMethodInvocation *invocation)
{
  if (self->mode == REPRISE_MOCK_DENIES_ALL ||
      (self->mode == REPRISE_MOCK_DENIES && is_about_secrets (method)))
    g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR,
                                                   G_DBUS_ERROR_ACCESS_DENIED, "No");
  else if (self->mode == REPRISE_MOCK_DIES && is_about_secrets (method))
    {
      g_dbus_connection_close (self->connection, NULL, NULL, NULL);
      g_object_unref (invocation);
    }
  else if (self->mode == REPRISE_MOCK_HANGS && is_about_secrets (method))
    g_object_unref (invocation);
  else if (is_locked (self) && is_about_secrets (method))
    g_dbus_method_invocation_return_dbus_error (invocation, "org.freedesktop.Secret.Error.IsLocked",
                                                "Locked");
  else
    return FALSE;
  return TRUE;
}

static void
call_cb (GDBusConnection *connection,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  RepriseMockKeyring *self = user_data;

  g_mutex_lock (&self->mutex);
  if (fails (self, method, invocation))
    ;
  else if (g_str_equal (method, "OpenSession"))
    open_session (parameters, invocation);
  else if (g_str_equal (method, "SearchItems"))
    search (self, parameters, invocation);
  else if (g_str_equal (method, "GetSecrets"))
    get_secrets (self, parameters, invocation);
  else if (g_str_equal (method, "GetSecret"))
    g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(@(oayays))", make_secret (get_item (self, path))));
  else if (g_str_equal (method, "ReadAlias"))
    g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(o)", self->mode == REPRISE_MOCK_NO_DEFAULT ? "/" : COLLECTION));
  else if (g_str_equal (method, "CreateItem") && self->mode == REPRISE_MOCK_NO_DEFAULT)
    g_dbus_method_invocation_return_dbus_error (
      invocation, "org.freedesktop.Secret.Error.NoSuchObject", "None");
  else if (g_str_equal (method, "CreateItem"))
    create_item (self, parameters, invocation);
  else if (g_str_equal (method, "CreateCollection"))
    create_collection (self, invocation);
  else if (g_str_equal (method, "Unlock"))
    unlock (self, parameters, invocation);
  else if (g_str_equal (method, "Delete"))
    delete_item (self, path, invocation);
  else if (g_str_equal (method, "Prompt"))
    prompt (self, invocation);
  else
    g_dbus_method_invocation_return_value (invocation, NULL); /* Close, Dismiss */
  g_mutex_unlock (&self->mutex);
}

static GVariant *
make_property (RepriseMockKeyring *self, Item *item, const char *name)
{
  if (g_str_equal (name, "Collections"))
    return g_variant_new_parsed ("[%o]", COLLECTION);
  if (g_str_equal (name, "Items"))
    return make_paths (self, NULL);
  if (g_str_equal (name, "Label"))
    return g_variant_new_string (item != NULL ? item->label : "Test");
  if (g_str_equal (name, "Locked"))
    return g_variant_new_boolean (is_locked (self));
  if (g_str_equal (name, "Attributes"))
    {
      GVariantBuilder attributes;
      GHashTableIter iter;
      gpointer key, value;

      g_variant_builder_init (&attributes, G_VARIANT_TYPE ("a{ss}"));
      g_hash_table_iter_init (&iter, item->attributes);
      while (g_hash_table_iter_next (&iter, &key, &value))
        g_variant_builder_add (&attributes, "{ss}", key, value);
      return g_variant_builder_end (&attributes);
    }
  return g_variant_new_uint64 (1700000000);
}

static GVariant *
get_cb (GDBusConnection *connection,
        const char *sender,
        const char *path,
        const char *interface,
        const char *name,
        GError **error,
        gpointer user_data)
{
  RepriseMockKeyring *self = user_data;
  GVariant *value = NULL;

  g_mutex_lock (&self->mutex);
  value = make_property (self, find_path (self, path), name);
  g_mutex_unlock (&self->mutex);
  return value;
}

static const GDBusInterfaceVTable vtable = { call_cb, get_cb, NULL, { 0 } };

static void
take_name (RepriseMockKeyring *self)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply = g_dbus_connection_call_sync (
    self->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
    "RequestName", g_variant_new ("(su)", "org.freedesktop.secrets", 4u), NULL, 0, -1, NULL,
    &error);

  g_assert_no_error (error);
  g_variant_unref (reply);
}

static gpointer
run_worker (gpointer data)
{
  RepriseMockKeyring *self = data;
  GMainContext *context = g_main_context_new ();
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (context);
  self->connection = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (self->bus),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);
  serve (self, ROOT, "org.freedesktop.Secret.Service", NULL);
  serve (self, COLLECTION, "org.freedesktop.Secret.Collection", NULL);
  serve (self, ROOT "/aliases/default", "org.freedesktop.Secret.Collection", NULL);
  serve (self, SESSION, "org.freedesktop.Secret.Session", NULL);
  serve (self, PROMPT, "org.freedesktop.Secret.Prompt", NULL);
  take_name (self);
  self->context = context;

  g_mutex_lock (&self->mutex);
  self->serves = TRUE;
  g_cond_signal (&self->ready);
  g_mutex_unlock (&self->mutex);
  while (!g_atomic_int_get (&self->stopping))
    g_main_context_iteration (context, TRUE);

  if (!g_dbus_connection_is_closed (self->connection))
    g_dbus_connection_close_sync (self->connection, NULL, NULL);
  g_clear_object (&self->connection);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* Whether there is what it takes; else the test is skipped. */
gboolean
reprise_mock_keyring_can_run (void)
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");

  if (daemon == NULL)
    g_test_skip ("There is no dbus-daemon");
  return daemon != NULL;
}

RepriseMockKeyring *
reprise_mock_keyring_new (RepriseMockMode mode)
{
  RepriseMockKeyring *self = g_new0 (RepriseMockKeyring, 1);

  self->mode = mode;
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) item_free);
  self->info = g_dbus_node_info_new_for_xml (interface_xml, NULL);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->ready);
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (self->bus);
  self->thread = g_thread_new ("mock-keyring", run_worker, self);
  g_mutex_lock (&self->mutex);
  while (!self->serves)
    g_cond_wait (&self->ready, &self->mutex);
  g_mutex_unlock (&self->mutex);
  return self;
}

void
reprise_mock_keyring_free (RepriseMockKeyring *self)
{
  g_atomic_int_set (&self->stopping, TRUE);
  g_main_context_wakeup (self->context);
  g_thread_join (self->thread);
  g_main_context_unref (self->context);
  g_test_dbus_down (self->bus);
  g_object_unref (self->bus);
  g_ptr_array_unref (self->items);
  g_dbus_node_info_unref (self->info);
  g_clear_pointer (&self->prompt_gives, g_variant_unref);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->ready);
  g_free (self);
}

void
reprise_mock_keyring_set_mode (RepriseMockKeyring *self, RepriseMockMode mode)
{
  g_mutex_lock (&self->mutex);
  self->mode = mode;
  g_mutex_unlock (&self->mutex);
}

/* Whether the somebody who is asked gives the password, or closes the window. */
void
reprise_mock_keyring_set_accept (RepriseMockKeyring *self, gboolean accept)
{
  g_mutex_lock (&self->mutex);
  self->accept = accept;
  g_mutex_unlock (&self->mutex);
}

typedef struct
{
  RepriseMockKeyring *self;
  GHashTable *attributes;
  const char *value;
  gboolean done; /* behind the mutex */
} Addition;

static gboolean
add_cb (gpointer data)
{
  Addition *addition = data;
  RepriseMockKeyring *self = addition->self;

  g_mutex_lock (&self->mutex);
  add_item (self, addition->attributes, "Test", addition->value, strlen (addition->value));
  addition->done = TRUE;
  g_cond_broadcast (&self->ready);
  g_mutex_unlock (&self->mutex);
  return G_SOURCE_REMOVE;
}

/* An object answers in the context in which it is registered: so it is in the thread's. */
void
reprise_mock_keyring_add (RepriseMockKeyring *self,
                          const char *uuid,
                          const char *kind,
                          const char *value)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Addition addition = { self, g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
                        value, FALSE };

  g_hash_table_insert (addition.attributes, g_strdup ("xdg:schema"), g_strdup (APPLICATION_ID));
  g_hash_table_insert (addition.attributes, g_strdup ("service"), g_strdup (uuid));
  g_hash_table_insert (addition.attributes, g_strdup ("kind"), g_strdup (kind));
  g_source_set_callback (source, add_cb, &addition, NULL);
  g_source_attach (source, self->context);
  g_mutex_lock (&self->mutex);
  while (!addition.done)
    g_cond_wait (&self->ready, &self->mutex);
  g_mutex_unlock (&self->mutex);
}

/* (transfer full) (nullable): the secret as text */
char *
reprise_mock_keyring_dup (RepriseMockKeyring *self, const char *uuid, const char *kind)
{
  char *value = NULL;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->items->len && value == NULL; i++)
    {
      Item *item = self->items->pdata[i];

      if (g_strcmp0 (g_hash_table_lookup (item->attributes, "service"), uuid) == 0 &&
          g_strcmp0 (g_hash_table_lookup (item->attributes, "kind"), kind) == 0)
        value = g_strndup (item->value, item->size);
    }
  g_mutex_unlock (&self->mutex);
  return value;
}

/* (transfer full): what every program can see of the items: “label|name=value|…” sorted, one per line */
char *
reprise_mock_keyring_dup_public (RepriseMockKeyring *self)
{
  GString *text = g_string_new (NULL);

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->items->len; i++)
    {
      Item *item = self->items->pdata[i];
      g_autoptr (GList) names =
        g_list_sort (g_hash_table_get_keys (item->attributes), (GCompareFunc) g_strcmp0);

      g_string_append (text, item->label);
      for (GList *l = names; l != NULL; l = l->next)
        g_string_append_printf (text, "|%s=%s", (const char *) l->data,
                                (const char *) g_hash_table_lookup (item->attributes, l->data));
      g_string_append_c (text, '\n');
    }
  g_mutex_unlock (&self->mutex);
  return g_string_free (text, FALSE);
}

guint
reprise_mock_keyring_get_n_items (RepriseMockKeyring *self)
{
  guint n_items;

  g_mutex_lock (&self->mutex);
  n_items = self->items->len;
  g_mutex_unlock (&self->mutex);
  return n_items;
}

guint
reprise_mock_keyring_get_n_prompts (RepriseMockKeyring *self)
{
  guint n_prompts;

  g_mutex_lock (&self->mutex);
  n_prompts = self->n_prompts;
  g_mutex_unlock (&self->mutex);
  return n_prompts;
}
