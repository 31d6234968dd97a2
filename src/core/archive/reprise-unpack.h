/* reprise-unpack.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseUnpack:
 *
 * A file from beginning to end, unpacked where it is gzip (RFC 1952) or zstd (RFC 8878), with their checksums and ends proven:
 * libarchive passes over a wrong one. For workers; blocks.
 */
typedef struct _RepriseUnpack RepriseUnpack;

RepriseUnpack *reprise_unpack_new (int fd, guint max_ratio, GError **error);
void reprise_unpack_free (RepriseUnpack *self);

gssize reprise_unpack_read (RepriseUnpack *self, const guint8 **data, GError **error);
guint64 reprise_unpack_skip (RepriseUnpack *self, guint64 bytes);
guint64 reprise_unpack_get_packed_bytes (const RepriseUnpack *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseUnpack, reprise_unpack_free)

G_END_DECLS
