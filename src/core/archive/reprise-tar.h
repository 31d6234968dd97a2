/* reprise-tar.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "archive/reprise-archive-reader.h"

G_BEGIN_DECLS

/**
 * RepriseTar:
 *
 * The entries of a tar file by libarchive, which gets its bytes from a #RepriseUnpack, and whose every answer is looked at. For
 * workers; blocks.
 */
typedef struct _RepriseTar RepriseTar;

RepriseTar *reprise_tar_new (int fd, const RepriseArchiveLimits *limits, GError **error);
void reprise_tar_free (RepriseTar *self);

gboolean reprise_tar_next (RepriseTar *self,
                           RepriseArchiveEntry *entry,
                           gboolean *at_end,
                           GError **error);
gssize reprise_tar_read (RepriseTar *self, guint8 *buffer, gsize size, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseTar, reprise_tar_free)

G_END_DECLS
