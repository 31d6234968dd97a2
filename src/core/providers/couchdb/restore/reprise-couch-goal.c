/* reprise-couch-goal.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "providers/couchdb/restore/reprise-couch-goal.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/reprise-couch-mark.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "providers/couchdb/store/reprise-couch-interchange.h"

#define DAY_MS (24 * 60 * 60 * 1000)

void
reprise_couch_item_free (RepriseCouchItem *self)
{
  g_free (self->id);
  g_free (self->rev);
  g_free (self->now);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->links, g_array_unref);
  g_free (self);
}

void
reprise_couch_goal_free (RepriseCouchGoal *self)
{
  g_free (self->database);
  g_free (self->target);
  g_free (self->mark);
  g_free (self->document);
  g_clear_pointer (&self->info, reprise_couch_info_free);
  g_clear_pointer (&self->state, reprise_couch_state_free);
  g_clear_pointer (&self->segments, g_ptr_array_unref);
  g_free (self);
}

static const char *
get_option (GHashTable *options, const char *key)
{
  const char *value = options != NULL ? g_hash_table_lookup (options, key) : NULL;

  return value != NULL ? value : "";
}

/* A date, which is any moment of that day here, or a moment. */
gboolean
reprise_couch_goal_parse_as_of (const char *text, gint64 *first, gint64 *last, GError **error)
{
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *midnight = NULL;

  if (strlen (text) == 10)
    {
      g_autoptr (GTimeZone) here = g_time_zone_new_local ();

      midnight = g_strconcat (text, "T00:00:00", NULL);
      time = g_date_time_new_from_iso8601 (midnight, here);
    }
  else
    time = reprise_time_from_string (text);
  if (time == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                         _ ("“%s” is no date: write it as 2026-11-21 or 2026-11-21T10:00:00Z"),
                         text);
      return FALSE;
    }
  *first = g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000;
  *last = midnight != NULL ? *first + DAY_MS - 1 : *first + (strchr (text, '.') != NULL ? 0 : 999);
  return TRUE;
}

/* Where segments come from: a backup in the vault, or what was drawn of one on the server. */
typedef struct
{
  RepriseCouchShelf *shelf;       /* (owned) (nullable) */
  RepriseCouchRun *run;           /* (nullable): of @shelf */
  const RepriseCouchDrawn *drawn; /* (nullable) */
} Source;

static void
source_clear (Source *self)
{
  g_clear_pointer (&self->shelf, reprise_couch_shelf_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Source, source_clear)

static gboolean
open_source (Source *self, RepriseArchive *archive, GError **error)
{
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  const char *folder = backup != NULL ? reprise_backup_get_folder (backup) : NULL;

  if (self->drawn != NULL)
    return TRUE;
  if (folder != NULL)
    {
      self->shelf = reprise_couch_shelf_new_for_backup (folder, error);
      if (self->shelf == NULL)
        return FALSE;
      self->run = reprise_couch_shelf_find_run (self->shelf, reprise_backup_get_id (backup));
    }
  if (self->run == NULL)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                               _ ("The backup is not in the vault"));
  return self->run != NULL;
}

/* Which group the documents of a database were in, by the manifest: a backup does not change with the rules. */
static gboolean
find_group (RepriseCouchRun *run, const char *collection, RepriseGroup *group)
{
  RepriseContents *contents = reprise_manifest_get_contents (run->manifest);

  return contents != NULL && reprise_contents_find (contents, collection, group) != NULL;
}

static char *
make_target (const char *database, GHashTable *options, GDateTime *now)
{
  const char *target = get_option (options, REPRISE_COUCH_OPTION_TARGET);
  g_autofree char *stamp = NULL;
  const char *name = *database == '_' ? database + 1 : database;

  if (*target != '\0')
    return g_strdup (target);
  if (strcmp (get_option (options, REPRISE_COUCH_OPTION_INTO), REPRISE_COUCH_INTO_SAME) == 0)
    return g_strdup (database);
  stamp = g_date_time_format (now, "%Y%m%d");
  return g_strdup_printf ("%s-restored-%s", name, stamp);
}

/* A database that is there is looked at; with a name that nobody chose another is taken then. */
gboolean
reprise_couch_goal_choose_target (RepriseCouchGoal *self,
                                  RepriseCouchClient *client,
                                  GHashTable *options,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *base = make_target (self->database, options, now);
  gboolean is_ours =
    *get_option (options, REPRISE_COUCH_OPTION_TARGET) == '\0' &&
    strcmp (get_option (options, REPRISE_COUCH_OPTION_INTO), REPRISE_COUCH_INTO_SAME) != 0;

  for (guint n = 1;; n++)
    {
      g_autoptr (GError) local = NULL;

      g_free (self->target);
      self->target = n == 1 ? g_strdup (base) : g_strdup_printf ("%s-%u", base, n);
      if (!reprise_couch_name_is_valid (self->target))
        {
          reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                             _ ("“%s” cannot be the name of a database"), self->target);
          return FALSE;
        }
      self->info = reprise_couch_client_get_info (client, self->target, cancellable, &local);
      if (self->info == NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (self->info == NULL || !is_ours)
        return TRUE;
      g_clear_pointer (&self->info, reprise_couch_info_free);
    }
}

/* Of a whole day a safety copy is only taken where there is nothing else: it holds what somebody wanted to be rid of. */
static gboolean
find_point (RepriseCouchGoal *self,
            RepriseCouchShelf *shelf,
            gint64 first,
            gint64 last,
            GError **error)
{
  g_autoptr (GPtrArray) ordinary =
    last - first < DAY_MS - 1
      ? NULL
      : reprise_couch_shelf_list_segments (shelf, self->database, FALSE, NULL);

  if (ordinary != NULL && reprise_couch_points_find (ordinary, first, last, &self->at, NULL))
    return TRUE;
  if (reprise_couch_points_find (self->segments, first, last, &self->at, error))
    return TRUE;
  reprise_error_prefix (error, "%s: ", self->database);
  return FALSE;
}

/* In the vault, at the date that was asked for. */
static gboolean
choose_point (RepriseCouchGoal *self, Source *source, GHashTable *options, GError **error)
{
  const char *as_of = get_option (options, REPRISE_COUCH_OPTION_AS_OF);
  gint64 first, last;

  self->segments = reprise_couch_shelf_list_segments (source->shelf, self->database, TRUE, error);
  if (self->segments == NULL)
    return FALSE;
  first = last = reprise_couch_run_get_point (source->run);
  if (*as_of != '\0' && !reprise_couch_goal_parse_as_of (as_of, &first, &last, error))
    return FALSE;
  return find_point (self, source->shelf, first, last, error);
}

/* Of that date it was drawn. */
static gboolean
take_drawn (RepriseCouchGoal *self, Source *source)
{
  RepriseCouchDrawnDatabase *drawn = g_hash_table_lookup (source->drawn->databases, self->database);

  self->segments = g_ptr_array_ref (drawn->segments);
  self->at = drawn->at;
  return TRUE;
}

static gboolean
open_state (RepriseCouchGoal *self,
            Source *source,
            GHashTable *options,
            GCancellable *cancellable,
            GError **error)
{
  if (!(source->drawn != NULL ? take_drawn (self, source)
                              : choose_point (self, source, options, error)))
    return FALSE;
  self->state = reprise_couch_state_new (self->segments, self->at, cancellable, error);
  return self->state != NULL;
}

static RepriseCouchGoal *
goal_new_drawn (const RepriseCouchDrawn *drawn, const char *database)
{
  const RepriseCouchDrawnDatabase *of = g_hash_table_lookup (drawn->databases, database);
  RepriseCouchGoal *self = g_new0 (RepriseCouchGoal, 1);

  self->database = g_strdup (database);
  self->data = of->data;
  self->design = of->design;
  self->group = of->group;
  return self;
}

/* (nullable) without an error: nothing of it is wanted */
static RepriseCouchGoal *
goal_new (RepriseCouchRun *run, const char *database, RepriseGroups groups)
{
  g_autofree char *design = reprise_couch_rules_dup_design_name (database);
  RepriseGroup data_group = REPRISE_GROUP_CUSTOM, design_group = REPRISE_GROUP_REQUIRED;
  RepriseCouchGoal *self = g_new0 (RepriseCouchGoal, 1);

  self->database = g_strdup (database);
  self->data = find_group (run, database, &data_group) &&
               (groups == REPRISE_GROUPS_NONE || REPRISE_GROUPS_HAS (groups, data_group));
  self->design = find_group (run, design, &design_group) &&
                 (groups == REPRISE_GROUPS_NONE || REPRISE_GROUPS_HAS (groups, design_group));
  self->group = data_group;
  if (self->data || self->design)
    return self;
  reprise_couch_goal_free (self);
  return NULL;
}

static gboolean
is_empty (const RepriseCouchInfo *info)
{
  return info == NULL || (info->doc_count == 0 && info->doc_del_count <= 0);
}

/* Of a file that does not name its revisions: those there have names that no server knows. */
static gboolean
is_without_revisions (const RepriseCouchGoal *self)
{
  g_autoptr (GPtrArray) path = reprise_couch_path_find (self->segments, self->at);
  RepriseCouchSegment *first = path != NULL && path->len > 0 ? path->pdata[0] : NULL;
  g_autoptr (RepriseCouchReader) reader =
    first != NULL ? reprise_couch_reader_new (first->path, NULL) : NULL;
  g_autofree char *text =
    reader != NULL ? reprise_couch_reader_dup (reader, REPRISE_COUCH_WITHOUT_REV) : NULL;

  return g_strcmp0 (text, "true") == 0;
}

/* Into what is new or empty revisions are kept, and into where such a restore was broken off. */
static gboolean
choose_revisions (RepriseCouchGoal *self,
                  RepriseCouchClient *client,
                  const char *id,
                  GHashTable *options,
                  GCancellable *cancellable,
                  GError **error)
{
  const char *revisions = get_option (options, REPRISE_COUCH_OPTION_REVISIONS);

  if (is_without_revisions (self))
    return TRUE;
  self->keeps_tree = strcmp (revisions, REPRISE_COUCH_REVISIONS_KEEP) == 0;
  if (self->keeps_tree || strcmp (revisions, REPRISE_COUCH_REVISIONS_NEW) == 0)
    return TRUE;
  self->mark = g_strdup_printf ("%s %" PRId64, id, self->at);
  self->keeps_tree = is_empty (self->info);
  return self->keeps_tree || reprise_couch_mark_find (client, self->target, self->mark,
                                                      &self->keeps_tree, cancellable, error);
}

static gboolean
check_goals (GPtrArray *goals, GHashTable *options, GError **error)
{
  if (goals->len == 0)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                               _ ("The backup holds no database of that name or group"));
  else if (goals->len > 1 && *get_option (options, REPRISE_COUCH_OPTION_DOCUMENT) != '\0')
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                               _ ("Name the database of the document: --to databases=NAME"));
  else if (goals->len > 1 && *get_option (options, REPRISE_COUCH_OPTION_TARGET) != '\0')
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      _ ("Several databases cannot be restored into one: name the database"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
is_design (const char *id)
{
  return g_str_has_prefix (id, "_design/");
}

/* That the backup has no such document can only be wanted where what it does not have is removed. */
static gboolean
check_document (RepriseCouchGoal *self, GHashTable *options, GError **error)
{
  const char *document = get_option (options, REPRISE_COUCH_OPTION_DOCUMENT);
  g_autoptr (GPtrArray) leaves = NULL;

  if (*document == '\0' ||
      strcmp (get_option (options, REPRISE_COUCH_OPTION_OTHERS), REPRISE_COUCH_OTHERS_REMOVE) == 0)
    return TRUE;
  leaves = reprise_couch_state_read_document (self->state, document, error);
  if (leaves == NULL)
    return FALSE;
  if (leaves->len > 0)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     /* Translators: the id of a document, and a database */
                     _ ("The backup has no document “%s” in the database “%s”"), document,
                     self->database);
  return FALSE;
}

/* Of a single document, neither the others nor the security object are touched. */
static void
choose_document (RepriseCouchGoal *self, GHashTable *options)
{
  const char *document = get_option (options, REPRISE_COUCH_OPTION_DOCUMENT);

  if (*document == '\0')
    return;
  self->document = g_strdup (document);
  self->data = self->data && !is_design (document);
  self->design = self->design && is_design (document);
}

/* (transfer full) (nullable) without an error: nothing of it is wanted */
static RepriseCouchGoal *
make_goal (RepriseCouchClient *client,
           Source *source,
           const char *database,
           RepriseGroups groups,
           GHashTable *options,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (RepriseCouchGoal) goal = source->drawn != NULL
                                        ? goal_new_drawn (source->drawn, database)
                                        : goal_new (source->run, database, groups);
  const char *id = source->drawn != NULL ? source->drawn->id : source->run->id;

  if (goal == NULL ||
      !reprise_couch_goal_choose_target (goal, client, options, cancellable, error) ||
      !open_state (goal, source, options, cancellable, error) ||
      !choose_revisions (goal, client, id, options, cancellable, error))
    return NULL;
  choose_document (goal, options);
  return g_steal_pointer (&goal);
}

/**
 * reprise_couch_goals_new:
 * @drawn: (nullable): what was read of a backup on the server, in place of one in the vault
 * @groups: what is restored; %REPRISE_GROUPS_NONE for all that the backup has
 *
 * What a restore is of and where it goes to. It only reads.
 *
 * Returns: (transfer full) (element-type RepriseCouchGoal): at least one, or %NULL with @error
 */
GPtrArray *
reprise_couch_goals_new (RepriseCouchClient *client,
                         RepriseArchive *archive,
                         const RepriseCouchDrawn *drawn,
                         RepriseGroups groups,
                         GHashTable *options,
                         GCancellable *cancellable,
                         GError **error)
{
  const char *patterns = get_option (options, REPRISE_COUCH_OPTION_DATABASES);
  g_autoptr (GPtrArray) goals =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_goal_free);
  g_auto (Source) source = { .drawn = drawn };
  g_auto (GStrv) names = NULL;

  if (!open_source (&source, archive, error))
    return NULL;
  names = drawn != NULL ? reprise_couch_drawn_list (drawn)
                        : reprise_couch_run_list_databases (source.run);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GError) local = NULL;
      RepriseCouchGoal *goal;

      if (*patterns != '\0' && !reprise_couch_rules_match (patterns, names[i]))
        continue;
      goal = make_goal (client, &source, names[i], groups, options, cancellable, &local);
      if (goal != NULL)
        g_ptr_array_add (goals, goal);
      else if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  return check_goals (goals, options, error) && check_document (goals->pdata[0], options, error)
           ? g_steal_pointer (&goals)
           : NULL;
}

/* ---- what is in it ---- */

gboolean
reprise_couch_goal_wants (const RepriseCouchGoal *self, const char *id)
{
  if (self->document != NULL && strcmp (id, self->document) != 0)
    return FALSE;
  return is_design (id) ? self->design : self->data;
}

/* Few documents have attachments: their links are only looked for where the body says so. */
static gboolean
read_body (RepriseCouchItem *item,
           RepriseCouchReader *reader,
           const RepriseCouchRow *row,
           GError **error)
{
  static const char MEMBER[] = "\"_attachments\"";
  gconstpointer data;
  gsize size;

  item->body = reprise_couch_reader_read_body (reader, row, error);
  if (item->body == NULL)
    return FALSE;
  data = g_bytes_get_data (item->body, &size);
  if (memmem (data, size, MEMBER, sizeof MEMBER - 1) == NULL)
    return TRUE;
  item->links = reprise_couch_reader_list_links (reader, row->n, error);
  return item->links != NULL;
}

static RepriseCouchItem *
read_item (RepriseCouchReader *reader,
           const RepriseCouchRow *row,
           gboolean with_body,
           GError **error)
{
  RepriseCouchItem *item = g_new0 (RepriseCouchItem, 1);

  item->id = g_strdup (row->id);
  item->rev = g_strdup (row->rev);
  item->deleted = row->deleted;
  if (!with_body || read_body (item, reader, row, error))
    return item;
  reprise_couch_item_free (item);
  return NULL;
}

static gboolean
is_in (const RepriseCouchGoal *self, const RepriseCouchRow *row, RepriseCouchItems which)
{
  if (is_design (row->id) != ((which & REPRISE_COUCH_ITEMS_DESIGN) != 0))
    return FALSE;
  return self->document == NULL || strcmp (row->id, self->document) == 0;
}

/**
 * reprise_couch_goal_read_window:
 * @n: how many at most
 * @max_bytes: of bodies, about
 *
 * Returns: (transfer full) (element-type RepriseCouchItem): the next leaves, none at the end; or %NULL with @error
 */
GPtrArray *
reprise_couch_goal_read_window (RepriseCouchGoal *self,
                                guint n,
                                gsize max_bytes,
                                RepriseCouchItems which,
                                GError **error)
{
  g_autoptr (GPtrArray) items =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_item_free);
  gsize bytes = 0;

  while (items->len < n && bytes < max_bytes)
    {
      RepriseCouchReader *reader = NULL;
      RepriseCouchItem *item;
      RepriseCouchRow row;
      gboolean more = FALSE;

      if (!reprise_couch_state_next (self->state, &row, &reader, &more, error))
        return NULL;
      if (!more)
        break;
      if (!is_in (self, &row, which))
        continue;
      item = read_item (reader, &row, (which & REPRISE_COUCH_ITEMS_BODIES) != 0, error);
      if (item == NULL)
        return NULL;
      if (item->body != NULL)
        bytes += g_bytes_get_size (item->body);
      g_ptr_array_add (items, item);
    }
  return g_steal_pointer (&items);
}

/* Whether all that will be in the target is what the restore writes into it. */
gboolean
reprise_couch_goal_is_fresh (const RepriseCouchGoal *self)
{
  return self->keeps_tree && self->document == NULL &&
         (self->info == NULL || (self->info->doc_count == 0 && self->info->doc_del_count == 0));
}

static GBytes *
make_keys (GPtrArray *items)
{
  GString *json = g_string_new ("{\"keys\":[");

  for (guint i = 0; i < items->len; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      reprise_couch_append_string (json, ((RepriseCouchItem *) items->pdata[i])->id);
    }
  g_string_append (json, "]}");
  return g_string_free_to_bytes (json);
}

/* Fills in what the server has now of each item: its winner. */
gboolean
reprise_couch_goal_look_up (RepriseCouchGoal *self,
                            RepriseCouchClient *client,
                            GPtrArray *items,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (self->target, NULL, "_all_docs");
  g_autoptr (GBytes) body = make_keys (items);
  g_autoptr (GBytes) answer = NULL;
  RepriseCouchSpan span = { NULL, 0 }, row;
  RepriseCouchWalk walk;
  guint n = 0;

  if (items->len == 0)
    return TRUE;
  answer = reprise_couch_client_post (client, path, body, cancellable, error);
  if (answer == NULL)
    return FALSE;
  span.data = g_bytes_get_data (answer, &span.size);
  walk = reprise_couch_walk (reprise_couch_span_get (span, "rows"));
  for (; reprise_couch_walk_next_element (&walk, &row) && n < items->len; n++)
    {
      RepriseCouchItem *item = items->pdata[n];
      RepriseCouchSpan value = reprise_couch_span_get (row, "value");

      g_free (item->now);
      item->now = reprise_couch_span_dup_string (reprise_couch_span_get (value, "rev"));
      item->now_deleted = reprise_couch_span_is (reprise_couch_span_get (value, "deleted"), "true");
    }
  if (n == items->len)
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
    ngettext ("%s answered for %u document of %u", "%s answered for %u documents of %u", n),
    reprise_couch_client_get_name (client), n, items->len);
  return FALSE;
}

typedef struct
{
  const RepriseCouchItem *item;
  gboolean is_winner;
} Judged;

static gboolean
judge_cb (const RepriseCouchRow *row,
          RepriseCouchReader *reader,
          RepriseCouchSegment *segment,
          gpointer user_data,
          GError **error)
{
  Judged *self = user_data;

  if (row->deleted == self->item->deleted
        ? reprise_couch_compare_revs (row->rev, self->item->rev) > 0
        : self->item->deleted)
    self->is_winner = FALSE;
  return TRUE;
}

/* Whether the leaf is the one that is shown: not deleted, with the most generations, then the greatest. */
gboolean
reprise_couch_goal_is_winner (RepriseCouchGoal *self,
                              const RepriseCouchItem *item,
                              gboolean *is_winner,
                              GError **error)
{
  Judged judged = { item, TRUE };

  if (!reprise_couch_state_find (self->state, item->id, judge_cb, &judged, error))
    return FALSE;
  *is_winner = judged.is_winner;
  return TRUE;
}

static gboolean
add_item_cb (const RepriseCouchRow *row,
             RepriseCouchReader *reader,
             RepriseCouchSegment *segment,
             gpointer user_data,
             GError **error)
{
  RepriseCouchItem *item = read_item (reader, row, TRUE, error);

  if (item != NULL)
    g_ptr_array_add (user_data, item);
  return item != NULL;
}

static int
compare_items_cb (gconstpointer a, gconstpointer b)
{
  const RepriseCouchItem *x = *(const RepriseCouchItem *const *) a;
  const RepriseCouchItem *y = *(const RepriseCouchItem *const *) b;

  if (x->deleted != y->deleted)
    return x->deleted ? 1 : -1;
  return -reprise_couch_compare_revs (x->rev, y->rev);
}

/* (transfer full) (element-type RepriseCouchItem): the leaves of one document with their bodies, the one that is shown first */
GPtrArray *
reprise_couch_goal_read_document (RepriseCouchGoal *self, const char *id, GError **error)
{
  g_autoptr (GPtrArray) items =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_item_free);

  if (!reprise_couch_state_find (self->state, id, add_item_cb, items, error))
    return NULL;
  g_ptr_array_sort (items, compare_items_cb);
  return g_steal_pointer (&items);
}
