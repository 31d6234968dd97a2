/* test-archive-hostile-zip.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What only zip can do to harm: parts that contradict each other. The reader must say so.
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <zlib.h>

#include "archive/hostile-archive.h"
#include "archive/hostile-ground.h"
#include "archive/reprise-archive-reader.h"
#include "base/reprise-error.h"
#include "reprise-test.h"

/* What is done to a good zip file: @value is put, or added where it is negative, at @offset from a place. */
typedef enum
{
  LOCAL,
  DATA,
  RECORD,
  END64,
  LOCATOR,
  END,
} Place;

typedef struct
{
  const char *label;
  int expected;
  Place place;
  int which; /* of the entries */
  int offset;
  int width;
  gint64 value;
  guint formats; /* bits of Format; 0 for zip and zip64 */
} Poke;

#define ONLY_ZIP   (1 << ZIP)
#define ONLY_ZIP64 (1 << ZIP64)

static const Poke POKES[] = {
  { "local header without its number", REPRISE_ERROR_DAMAGED, LOCAL, 1, 0, 4, 0 },
  { "first bytes of nothing", REPRISE_ERROR_DAMAGED, LOCAL, 0, 0, 4, 0 },
  { "local header: encrypted", REPRISE_ERROR_DAMAGED, LOCAL, 0, 6, 2, 1 },
  { "local header: another method", REPRISE_ERROR_DAMAGED, LOCAL, 0, 8, 2, 8 },
  { "local header: another checksum", REPRISE_ERROR_DAMAGED, LOCAL, 0, 14, 4, 1 },
  { "local header: no checksum", REPRISE_ERROR_DAMAGED, LOCAL, 0, 14, 4, 0 },
  { "local header: packed to less", REPRISE_ERROR_DAMAGED, LOCAL, 0, 18, 4, 1 },
  { "local header: packed to nothing", REPRISE_ERROR_DAMAGED, LOCAL, 0, 18, 4, 0 },
  { "local header: less", REPRISE_ERROR_DAMAGED, LOCAL, 0, 22, 4, 1 },
  { "local header: more", REPRISE_ERROR_DAMAGED, LOCAL, 0, 22, 4, 1000000 },
  { "local header: shorter name", REPRISE_ERROR_DAMAGED, LOCAL, 0, 26, 2, 1 },
  { "local header: longer name", REPRISE_ERROR_DAMAGED, LOCAL, 0, 26, 2, 60000 },
  { "local header: longer extra", REPRISE_ERROR_DAMAGED, LOCAL, 0, 28, 2, 60000 },
  { "local header: another name", REPRISE_ERROR_DAMAGED, LOCAL, 0, 30, 1, 'b' },
  { "local header: a name that leads up", REPRISE_ERROR_DAMAGED, LOCAL, 1, 30, 2, '.' | '.' << 8 },
  { "local header: with a descriptor", REPRISE_ERROR_DAMAGED, LOCAL, 0, 6, 2, 0x808 },
  { "data: another byte", REPRISE_ERROR_DAMAGED, DATA, 0, 0, 1, 0 },
  { "data: another byte, second entry", REPRISE_ERROR_DAMAGED, DATA, 1, 3, 1, 0 },
  { "directory: record without its number", REPRISE_ERROR_DAMAGED, RECORD, 0, 0, 4, 0 },
  { "directory: second record without its number", REPRISE_ERROR_DAMAGED, RECORD, 1, 0, 4, 0 },
  { "directory: encrypted", REPRISE_ERROR_NOT_SUPPORTED, RECORD, 0, 8, 2, 1 },
  { "directory: strongly encrypted", REPRISE_ERROR_NOT_SUPPORTED, RECORD, 0, 8, 2, 0x40 },
  { "directory: masked", REPRISE_ERROR_NOT_SUPPORTED, RECORD, 0, 8, 2, 0x2000 },
  { "directory: patched", REPRISE_ERROR_NOT_SUPPORTED, RECORD, 0, 8, 2, 0x20 },
  { "directory: with a descriptor", REPRISE_ERROR_DAMAGED, RECORD, 0, 8, 2, 0x808 },
  { "directory: method 99", REPRISE_ERROR_NOT_SUPPORTED, RECORD, 0, 10, 2, 99 },
  { "directory: method 12", REPRISE_ERROR_NOT_SUPPORTED, RECORD, 0, 10, 2, 12 },
  { "directory: deflated, and it is not", REPRISE_ERROR_DAMAGED, RECORD, 0, 10, 2, 8 },
  { "directory: another checksum", REPRISE_ERROR_DAMAGED, RECORD, 0, 16, 4, 1 },
  { "directory: packed to less", REPRISE_ERROR_DAMAGED, RECORD, 0, 20, 4, 1, ONLY_ZIP },
  { "directory: packed to more", REPRISE_ERROR_DAMAGED, RECORD, 0, 20, 4, 1000, ONLY_ZIP },
  { "directory: smaller", REPRISE_ERROR_DAMAGED, RECORD, 0, 24, 4, 1, ONLY_ZIP },
  { "directory: larger", REPRISE_ERROR_DAMAGED, RECORD, 0, 24, 4, 1000, ONLY_ZIP },
  { "directory: 4 GiB", REPRISE_ERROR_DAMAGED, RECORD, 0, 24, 4, 0xfffffffe, ONLY_ZIP },
  { "directory: in 64 bits that are not there", REPRISE_ERROR_DAMAGED, RECORD, 0, 24, 4, 0xffffffff,
    ONLY_ZIP },
  { "directory: packed, in 64 bits that are not there", REPRISE_ERROR_DAMAGED, RECORD, 0, 20, 4,
    0xffffffff, ONLY_ZIP },
  { "directory: place, in 64 bits that are not there", REPRISE_ERROR_DAMAGED, RECORD, 0, 42, 4,
    0xffffffff, ONLY_ZIP },
  { "directory: no name", REPRISE_ERROR_DAMAGED, RECORD, 0, 28, 2, 0 },
  { "directory: longer name", REPRISE_ERROR_DAMAGED, RECORD, 0, 28, 2, 60000 },
  { "directory: longer extra", REPRISE_ERROR_DAMAGED, RECORD, 0, 30, 2, 60000 },
  { "directory: longer comment", REPRISE_ERROR_DAMAGED, RECORD, 0, 32, 2, 60000 },
  { "directory: last comment beyond the end", REPRISE_ERROR_DAMAGED, RECORD, 1, 32, 2, 1 },
  { "directory: another disk", REPRISE_ERROR_DAMAGED, RECORD, 0, 34, 2, 1 },
  { "directory: a link", REPRISE_ERROR_DAMAGED, RECORD, 0, 38, 4, (gint64) (S_IFLNK | 0777) << 16 },
  { "directory: a socket", REPRISE_ERROR_DAMAGED, RECORD, 0, 38, 4,
    (gint64) (S_IFSOCK | 0777) << 16 },
  { "directory: a folder that has no slash", REPRISE_ERROR_DAMAGED, RECORD, 0, 38, 4,
    (gint64) (S_IFDIR | 0777) << 16 },
  { "directory: a link, made by DOS", REPRISE_ERROR_DAMAGED, RECORD, 0, 38, 4,
    (gint64) (S_IFLNK | 0777) << 16 },
  { "directory: place of the other", REPRISE_ERROR_DAMAGED, RECORD, 1, 42, 4, 0, ONLY_ZIP },
  { "directory: place one further", REPRISE_ERROR_DAMAGED, RECORD, 0, 42, 4, 1, ONLY_ZIP },
  { "directory: place beyond the end", REPRISE_ERROR_DAMAGED, RECORD, 0, 42, 4, 0x7fffffff,
    ONLY_ZIP },
  { "directory: another name", REPRISE_ERROR_DAMAGED, RECORD, 0, 46, 1, 'b' },
  { "directory: a name that is no UTF-8", REPRISE_ERROR_DAMAGED, RECORD, 0, 46, 1, 0xff },
  { "directory: a name with NUL", REPRISE_ERROR_DAMAGED, RECORD, 0, 47, 1, 0 },
  { "directory: the same name", REPRISE_ERROR_DAMAGED, RECORD, 1, 46, 5,
    0x73726966 | (gint64) 't' << 32 },
  { "end: without its number", REPRISE_ERROR_DAMAGED, END, 0, 0, 4, 0 },
  { "end: disk", REPRISE_ERROR_DAMAGED, END, 0, 4, 2, 1 },
  { "end: disk of the directory", REPRISE_ERROR_DAMAGED, END, 0, 6, 2, 1 },
  { "end: one entry fewer", REPRISE_ERROR_DAMAGED, END, 0, 8, 4, 1 | 1 << 16 },
  { "end: one entry more", REPRISE_ERROR_DAMAGED, END, 0, 8, 4, 3 | 3 << 16 },
  { "end: no entries", REPRISE_ERROR_DAMAGED, END, 0, 8, 4, 0 },
  { "end: some entries elsewhere", REPRISE_ERROR_DAMAGED, END, 0, 8, 2, 1 },
  { "end: directory of another size", REPRISE_ERROR_DAMAGED, END, 0, 12, 4, 46 },
  { "end: directory of no size", REPRISE_ERROR_DAMAGED, END, 0, 12, 4, 0 },
  { "end: directory larger than the file", REPRISE_ERROR_DAMAGED, END, 0, 12, 4, 0x7fffffff },
  { "end: directory elsewhere", REPRISE_ERROR_DAMAGED, END, 0, 16, 4, 1 },
  { "end: directory at the start", REPRISE_ERROR_DAMAGED, END, 0, 16, 4, 0 },
  { "end: directory beyond the end", REPRISE_ERROR_DAMAGED, END, 0, 16, 4, 0x7fffffff },
  { "end: comment that is not there", REPRISE_ERROR_DAMAGED, END, 0, 20, 2, 1 },
  { "end: all in 64 bits that are not there", REPRISE_ERROR_DAMAGED, END, 0, 8, 4, 0xffffffff,
    ONLY_ZIP },
  { "zip64 extra: of another kind", REPRISE_ERROR_DAMAGED, RECORD, 0, 51, 2, 2, ONLY_ZIP64 },
  { "zip64 extra: too short", REPRISE_ERROR_DAMAGED, RECORD, 0, 53, 2, 8, ONLY_ZIP64 },
  { "zip64 extra: too long", REPRISE_ERROR_DAMAGED, RECORD, 0, 53, 2, 200, ONLY_ZIP64 },
  { "zip64 extra: larger", REPRISE_ERROR_DAMAGED, RECORD, 0, 55, 8, 1000, ONLY_ZIP64 },
  { "zip64 extra: below zero", REPRISE_ERROR_DAMAGED, RECORD, 0, 55, 8, -1, ONLY_ZIP64 },
  { "zip64 extra: 8 EiB", REPRISE_ERROR_DAMAGED, RECORD, 0, 55, 8, G_MAXINT64, ONLY_ZIP64 },
  { "zip64 extra: packed to more", REPRISE_ERROR_DAMAGED, RECORD, 0, 63, 8, 1000, ONLY_ZIP64 },
  { "zip64 extra: packed to less than zero", REPRISE_ERROR_DAMAGED, RECORD, 0, 63, 8, -1,
    ONLY_ZIP64 },
  { "zip64 extra: place of the other", REPRISE_ERROR_DAMAGED, RECORD, 1, 72, 8, 0, ONLY_ZIP64 },
  { "zip64 extra: place beyond the end", REPRISE_ERROR_DAMAGED, RECORD, 0, 71, 8, G_MAXINT64,
    ONLY_ZIP64 },
  { "zip64 end: without its number", REPRISE_ERROR_DAMAGED, END64, 0, 0, 4, 0, ONLY_ZIP64 },
  { "zip64 end: smaller", REPRISE_ERROR_DAMAGED, END64, 0, 4, 8, 43, ONLY_ZIP64 },
  { "zip64 end: larger", REPRISE_ERROR_DAMAGED, END64, 0, 4, 8, -1, ONLY_ZIP64 },
  { "zip64 end: disk", REPRISE_ERROR_DAMAGED, END64, 0, 16, 4, 1, ONLY_ZIP64 },
  { "zip64 end: disk of the directory", REPRISE_ERROR_DAMAGED, END64, 0, 20, 4, 1, ONLY_ZIP64 },
  { "zip64 end: some entries elsewhere", REPRISE_ERROR_DAMAGED, END64, 0, 24, 8, 1, ONLY_ZIP64 },
  { "zip64 end: one entry fewer", REPRISE_ERROR_DAMAGED, END64, 0, 32, 8, 1, ONLY_ZIP64 },
  { "zip64 end: directory of another size", REPRISE_ERROR_DAMAGED, END64, 0, 40, 8, 46,
    ONLY_ZIP64 },
  { "zip64 end: directory of a size below zero", REPRISE_ERROR_DAMAGED, END64, 0, 40, 8, -1,
    ONLY_ZIP64 },
  { "zip64 end: directory elsewhere", REPRISE_ERROR_DAMAGED, END64, 0, 48, 8, 1, ONLY_ZIP64 },
  { "zip64 locator: without its number", REPRISE_ERROR_DAMAGED, LOCATOR, 0, 0, 4, 0, ONLY_ZIP64 },
  { "zip64 locator: disk", REPRISE_ERROR_DAMAGED, LOCATOR, 0, 4, 4, 1, ONLY_ZIP64 },
  { "zip64 locator: elsewhere", REPRISE_ERROR_DAMAGED, LOCATOR, 0, 8, 8, 0, ONLY_ZIP64 },
  { "zip64 locator: beyond the end", REPRISE_ERROR_DAMAGED, LOCATOR, 0, 8, 8, G_MAXINT64,
    ONLY_ZIP64 },
  { "zip64 locator: before the start", REPRISE_ERROR_DAMAGED, LOCATOR, 0, 8, 8, -1, ONLY_ZIP64 },
  { "zip64 locator: many disks", REPRISE_ERROR_DAMAGED, LOCATOR, 0, 16, 4, 9, ONLY_ZIP64 },
};

static guint
find_place (const HostilePlaces *places, const Poke *poke)
{
  switch (poke->place)
    {
    case LOCAL:
      return places->local[poke->which];
    case DATA:
      return places->data[poke->which];
    case RECORD:
      return places->record[poke->which];
    case END64:
      return places->end64;
    case LOCATOR:
      return places->locator;
    case END:
    default:
      return places->end;
    }
}

/* A comment that holds a second end, of another archive: two programs would see two. */
static void
test_two_ends (HostileGround *ground, gconstpointer data)
{
  static const HostileItem other[MAX_ITEMS] = { { "other", .data = "y" } };
  HostilePlaces places = { 0 };

  for (int wide = 0; wide < 2; wide++)
    {
      g_autoptr (GByteArray) bytes = hostile_make_zip (GOOD, wide, FALSE, &places);
      g_autoptr (GByteArray) comment = hostile_make_zip (other, FALSE, FALSE, &places);

      bytes->data[bytes->len - 2] = (guint8) comment->len;
      bytes->data[bytes->len - 1] = (guint8) (comment->len >> 8);
      hostile_append (bytes, comment->data, comment->len);
      hostile_ground_try (ground, bytes, REPRISE_ERROR_DAMAGED, "an end in the comment");
    }
}

/* Data that look like the end of the file, right to its last byte. */
static void
test_end_in_data (HostileGround *ground, gconstpointer data)
{
  static const HostileItem items[MAX_ITEMS] = { { "trap", .data = "0123456789012345678901" } };
  HostilePlaces places = { 0 };
  g_autoptr (GByteArray) bytes = hostile_make_zip (items, FALSE, FALSE, &places);
  guint8 *end = bytes->data + places.data[0];
  guint32 crc;

  memcpy (end, bytes->data + places.end, 20);
  end[20] = (guint8) (bytes->len - places.data[0] - 22);
  end[21] = 0;
  crc = GUINT32_TO_LE ((guint32) crc32 (crc32 (0, NULL, 0), end, 22));
  memcpy (bytes->data + places.local[0] + 14, &crc, 4);
  memcpy (bytes->data + places.record[0] + 16, &crc, 4);
  hostile_ground_try (ground, bytes, REPRISE_ERROR_DAMAGED, "an end in the data");
}

/* An entry that the directory leaves out: a program that reads from the start would see it. */
static void
test_left_out (HostileGround *ground, gconstpointer data)
{
  static const HostileItem items[MAX_ITEMS] = {
    { "one", .data = "1" }, { "two", .data = "2" }, { "six", .data = "3" }, { "ten", .data = "4" }
  };

  for (int i = 0; i < MAX_ITEMS; i++)
    {
      HostilePlaces places = { 0 };
      g_autoptr (GByteArray) bytes = hostile_make_zip (items, FALSE, FALSE, &places);
      guint8 *end;

      g_byte_array_remove_range (bytes, places.record[i], 46 + 3);
      end = bytes->data + places.end - (46 + 3);
      end[8] = end[10] = MAX_ITEMS - 1;
      end[12] = (MAX_ITEMS - 1) * (46 + 3);
      hostile_ground_try (ground, bytes, REPRISE_ERROR_DAMAGED, "an entry left out");
    }
}

/* A directory that goes on after its last record. */
static void
test_slack (HostileGround *ground, gconstpointer data)
{
  for (guint slack = 1; slack < 100; slack += 15)
    {
      HostilePlaces places = { 0 };
      g_autoptr (GByteArray) bytes = hostile_make_zip (GOOD, FALSE, FALSE, &places);
      g_autofree guint8 *end = g_memdup2 (bytes->data + places.end, 22);

      end[12] = (guint8) (end[12] + slack);
      g_byte_array_set_size (bytes, places.end);
      hostile_append_zeros (bytes, slack);
      hostile_append (bytes, end, 22);
      hostile_ground_try (ground, bytes, REPRISE_ERROR_DAMAGED, "bytes after the last record");
    }
}

static void
test_pokes (HostileGround *ground, gconstpointer data)
{
  for (HostileFormat format = ZIP; format <= ZIP64; format++)
    for (guint i = 0; i < G_N_ELEMENTS (POKES); i++)
      {
        HostilePlaces places = { 0 };
        g_autoptr (GByteArray) bytes = hostile_make_zip (GOOD, format == ZIP64, FALSE, &places);
        guint64 value = GUINT64_TO_LE ((guint64) POKES[i].value);

        if (POKES[i].formats != 0 && (POKES[i].formats & 1u << format) == 0)
          continue;
        memcpy (bytes->data + find_place (&places, &POKES[i]) + POKES[i].offset, &value,
                (gsize) POKES[i].width);
        hostile_ground_try (ground, bytes, POKES[i].expected, POKES[i].label);
      }
}

/* Reads everything; whether it is good, and then what both entries hold must be right. */
static gboolean
is_good (const char *path, GError **error)
{
  g_autoptr (RepriseArchiveReader) reader = reprise_archive_reader_open (path, NULL, NULL, error);

  if (reader == NULL || !reprise_archive_reader_each (reader, NULL, NULL, NULL, NULL, error))
    return FALSE;
  for (int i = 0; i < 2; i++)
    {
      const RepriseArchiveEntry *entry = NULL;
      g_autoptr (GBytes) bytes = NULL;

      g_assert_true (reprise_archive_reader_find (reader, GOOD[i].name, &entry, NULL, NULL));
      bytes = reprise_archive_reader_read_all (reader, 100, NULL, NULL);
      g_assert_nonnull (bytes);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), GOOD[i].data,
                       strlen (GOOD[i].data));
    }
  return TRUE;
}

/* Each byte of a zip file, changed: either that is said, or it makes no difference to what comes out. */
static void
test_each_byte (HostileGround *ground, gconstpointer data)
{
  static const guint8 changes[] = { 0x01, 0x80, 0xff };

  for (int variant = 0; variant < 4; variant++)
    {
      HostilePlaces places = { 0 };
      g_autoptr (GByteArray) bytes =
        hostile_make_zip (GOOD, variant & 1, (variant & 2) != 0, &places);

      for (guint i = 0; i < bytes->len * G_N_ELEMENTS (changes); i++)
        {
          guint8 *byte = &bytes->data[i / G_N_ELEMENTS (changes)];
          g_autoptr (GError) error = NULL;

          *byte ^= changes[i % G_N_ELEMENTS (changes)];
          hostile_ground_write (ground, bytes);
          *byte ^= changes[i % G_N_ELEMENTS (changes)];
          g_assert_true (is_good (ground->archive, &error) == (error == NULL));
          ground->n_tried++;
        }
    }
}

static guint32
crc_of (const char *text)
{
  return (guint32) crc32 (crc32 (0, NULL, 0), (const guint8 *) text, (guint) strlen (text));
}

/* One entry whose sizes and checksum follow it; @descriptor is what stands there. */
static GByteArray *
make_streamed (const GByteArray *descriptor, guint64 gap)
{
  static const HostileItem one[MAX_ITEMS] = { { "first", .data = "the first entry" } };
  HostilePlaces places = { 0 };
  GByteArray *bytes = hostile_make_zip (one, FALSE, FALSE, &places);
  g_autoptr (GByteArray) rest = g_byte_array_new ();
  guint32 directory;

  hostile_append (rest, bytes->data + places.directory, bytes->len - places.directory);
  memset (bytes->data + places.local[0] + 14, 0, 12);
  bytes->data[places.local[0] + 6] |= 8;
  rest->data[8] |= 8;
  g_byte_array_set_size (bytes, places.directory);
  hostile_append (bytes, descriptor->data, descriptor->len);
  hostile_append_zeros (bytes, (gsize) gap);
  directory = GUINT32_TO_LE (bytes->len);
  hostile_append (bytes, rest->data, rest->len);
  memcpy (bytes->data + bytes->len - 6, &directory, 4);
  return bytes;
}

static void
try_descriptor (HostileGround *ground,
                gboolean marked,
                int width,
                gint32 crc_change,
                gint64 packed_change,
                gint64 size_change,
                guint64 gap,
                int expected,
                const char *label)
{
  g_autoptr (GByteArray) descriptor = g_byte_array_new ();
  g_autoptr (GByteArray) bytes = NULL;

  if (marked)
    hostile_append_number (descriptor, 0x08074b50, 4);
  hostile_append_number (descriptor, crc_of ("the first entry") + (guint32) crc_change, 4);
  hostile_append_number (descriptor, (guint64) (15 + packed_change), width);
  hostile_append_number (descriptor, (guint64) (15 + size_change), width);
  bytes = make_streamed (descriptor, gap);
  hostile_ground_try (ground, bytes, expected, label);
}

static void
test_descriptors (HostileGround *ground, gconstpointer data)
{
  g_autoptr (GByteArray) none = g_byte_array_new ();
  g_autoptr (GByteArray) missing = make_streamed (none, 0);

  for (int marked = 0; marked < 2; marked++)
    for (int width = 4; width <= 8; width += 4)
      {
        try_descriptor (ground, marked, width, 0, 0, 0, 0, FINE, "descriptor");
        try_descriptor (ground, marked, width, 1, 0, 0, 0, REPRISE_ERROR_DAMAGED,
                        "descriptor, another checksum");
        try_descriptor (ground, marked, width, 0, 1, 0, 0, REPRISE_ERROR_DAMAGED,
                        "descriptor, packed to more");
        try_descriptor (ground, marked, width, 0, 0, -1, 0, REPRISE_ERROR_DAMAGED,
                        "descriptor, less");
        try_descriptor (ground, marked, width, 0, 0, 0, 1, REPRISE_ERROR_DAMAGED,
                        "descriptor, then one byte");
        try_descriptor (ground, marked, width, 0, 0, 0, 4, REPRISE_ERROR_DAMAGED,
                        "descriptor, then four bytes");
        try_descriptor (ground, marked, width, 0, 0, 0, 100, REPRISE_ERROR_DAMAGED,
                        "descriptor, then more");
      }
  hostile_ground_try (ground, missing, REPRISE_ERROR_DAMAGED, "descriptor that is not there");
}

/* Deflated data that do not hold what the directory says. */
static void
try_deflated (HostileGround *ground,
              GByteArray *packed,
              gsize size,
              guint32 crc,
              int expected,
              const char *label)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint directory;

  hostile_append_number (bytes, 0x04034b50, 4);
  hostile_append_zip_fields (bytes, 8, crc, packed->len, size, 1, FALSE, FALSE);
  hostile_append (bytes, "a", 1);
  hostile_append (bytes, packed->data, packed->len);
  directory = bytes->len;
  hostile_append_number (bytes, 0x02014b50, 4);
  hostile_append_number (bytes, 3 << 8 | 20, 2);
  hostile_append_zip_fields (bytes, 8, crc, packed->len, size, 1, FALSE, TRUE);
  hostile_append_number (bytes, 0, 6);
  hostile_append_number (bytes, (guint64) (S_IFREG | 0644) << 16, 4);
  hostile_append_number (bytes, 0, 4);
  hostile_append (bytes, "a", 1);
  hostile_append_number (bytes, 0x06054b50, 4);
  hostile_append_number (bytes, 0, 4);
  hostile_append_number (bytes, 1 | 1 << 16, 4);
  hostile_append_number (bytes, 47, 4);
  hostile_append_number (bytes, directory, 4);
  hostile_append_number (bytes, 0, 2);
  hostile_ground_try (ground, bytes, expected, label);
}

static void
test_deflated (HostileGround *ground, gconstpointer data)
{
  g_autofree char *text = g_strnfill (300000, 'x');
  guint32 crc = crc_of (text);
  g_autoptr (GByteArray) packed = hostile_deflate_bytes ((guint8 *) text, 300000, -15);
  g_autoptr (GByteArray) longer = hostile_deflate_bytes ((guint8 *) text, 300000, -15);
  g_autoptr (GByteArray) shorter = hostile_deflate_bytes ((guint8 *) text, 300000, -15);
  g_autoptr (GByteArray) nothing = g_byte_array_new ();
  g_autoptr (GByteArray) garbage = g_byte_array_new ();
  g_autoptr (GByteArray) endless = g_byte_array_new ();

  hostile_append (longer, "x", 1);
  g_byte_array_set_size (shorter, shorter->len - 1);
  hostile_append (garbage, text, 1000);
  for (int i = 0; i < 10000; i++)
    hostile_append (endless, "\0\0\0\xff\xff", 5); /* empty stored blocks, none of them the last */
  try_deflated (ground, packed, 300000, crc, FINE, "deflated");
  try_deflated (ground, packed, 299999, crc, REPRISE_ERROR_DAMAGED, "deflated: more than it says");
  try_deflated (ground, packed, 300001, crc, REPRISE_ERROR_DAMAGED, "deflated: less than it says");
  try_deflated (ground, packed, 1, crc, REPRISE_ERROR_DAMAGED, "deflated: much more than it says");
  try_deflated (ground, packed, 0, crc, REPRISE_ERROR_DAMAGED,
                "deflated: more than the nothing it says");
  try_deflated (ground, packed, 262144, crc, REPRISE_ERROR_DAMAGED, "deflated: more than a buffer");
  try_deflated (ground, packed, 300000, crc + 1, REPRISE_ERROR_DAMAGED,
                "deflated: another checksum");
  try_deflated (ground, longer, 300000, crc, REPRISE_ERROR_DAMAGED,
                "deflated: a byte after the end");
  try_deflated (ground, shorter, 300000, crc, REPRISE_ERROR_DAMAGED, "deflated: without its end");
  try_deflated (ground, nothing, 300000, crc, REPRISE_ERROR_DAMAGED, "deflated: nothing");
  try_deflated (ground, nothing, 0, 0, REPRISE_ERROR_DAMAGED,
                "deflated: nothing, and not even that");
  try_deflated (ground, garbage, 300000, crc, REPRISE_ERROR_DAMAGED, "deflated: garbage");
  try_deflated (ground, endless, 300000, crc, REPRISE_ERROR_DAMAGED,
                "deflated: blocks without end");
}

/* Bombs: nothing of them may fill the disk, the memory or the day. */

static void
test_zip_bomb (HostileGround *ground, gconstpointer data)
{
  static const HostileItem bomb[MAX_ITEMS] = { { "bomb", .zeros = 70 * 1024 * 1024 } };
  static const HostileItem four[MAX_ITEMS] = { { "1", .zeros = 20 * 1024 * 1024 },
                                               { "2", .zeros = 20 * 1024 * 1024 },
                                               { "3", .zeros = 20 * 1024 * 1024 },
                                               { "4", .zeros = 20 * 1024 * 1024 } };

  for (HostileFormat format = ZIP; format < N_FORMATS; format++)
    {
      g_autoptr (GByteArray) one = hostile_make (bomb, format), many = hostile_make (four, format);

      hostile_ground_try (ground, one, REPRISE_ERROR_LIMIT, "bomb in one entry");
      hostile_ground_try (ground, many, REPRISE_ERROR_LIMIT, "bomb in four entries");
    }
}

/* A bomb beside an honest file that is large enough to hide it in the sum. */
static void
test_hidden_bomb (HostileGround *ground, gconstpointer data)
{
  g_autofree char *text = g_strnfill (1024 * 1024, 'x');
  const HostileItem items[MAX_ITEMS] = { { "honest", .data = text },
                                         { "bomb", .zeros = 70 * 1024 * 1024 } };

  for (HostileFormat format = ZIP; format < N_FORMATS; format++)
    {
      g_autoptr (GByteArray) bytes = hostile_make (items, format);

      hostile_ground_try (ground, bytes, REPRISE_ERROR_LIMIT, "a bomb beside a file");
    }
}

/* Records that share one entry: a few bytes for each, the whole of it unpacked for each. */
static void
test_overlap (HostileGround *ground, gconstpointer data)
{
  for (int wide = 0; wide < 2; wide++)
    for (int shift = 0; shift < 16; shift++)
      {
        HostilePlaces places = { 0 };
        g_autoptr (GByteArray) bytes = hostile_make_zip (GOOD, wide, FALSE, &places);
        guint64 offset = GUINT64_TO_LE ((guint64) shift);

        memcpy (bytes->data + places.record[1] + (wide ? 72 : 42), &offset, wide ? 8 : 4);
        hostile_ground_try (ground, bytes, REPRISE_ERROR_DAMAGED, "two records of one entry");
      }
}

int
main (int argc, char **argv)
{
  if (g_access ("/dev/shm", W_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm",
              TRUE); /* thousands of folders, which need not wait for a disk */
  reprise_test_init (&argc, &argv);
#define ADD(path, data, func)                                                  \
  g_test_add ("/archive-hostile/" path, HostileGround, GINT_TO_POINTER (data), \
              hostile_ground_set_up, func, hostile_ground_tear_down)
  ADD ("zip/pokes", 0, test_pokes);
  ADD ("zip/two-ends", 0, test_two_ends);
  ADD ("zip/end-in-data", 0, test_end_in_data);
  ADD ("zip/left-out", 0, test_left_out);
  ADD ("zip/slack", 0, test_slack);
  ADD ("zip/hidden-bomb", 0, test_hidden_bomb);
  ADD ("zip/each-byte", 0, test_each_byte);
  ADD ("zip/descriptors", 0, test_descriptors);
  ADD ("zip/deflated", 0, test_deflated);
  ADD ("zip/bomb", 0, test_zip_bomb);
  ADD ("zip/overlap", 0, test_overlap);
  return g_test_run ();
}
