/* milvus-layout.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Backups as real servers laid them down: the metadata itself, and for each log as many bytes as there were. */

#define MILVUS_LAYOUT_A "layout-v0.4.30" /* of the backup “small_A” */
#define MILVUS_LAYOUT_B "layout-v0.5.16" /* of the backup “small_B” */

/* @name: in the backup */
typedef void (*MilvusLayoutEach) (const char *name,
                                  gconstpointer data,
                                  gsize size,
                                  gpointer user_data);

void milvus_layout_each (const char *layout, MilvusLayoutEach each, gpointer user_data);
guint milvus_layout_write (const char *layout, const char *folder);
char *milvus_layout_read (const char *layout, const char *file, gsize *size);

G_END_DECLS
