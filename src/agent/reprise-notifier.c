/* reprise-notifier.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-agent"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-notifier.h"

#define WINDOW_PATH "/io/github/reprise_backup/Reprise"

/* Where notifications go: https://flatpak.github.io/xdg-desktop-portal, https://wiki.gnome.org/Projects/GLib/GNotification and
 * https://specifications.freedesktop.org/notification-spec */
#define PORTAL_NAME      "org.freedesktop.portal.Desktop"
#define PORTAL_PATH      "/org/freedesktop/portal/desktop"
#define PORTAL_INTERFACE "org.freedesktop.portal.Notification"
#define GTK_NAME         "org.gtk.Notifications"
#define GTK_PATH         "/org/gtk/Notifications"
#define FDO_NAME         "org.freedesktop.Notifications"
#define FDO_PATH         "/org/freedesktop/Notifications"
#define BACK_UP          "back-up" /* the key of its button */

struct _RepriseNotifier
{
  GObject parent_instance;

  GDBusConnection *bus; /* (owned) */
  gboolean in_sandbox;
  GHashTable
    *shown; /* (owned) (element-type utf8 guint32): by service, the number of the third way */
  guint subscriptions[3]; /* to what becomes of those */
  gboolean busy;
};

G_DEFINE_FINAL_TYPE (RepriseNotifier, reprise_notifier, G_TYPE_OBJECT)

typedef enum
{
  PROP_BUSY = 1,
} RepriseNotifierProperty;

static GParamSpec *properties[PROP_BUSY + 1];

/* One notification on its way. */
typedef struct
{
  RepriseNotifier *self; /* (owned) */
  char *uuid;            /* (owned) */
  char *title;           /* (owned) (nullable): of one that is withdrawn */
  char *body;            /* (owned) (nullable) */
} Message;

static void
message_free (Message *message)
{
  g_object_unref (message->self);
  g_free (message->uuid);
  g_free (message->title);
  g_free (message->body);
  g_free (message);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Message, message_free)

static void
reprise_notifier_dispose (GObject *object)
{
  RepriseNotifier *self = REPRISE_NOTIFIER (object);

  for (gsize i = 0; i < G_N_ELEMENTS (self->subscriptions); i++)
    {
      if (self->subscriptions[i] != 0)
        g_dbus_connection_signal_unsubscribe (self->bus, self->subscriptions[i]);
      self->subscriptions[i] = 0;
    }
  G_OBJECT_CLASS (reprise_notifier_parent_class)->dispose (object);
}

static void
reprise_notifier_finalize (GObject *object)
{
  RepriseNotifier *self = REPRISE_NOTIFIER (object);

  g_clear_object (&self->bus);
  g_clear_pointer (&self->shown, g_hash_table_unref);
  G_OBJECT_CLASS (reprise_notifier_parent_class)->finalize (object);
}

static void
reprise_notifier_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseNotifierProperty) id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, REPRISE_NOTIFIER (object)->busy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_notifier_class_init (RepriseNotifierClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = reprise_notifier_dispose;
  object_class->finalize = reprise_notifier_finalize;
  object_class->get_property = reprise_notifier_get_property;
  properties[PROP_BUSY] = g_param_spec_boolean (
    "busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
reprise_notifier_init (RepriseNotifier *self)
{
  self->shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* One per service: a later one takes the place of an earlier one. */
static char *
dup_id (const Message *message)
{
  return g_strconcat ("attention-", message->uuid, NULL);
}

static void
add_button (GVariantBuilder *buttons, const Message *message, const char *label, const char *action)
{
  GVariantBuilder button;

  g_variant_builder_init (&button, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&button, "{sv}", "label", g_variant_new_string (label));
  g_variant_builder_add (&button, "{sv}", "action", g_variant_new_string (action));
  g_variant_builder_add (&button, "{sv}", "target", g_variant_new_string (message->uuid));
  g_variant_builder_add_value (buttons, g_variant_builder_end (&button));
}

/* (transfer floating): as the portal and GNOME take it */
static GVariant *
to_dictionary (const Message *message)
{
  GVariantBuilder builder, buttons;

  g_variant_builder_init (&buttons, G_VARIANT_TYPE ("aa{sv}"));
  add_button (&buttons, message, _ ("Show Service"), "app.show-service");
  add_button (&buttons, message, _ ("Back Up Now…"), "app.back-up-service");
  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "title", g_variant_new_string (message->title));
  g_variant_builder_add (&builder, "{sv}", "body", g_variant_new_string (message->body));
  g_variant_builder_add (&builder, "{sv}", "priority", g_variant_new_string ("high"));
  g_variant_builder_add (&builder, "{sv}", "default-action",
                         g_variant_new_string ("app.show-service"));
  g_variant_builder_add (&builder, "{sv}", "default-action-target",
                         g_variant_new_string (message->uuid));
  g_variant_builder_add (&builder, "{sv}", "buttons", g_variant_builder_end (&buttons));
  return g_variant_builder_end (&builder);
}

/* --- the third way: org.freedesktop.Notifications --- */

/* Whoever showed one by it hears of clicks, and can take it back, for as long as it is on the bus. */
static void
update_busy (RepriseNotifier *self)
{
  gboolean busy = g_hash_table_size (self->shown) > 0;

  if (busy == self->busy)
    return;
  self->busy = busy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

/* (nullable): the service that one is about */
static const char *
find_shown (RepriseNotifier *self, guint32 id)
{
  GHashTableIter iter;
  gpointer uuid, number;

  g_hash_table_iter_init (&iter, self->shown);
  while (g_hash_table_iter_next (&iter, &uuid, &number))
    if (GPOINTER_TO_UINT (number) == id)
      return uuid;
  return NULL;
}

static void
clicked_cb (GDBusConnection *bus,
            const char *sender,
            const char *path,
            const char *iface,
            const char *signal,
            GVariant *parameters,
            gpointer data)
{
  const char *key = NULL, *uuid;
  guint32 id = 0;
  GVariant *target;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")))
    return;
  g_variant_get (parameters, "(u&s)", &id, &key);
  uuid = find_shown (data, id);
  if (uuid == NULL)
    return;
  target = g_variant_new_variant (g_variant_new_string (uuid));
  g_dbus_connection_call (
    bus, APPLICATION_ID, WINDOW_PATH, "org.freedesktop.Application", "ActivateAction",
    g_variant_new ("(s@av@a{sv})",
                   g_strcmp0 (key, BACK_UP) == 0 ? "back-up-service" : "show-service",
                   g_variant_new_array (G_VARIANT_TYPE_VARIANT, &target, 1),
                   g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0)),
    NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

static void
closed_cb (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *iface,
           const char *signal,
           GVariant *parameters,
           gpointer data)
{
  RepriseNotifier *self = data;
  const char *uuid;
  guint32 id = 0;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uu)")))
    return;
  g_variant_get (parameters, "(uu)", &id, NULL);
  uuid = find_shown (self, id);
  if (uuid != NULL)
    g_hash_table_remove (self->shown, uuid);
  update_busy (self);
}

/* Who showed them is gone, and they are with it. */
static void
owner_cb (GDBusConnection *bus,
          const char *sender,
          const char *path,
          const char *iface,
          const char *signal,
          GVariant *parameters,
          gpointer data)
{
  RepriseNotifier *self = data;

  g_hash_table_remove_all (self->shown);
  update_busy (self);
}

static guint
listen (RepriseNotifier *self, const char *signal, GDBusSignalCallback callback)
{
  return g_dbus_connection_signal_subscribe (self->bus, FDO_NAME, FDO_NAME, signal, FDO_PATH, NULL,
                                             G_DBUS_SIGNAL_FLAGS_NONE, callback, self, NULL);
}

static void
listen_to_all (RepriseNotifier *self)
{
  if (self->subscriptions[0] != 0)
    return;
  self->subscriptions[0] = listen (self, "ActionInvoked", clicked_cb);
  self->subscriptions[1] = listen (self, "NotificationClosed", closed_cb);
  self->subscriptions[2] = g_dbus_connection_signal_subscribe (
    self->bus, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
    "/org/freedesktop/DBus", FDO_NAME, G_DBUS_SIGNAL_FLAGS_NONE, owner_cb, self, NULL);
}

static void
notified_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Message) message = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  guint32 id = 0;

  if (reply == NULL)
    {
      g_debug ("Nobody shows notifications: %s", error->message);
      return;
    }
  g_variant_get (reply, "(u)", &id);
  g_hash_table_insert (message->self->shown, g_strdup (message->uuid), GUINT_TO_POINTER (id));
  update_busy (message->self);
}

/* Takes @message. */
static void
notify_all_desktops (Message *message)
{
  RepriseNotifier *self = message->self;
  gpointer before = g_hash_table_lookup (self->shown, message->uuid);
  const char *const actions[] = { "default", _ ("Show Service"), BACK_UP, _ ("Back Up Now…"),
                                  NULL };
  GVariantBuilder hints;

  if (message->title == NULL)
    {
      if (before != NULL)
        g_dbus_connection_call (self->bus, FDO_NAME, FDO_PATH, FDO_NAME, "CloseNotification",
                                g_variant_new ("(u)", GPOINTER_TO_UINT (before)), NULL,
                                G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
      g_hash_table_remove (self->shown, message->uuid);
      update_busy (self);
      message_free (message);
      return;
    }
  listen_to_all (self);
  g_variant_builder_init (&hints, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&hints, "{sv}", "desktop-entry", g_variant_new_string (APPLICATION_ID));
  g_dbus_connection_call (
    self->bus, FDO_NAME, FDO_PATH, FDO_NAME, "Notify",
    g_variant_new ("(susss^asa{sv}i)", _ ("Reprise"), GPOINTER_TO_UINT (before), APPLICATION_ID,
                   message->title, message->body, actions, &hints, -1),
    G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, notified_cb, message);
}

/* --- the first two --- */

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Message) message = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL && !message->self->in_sandbox)
    notify_all_desktops (g_steal_pointer (&message));
  else if (reply == NULL)
    g_debug ("The portal takes no notifications: %s", error->message);
}

static GVariant *
make_parameters (const Message *message, gboolean portal)
{
  g_autofree char *id = dup_id (message);

  if (message->title == NULL)
    return portal ? g_variant_new ("(s)", id) : g_variant_new ("(ss)", APPLICATION_ID, id);
  return portal ? g_variant_new ("(s@a{sv})", id, to_dictionary (message))
                : g_variant_new ("(ss@a{sv})", APPLICATION_ID, id, to_dictionary (message));
}

/* Takes @message. */
static void
send (Message *message)
{
  gboolean portal = message->self->in_sandbox;

  g_dbus_connection_call (message->self->bus, portal ? PORTAL_NAME : GTK_NAME,
                          portal ? PORTAL_PATH : GTK_PATH, portal ? PORTAL_INTERFACE : GTK_NAME,
                          message->title != NULL ? "AddNotification" : "RemoveNotification",
                          make_parameters (message, portal), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                          sent_cb, message);
}

RepriseNotifier *
reprise_notifier_new (GDBusConnection *bus, gboolean in_sandbox)
{
  RepriseNotifier *self = g_object_new (REPRISE_TYPE_NOTIFIER, NULL);

  self->bus = g_object_ref (bus);
  self->in_sandbox = in_sandbox;
  return self;
}

/* Shows it in the place of the one that there was of the service. */
void
reprise_notifier_send (RepriseNotifier *self,
                       const char *service_uuid,
                       const char *title,
                       const char *body)
{
  Message *message = g_new0 (Message, 1);

  message->self = g_object_ref (self);
  message->uuid = g_strdup (service_uuid);
  message->title = g_strdup (title);
  message->body = g_strdup (body);
  send (message);
}

/* What it told of is solved. */
void
reprise_notifier_withdraw (RepriseNotifier *self, const char *service_uuid)
{
  Message *message = g_new0 (Message, 1);

  message->self = g_object_ref (self);
  message->uuid = g_strdup (service_uuid);
  send (message);
}

gboolean
reprise_notifier_is_busy (RepriseNotifier *self)
{
  return self->busy;
}
