/* reprise-s3-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/milvus/storage/s3/reprise-s3.h"

G_BEGIN_DECLS

/* Between the files of this folder, and for its tests. */

RepriseHttpRequest *reprise_s3_request (RepriseS3 *self,
                                        const char *method,
                                        const char *key,
                                        RepriseHttpEffect effect);
void reprise_s3_set_body (RepriseHttpRequest *request, const char *content_type, GBytes *bytes);
void reprise_s3_set_part_bytes (RepriseS3 *self, gsize bytes);
gsize reprise_s3_get_part_bytes (RepriseS3 *self, guint64 size_bytes);

/**
 * RepriseS3Page:
 * @marker: (nullable): where the list goes on
 */
typedef struct
{
  RepriseS3Each each;
  gpointer user_data;
  char *marker;
} RepriseS3Page;

gboolean reprise_s3_read_page (RepriseS3Page *page, const char *xml, gsize size, GError **error);
gboolean reprise_s3_read_deleted (const char *xml, gsize size, GError **error);

G_END_DECLS
