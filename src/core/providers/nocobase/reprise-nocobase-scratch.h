/* reprise-nocobase-scratch.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseNocobaseScratch:
 *
 * A file that has no name and is gone with the process: what is decrypted, or only downloaded to be looked at.
 * @path leads to it for as long as it is open, in this process only.
 */
typedef struct
{
  int fd;
  char *path;
} RepriseNocobaseScratch;

RepriseNocobaseScratch *reprise_nocobase_scratch_new (gint64 size_bytes, GError **error);
void reprise_nocobase_scratch_free (RepriseNocobaseScratch *self);
gboolean reprise_nocobase_scratch_write (RepriseNocobaseScratch *self,
                                         gconstpointer data,
                                         gsize size,
                                         GError **error);
gboolean reprise_nocobase_scratch_clear (RepriseNocobaseScratch *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseNocobaseScratch, reprise_nocobase_scratch_free)

G_END_DECLS
