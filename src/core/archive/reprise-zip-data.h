/* reprise-zip-data.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "archive/reprise-zip-directory.h"

G_BEGIN_DECLS

/**
 * RepriseZipData:
 *
 * The bytes of one entry of a zip file after the other, inflated by zlib straight into the reader's buffer. Through libarchive the
 * same takes half as long again, because it copies, and it does not say what it did not check. One thread at a time; several of
 * them may read one file.
 */
typedef struct _RepriseZipData RepriseZipData;

RepriseZipData *reprise_zip_data_new (int fd);
void reprise_zip_data_free (RepriseZipData *self);

gboolean reprise_zip_data_start (RepriseZipData *self,
                                 const RepriseZipEntry *entry,
                                 GError **error);
gssize reprise_zip_data_read (RepriseZipData *self, guint8 *buffer, gsize size, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseZipData, reprise_zip_data_free)

G_END_DECLS
