/* reprise-service.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "service/reprise-service.h"

struct _RepriseService
{
  GObject parent_instance;

  char *uuid; /* (owned); never changes */
  char *kind; /* (owned); never changes */
  char *name; /* (owned) */
  gboolean production;
  GHashTable *settings; /* (owned) (element-type utf8 utf8) */
  GHashTable *rules;    /* (owned) (element-type utf8 utf8) */

  gboolean settled;             /* it was read, and not made anew */
  gboolean name_changed;        /* since then, as the following */
  gboolean production_changed;  /* */
  GHashTable *settings_changed; /* (owned) (element-type utf8): a set */
  GHashTable *rules_changed;    /* (owned) (element-type utf8): a set */
};

G_DEFINE_FINAL_TYPE (RepriseService, reprise_service, G_TYPE_OBJECT)

typedef enum
{
  PROP_UUID = 1,
  PROP_KIND,
  PROP_NAME,
  PROP_PRODUCTION,
} RepriseServiceProperty;

static GParamSpec *properties[PROP_PRODUCTION + 1];
static guint changed_signal;

static void
reprise_service_finalize (GObject *object)
{
  RepriseService *self = REPRISE_SERVICE (object);

  g_clear_pointer (&self->uuid, g_free);
  g_clear_pointer (&self->kind, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->settings, g_hash_table_unref);
  g_clear_pointer (&self->rules, g_hash_table_unref);
  g_clear_pointer (&self->settings_changed, g_hash_table_unref);
  g_clear_pointer (&self->rules_changed, g_hash_table_unref);
  G_OBJECT_CLASS (reprise_service_parent_class)->finalize (object);
}

static void
reprise_service_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseService *self = REPRISE_SERVICE (object);

  switch ((RepriseServiceProperty) id)
    {
    case PROP_UUID:
      g_value_set_string (value, self->uuid);
      break;
    case PROP_KIND:
      g_value_set_string (value, self->kind);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_PRODUCTION:
      g_value_set_boolean (value, self->production);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_service_class_init (RepriseServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = reprise_service_finalize;
  object_class->get_property = reprise_service_get_property;
  properties[PROP_UUID] = g_param_spec_string ("uuid", NULL, NULL, NULL, flags);
  properties[PROP_KIND] = g_param_spec_string ("kind", NULL, NULL, NULL, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_PRODUCTION] = g_param_spec_boolean ("production", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  changed_signal = g_signal_new ("changed", REPRISE_TYPE_SERVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
reprise_service_init (RepriseService *self)
{
  self->settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->rules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->settings_changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->rules_changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * reprise_service_new:
 * @uuid: (nullable): an existing UUID, or %NULL for a new service
 */
RepriseService *
reprise_service_new (const char *uuid, const char *kind, const char *name)
{
  RepriseService *self = g_object_new (REPRISE_TYPE_SERVICE, NULL);

  self->uuid = uuid != NULL ? g_strdup (uuid) : g_uuid_string_random ();
  self->kind = g_strdup (kind);
  self->name = g_strdup (name);
  return self;
}

static void
copy_table (GHashTable *from, GHashTable *to)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (to, g_strdup (key), g_strdup (value));
}

static void
copy_set (GHashTable *from, GHashTable *to)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_hash_table_add (to, g_strdup (key));
}

/* (transfer full): the same service, for a worker */
RepriseService *
reprise_service_copy (RepriseService *self)
{
  RepriseService *copy = reprise_service_new (self->uuid, self->kind, self->name);

  copy->production = self->production;
  copy_table (self->settings, copy->settings);
  copy_table (self->rules, copy->rules);
  copy->settled = self->settled;
  copy->name_changed = self->name_changed;
  copy->production_changed = self->production_changed;
  copy_set (self->settings_changed, copy->settings_changed);
  copy_set (self->rules_changed, copy->rules_changed);
  return copy;
}

/* Whether it was made here, and not read. */
gboolean
reprise_service_is_new (RepriseService *self)
{
  return !self->settled;
}

/* It is as it was read: what is set from now on is a change. */
void
reprise_service_settle (RepriseService *self)
{
  self->settled = TRUE;
  self->name_changed = FALSE;
  self->production_changed = FALSE;
  g_hash_table_remove_all (self->settings_changed);
  g_hash_table_remove_all (self->rules_changed);
}

static void
apply_table (GHashTable *keys,
             GHashTable *from,
             RepriseService *to,
             void (*set) (RepriseService *, const char *, const char *))
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, keys);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    set (to, key, g_hash_table_lookup (from, key));
}

/* Makes the changes of the one in the other, which may have changes of its own. */
void
reprise_service_apply_changes (RepriseService *self, RepriseService *to)
{
  if (self->name_changed)
    reprise_service_set_name (to, self->name);
  if (self->production_changed)
    reprise_service_set_production (to, self->production);
  apply_table (self->settings_changed, self->settings, to, reprise_service_set_setting);
  apply_table (self->rules_changed, self->rules, to, reprise_service_set_rule);
}

const char *
reprise_service_get_uuid (RepriseService *self)
{
  return self->uuid;
}

const char *
reprise_service_get_kind (RepriseService *self)
{
  return self->kind;
}

const char *
reprise_service_get_name (RepriseService *self)
{
  return self->name;
}

static void
changed (RepriseService *self)
{
  g_signal_emit (self, changed_signal, 0);
}

void
reprise_service_set_name (RepriseService *self, const char *name)
{
  if (g_strcmp0 (name, self->name) == 0)
    return;
  g_free (self->name);
  self->name = g_strdup (name);
  self->name_changed = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
  changed (self);
}

gboolean
reprise_service_get_production (RepriseService *self)
{
  return self->production;
}

void
reprise_service_set_production (RepriseService *self, gboolean production)
{
  if (self->production == production)
    return;
  self->production = production;
  self->production_changed = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PRODUCTION]);
  changed (self);
}

static void
set_in_table (RepriseService *self,
              GHashTable *table,
              GHashTable *keys_changed,
              const char *key,
              const char *value)
{
  if (g_strcmp0 (g_hash_table_lookup (table, key), value) == 0)
    return;
  g_hash_table_add (keys_changed, g_strdup (key));
  if (value == NULL)
    g_hash_table_remove (table, key);
  else
    g_hash_table_insert (table, g_strdup (key), g_strdup (value));
  changed (self);
}

/* (nullable): what was set; the kind knows the default */
const char *
reprise_service_get_setting (RepriseService *self, const char *key)
{
  return g_hash_table_lookup (self->settings, key);
}

/* A @value of %NULL goes back to the default. Never a secret. */
void
reprise_service_set_setting (RepriseService *self, const char *key, const char *value)
{
  set_in_table (self, self->settings, self->settings_changed, key, value);
}

/* (transfer none) (element-type utf8 utf8) */
GHashTable *
reprise_service_get_settings (RepriseService *self)
{
  return self->settings;
}

/* (nullable): the group that the user gave the collection */
const char *
reprise_service_get_rule (RepriseService *self, const char *collection)
{
  return g_hash_table_lookup (self->rules, collection);
}

/* A @group of %NULL goes back to the built-in rule. */
void
reprise_service_set_rule (RepriseService *self, const char *collection, const char *group)
{
  set_in_table (self, self->rules, self->rules_changed, collection, group);
}

/* (transfer none) (element-type utf8 utf8) */
GHashTable *
reprise_service_get_rules (RepriseService *self)
{
  return self->rules;
}

void
reprise_service_reset_rules (RepriseService *self)
{
  if (g_hash_table_size (self->rules) == 0)
    return;
  copy_set (self->rules, self->rules_changed);
  g_hash_table_remove_all (self->rules);
  changed (self);
}
