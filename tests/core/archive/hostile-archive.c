/* hostile-archive.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include <zlib.h>
#include <zstd.h>

#include "archive/hostile-archive.h"

/* “%256” stands for 256 bytes, “%64” and other small ones for that many folders, “%4100” for 4100 bytes in parts of 20. */
static char *
expand_name (const HostileItem *item, gsize *length)
{
  guint64 n;
  char *end = NULL;
  GString *name;

  *length = item->name_length > 0 ? item->name_length : strlen (item->name);
  if (item->name[0] != '%' || !g_ascii_isdigit (item->name[1]) || item->name[2] == 'e')
    return g_memdup2 (item->name, *length + 1);
  n = g_ascii_strtoull (item->name + 1, &end, 10);
  name = g_string_new (NULL);
  if (n == 255 || n == 256 || n == 5000)
    for (guint64 i = 0; i < n; i++)
      g_string_append_c (name, 'n');
  else if (n == 4100)
    while (name->len < n)
      g_string_append (name, name->len == 0 ? "nnnnnnnnnnnnnnnnnnn" : "/nnnnnnnnnnnnnnnnnnn");
  else
    for (guint64 i = 0; i < n; i++)
      g_string_append (name, i == 0 ? "d" : "/d");
  g_string_append (name, end);
  *length = name->len;
  return g_string_free (name, FALSE);
}

static const guint8 *
item_data (const HostileItem *item, gboolean with_target, gsize *size)
{
  static guint8 *zeros;

  if (item->zeros > 0)
    {
      if (zeros == NULL)
        zeros = g_malloc0 (70 * 1024 * 1024);
      *size = item->zeros;
      return zeros;
    }
  if (with_target && item->target != NULL)
    {
      *size = strlen (item->target);
      return (const guint8 *) item->target;
    }
  *size = item->data != NULL ? strlen (item->data) : 0;
  return (const guint8 *) item->data;
}

void
hostile_append (GByteArray *bytes, gconstpointer data, gsize size)
{
  g_byte_array_append (bytes, data, (guint) size);
}

void
hostile_append_zeros (GByteArray *bytes, gsize size)
{
  guint from = bytes->len;

  g_byte_array_set_size (bytes, from + (guint) size);
  memset (bytes->data + from, 0, size);
}

/* tar: POSIX.1-2017, pax, ustar interchange format */

void
hostile_set_checksum (guint8 *header)
{
  guint sum = 0;

  memset (header + 148, ' ', 8);
  for (int i = 0; i < 512; i++)
    sum += header[i];
  g_snprintf ((char *) header + 148, 8, "%06o", sum);
}

guint
hostile_append_tar_header (GByteArray *bytes,
                           const char *name,
                           gsize length,
                           char type,
                           const char *target,
                           gsize size,
                           guint mode)
{
  guint from = bytes->len;
  guint8 *header;

  hostile_append_zeros (bytes, 512);
  header = bytes->data + from;
  memcpy (header, name, MIN (length, 100));
  g_snprintf ((char *) header + 100, 8, "%07o", mode);
  g_snprintf ((char *) header + 108, 8, "%07o", 0);
  g_snprintf ((char *) header + 116, 8, "%07o", 0);
  g_snprintf ((char *) header + 124, 12, "%011o", (guint) size);
  g_snprintf ((char *) header + 136, 12, "%011o", 1700000000);
  header[156] = (guint8) type;
  if (target != NULL)
    memcpy (header + 157, target, MIN (strlen (target), 100));
  memcpy (header + 257, "ustar\00000", 8);
  hostile_set_checksum (header);
  return from;
}

void
hostile_append_tar_data (GByteArray *bytes, gconstpointer data, gsize size)
{
  hostile_append (bytes, data, size);
  hostile_append_zeros (bytes, (512 - size % 512) % 512);
}

void
hostile_append_pax (GByteArray *bytes, char type, const char *key, const char *value, gsize length)
{
  gsize size = strlen (key) + length + 3;
  g_autofree char *digits = NULL;

  size += size > 9990 ? 5 : size > 991 ? 4 : size > 96 ? 3 : size > 8 ? 2 : 1;
  digits = g_strdup_printf ("%" G_GSIZE_FORMAT " %s=", size, key);
  hostile_append_tar_header (bytes, "pax", 3, type, NULL, size, 0644);
  hostile_append (bytes, digits, strlen (digits));
  hostile_append (bytes, value, length);
  hostile_append (bytes, "\n", 1);
  hostile_append_zeros (bytes, (512 - size % 512) % 512);
}

void
hostile_append_tar_item (GByteArray *bytes, const HostileItem *item)
{
  gsize length, size;
  g_autofree char *name = expand_name (item, &length);
  const guint8 *data = item_data (item, FALSE, &size);

  if (length > 100 || memchr (name, '\0', length) != NULL)
    hostile_append_pax (bytes, 'x', "path", name, length);
  hostile_append_tar_header (bytes, name, length, item->type != 0 ? item->type : '0', item->target,
                             size, item->mode != 0 ? item->mode : 0644);
  hostile_append_tar_data (bytes, data, size);
}

GByteArray *
hostile_make_tar (const HostileItem *items)
{
  GByteArray *bytes = g_byte_array_new ();

  for (int i = 0; i < MAX_ITEMS && items[i].name != NULL; i++)
    hostile_append_tar_item (bytes, &items[i]);
  hostile_append_zeros (bytes, 1024);
  return bytes;
}

/* zip: PKWARE's APPNOTE.TXT, all stored */

void
hostile_append_number (GByteArray *bytes, guint64 number, int width)
{
  guint64 le = GUINT64_TO_LE (number);

  hostile_append (bytes, &le, (gsize) width);
}

static guint32
zip_mode (const HostileItem *item)
{
  guint32 mode = item->mode != 0 ? item->mode : 0644;

  switch (item->type)
    {
    case '1':
    case '2':
      return S_IFLNK | mode;
    case '3':
      return S_IFCHR | mode;
    case '4':
      return S_IFBLK | mode;
    case '5':
      return S_IFDIR | mode;
    case '6':
      return S_IFIFO | mode;
    case 'S':
      return S_IFSOCK | mode;
    default:
      return S_IFREG | mode;
    }
}

/* The fields that the header of an entry and its record in the directory share. */
void
hostile_append_zip_fields (GByteArray *bytes,
                           guint16 method,
                           guint32 crc,
                           guint64 packed,
                           guint64 size,
                           gsize length,
                           gboolean wide,
                           gboolean record)
{
  hostile_append_number (bytes, wide ? 45 : 20, 2);
  hostile_append_number (bytes, 0x800, 2);
  hostile_append_number (bytes, method, 2);
  hostile_append_number (bytes, 0x5c2153c0, 4);
  hostile_append_number (bytes, crc, 4);
  hostile_append_number (bytes, wide ? G_MAXUINT32 : packed, 4);
  hostile_append_number (bytes, wide ? G_MAXUINT32 : size, 4);
  hostile_append_number (bytes, length, 2);
  hostile_append_number (bytes, !wide ? 0 : record ? 28 : 20, 2);
}

static void
append_zip64_extra (GByteArray *bytes, guint64 packed, guint64 size, gint64 offset)
{
  hostile_append_number (bytes, 1, 2);
  hostile_append_number (bytes, offset >= 0 ? 24 : 16, 2);
  hostile_append_number (bytes, size, 8);
  hostile_append_number (bytes, packed, 8);
  if (offset >= 0)
    hostile_append_number (bytes, (guint64) offset, 8);
}

/* Raw deflate. */
GByteArray *
hostile_deflate_bytes (const guint8 *data, gsize size, int bits)
{
  GByteArray *packed = g_byte_array_new ();
  z_stream stream = { 0 };

  deflateInit2 (&stream, 9, Z_DEFLATED, bits, 9, Z_DEFAULT_STRATEGY);
  g_byte_array_set_size (packed, (guint) deflateBound (&stream, size) + 32);
  stream.next_in = (guint8 *) data;
  stream.avail_in = (guint) size;
  stream.next_out = packed->data;
  stream.avail_out = packed->len;
  g_assert_cmpint (deflate (&stream, Z_FINISH), ==, Z_STREAM_END);
  g_byte_array_set_size (packed, (guint) stream.total_out);
  deflateEnd (&stream);
  return packed;
}

GByteArray *
hostile_make_zip (const HostileItem *items, gboolean wide, gboolean deflated, HostilePlaces *places)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GByteArray) directory = g_byte_array_new ();
  guint n = 0;

  for (; n < MAX_ITEMS && items[n].name != NULL; n++)
    {
      gsize length, size;
      g_autofree char *name = expand_name (&items[n], &length);
      const guint8 *data = item_data (&items[n], TRUE, &size);
      gboolean pack = deflated || items[n].zeros > 0;
      g_autoptr (GByteArray) packed =
        pack ? hostile_deflate_bytes (data, size, -15) : g_byte_array_new ();
      guint32 crc = (guint32) crc32 (crc32 (0, NULL, 0), data, (guint) size);
      guint64 offset = bytes->len;

      if (!pack)
        hostile_append (packed, data, size);
      places->local[n] = bytes->len;
      hostile_append_number (bytes, 0x04034b50, 4);
      hostile_append_zip_fields (bytes, pack ? 8 : 0, crc, packed->len, size, length, wide, FALSE);
      hostile_append (bytes, name, length);
      if (wide)
        append_zip64_extra (bytes, packed->len, size, -1);
      places->data[n] = bytes->len;
      hostile_append (bytes, packed->data, packed->len);

      places->record[n] = directory->len;
      hostile_append_number (directory, 0x02014b50, 4);
      hostile_append_number (directory, 3 << 8 | 45, 2);
      hostile_append_zip_fields (directory, pack ? 8 : 0, crc, packed->len, size, length, wide,
                                 TRUE);
      hostile_append_number (directory, 0, 6);
      hostile_append_number (directory, (guint64) zip_mode (&items[n]) << 16, 4);
      hostile_append_number (directory, wide ? G_MAXUINT32 : offset, 4);
      hostile_append (directory, name, length);
      if (wide)
        append_zip64_extra (directory, packed->len, size, (gint64) offset);
    }
  places->directory = bytes->len;
  hostile_append (bytes, directory->data, directory->len);
  for (guint i = 0; i < n; i++)
    places->record[i] += places->directory;
  places->end64 = bytes->len;
  if (wide)
    {
      hostile_append_number (bytes, 0x06064b50, 4);
      hostile_append_number (bytes, 44, 8);
      hostile_append_number (bytes, 45 | 45 << 16, 4);
      hostile_append_number (bytes, 0, 8);
      hostile_append_number (bytes, n, 8);
      hostile_append_number (bytes, n, 8);
      hostile_append_number (bytes, directory->len, 8);
      hostile_append_number (bytes, places->directory, 8);
      places->locator = bytes->len;
      hostile_append_number (bytes, 0x07064b50, 4);
      hostile_append_number (bytes, 0, 4);
      hostile_append_number (bytes, places->end64, 8);
      hostile_append_number (bytes, 1, 4);
    }
  places->end = bytes->len;
  hostile_append_number (bytes, 0x06054b50, 4);
  hostile_append_number (bytes, 0, 4);
  hostile_append_number (bytes, wide ? G_MAXUINT16 : n, 2);
  hostile_append_number (bytes, wide ? G_MAXUINT16 : n, 2);
  hostile_append_number (bytes, wide ? G_MAXUINT32 : directory->len, 4);
  hostile_append_number (bytes, wide ? G_MAXUINT32 : places->directory, 4);
  hostile_append_number (bytes, 0, 2);
  return bytes;
}

static GByteArray *
pack_zstd (const GByteArray *plain)
{
  GByteArray *packed = g_byte_array_new ();
  ZSTD_CCtx *context = ZSTD_createCCtx ();
  size_t size;

  g_byte_array_set_size (packed, (guint) ZSTD_compressBound (plain->len));
  ZSTD_CCtx_setParameter (context, ZSTD_c_checksumFlag, 1);
  size = ZSTD_compress2 (context, packed->data, packed->len, plain->data, plain->len);
  g_assert_false (ZSTD_isError (size));
  g_byte_array_set_size (packed, (guint) size);
  ZSTD_freeCCtx (context);
  return packed;
}

/* (transfer full): @plain itself, or packed */
GByteArray *
hostile_pack (GByteArray *plain, HostilePacking packing)
{
  if (packing == GZIP)
    return hostile_deflate_bytes (plain->data, plain->len, 15 + 16);
  return packing == ZSTD ? pack_zstd (plain) : g_byte_array_ref (plain);
}

GByteArray *
hostile_make (const HostileItem *items, HostileFormat format)
{
  HostilePlaces places = { 0 };

  return format == TAR ? hostile_make_tar (items)
                       : hostile_make_zip (items, format == ZIP64, FALSE, &places);
}
