/* reprise-couch-json.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseCouchSpan:
 *
 * A JSON value where it lies in a text that was checked before, as #RepriseJsonCutter does. Nothing of it is copied or changed.
 */
typedef struct
{
  const char *data; /* (nullable): %NULL where there is none */
  gsize size;
} RepriseCouchSpan;

/**
 * RepriseCouchWalk:
 *
 * Goes through the members of an object, or the elements of an array. Of another value it finds nothing.
 */
typedef struct
{
  const char *at;
  const char *end;
} RepriseCouchWalk;

RepriseCouchWalk reprise_couch_walk (RepriseCouchSpan value);
gboolean reprise_couch_walk_next_member (RepriseCouchWalk *self,
                                         RepriseCouchSpan *key,
                                         RepriseCouchSpan *value);
gboolean reprise_couch_walk_next_element (RepriseCouchWalk *self, RepriseCouchSpan *value);

gboolean reprise_couch_span_is (RepriseCouchSpan self, const char *text);
RepriseCouchSpan reprise_couch_span_get (RepriseCouchSpan self, const char *name);
guint reprise_couch_span_count (RepriseCouchSpan self);
char *reprise_couch_span_dup_string (RepriseCouchSpan self);
char *reprise_couch_span_dup_text (RepriseCouchSpan self);
gint64 reprise_couch_span_get_int (RepriseCouchSpan self, gint64 fallback);

void reprise_couch_append_string (GString *json, const char *text);

/**
 * RepriseCouchHead:
 * @id: (nullable): %NULL where it is missing or cannot be held as text
 * @rev: (nullable): likewise
 * @deleted: whether it is a tombstone
 * @revisions: the ancestors: {"start":…,"ids":[…]}
 * @attachments: the stubs, by name
 *
 * What must be known of a document to file it.
 */
typedef struct
{
  char *id;
  char *rev;
  gboolean deleted;
  RepriseCouchSpan revisions;
  RepriseCouchSpan attachments;
} RepriseCouchHead;

void reprise_couch_head_read (RepriseCouchHead *self, RepriseCouchSpan document);
void reprise_couch_head_clear (RepriseCouchHead *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseCouchHead, reprise_couch_head_clear)

G_END_DECLS
