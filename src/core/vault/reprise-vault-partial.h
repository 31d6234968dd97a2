/* reprise-vault-partial.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ReprisePartialFile:
 *
 * A file of a partial backup that is closed and on the disk.
 */
typedef struct
{
  char *name;
  gint64 size_bytes;
  char *sha256;
} ReprisePartialFile;

/**
 * ReprisePartial:
 *
 * The journal of a partial backup, `.partial-<ulid>.journal` beside its folder, and the lock on it that says that somebody works
 * on it. Beside and not inside, so that the folder can be renamed as it is. For workers.
 */
typedef struct _ReprisePartial ReprisePartial;

ReprisePartial *reprise_partial_new (const char *service_folder,
                                     const char *id,
                                     const char *origin,
                                     const char *parent,
                                     GError **error);
ReprisePartial *reprise_partial_open (const char *service_folder, const char *id, GError **error);
void reprise_partial_free (ReprisePartial *self);
void reprise_partial_remove (ReprisePartial *self);

const char *reprise_partial_get_origin (ReprisePartial *self);
const char *reprise_partial_get_parent (ReprisePartial *self);
gboolean reprise_partial_get_resumable (ReprisePartial *self);
GPtrArray *reprise_partial_get_files (ReprisePartial *self);
gboolean reprise_partial_may_be_foreign (ReprisePartial *self);

gboolean reprise_partial_add_file (ReprisePartial *self,
                                   const char *name,
                                   gint64 size_bytes,
                                   const char *sha256,
                                   GError **error);
gboolean reprise_partial_remove_file (ReprisePartial *self, const char *name, GError **error);
gboolean reprise_partial_set_resumable (ReprisePartial *self, gboolean resumable, GError **error);

char *reprise_partial_find_unknown (const char *folder, GHashTable *known);
gboolean reprise_partial_remove_unknown (const char *folder, GHashTable *known, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReprisePartial, reprise_partial_free)

G_END_DECLS
