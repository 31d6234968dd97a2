/* hostile-archive.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MAX_ITEMS 4

typedef enum
{
  TAR,
  ZIP,
  ZIP64,
  N_FORMATS,
} HostileFormat;

typedef enum
{
  PLAIN,
  GZIP,
  ZSTD,
  N_PACKINGS,
} HostilePacking;

/* One entry. A name or target may hold a NUL, so its length can be given. */
typedef struct
{
  const char *name;
  gsize name_length; /* 0: of the string */
  char type;         /* as tar has them; 0 for a file; S for a socket */
  const char *target;
  const char *data;
  gsize zeros; /* instead of data */
  guint mode;  /* permissions; 0 for 0644 */
} HostileItem;

/* Where the parts of a zip file lie. */
typedef struct
{
  guint local[MAX_ITEMS], data[MAX_ITEMS], record[MAX_ITEMS];
  guint directory, end64, locator, end;
} HostilePlaces;

static const HostileItem GOOD[MAX_ITEMS] = { { "first", .data = "the first entry" },
                                             { "second", .data = "the second entry" } };

void hostile_append (GByteArray *bytes, gconstpointer data, gsize size);
void hostile_append_zeros (GByteArray *bytes, gsize size);
void hostile_set_checksum (guint8 *header);
guint hostile_append_tar_header (GByteArray *bytes,
                                 const char *name,
                                 gsize length,
                                 char type,
                                 const char *target,
                                 gsize size,
                                 guint mode);
void hostile_append_tar_data (GByteArray *bytes, gconstpointer data, gsize size);
void hostile_append_pax (GByteArray *bytes,
                         char type,
                         const char *key,
                         const char *value,
                         gsize length);
void hostile_append_tar_item (GByteArray *bytes, const HostileItem *item);
GByteArray *hostile_make_tar (const HostileItem *items);
void hostile_append_number (GByteArray *bytes, guint64 number, int width);
void hostile_append_zip_fields (GByteArray *bytes,
                                guint16 method,
                                guint32 crc,
                                guint64 packed,
                                guint64 size,
                                gsize length,
                                gboolean wide,
                                gboolean record);
GByteArray *hostile_deflate_bytes (const guint8 *data, gsize size, int bits);
GByteArray *hostile_make_zip (const HostileItem *items,
                              gboolean wide,
                              gboolean deflated,
                              HostilePlaces *places);
GByteArray *hostile_pack (GByteArray *plain, HostilePacking packing);
GByteArray *hostile_make (const HostileItem *items, HostileFormat format);

G_END_DECLS
