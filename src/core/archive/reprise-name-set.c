/* reprise-name-set.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <openssl/sha.h>

#include "archive/reprise-name-set.h"

#define FIRST_SLOTS 64

typedef struct
{
  guint8 bytes[16];
} Digest;

/* A table with open addressing: slot i holds a name where places[i] is not 0. */
struct _RepriseNameSet
{
  Digest *digests; /* (owned) */
  guint32 *places; /* (owned): the name's entry, plus 1 */
  gsize n_slots;   /* a power of two */
  gsize n_names;
};

static void
allocate (RepriseNameSet *self, gsize n_slots)
{
  self->digests = g_new (Digest, n_slots);
  self->places = g_new0 (guint32, n_slots);
  self->n_slots = n_slots;
}

RepriseNameSet *
reprise_name_set_new (void)
{
  RepriseNameSet *self = g_new0 (RepriseNameSet, 1);

  allocate (self, FIRST_SLOTS);
  return self;
}

void
reprise_name_set_free (RepriseNameSet *self)
{
  g_free (self->digests);
  g_free (self->places);
  g_free (self);
}

static Digest
digest_of (const char *name, gsize length)
{
  guint8 full[SHA256_DIGEST_LENGTH];
  Digest digest;

  SHA256 ((const guint8 *) name, length, full);
  memcpy (digest.bytes, full, sizeof digest.bytes);
  return digest;
}

/* The slot that holds @digest, or the free one where it belongs. */
static gsize
slot_of (const RepriseNameSet *self, const Digest *digest)
{
  gsize slot;

  memcpy (&slot, digest->bytes, sizeof slot);
  for (slot &= self->n_slots - 1; self->places[slot] != 0; slot = (slot + 1) & (self->n_slots - 1))
    if (memcmp (&self->digests[slot], digest, sizeof *digest) == 0)
      break;
  return slot;
}

static void
grow (RepriseNameSet *self)
{
  g_autofree Digest *digests = self->digests;
  g_autofree guint32 *places = self->places;
  gsize n_slots = self->n_slots;

  allocate (self, n_slots * 2);
  for (gsize i = 0; i < n_slots; i++)
    if (places[i] != 0)
      {
        gsize slot = slot_of (self, &digests[i]);

        self->digests[slot] = digests[i];
        self->places[slot] = places[i];
      }
}

/* Whether the name is new; @index is below 2^32 - 1. */
gboolean
reprise_name_set_add (RepriseNameSet *self, const char *name, gsize length, guint index)
{
  Digest digest = digest_of (name, length);
  gsize slot = slot_of (self, &digest);

  if (self->places[slot] != 0)
    return FALSE;
  self->digests[slot] = digest;
  self->places[slot] = index + 1;
  if (++self->n_names > self->n_slots / 4 * 3)
    grow (self);
  return TRUE;
}

/* The entry of that name, or -1. */
gint64
reprise_name_set_find (const RepriseNameSet *self, const char *name, gsize length)
{
  Digest digest = digest_of (name, length);

  return (gint64) self->places[slot_of (self, &digest)] - 1;
}
