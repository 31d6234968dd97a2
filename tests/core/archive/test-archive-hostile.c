/* test-archive-hostile.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Archives that are made to harm, each kind as tar, zip and zip64, each of these plain, in gzip and in zstd. Of the kinds
 * that are wrong in themselves the reader must say so, and none may cost time or memory.
 */

#include "config.h"

#include <unistd.h>

#include <glib/gstdio.h>

#include "archive/hostile-archive.h"
#include "archive/hostile-ground.h"
#include "archive/reprise-archive-reader.h"
#include "base/reprise-error.h"
#include "reprise-test.h"

typedef struct
{
  const char *label;
  int expected; /* ANY, FINE, REFUSED or a code of REPRISE_ERROR */
  HostileItem items[MAX_ITEMS];
} Kind;

/* Names and types: the same in every format. */
static const Kind KINDS[] = {
  { "control: a file and a folder",
    FINE,
    { { "folder/", .type = '5' }, { "folder/file", .data = "x" } } },
  { "control: a name of another script", FINE, { { "Дарья/日本語", .data = "x" } } },
  { "control: a name of 255 bytes", FINE, { { "%255", .data = "x" } } },
  { "control: 64 deep", FINE, { { "%64", .data = "x" } } },
  { "control: empty file", FINE, { { "empty" } } },

  { "absolute", REPRISE_ERROR_DAMAGED, { { EVIL, .data = "x" } } },
  { "absolute, two slashes", REPRISE_ERROR_DAMAGED, { { "/" EVIL, .data = "x" } } },
  { "only a slash", REPRISE_ERROR_DAMAGED, { { "/", .type = '5' } } },
  { "absolute folder", REPRISE_ERROR_DAMAGED, { { EVIL "/", .type = '5' } } },
  { "up", REPRISE_ERROR_DAMAGED, { { "../evil", .data = "x" } } },
  { "up twice", REPRISE_ERROR_DAMAGED, { { "../../evil", .data = "x" } } },
  { "up, after a folder", REPRISE_ERROR_DAMAGED, { { "a/../../evil", .data = "x" } } },
  { "up, within", REPRISE_ERROR_DAMAGED, { { "a/../evil", .data = "x" } } },
  { "up at the end", REPRISE_ERROR_DAMAGED, { { "a/..", .data = "x" } } },
  { "up, a folder", REPRISE_ERROR_DAMAGED, { { "../", .type = '5' } } },
  { "only up", REPRISE_ERROR_DAMAGED, { { "..", .data = "x" } } },
  { "up, a folder at the end", REPRISE_ERROR_DAMAGED, { { "a/../", .type = '5' } } },
  { "up twenty times",
    REPRISE_ERROR_DAMAGED,
    { { "../../../../../../../../../../../../../../../../../../../../" EVIL, .data = "x" } } },
  { "here", REPRISE_ERROR_DAMAGED, { { ".", .data = "x" } } },
  { "here in the middle", REPRISE_ERROR_DAMAGED, { { "a/./b", .data = "x" } } },
  { "here at the end", REPRISE_ERROR_DAMAGED, { { "a/.", .data = "x" } } },
  { "here and up", REPRISE_ERROR_DAMAGED, { { "./../evil", .data = "x" } } },
  { "empty part", REPRISE_ERROR_DAMAGED, { { "a//b", .data = "x" } } },
  { "empty part and up", REPRISE_ERROR_DAMAGED, { { "a//../../evil", .data = "x" } } },
  { "two slashes at the end", REPRISE_ERROR_DAMAGED, { { "a//", .type = '5' } } },
  { "backslash", REPRISE_ERROR_DAMAGED, { { "a\\b", .data = "x" } } },
  { "up with backslashes", REPRISE_ERROR_DAMAGED, { { "..\\..\\evil", .data = "x" } } },
  { "absolute with a backslash", REPRISE_ERROR_DAMAGED, { { "\\evil", .data = "x" } } },
  { "server and share", REPRISE_ERROR_DAMAGED, { { "\\\\server\\share\\evil", .data = "x" } } },
  { "drive", REPRISE_ERROR_DAMAGED, { { "C:\\evil", .data = "x" } } },
  { "drive with a slash", REPRISE_ERROR_DAMAGED, { { "C:/evil", .data = "x" } } },
  { "drive, relative", REPRISE_ERROR_DAMAGED, { { "c:evil", .data = "x" } } },
  { "backslash at the end", REPRISE_ERROR_DAMAGED, { { "a\\", .data = "x" } } },
  { "slash and backslash", REPRISE_ERROR_DAMAGED, { { "a/..\\..\\evil", .data = "x" } } },
  { "no name", REPRISE_ERROR_DAMAGED, { { "", .data = "x" } } },
  { "NUL",
    ANY,
    { { "a\0b", 3, .data = "x" } } }, /* libarchive ends the name there; zip is held below */
  { "NUL first", ANY, { { "\0a", 2, .data = "x" } } },
  { "NUL, then up", ANY, { { "a\0/../../evil", 13, .data = "x" } } },
  { "line feed", REPRISE_ERROR_DAMAGED, { { "a\nb", .data = "x" } } },
  { "carriage return", REPRISE_ERROR_DAMAGED, { { "a\rb", .data = "x" } } },
  { "tab", REPRISE_ERROR_DAMAGED, { { "a\tb", .data = "x" } } },
  { "bell", REPRISE_ERROR_DAMAGED, { { "a\ab", .data = "x" } } },
  { "backspace", REPRISE_ERROR_DAMAGED, { { "a\bb", .data = "x" } } },
  { "clears the terminal", REPRISE_ERROR_DAMAGED, { { "a\x1b[2Jb", .data = "x" } } },
  { "sets the title", REPRISE_ERROR_DAMAGED, { { "a\x1b]0;evil\a", .data = "x" } } },
  { "delete", REPRISE_ERROR_DAMAGED, { { "a\x7f", .data = "x" } } },
  { "control character beyond ASCII",
    REPRISE_ERROR_DAMAGED,
    { { "a\xc2\x9b"
        "2J",
        .data = "x" } } },
  { "next line beyond ASCII",
    REPRISE_ERROR_DAMAGED,
    { { "a\xc2\x85"
        "b",
        .data = "x" } } },
  { "control character in a folder's name", REPRISE_ERROR_DAMAGED, { { "a\x01/b", .data = "x" } } },
  { "255 bytes and one", REPRISE_ERROR_LIMIT, { { "%256", .data = "x" } } },
  { "5000 bytes in one part", REPRISE_ERROR_LIMIT, { { "%5000", .data = "x" } } },
  { "65 deep", REPRISE_ERROR_LIMIT, { { "%65", .data = "x" } } },
  { "1500 deep", REPRISE_ERROR_LIMIT, { { "%1500", .data = "x" } } },
  { "4100 bytes, parts of 20", REPRISE_ERROR_LIMIT, { { "%4100", .data = "x" } } },
  { "folder, 65 deep", REPRISE_ERROR_LIMIT, { { "%65/", .type = '5' } } },

  { "harmless: spaces", FINE, { { " ", .data = "x" } } },
  { "harmless: three dots", FINE, { { ".../x", .data = "x" } } },
  { "harmless: dots and a space", FINE, { { ".. /x", .data = "x" } } },
  { "harmless: percent", FINE, { { "%2e%2e/x", .data = "x" } } },
  { "harmless: home", FINE, { { "~/.ssh/authorized_keys", .data = "x" } } },
  { "harmless: an option", FINE, { { "-rf", .data = "x" } } },
  { "harmless: a command", FINE, { { "$(touch evil); `touch evil` && evil | \"'", .data = "x" } } },
  { "harmless: a device of Windows", FINE, { { "NUL", .data = "x" }, { "aux.txt", .data = "x" } } },
  { "harmless: full-width dots", FINE, { { "．．/x", .data = "x" } } },
  { "harmless: from right to left",
    FINE,
    { { "a\xe2\x80\xae"
        "gpj.exe",
        .data = "x" } } },
  { "harmless: a format", FINE, { { "%s%n%s%n", .data = "x" } } },
  { "harmless: hidden", FINE, { { ".bashrc", .data = "x" } } },
  { "harmless: case", FINE, { { "a", .data = "x" }, { "A", .data = "x" } } },

  { "link, absolute", REPRISE_ERROR_DAMAGED, { { "link", .type = '2', .target = "/etc/passwd" } } },
  { "link, up", REPRISE_ERROR_DAMAGED, { { "link", .type = '2', .target = "../outside" } } },
  { "link, within",
    REPRISE_ERROR_DAMAGED,
    { { "file", .data = "x" }, { "link", .type = '2', .target = "file" } } },
  { "link to nothing", REPRISE_ERROR_DAMAGED, { { "link", .type = '2', .target = "nothing" } } },
  { "link to itself", REPRISE_ERROR_DAMAGED, { { "link", .type = '2', .target = "link" } } },
  { "link to here", REPRISE_ERROR_DAMAGED, { { "link", .type = '2', .target = "." } } },
  { "link to the root", REPRISE_ERROR_DAMAGED, { { "link", .type = '2', .target = "/" } } },
  { "link without a target", REPRISE_ERROR_DAMAGED, { { "link", .type = '2', .target = "" } } },
  { "link, then a file of its name",
    REPRISE_ERROR_DAMAGED,
    { { "link", .type = '2', .target = "../outside" }, { "link", .data = "evil" } } },
  { "link, then a file through it",
    REPRISE_ERROR_DAMAGED,
    { { "link", .type = '2', .target = ".." }, { "link/evil", .data = "evil" } } },
  { "link, then a folder through it",
    REPRISE_ERROR_DAMAGED,
    { { "link", .type = '2', .target = ".." }, { "link/evil/", .type = '5' } } },
  { "link to a link, then a file",
    REPRISE_ERROR_DAMAGED,
    { { "l1", .type = '2', .target = ".." },
      { "l2", .type = '2', .target = "l1" },
      { "l2/evil", .data = "x" } } },
  { "folder, then a link of its name, then a file",
    REPRISE_ERROR_DAMAGED,
    { { "d/", .type = '5' }, { "d", .type = '2', .target = ".." }, { "d/evil", .data = "x" } } },
  { "file, then a link of its name",
    REPRISE_ERROR_DAMAGED,
    { { "f", .data = "x" },
      { "f", .type = '2', .target = "../outside" },
      { "f", .data = "evil" } } },
  { "hard link, absolute",
    REPRISE_ERROR_DAMAGED,
    { { "hard", .type = '1', .target = "/etc/passwd" } } },
  { "hard link, up", REPRISE_ERROR_DAMAGED, { { "hard", .type = '1', .target = "../outside" } } },
  { "hard link, within",
    REPRISE_ERROR_DAMAGED,
    { { "file", .data = "x" }, { "hard", .type = '1', .target = "file" } } },
  { "hard link with data",
    REPRISE_ERROR_DAMAGED,
    { { "hard", .type = '1', .target = "../outside", .data = "evil" } } },
  { "hard link to a link",
    REPRISE_ERROR_DAMAGED,
    { { "l", .type = '2', .target = "../outside" },
      { "h", .type = '1', .target = "l" },
      { "h", .data = "evil" } } },
  { "fifo", REPRISE_ERROR_DAMAGED, { { "fifo", .type = '6' } } },
  { "fifo, then a file of its name",
    REPRISE_ERROR_DAMAGED,
    { { "fifo", .type = '6' }, { "fifo", .data = "x" } } },
  { "character device", REPRISE_ERROR_DAMAGED, { { "null", .type = '3' } } },
  { "block device", REPRISE_ERROR_DAMAGED, { { "disk", .type = '4' } } },
  { "device in a folder",
    REPRISE_ERROR_DAMAGED,
    { { "dev/", .type = '5' }, { "dev/mem", .type = '3' } } },

  { "same name twice", REPRISE_ERROR_DAMAGED, { { "a", .data = "1" }, { "a", .data = "2" } } },
  { "same folder twice", REPRISE_ERROR_DAMAGED, { { "a/", .type = '5' }, { "a/", .type = '5' } } },
  { "file and folder of one name",
    REPRISE_ERROR_DAMAGED,
    { { "a", .data = "1" }, { "a/", .type = '5' } } },
  { "folder and file of one name",
    REPRISE_ERROR_DAMAGED,
    { { "a/", .type = '5' }, { "a", .data = "1" } } },
  { "same name, far apart",
    REPRISE_ERROR_DAMAGED,
    { { "a", .data = "1" }, { "b", .data = "1" }, { "c", .data = "1" }, { "a", .data = "2" } } },
  { "a file in a file", ANY, { { "a", .data = "1" }, { "a/b", .data = "2" } } },
  { "a folder in a file", ANY, { { "a", .data = "1" }, { "a/b/", .type = '5' } } },

  { "harmless: set-uid", FINE, { { "suid", .data = "x", .mode = 04755 } } },
  { "harmless: set-gid and sticky", FINE, { { "sgid", .data = "x", .mode = 03777 } } },
  { "harmless: open to all", FINE, { { "all", .data = "x", .mode = 0777 } } },
  { "harmless: closed to us",
    FINE,
    { { "none/", .type = '5', .mode = 01 }, { "none/file", .data = "x", .mode = 01 } } },
  { "harmless: open folder",
    FINE,
    { { "open/", .type = '5', .mode = 07777 }, { "open/x", .data = "x" } } },

  { "folder with content",
    REPRISE_ERROR_DAMAGED,
    { { "folder/", .type = '5', .data = "hidden" } } },
  { "good, then up",
    REPRISE_ERROR_DAMAGED,
    { { "good", .data = "x" }, { "../evil", .data = "x" } } },
  { "good, then absolute",
    REPRISE_ERROR_DAMAGED,
    { { "good", .data = "x" }, { EVIL, .data = "x" } } },
  { "good, then a link",
    REPRISE_ERROR_DAMAGED,
    { { "a/b/c", .data = "x" }, { "a/b/d", .type = '2', .target = "/etc" } } },
  { "folder, then up through it",
    REPRISE_ERROR_DAMAGED,
    { { "a/", .type = '5' }, { "a/../../evil", .data = "x" } } },
};

static const char *const FORMAT_NAMES[] = { "tar", "zip", "zip64" };
static const char *const PACKING_NAMES[] = { "plain", "gzip", "zstd" };

/* A packed zip file is no archive that the reader takes: it could not seek in it. */
static int
expected_of (int expected, HostileFormat format, HostilePacking packing)
{
  return format != TAR && packing != PLAIN ? REFUSED : expected;
}

static void
test_kinds (HostileGround *ground, gconstpointer data)
{
  HostileFormat format = (HostileFormat) GPOINTER_TO_INT (data);

  g_assert_cmpuint (G_N_ELEMENTS (KINDS), >=, 100); /* and more below, by format */
  for (guint i = 0; i < G_N_ELEMENTS (KINDS); i++)
    {
      g_autoptr (GByteArray) bytes = hostile_make (KINDS[i].items, format);

      for (HostilePacking packing = PLAIN; packing < N_PACKINGS; packing++)
        {
          g_autoptr (GByteArray) packed = hostile_pack (bytes, packing);
          g_autofree char *label = g_strdup_printf ("%s, %s, %s", KINDS[i].label,
                                                    FORMAT_NAMES[format], PACKING_NAMES[packing]);

          hostile_ground_try (ground, packed, expected_of (KINDS[i].expected, format, packing),
                              label);
        }
    }
}

/* Cut off at each byte, in each format and packing: never whole. */
static void
test_cut_off (HostileGround *ground, gconstpointer data)
{
  for (HostileFormat format = TAR; format < N_FORMATS; format++)
    for (HostilePacking packing = PLAIN; packing < N_PACKINGS; packing++)
      {
        g_autoptr (GByteArray) plain = hostile_make (GOOD, format);
        g_autoptr (GByteArray) bytes = hostile_pack (plain, packing);

        while (bytes->len > 0)
          {
            g_byte_array_set_size (
              bytes, bytes->len - MIN (bytes->len, format == TAR && packing == PLAIN ? 64 : 1));
            hostile_ground_try (ground, bytes, REFUSED, "cut off");
          }
      }
}

static void
try_with (HostileGround *ground,
          const HostileItem *items,
          HostileFormat format,
          const char *before,
          const char *after,
          gsize size,
          int expected,
          const char *label)
{
  g_autoptr (GByteArray) archive = hostile_make (items, format);

  for (HostilePacking packing = PLAIN; packing < N_PACKINGS; packing++)
    {
      g_autoptr (GByteArray) packed = hostile_pack (archive, packing);
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      hostile_append (bytes, before, before != NULL ? size : 0);
      hostile_append (bytes, packed->data, packed->len);
      hostile_append (bytes, after, after != NULL ? size : 0);
      hostile_ground_try (ground, bytes, expected_of (expected, format, packing), label);
    }
}

static void
test_junk (HostileGround *ground, gconstpointer data)
{
  g_autofree char *block = g_strnfill (1024, 'x');
  g_autofree char *zeros = g_malloc0 (1024);

  for (HostileFormat format = TAR; format < N_FORMATS; format++)
    {
      try_with (ground, GOOD, format, NULL, block, 1, REPRISE_ERROR_DAMAGED,
                "one byte after the end");
      try_with (ground, GOOD, format, NULL, block, 1024, REPRISE_ERROR_DAMAGED,
                "a block after the end");
      try_with (ground, GOOD, format, block, NULL, 1, REPRISE_ERROR_DAMAGED,
                "one byte before the start");
      try_with (ground, GOOD, format, block, NULL, 1024, REPRISE_ERROR_DAMAGED,
                "a block before the start");
      try_with (ground, GOOD, format, zeros, NULL, 1024, REPRISE_ERROR_DAMAGED,
                "zeros before the start");
    }
  for (HostileFormat format = ZIP; format < N_FORMATS; format++)
    {
      try_with (ground, GOOD, format, NULL, zeros, 1024, REPRISE_ERROR_DAMAGED,
                "zeros after the end");
      try_with (ground, GOOD, format, "MZ", NULL, 2, REPRISE_ERROR_DAMAGED,
                "a program before the start");
    }
}

/* Two archives in a row: two programs would see two different ones. */
static void
test_twice (HostileGround *ground, gconstpointer data)
{
  static const HostileItem other[MAX_ITEMS] = { { "other", .data = "y" } };

  for (HostileFormat first = TAR; first < N_FORMATS; first++)
    for (HostileFormat second = TAR; second < N_FORMATS; second++)
      {
        g_autoptr (GByteArray) bytes = hostile_make (GOOD, first),
                               after = hostile_make (other, second);

        hostile_append (bytes, after->data, after->len);
        hostile_ground_try (ground, bytes, REPRISE_ERROR_DAMAGED, "two archives in a row");
      }
}

/* The packing itself: TRAPS A1, a wrong gzip checksum. */

/* Archives that are none. */
static void
test_none (HostileGround *ground, gconstpointer data)
{
  static const struct
  {
    const char *label;
    const char *bytes;
    gsize size;
  } none[] = {
    { "empty file", "", 0 },
    { "one byte", "P", 1 },
    { "PK", "PK", 2 },
    { "start of a zip file", "PK\3\4", 4 },
    { "end of a zip file", "PK\5\6", 4 },
    { "text", "This is no archive, but a text that goes on for a while", 55 },
    { "HTML", "<!DOCTYPE html><html><title>Sign in</title></html>", 50 },
    { "JSON", "{\"errors\":[{\"message\":\"not found\"}]}", 36 },
    { "gzip of nothing", "\x1f\x8b\x08\0\0\0\0\0\0\3\3\0\0\0\0\0\0\0\0\0", 20 },
    { "start of gzip", "\x1f\x8b\x08", 3 },
    { "start of zstd", "\x28\xb5\x2f\xfd", 4 },
    { "part of several disks", "PK\7\10PK\3\4", 8 },
    { "7-Zip", "7z\xbc\xaf\x27\x1c\0\4", 8 },
    { "xz",
      "\xfd"
      "7zXZ\0\0\4",
      8 },
    { "SQLite", "SQLite format 3\0\x10\0\1\1\0\x40\x20\x20", 24 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      hostile_append (bytes, none[i].bytes, none[i].size);
      hostile_ground_try (ground, bytes, REFUSED, none[i].label);
    }
}

static void
test_many_entries (HostileGround *ground, gconstpointer data)
{
  const RepriseArchiveLimits limits = { .max_entries = 1 };
  const RepriseArchiveLimits small = { .max_total_bytes = 30 };

  for (HostileFormat format = TAR; format < N_FORMATS; format++)
    {
      g_autoptr (GByteArray) bytes = hostile_make (GOOD, format);

      for (int i = 0; i < 2; i++)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (RepriseArchiveReader) reader = NULL;

          hostile_ground_write (ground, bytes);
          reader =
            reprise_archive_reader_open (ground->archive, i == 0 ? &limits : &small, NULL, &error);
          if (reader != NULL)
            reprise_archive_reader_each (reader, NULL, NULL, NULL, NULL, &error);
          g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
        }
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
  ADD ("kinds/tar", TAR, test_kinds);
  ADD ("kinds/zip", ZIP, test_kinds);
  ADD ("kinds/zip64", ZIP64, test_kinds);
  ADD ("cut-off", 0, test_cut_off);
  ADD ("junk", 0, test_junk);
  ADD ("twice", 0, test_twice);
  ADD ("none", 0, test_none);
  ADD ("many-entries", 0, test_many_entries);
  return g_test_run ();
}
