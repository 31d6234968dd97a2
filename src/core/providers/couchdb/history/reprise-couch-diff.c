/* reprise-couch-diff.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/couchdb/history/reprise-couch-history.h"

#define MAX_DEPTH 32 /* what lies deeper is compared as a whole */

static void
add (GPtrArray *differences, const char *path, RepriseCouchSpan before, RepriseCouchSpan after)
{
  RepriseDifference *difference = g_new0 (RepriseDifference, 1);

  difference->path = g_strdup (path);
  difference->before = reprise_couch_span_dup_text (before);
  difference->after = reprise_couch_span_dup_text (after);
  g_ptr_array_add (differences, difference);
}

static gboolean
are_same (RepriseCouchSpan a, RepriseCouchSpan b)
{
  return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

static gboolean
is_kind (RepriseCouchSpan value, char first)
{
  return value.size > 0 && *value.data == first;
}

/* What is no content: the place in the history, and of attachments when they came. */
static gboolean
is_left_out (RepriseCouchSpan key)
{
  return reprise_couch_span_is (key, "\"_rev\"") || reprise_couch_span_is (key, "\"_revisions\"") ||
         reprise_couch_span_is (key, "\"_id\"") || reprise_couch_span_is (key, "\"revpos\"") ||
         reprise_couch_span_is (key, "\"stub\"");
}

/* The member that is written the same way. */
static RepriseCouchSpan
find (RepriseCouchSpan object, RepriseCouchSpan wanted)
{
  RepriseCouchWalk walk = reprise_couch_walk (object);
  RepriseCouchSpan key, value;

  while (reprise_couch_walk_next_member (&walk, &key, &value))
    if (are_same (key, wanted))
      return value;
  return (RepriseCouchSpan){ NULL, 0 };
}

static char *
join (const char *path, RepriseCouchSpan key)
{
  g_autofree char *name = reprise_couch_span_dup_string (key);

  if (name == NULL)
    name = reprise_couch_span_dup_text (key);
  return *path == '\0' ? g_steal_pointer (&name) : g_strconcat (path, ".", name, NULL);
}

static void diff_values (const char *path,
                         RepriseCouchSpan before,
                         RepriseCouchSpan after,
                         guint depth,
                         GPtrArray *differences);

static void
diff_objects (const char *path,
              RepriseCouchSpan before,
              RepriseCouchSpan after,
              guint depth,
              GPtrArray *differences)
{
  RepriseCouchWalk old = reprise_couch_walk (before), new = reprise_couch_walk (after);
  RepriseCouchSpan key, value;

  while (reprise_couch_walk_next_member (&old, &key, &value))
    {
      g_autofree char *below = join (path, key);

      if (!is_left_out (key))
        diff_values (below, value, find (after, key), depth + 1, differences);
    }
  while (reprise_couch_walk_next_member (&new, &key, &value))
    {
      g_autofree char *below = join (path, key);

      if (!is_left_out (key) && find (before, key).data == NULL)
        add (differences, below, (RepriseCouchSpan){ NULL, 0 }, value);
    }
}

static void
diff_arrays (const char *path,
             RepriseCouchSpan before,
             RepriseCouchSpan after,
             guint depth,
             GPtrArray *differences)
{
  RepriseCouchWalk old = reprise_couch_walk (before), new = reprise_couch_walk (after);

  for (guint i = 0;; i++)
    {
      g_autofree char *below = g_strdup_printf ("%s[%u]", path, i);
      RepriseCouchSpan a = { NULL, 0 }, b = { NULL, 0 };

      if (!reprise_couch_walk_next_element (&old, &a))
        a = (RepriseCouchSpan){ NULL, 0 };
      if (!reprise_couch_walk_next_element (&new, &b))
        b = (RepriseCouchSpan){ NULL, 0 };
      if (a.data == NULL && b.data == NULL)
        return;
      diff_values (below, a, b, depth + 1, differences);
    }
}

static void
diff_values (const char *path,
             RepriseCouchSpan before,
             RepriseCouchSpan after,
             guint depth,
             GPtrArray *differences)
{
  if (are_same (before, after))
    return;
  if (depth < MAX_DEPTH && is_kind (before, '{') && is_kind (after, '{'))
    diff_objects (path, before, after, depth, differences);
  else if (depth < MAX_DEPTH && is_kind (before, '[') && is_kind (after, '['))
    diff_arrays (path, before, after, depth, differences);
  else
    add (differences, path, before, after);
}

/* What differs between two documents, key by key: of values what they are written as. The order of members does not matter. */
void
reprise_couch_diff (RepriseCouchSpan before, RepriseCouchSpan after, GPtrArray *differences)
{
  diff_objects ("", before, after, 0, differences);
}
