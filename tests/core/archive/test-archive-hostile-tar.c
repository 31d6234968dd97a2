/* test-archive-hostile-tar.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What only tar, gzip and zstd can do to harm; the reader must say so.
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "archive/hostile-archive.h"
#include "archive/hostile-ground.h"
#include "base/reprise-error.h"
#include "reprise-test.h"

/* Bombs: nothing of them may fill the disk, the memory or the day. */

static void
test_packed_bomb (HostileGround *ground, gconstpointer data)
{
  static const HostileItem bomb[MAX_ITEMS] = { { "bomb", .zeros = 70 * 1024 * 1024 } };
  g_autoptr (GByteArray) tar = hostile_make_tar (bomb);

  for (HostilePacking packing = GZIP; packing < N_PACKINGS; packing++)
    {
      g_autoptr (GByteArray) packed = hostile_pack (tar, packing);

      hostile_ground_try (ground, packed, REPRISE_ERROR_LIMIT, "packed bomb");
    }
}

/* Zeros after the end are nobody's entry, and have to be unpacked all the same. */
static void
test_bomb_at_the_end (HostileGround *ground, gconstpointer data)
{
  g_autoptr (GByteArray) tar = hostile_make_tar (GOOD);

  hostile_append_zeros (tar, 70 * 1024 * 1024);
  for (HostilePacking packing = GZIP; packing < N_PACKINGS; packing++)
    {
      g_autoptr (GByteArray) packed = hostile_pack (tar, packing);

      hostile_ground_try (ground, packed, REPRISE_ERROR_LIMIT, "a bomb after the end");
    }
}

/* tar: what only tar can do. */

static void
try_tar (HostileGround *ground,
         GByteArray *bytes,
         gboolean with_end,
         int expected,
         const char *label)
{
  if (with_end)
    hostile_append_zeros (bytes, 1024);
  for (HostilePacking packing = PLAIN; packing < N_PACKINGS; packing++)
    {
      g_autoptr (GByteArray) packed = hostile_pack (bytes, packing);

      hostile_ground_try (ground, packed, expected, label);
    }
}

static void
test_tar_ends (HostileGround *ground, gconstpointer data)
{
  static const struct
  {
    const char *label;
    guint zeros;
    int expected;
  } ends[] = {
    { "no end", 0, REPRISE_ERROR_DAMAGED },
    { "half a block of end", 256, REPRISE_ERROR_DAMAGED },
    { "one block of end", 512, REPRISE_ERROR_DAMAGED },
    { "a byte too little of end", 1023, REPRISE_ERROR_DAMAGED },
    { "two blocks of end", 1024, FINE },
    { "twenty blocks of end", 10240, FINE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autoptr (GByteArray) bytes = hostile_make_tar (GOOD);

      g_byte_array_set_size (bytes, bytes->len - 1024);
      hostile_append_zeros (bytes, ends[i].zeros);
      try_tar (ground, bytes, FALSE, ends[i].expected, ends[i].label);
    }
}

/* TRAPS A1: an entry of zeros, cut at the end of a block, must not pass for the end of the archive. */
static void
test_tar_of_zeros (HostileGround *ground, gconstpointer data)
{
  static const HostileItem zeros[MAX_ITEMS] = { { "zeros", .zeros = 4096 } };
  g_autoptr (GByteArray) whole = hostile_make_tar (zeros);

  hostile_ground_try (ground, whole, FINE, "an entry of zeros");
  for (guint size = 512; size < whole->len; size += 512)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      hostile_append (bytes, whole->data, size);
      hostile_ground_try (ground, bytes, REPRISE_ERROR_DAMAGED, "an entry of zeros, cut off");
    }
}

typedef struct
{
  const char *label;
  int expected;
  char type;
  const char *key;
  const char *value;
} Pax;

static const Pax PAX[] = {
  { "pax: path leads up", REPRISE_ERROR_DAMAGED, 'x', "path", "../evil" },
  { "pax: path is absolute", REPRISE_ERROR_DAMAGED, 'x', "path", EVIL },
  { "pax: path with a line feed", REPRISE_ERROR_DAMAGED, 'x', "path", "a\nb" },
  { "pax: path is empty", ANY, 'x', "path", "" },
  { "pax: path is no UTF-8", REPRISE_ERROR_DAMAGED, 'x', "path", "\xff\xfe" },
  { "pax: link", ANY, 'x', "linkpath", "../outside" },
  { "pax: size is larger", REPRISE_ERROR_DAMAGED, 'x', "size", "100000" },
  { "pax: size is below zero", REPRISE_ERROR_DAMAGED, 'x', "size", "-1" },
  { "pax: size of 8 EiB", REFUSED, 'x', "size", "9223372036854775807" },
  { "pax: size beyond 64 bits", REFUSED, 'x', "size", "99999999999999999999999999" },
  { "pax: size is no number", ANY, 'x', "size", "many" },
  { "pax: sparse, real size of 8 EiB", REFUSED, 'x', "GNU.sparse.realsize", "9223372036854775807" },
  { "pax: sparse name leads up", ANY, 'x', "GNU.sparse.name", "../evil" },
  { "pax: schily real size", ANY, 'x', "SCHILY.realsize", "9223372036854775807" },
  { "pax: time out of range", FINE, 'x', "mtime", "99999999999999999999999.5" },
  { "pax: attribute", FINE, 'x', "SCHILY.xattr.security.capability", "\1\2" },
  { "pax: access list", FINE, 'x', "SCHILY.acl.access", "user::rwx,user:root:rwx" },
  { "pax: flags", FINE, 'x', "SCHILY.fflags", "schg" },
  { "pax: global path leads up", ANY, 'g', "path", "../evil" },
  { "pax: character set", ANY, 'x', "hdrcharset", "BINARY" },
  { "pax: unknown", FINE, 'x', "EVIL.key", "../../evil" },
};

static void
test_pax (HostileGround *ground, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (PAX); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      hostile_append_pax (bytes, PAX[i].type, PAX[i].key, PAX[i].value, strlen (PAX[i].value));
      hostile_append_tar_item (bytes, &GOOD[0]);
      hostile_append_tar_item (bytes, &GOOD[1]);
      try_tar (ground, bytes, TRUE, PAX[i].expected, PAX[i].label);
    }
}

typedef struct
{
  const char *label;
  int expected;
  guint offset;
  const char *bytes;
  guint size;
} Field;

/* Fields of the header of the first entry, with a right checksum where that is not the point. */
static const Field FIELDS[] = {
  { "tar: checksum", REPRISE_ERROR_DAMAGED, 148, "0000000", 8 },
  { "tar: no number in the checksum", REPRISE_ERROR_DAMAGED, 148, "xxxxxxxx", 8 },
  { "tar: size is no number", ANY, 124, "many bytes ", 12 },
  { "tar: size is larger", REPRISE_ERROR_DAMAGED, 124, "00077777777", 12 },
  { "tar: size in base 256, 8 EiB", REFUSED, 124, "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff",
    12 },
  { "tar: size in base 256, below zero", REFUSED, 124,
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12 },
  { "tar: size in base 256, beyond 64 bits", REFUSED, 124,
    "\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12 },
  { "tar: mode is no number", REPRISE_ERROR_DAMAGED, 100, "zzzzzzz", 8 },
  { "tar: time in base 256", FINE, 136, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12 },
  { "tar: prefix leads up", REPRISE_ERROR_DAMAGED, 345, "../..", 6 },
  { "tar: prefix is absolute", REPRISE_ERROR_DAMAGED, 345, "/tmp", 5 },
  { "tar: prefix with a control character", REPRISE_ERROR_DAMAGED, 345, "a\x1b", 3 },
  { "tar: contiguous file", FINE, 156, "7", 1 },
  { "tar: old file", FINE, 156, "\0", 1 },
  { "tar: unknown type", ANY, 156, "Z", 1 },
  { "tar: continued from another volume", ANY, 156, "M", 1 },
  { "tar: list of a folder", ANY, 156, "D", 1 },
  { "tar: volume", ANY, 156, "V", 1 },
  { "tar: GNU sparse", ANY, 156, "S", 1 },
  { "tar: GNU long name that is not", ANY, 156, "L", 1 },
  { "tar: GNU long link that is not", ANY, 156, "K", 1 },
  { "tar: Solaris attributes", ANY, 156, "A", 1 },
  { "tar: pax header that is not", ANY, 156, "x", 1 },
  { "tar: global pax header that is not", ANY, 156, "g", 1 },
  { "tar: Solaris pax header that is not", ANY, 156, "X", 1 },
  { "tar: hard link with size", REPRISE_ERROR_DAMAGED, 156, "1", 1 },
  { "tar: of version 7", FINE, 257, "\0\0\0\0\0\0\0\0", 8 },
  { "tar: of GNU", FINE, 257, "ustar  ", 8 },
  { "tar: of nobody", ANY, 257, "evil!!!", 8 },
  { "tar: slash at the end of a file", ANY, 5, "/", 1 },
};

static void
test_tar_fields (HostileGround *ground, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (FIELDS); i++)
    {
      g_autoptr (GByteArray) bytes = hostile_make_tar (GOOD);

      memcpy (bytes->data + FIELDS[i].offset, FIELDS[i].bytes, FIELDS[i].size);
      if (FIELDS[i].offset != 148)
        hostile_set_checksum (bytes->data);
      try_tar (ground, bytes, FALSE, FIELDS[i].expected, FIELDS[i].label);
    }
}

static void
append_gnu_long (GByteArray *bytes, char type, const char *text)
{
  hostile_append_tar_header (bytes, "././@LongLink", 13, type, NULL, strlen (text) + 1, 0);
  hostile_append_tar_data (bytes, text, strlen (text) + 1);
}

static void
test_gnu (HostileGround *ground, gconstpointer data)
{
  g_autofree char *huge = g_strnfill (3 * 1024 * 1024, 'n');
  static const struct
  {
    const char *label;
    char type;
    const char *text;
    int expected;
  } longs[] = {
    { "GNU long name leads up", 'L', "../evil", REPRISE_ERROR_DAMAGED },
    { "GNU long name is absolute", 'L', EVIL, REPRISE_ERROR_DAMAGED },
    { "GNU long name is empty", 'L', "", ANY },
    { "GNU long name is good", 'L', "a/long/name", FINE },
    { "GNU long link", 'K', "../outside", ANY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (longs); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      append_gnu_long (bytes, longs[i].type, longs[i].text);
      hostile_append_tar_item (bytes, &GOOD[0]);
      try_tar (ground, bytes, TRUE, longs[i].expected, longs[i].label);
    }
  {
    g_autoptr (GByteArray) bytes = g_byte_array_new ();

    append_gnu_long (bytes, 'L', huge);
    hostile_append_tar_item (bytes, &GOOD[0]);
    try_tar (ground, bytes, TRUE, REFUSED, "GNU long name of 3 MiB");
  }
}

/* Headers for headers: libarchive calls itself for each. */
static void
test_many_headers (HostileGround *ground, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (int i = 0; i < 20000; i++)
    hostile_append_pax (bytes, "xgLK"[i % 4], "comment", "x", 1);
  hostile_append_tar_item (bytes, &GOOD[0]);
  try_tar (ground, bytes, TRUE, REFUSED, "20,000 headers for one entry");
}

static void
append_sparse_header (GByteArray *bytes,
                      const char *offset,
                      const char *length,
                      const char *real_size)
{
  guint8 *header;
  guint from = hostile_append_tar_header (bytes, "sparse", 6, 'S', NULL, 512, 0644);

  header = bytes->data + from;
  memcpy (header + 257, "ustar  ", 8);
  memset (header + 345, 0, 155);
  memcpy (header + 386, offset, 12);
  memcpy (header + 398, length, 12);
  memcpy (header + 483, real_size, 12);
  hostile_set_checksum (header);
  hostile_append_zeros (bytes, 512);
}

static void
test_sparse (HostileGround *ground, gconstpointer data)
{
  static const struct
  {
    const char *label;
    const char *offset, *length, *real_size;
    int expected;
  } maps[] = {
    { "sparse", "00000000000", "00000001000", "00000001000", FINE },
    { "sparse, hole at the start", "00000001000", "00000001000", "00000002000", FINE },
    { "sparse, hole at the end", "00000000000", "00000001000", "00000200000", FINE },
    { "sparse, hole of 4 GiB", "00000000000", "00000001000", "40000000000", REPRISE_ERROR_LIMIT },
    { "sparse, hole of 4 GiB at the start", "37777777000", "00000001000", "40000000000",
      REPRISE_ERROR_LIMIT },
    { "sparse, data beyond the end", "00000010000", "00000001000", "00000002000", ANY },
    { "sparse, more data than there are", "00000000000", "00000100000", "00000100000", ANY },
    { "sparse, no map", "", "", "00000001000", ANY },
    { "sparse, size is no number", "00000000000", "00000001000", "zzzzzzzzzzz", ANY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (maps); i++)
    {
      char fields[3][12] = { { 0 } };
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      memcpy (fields[0], maps[i].offset, strlen (maps[i].offset));
      memcpy (fields[1], maps[i].length, strlen (maps[i].length));
      memcpy (fields[2], maps[i].real_size, strlen (maps[i].real_size));
      append_sparse_header (bytes, fields[0], fields[1], fields[2]);
      try_tar (ground, bytes, TRUE, maps[i].expected, maps[i].label);
    }
}

/* The packing itself: TRAPS A1, a wrong gzip checksum. */

static void
test_gzip (HostileGround *ground, gconstpointer data)
{
  g_autoptr (GByteArray) tar = hostile_make_tar (GOOD);

  for (guint i = 1; i <= 8; i++) /* RFC 1952, 2.3.1: the checksum and the size */
    {
      g_autoptr (GByteArray) packed = hostile_pack (tar, GZIP);

      packed->data[packed->len - i] ^= 1;
      hostile_ground_try (ground, packed, REPRISE_ERROR_DAMAGED, "gzip: checksum or size");
    }
  {
    g_autoptr (GByteArray) twice = g_byte_array_new ();
    g_autoptr (GByteArray) start = g_byte_array_new (), rest = g_byte_array_new ();
    g_autoptr (GByteArray) one = NULL, two = NULL;

    hostile_append (start, tar->data, 700);
    hostile_append (rest, tar->data + 700, tar->len - 700);
    one = hostile_pack (start, GZIP);
    two = hostile_pack (rest, GZIP);
    hostile_append (twice, one->data, one->len);
    hostile_append (twice, two->data, two->len);
    hostile_ground_try (ground, twice, FINE, "gzip: two members");
    hostile_append (twice, one->data, one->len);
    hostile_ground_try (ground, twice, REPRISE_ERROR_DAMAGED, "gzip: a member after the end");
  }
}

static void
test_zstd (HostileGround *ground, gconstpointer data)
{
  static const guint8 skippable[] = { 0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c' };
  static const guint8 window[] = { 0x28, 0xb5, 0x2f, 0xfd, 0, 0xa8, 1, 0, 0 }; /* 2 GiB */
  g_autoptr (GByteArray) tar = hostile_make_tar (GOOD);
  g_autoptr (GByteArray) packed = hostile_pack (tar, ZSTD);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 1; i <= 4; i++) /* RFC 8878, 3.1.1: the checksum */
    {
      packed->data[packed->len - i] ^= 1;
      hostile_ground_try (ground, packed, REPRISE_ERROR_DAMAGED, "zstd: checksum");
      packed->data[packed->len - i] ^= 1;
    }
  hostile_append (bytes, skippable, sizeof skippable);
  hostile_append (bytes, packed->data, packed->len);
  hostile_append (bytes, skippable, sizeof skippable);
  hostile_ground_try (ground, bytes, FINE, "zstd: frames to skip");
  g_byte_array_set_size (bytes, bytes->len - 1);
  hostile_ground_try (ground, bytes, REPRISE_ERROR_DAMAGED, "zstd: a frame to skip, cut off");
  g_byte_array_set_size (bytes, 0);
  hostile_append (bytes, window, sizeof window);
  hostile_ground_try (ground, bytes, REPRISE_ERROR_LIMIT, "zstd: a window of 2 GiB");
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
  ADD ("tar/bomb-at-the-end", 0, test_bomb_at_the_end);
  ADD ("tar/ends", 0, test_tar_ends);
  ADD ("tar/of-zeros", 0, test_tar_of_zeros);
  ADD ("tar/pax", 0, test_pax);
  ADD ("tar/fields", 0, test_tar_fields);
  ADD ("tar/gnu", 0, test_gnu);
  ADD ("tar/many-headers", 0, test_many_headers);
  ADD ("tar/sparse", 0, test_sparse);
  ADD ("gzip", 0, test_gzip);
  ADD ("zstd", 0, test_zstd);
  ADD ("packed-bomb", 0, test_packed_bomb);
  return g_test_run ();
}
