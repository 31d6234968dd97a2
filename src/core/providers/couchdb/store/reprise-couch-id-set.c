/* reprise-couch-id-set.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/couchdb/store/reprise-couch-id-set.h"

#define FIRST_SLOTS 1024 /* a power of two, as all sizes */

/* Open addressing, never more than seven eighths full; 0 is an empty slot. */
struct _RepriseCouchIdSet
{
  guint64 *slots; /* (owned) */
  gsize n_slots;
  guint n_ids;
  guint max_ids;
};

/* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), mixed at the end because the low bits choose the slot; never 0 */
guint64
reprise_couch_id_hash (const char *id)
{
  guint64 hash = G_GUINT64_CONSTANT (14695981039346656037);

  for (; *id != '\0'; id++)
    hash = (hash ^ (guchar) *id) * G_GUINT64_CONSTANT (1099511628211);
  hash ^= hash >> 32;
  hash *= G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  hash ^= hash >> 29;
  return hash == 0 ? 1 : hash;
}

/* @max_ids: it is full at so many, and takes nine to eighteen bytes for each */
RepriseCouchIdSet *
reprise_couch_id_set_new (guint max_ids)
{
  RepriseCouchIdSet *self = g_new0 (RepriseCouchIdSet, 1);

  self->n_slots = FIRST_SLOTS;
  self->slots = g_new0 (guint64, self->n_slots);
  self->max_ids = max_ids;
  return self;
}

void
reprise_couch_id_set_free (RepriseCouchIdSet *self)
{
  g_free (self->slots);
  g_free (self);
}

/* Whether it was there */
static gboolean
put (guint64 *slots, gsize n_slots, guint64 hash)
{
  gsize i = (gsize) hash & (n_slots - 1);

  for (; slots[i] != 0; i = (i + 1) & (n_slots - 1))
    if (slots[i] == hash)
      return TRUE;
  slots[i] = hash;
  return FALSE;
}

static void
grow (RepriseCouchIdSet *self)
{
  gsize n_slots = self->n_slots * 2;
  guint64 *slots = g_new0 (guint64, n_slots);

  for (gsize i = 0; i < self->n_slots; i++)
    if (self->slots[i] != 0)
      put (slots, n_slots, self->slots[i]);
  g_free (self->slots);
  self->slots = slots;
  self->n_slots = n_slots;
}

/* Returns: whether it was there already */
gboolean
reprise_couch_id_set_add (RepriseCouchIdSet *self, const char *id)
{
  if (put (self->slots, self->n_slots, reprise_couch_id_hash (id)))
    return TRUE;
  if (++self->n_ids > self->n_slots / 8 * 7)
    grow (self);
  return FALSE;
}

gboolean
reprise_couch_id_set_has (RepriseCouchIdSet *self, const char *id)
{
  guint64 hash = reprise_couch_id_hash (id);
  gsize i = (gsize) hash & (self->n_slots - 1);

  for (; self->slots[i] != 0; i = (i + 1) & (self->n_slots - 1))
    if (self->slots[i] == hash)
      return TRUE;
  return FALSE;
}

gboolean
reprise_couch_id_set_is_full (RepriseCouchIdSet *self)
{
  return self->n_ids >= self->max_ids;
}
