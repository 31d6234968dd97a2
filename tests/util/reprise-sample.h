/* reprise-sample.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseSample:
 * @size_bytes: about how large the application becomes; 0 for the smallest, a few hundred KiB
 * @seed: the same seed and size give the same rows
 * @n_uploads: files of the folder `uploads`; 0 for 12
 *
 * “Field Notes”, an application as people have one: two databases, tables of all seven groups, a search index, a map index, views,
 * triggers, foreign keys, tables without rowids, computed columns, and a folder of files.
 */
typedef struct
{
  guint64 size_bytes;
  guint32 seed;
  guint n_uploads;
} RepriseSample;

gboolean reprise_sample_make (const char *folder, const RepriseSample *sample, GError **error);
const char *const *reprise_sample_get_rules (void);

G_END_DECLS
