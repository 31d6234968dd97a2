/* reprise-milvus-reader.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/milvus/storage/reprise-milvus-tree.h"

#define MAX_DEPTH       48
#define MAX_TOKEN_BYTES (64 * 1024)

/* @is_list: whether it is the list of such things, and not one of them */
typedef struct
{
  RepriseMilvusPlace place;
  gboolean is_list;
  const char *name; /* of a list */
} Frame;

struct _RepriseMilvusReader
{
  RepriseMilvusTree tree;

  RepriseMilvusLevel level;
  RepriseJsonScanner *scanner; /* (owned) (nullable) */
  const char *data;            /* of the push */
  guint64 base;                /* its offset */
  gboolean in_token;
  guint64 token_start;
  GString *token; /* (owned): a name, a string, a number: what is not part of this push any more */
  char *key;      /* (owned) (nullable): the name of the value that comes next */
  guint depth;
  Frame frames[MAX_DEPTH + 1];
};

/**
 * reprise_milvus_reader_new:
 * @each: (nullable): is told of every file that is named
 */
RepriseMilvusReader *
reprise_milvus_reader_new (RepriseMilvusEachLog each, gpointer user_data)
{
  RepriseMilvusReader *self = g_new0 (RepriseMilvusReader, 1);

  reprise_milvus_tree_init (&self->tree);
  self->tree.each = each;
  self->tree.user_data = user_data;
  self->token = g_string_new (NULL);
  return self;
}

void
reprise_milvus_reader_free (RepriseMilvusReader *self)
{
  g_clear_pointer (&self->scanner, reprise_json_scanner_free);
  reprise_milvus_tree_clear (&self->tree);
  g_string_free (self->token, TRUE);
  g_free (self->key);
  g_free (self);
}

/* --- where we are --- */

/* What an array or object is, by the place that it is in and its name. */
static const struct
{
  RepriseMilvusPlace in;
  const char *key;
  RepriseMilvusPlace is;
} STEPS[] = {
  { REPRISE_MILVUS_PLACE_BACKUP, "rbac_meta", REPRISE_MILVUS_PLACE_RBAC },
  { REPRISE_MILVUS_PLACE_BACKUP, "database_backups", REPRISE_MILVUS_PLACE_DATABASE },
  { REPRISE_MILVUS_PLACE_BACKUP, "collection_backups", REPRISE_MILVUS_PLACE_COLLECTION },
  { REPRISE_MILVUS_PLACE_RBAC, "users", REPRISE_MILVUS_PLACE_RBAC_ITEM },
  { REPRISE_MILVUS_PLACE_RBAC, "roles", REPRISE_MILVUS_PLACE_RBAC_ITEM },
  { REPRISE_MILVUS_PLACE_RBAC, "grants", REPRISE_MILVUS_PLACE_RBAC_ITEM },
  { REPRISE_MILVUS_PLACE_COLLECTION, "schema", REPRISE_MILVUS_PLACE_SCHEMA },
  { REPRISE_MILVUS_PLACE_COLLECTION, "index_infos", REPRISE_MILVUS_PLACE_INDEX },
  { REPRISE_MILVUS_PLACE_COLLECTION, "partition_backups", REPRISE_MILVUS_PLACE_PARTITION },
  { REPRISE_MILVUS_PLACE_COLLECTION, "l0_segments", REPRISE_MILVUS_PLACE_L0_SEGMENT },
  { REPRISE_MILVUS_PLACE_SCHEMA, "fields", REPRISE_MILVUS_PLACE_FIELD },
  { REPRISE_MILVUS_PLACE_FIELD, "type_params", REPRISE_MILVUS_PLACE_TYPE_PARAM },
  { REPRISE_MILVUS_PLACE_INDEX, "params", REPRISE_MILVUS_PLACE_INDEX_PARAMS },
  { REPRISE_MILVUS_PLACE_PARTITION, "segment_backups", REPRISE_MILVUS_PLACE_SEGMENT },
  { REPRISE_MILVUS_PLACE_SEGMENT, "binlogs", REPRISE_MILVUS_PLACE_FIELD_LOGS },
  { REPRISE_MILVUS_PLACE_SEGMENT, "deltalogs", REPRISE_MILVUS_PLACE_FIELD_DELTAS },
  { REPRISE_MILVUS_PLACE_L0_SEGMENT, "binlogs", REPRISE_MILVUS_PLACE_FIELD_LOGS },
  { REPRISE_MILVUS_PLACE_L0_SEGMENT, "deltalogs", REPRISE_MILVUS_PLACE_FIELD_DELTAS },
  { REPRISE_MILVUS_PLACE_FIELD_LOGS, "binlogs", REPRISE_MILVUS_PLACE_LOG },
  { REPRISE_MILVUS_PLACE_FIELD_DELTAS, "binlogs", REPRISE_MILVUS_PLACE_DELTA },
};

static RepriseMilvusPlace
place_of_level (RepriseMilvusLevel level)
{
  switch (level)
    {
    case REPRISE_MILVUS_COLLECTIONS:
      return REPRISE_MILVUS_PLACE_COLLECTION;
    case REPRISE_MILVUS_PARTITIONS:
      return REPRISE_MILVUS_PLACE_PARTITION;
    case REPRISE_MILVUS_SEGMENTS:
      return REPRISE_MILVUS_PLACE_SEGMENT;
    case REPRISE_MILVUS_WHOLE:
    case REPRISE_MILVUS_TOP:
    default:
      return REPRISE_MILVUS_PLACE_BACKUP;
    }
}

static gboolean
is_object (RepriseMilvusPlace place)
{
  return place == REPRISE_MILVUS_PLACE_BACKUP || place == REPRISE_MILVUS_PLACE_INFOS ||
         place == REPRISE_MILVUS_PLACE_RBAC || place == REPRISE_MILVUS_PLACE_SCHEMA ||
         place == REPRISE_MILVUS_PLACE_INDEX_PARAMS;
}

/* What a member of an object is that is an array or object itself. */
static Frame
find_step (RepriseMilvusReader *self, RepriseMilvusPlace in)
{
  Frame frame = { REPRISE_MILVUS_PLACE_SKIP, FALSE, NULL };

  if (self->key == NULL)
    return frame;
  if (in == REPRISE_MILVUS_PLACE_INFOS && strcmp (self->key, "infos") == 0)
    return (Frame){ place_of_level (self->level), TRUE, "infos" };
  /* What the other levels say once more. */
  if (in == REPRISE_MILVUS_PLACE_COLLECTION && self->level == REPRISE_MILVUS_COLLECTIONS &&
      strcmp (self->key, "partition_backups") == 0)
    return frame;
  for (guint i = 0; i < G_N_ELEMENTS (STEPS); i++)
    if (STEPS[i].in == in && strcmp (STEPS[i].key, self->key) == 0)
      return (Frame){ STEPS[i].is, !is_object (STEPS[i].is), STEPS[i].key };
  return frame;
}

static gboolean
begin_container (RepriseMilvusReader *self, const RepriseJsonEvent *event, GError **error)
{
  const Frame *in = &self->frames[event->depth];
  gboolean is_array = event->kind == REPRISE_JSON_ARRAY;
  Frame frame = { REPRISE_MILVUS_PLACE_SKIP, FALSE, NULL };

  if (in->place == REPRISE_MILVUS_PLACE_NEW)
    frame.place = place_of_level (self->level) == REPRISE_MILVUS_PLACE_BACKUP
                    ? REPRISE_MILVUS_PLACE_BACKUP
                    : REPRISE_MILVUS_PLACE_INFOS;
  else if (in->is_list)
    frame.place = in->place;
  else
    frame = find_step (self, in->place);
  if (frame.place != REPRISE_MILVUS_PLACE_SKIP && frame.is_list != is_array)
    return reprise_milvus_tree_set_wrong (error, frame.name != NULL ? frame.name
                                                 : in->name != NULL ? in->name
                                                                    : "{");
  self->depth = event->depth + 1;
  self->frames[self->depth] = frame;
  g_clear_pointer (&self->key, g_free);
  return frame.is_list || reprise_milvus_tree_begin (&self->tree, frame.place, error);
}

static gboolean
end_container (RepriseMilvusReader *self, const RepriseJsonEvent *event, GError **error)
{
  Frame frame = self->frames[event->depth + 1];

  self->depth = event->depth;
  g_clear_pointer (&self->key, g_free);
  if (!frame.is_list)
    return reprise_milvus_tree_end (&self->tree, frame.place, error);
  if (frame.place == REPRISE_MILVUS_PLACE_RBAC_ITEM)
    reprise_milvus_tree_count_access (&self->tree, frame.name, event->n_children);
  return TRUE;
}

/* --- names, strings and numbers, in any pieces --- */

static gboolean
keep_token (RepriseMilvusReader *self, guint64 end, GError **error)
{
  guint64 from = MAX (self->token_start, self->base);

  if (end <= from)
    return TRUE;
  if (end - from > MAX_TOKEN_BYTES - self->token->len)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                                 _ ("A text in the metadata of the Milvus backup is too long."));
      return FALSE;
    }
  g_string_append_len (self->token, self->data + (from - self->base), (gssize) (end - from));
  return TRUE;
}

static void
begin_token (RepriseMilvusReader *self, guint64 offset)
{
  self->in_token = TRUE;
  self->token_start = offset;
  g_string_truncate (self->token, 0);
}

/* (transfer full): a string without its quotation marks and escapes, or %NULL with @error */
static char *
read_string (const GString *token, GError **error)
{
  g_autofree char *list = NULL;
  g_autoptr (JsonNode) node = NULL;
  const char *text;

  if (token->len >= 2 && memchr (token->str, '\\', token->len) == NULL)
    return g_strndup (token->str + 1, token->len - 2);
  list = g_strdup_printf ("[%s]", token->str);
  node = reprise_json_parse (list, strlen (list), NULL, error);
  if (node == NULL)
    return NULL;
  text = reprise_json_array_get_string (json_node_get_array (node), 0, NULL);
  return g_strdup (text != NULL ? text : "");
}

static gboolean
end_key (RepriseMilvusReader *self, GError **error)
{
  g_free (self->key);
  self->key = self->token->len >= 2 ? g_strndup (self->token->str + 1, self->token->len - 2) : NULL;
  return TRUE;
}

static gboolean
give_scalar (RepriseMilvusReader *self, RepriseJsonKind kind, const char *text, GError **error)
{
  const Frame *frame = &self->frames[self->depth];

  return self->key == NULL || frame->is_list ||
         reprise_milvus_tree_take (&self->tree, frame->place, self->key, kind, text, error);
}

static gboolean
end_scalar (RepriseMilvusReader *self, RepriseJsonKind kind, GError **error)
{
  g_autofree char *text = NULL;

  if (kind != REPRISE_JSON_STRING)
    return give_scalar (self, kind, self->token->str, error);
  text = read_string (self->token, error);
  return text != NULL && give_scalar (self, kind, text, error);
}

static gboolean
event_cb (const RepriseJsonEvent *event, gpointer user_data, GError **error)
{
  RepriseMilvusReader *self = user_data;
  gboolean is_container = event->kind == REPRISE_JSON_OBJECT || event->kind == REPRISE_JSON_ARRAY;
  gboolean is_key = event->type == REPRISE_JSON_KEY_BEGIN || event->type == REPRISE_JSON_KEY_END;

  if (!is_key && is_container)
    return event->type == REPRISE_JSON_BEGIN ? begin_container (self, event, error)
                                             : end_container (self, event, error);
  if (self->frames[self->depth].place == REPRISE_MILVUS_PLACE_NEW)
    return reprise_milvus_tree_set_wrong (error, "{");
  if (self->frames[self->depth].place == REPRISE_MILVUS_PLACE_SKIP)
    return TRUE;
  if (event->type == REPRISE_JSON_BEGIN || event->type == REPRISE_JSON_KEY_BEGIN)
    {
      begin_token (self, event->offset);
      return TRUE;
    }
  self->in_token = FALSE;
  if (!keep_token (self, event->offset, error))
    return FALSE;
  return is_key ? end_key (self, error) : end_scalar (self, event->kind, error);
}

/* --- from outside --- */

/* The next file begins. */
void
reprise_milvus_reader_begin (RepriseMilvusReader *self, RepriseMilvusLevel level)
{
  RepriseJsonScannerOptions options = {
    .max_depth = MAX_DEPTH, .event_depth = MAX_DEPTH, .func = event_cb, .user_data = self
  };

  g_clear_pointer (&self->scanner, reprise_json_scanner_free);
  self->scanner = reprise_json_scanner_new (&options);
  self->level = level;
  self->tree.meta->pieced |= level != REPRISE_MILVUS_WHOLE;
  self->in_token = FALSE;
  self->depth = 0;
  self->frames[0] = (Frame){ REPRISE_MILVUS_PLACE_NEW, FALSE, NULL };
  reprise_milvus_tree_begin_file (&self->tree);
  g_clear_pointer (&self->key, g_free);
}

gboolean
reprise_milvus_reader_push (RepriseMilvusReader *self, const char *data, gsize size, GError **error)
{
  self->data = data;
  self->base = reprise_json_scanner_get_offset (self->scanner);
  return reprise_json_scanner_push (self->scanner, data, size, error) &&
         (!self->in_token || keep_token (self, self->base + size, error));
}

/* The file has ended. */
gboolean
reprise_milvus_reader_end (RepriseMilvusReader *self, GError **error)
{
  self->data = "";
  self->base = reprise_json_scanner_get_offset (self->scanner);
  return reprise_json_scanner_finish (self->scanner, error);
}

/**
 * reprise_milvus_reader_finish:
 *
 * Returns: (transfer full): what was read, of all files; or %NULL with %REPRISE_ERROR_DAMAGED
 */
RepriseMilvusMeta *
reprise_milvus_reader_finish (RepriseMilvusReader *self, GError **error)
{
  return reprise_milvus_tree_finish (&self->tree, error);
}
