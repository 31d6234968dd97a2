/* reprise-contents.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "service/reprise-contents.h"

struct _RepriseCollection
{
  GObject parent_instance;

  char *name;  /* (owned) */
  char *title; /* (owned) (nullable) */
  gint64 rows; /* or REPRISE_NOT_REPORTED */
  gint64 size_bytes;
  char *reason; /* (owned) (nullable) */
  char **files; /* (owned) (nullable); paths within the archive */
  char
    *own_group; /* (owned) (nullable); the service's own name of the group, where it has another */
  gboolean placeholder;
};

G_DEFINE_FINAL_TYPE (RepriseCollection, reprise_collection, G_TYPE_OBJECT)

typedef enum
{
  COLLECTION_PROP_NAME = 1,
  COLLECTION_PROP_TITLE,
  COLLECTION_PROP_ROWS,
  COLLECTION_PROP_SIZE_BYTES,
  COLLECTION_PROP_REASON,
} CollectionProperty;

static GParamSpec *collection_properties[COLLECTION_PROP_REASON + 1];

static void
reprise_collection_finalize (GObject *object)
{
  RepriseCollection *self = REPRISE_COLLECTION (object);

  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->reason, g_free);
  g_clear_pointer (&self->files, g_strfreev);
  g_clear_pointer (&self->own_group, g_free);
  G_OBJECT_CLASS (reprise_collection_parent_class)->finalize (object);
}

static void
reprise_collection_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseCollection *self = REPRISE_COLLECTION (object);

  switch ((CollectionProperty) id)
    {
    case COLLECTION_PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case COLLECTION_PROP_TITLE:
      g_value_set_string (value, reprise_collection_get_title (self));
      break;
    case COLLECTION_PROP_ROWS:
      g_value_set_int64 (value, self->rows);
      break;
    case COLLECTION_PROP_SIZE_BYTES:
      g_value_set_int64 (value, self->size_bytes);
      break;
    case COLLECTION_PROP_REASON:
      g_value_set_string (value, self->reason);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_collection_class_init (RepriseCollectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = reprise_collection_finalize;
  object_class->get_property = reprise_collection_get_property;
  collection_properties[COLLECTION_PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL, flags);
  collection_properties[COLLECTION_PROP_TITLE] =
    g_param_spec_string ("title", NULL, NULL, NULL, flags);
  collection_properties[COLLECTION_PROP_ROWS] =
    g_param_spec_int64 ("rows", NULL, NULL, -1, G_MAXINT64, -1, flags);
  collection_properties[COLLECTION_PROP_SIZE_BYTES] =
    g_param_spec_int64 ("size-bytes", NULL, NULL, -1, G_MAXINT64, -1, flags);
  collection_properties[COLLECTION_PROP_REASON] =
    g_param_spec_string ("reason", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (collection_properties),
                                     collection_properties);
}

static void
reprise_collection_init (RepriseCollection *self)
{
  self->rows = self->size_bytes = REPRISE_NOT_REPORTED;
}

RepriseCollection *
reprise_collection_new (const char *name, gint64 rows, gint64 size_bytes)
{
  RepriseCollection *self = g_object_new (REPRISE_TYPE_COLLECTION, NULL);

  self->name = g_strdup (name);
  self->rows = rows;
  self->size_bytes = size_bytes;
  return self;
}

const char *
reprise_collection_get_name (RepriseCollection *self)
{
  return self->name;
}

/* For people; the name where there is no title. */
const char *
reprise_collection_get_title (RepriseCollection *self)
{
  return self->title != NULL ? self->title : self->name;
}

gint64
reprise_collection_get_rows (RepriseCollection *self)
{
  return self->rows;
}

gint64
reprise_collection_get_size_bytes (RepriseCollection *self)
{
  return self->size_bytes;
}

/* (nullable): why it is skipped, or which rule put it where it is */
const char *
reprise_collection_get_reason (RepriseCollection *self)
{
  return self->reason;
}

/* (nullable): the paths of its files within the archive */
const char *const *
reprise_collection_get_files (RepriseCollection *self)
{
  return (const char *const *) self->files;
}

/* (nullable): what the service itself calls the group, where it is none of the seven */
const char *
reprise_collection_get_own_group (RepriseCollection *self)
{
  return self->own_group;
}

/* Whether it stands for an unknown number of them: “all collections” */
gboolean
reprise_collection_get_placeholder (RepriseCollection *self)
{
  return self->placeholder;
}

void
reprise_collection_set_title (RepriseCollection *self, const char *title)
{
  g_free (self->title);
  self->title = g_strdup (title);
}

void
reprise_collection_set_rows (RepriseCollection *self, gint64 rows)
{
  self->rows = rows;
}

void
reprise_collection_set_size_bytes (RepriseCollection *self, gint64 size_bytes)
{
  self->size_bytes = size_bytes;
}

void
reprise_collection_set_reason (RepriseCollection *self, const char *reason)
{
  g_free (self->reason);
  self->reason = g_strdup (reason);
}

void
reprise_collection_set_files (RepriseCollection *self, const char *const *files)
{
  g_strfreev (self->files);
  self->files = g_strdupv ((char **) files);
}

void
reprise_collection_set_own_group (RepriseCollection *self, const char *own_group)
{
  g_free (self->own_group);
  self->own_group = g_strdup (own_group);
}

void
reprise_collection_set_placeholder (RepriseCollection *self, gboolean placeholder)
{
  self->placeholder = placeholder;
}

struct _RepriseDataGroup
{
  RepriseList parent_instance; /* of RepriseCollection */

  RepriseGroup group;
};

G_DEFINE_FINAL_TYPE (RepriseDataGroup, reprise_data_group, REPRISE_TYPE_LIST)

static void
reprise_data_group_class_init (RepriseDataGroupClass *klass)
{
  REPRISE_LIST_CLASS (klass)->item_type = REPRISE_TYPE_COLLECTION;
}

static void
reprise_data_group_init (RepriseDataGroup *self)
{
}

RepriseGroup
reprise_data_group_get_group (RepriseDataGroup *self)
{
  return self->group;
}

/* The sum of what is reported, or REPRISE_NOT_REPORTED where nothing is. */
static gint64
sum (RepriseDataGroup *self, gint64 (*get) (RepriseCollection *))
{
  GPtrArray *collections = reprise_list_get_items (self);
  gint64 total = REPRISE_NOT_REPORTED;

  for (guint i = 0; i < collections->len; i++)
    {
      gint64 value = get (collections->pdata[i]);

      if (value >= 0)
        total = MAX (total, 0) + value;
    }
  return total;
}

/* How many there are, or %REPRISE_NOT_REPORTED where one stands for a number that nobody says. */
gint64
reprise_data_group_get_n_collections (RepriseDataGroup *self)
{
  GPtrArray *collections = reprise_list_get_items (self);

  for (guint i = 0; i < collections->len; i++)
    if (reprise_collection_get_placeholder (collections->pdata[i]))
      return REPRISE_NOT_REPORTED;
  return collections->len;
}

gint64
reprise_data_group_get_rows (RepriseDataGroup *self)
{
  return sum (self, reprise_collection_get_rows);
}

gint64
reprise_data_group_get_size_bytes (RepriseDataGroup *self)
{
  return sum (self, reprise_collection_get_size_bytes);
}

struct _RepriseContents
{
  GObject parent_instance;

  RepriseDataGroup *groups[REPRISE_N_GROUPS]; /* (owned) (nullable) */
  char *locked;                               /* (owned) (nullable) */
};

static void contents_list_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseContents,
                               reprise_contents,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, contents_list_init))

static GType
contents_get_item_type (GListModel *model)
{
  return REPRISE_TYPE_DATA_GROUP;
}

static guint
contents_get_n_items (GListModel *model)
{
  RepriseContents *self = REPRISE_CONTENTS (model);
  guint n = 0;

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    n += self->groups[i] != NULL;
  return n;
}

static gpointer
contents_get_item (GListModel *model, guint position)
{
  RepriseContents *self = REPRISE_CONTENTS (model);

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (self->groups[i] != NULL && position-- == 0)
      return g_object_ref (self->groups[i]);
  return NULL;
}

static void
contents_list_init (GListModelInterface *iface)
{
  iface->get_item_type = contents_get_item_type;
  iface->get_n_items = contents_get_n_items;
  iface->get_item = contents_get_item;
}

static void
reprise_contents_finalize (GObject *object)
{
  RepriseContents *self = REPRISE_CONTENTS (object);

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    g_clear_object (&self->groups[i]);
  g_free (self->locked);
  G_OBJECT_CLASS (reprise_contents_parent_class)->finalize (object);
}

static void
reprise_contents_class_init (RepriseContentsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_contents_finalize;
}

static void
reprise_contents_init (RepriseContents *self)
{
}

RepriseContents *
reprise_contents_new (void)
{
  return g_object_new (REPRISE_TYPE_CONTENTS, NULL);
}

void
reprise_contents_add (RepriseContents *self, RepriseGroup group, RepriseCollection *collection)
{
  g_return_if_fail (group < REPRISE_N_GROUPS);

  if (self->groups[group] == NULL)
    {
      self->groups[group] = g_object_new (REPRISE_TYPE_DATA_GROUP, NULL);
      self->groups[group]->group = group;
    }
  reprise_list_append (self->groups[group], collection);
}

/* (transfer none) (nullable): the group, if it has members */
RepriseDataGroup *
reprise_contents_get_group (RepriseContents *self, RepriseGroup group)
{
  g_return_val_if_fail (group < REPRISE_N_GROUPS, NULL);

  return self->groups[group];
}

static GPtrArray *
collections_of (RepriseContents *self, guint group)
{
  return reprise_list_get_items (self->groups[group]);
}

/**
 * reprise_contents_find:
 * @group: (out) (optional): its group
 *
 * Returns: (transfer none) (nullable): the collection of that name
 */
RepriseCollection *
reprise_contents_find (RepriseContents *self, const char *name, RepriseGroup *group)
{
  for (guint g = 0; g < REPRISE_N_GROUPS; g++)
    for (guint i = 0; self->groups[g] != NULL && i < collections_of (self, g)->len; i++)
      {
        RepriseCollection *collection = collections_of (self, g)->pdata[i];

        if (!g_str_equal (collection->name, name))
          continue;
        if (group != NULL)
          *group = (RepriseGroup) g;
        return collection;
      }
  return NULL;
}

/* The groups that have members, the skipped one not counted. */
RepriseGroups
reprise_contents_get_groups (RepriseContents *self)
{
  RepriseGroups groups = REPRISE_GROUPS_NONE;

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (self->groups[i] != NULL)
      groups |= REPRISE_GROUP_BIT (i);
  return groups & REPRISE_GROUPS_ALL;
}

static gint64
sum_groups (RepriseContents *self, RepriseGroups groups, gint64 (*get) (RepriseDataGroup *))
{
  gint64 total = REPRISE_NOT_REPORTED;

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (self->groups[i] != NULL && REPRISE_GROUPS_HAS (groups, i))
      {
        gint64 value = get (self->groups[i]);

        if (value >= 0)
          total = MAX (total, 0) + value;
      }
  return total;
}

gint64
reprise_contents_get_size_bytes (RepriseContents *self, RepriseGroups groups)
{
  return sum_groups (self, groups, reprise_data_group_get_size_bytes);
}

gint64
reprise_contents_get_rows (RepriseContents *self, RepriseGroups groups)
{
  return sum_groups (self, groups, reprise_data_group_get_rows);
}

/* (nullable): the sentence that says why groups of this service cannot be chosen just now, though its kind can */
const char *
reprise_contents_get_locked (RepriseContents *self)
{
  return self->locked;
}

void
reprise_contents_set_locked (RepriseContents *self, const char *reason)
{
  g_free (self->locked);
  self->locked = g_strdup (reason);
}
