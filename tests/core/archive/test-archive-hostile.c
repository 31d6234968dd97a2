/* test-archive-hostile.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Archives that are made to harm, each kind as tar, zip and zip64, each of these plain, in gzip and in zstd. Whatever the reader
 * says of one, nothing may lie outside the folder, and nothing in it but files and folders of ours; and of the kinds that are
 * wrong in themselves, the reader must say so.
 */

#include "config.h"

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <zlib.h>
#include <zstd.h>

#include "archive/reprise-archive-beneath.h"
#include "archive/reprise-archive-reader.h"
#include "base/reprise-error.h"
#include "reprise-test.h"

#define MAX_GROWTH_KIB (16 * 1024) /* of the 150 MiB that the whole program may take */
#define MAX_SECONDS    10
#define MAX_ITEMS      4
#define ANY            -1                       /* any outcome that harms nothing */
#define FINE           -2                       /* must be read */
#define REFUSED        -3                       /* must be refused, with whichever code */
#define EVIL           "/tmp/reprise-test-evil" /* may never come to be */

typedef enum
{
  TAR,
  ZIP,
  ZIP64,
  N_FORMATS,
} Format;

typedef enum
{
  PLAIN,
  GZIP,
  ZSTD,
  N_PACKINGS,
} Packing;

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
} Item;

typedef struct
{
  const char *label;
  int expected; /* ANY, FINE, REFUSED or a code of REPRISE_ERROR */
  Item items[MAX_ITEMS];
} Kind;

/* Where the parts of a zip file lie. */
typedef struct
{
  guint local[MAX_ITEMS], data[MAX_ITEMS], record[MAX_ITEMS];
  guint directory, end64, locator, end;
} Places;

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

/* “%256” stands for 256 bytes, “%64” and other small ones for that many folders, “%4100” for 4100 bytes in parts of 20. */
static char *
expand_name (const Item *item, gsize *length)
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
item_data (const Item *item, gboolean with_target, gsize *size)
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

static void
append (GByteArray *bytes, gconstpointer data, gsize size)
{
  g_byte_array_append (bytes, data, (guint) size);
}

static void
append_zeros (GByteArray *bytes, gsize size)
{
  guint from = bytes->len;

  g_byte_array_set_size (bytes, from + (guint) size);
  memset (bytes->data + from, 0, size);
}

/* tar: POSIX.1-2017, pax, ustar interchange format */

static void
set_checksum (guint8 *header)
{
  guint sum = 0;

  memset (header + 148, ' ', 8);
  for (int i = 0; i < 512; i++)
    sum += header[i];
  g_snprintf ((char *) header + 148, 8, "%06o", sum);
}

static guint
append_tar_header (GByteArray *bytes,
                   const char *name,
                   gsize length,
                   char type,
                   const char *target,
                   gsize size,
                   guint mode)
{
  guint from = bytes->len;
  guint8 *header;

  append_zeros (bytes, 512);
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
  set_checksum (header);
  return from;
}

static void
append_tar_data (GByteArray *bytes, gconstpointer data, gsize size)
{
  append (bytes, data, size);
  append_zeros (bytes, (512 - size % 512) % 512);
}

static void
append_pax (GByteArray *bytes, char type, const char *key, const char *value, gsize length)
{
  gsize size = strlen (key) + length + 3;
  g_autofree char *digits = NULL;

  size += size > 9990 ? 5 : size > 991 ? 4 : size > 96 ? 3 : size > 8 ? 2 : 1;
  digits = g_strdup_printf ("%" G_GSIZE_FORMAT " %s=", size, key);
  append_tar_header (bytes, "pax", 3, type, NULL, size, 0644);
  append (bytes, digits, strlen (digits));
  append (bytes, value, length);
  append (bytes, "\n", 1);
  append_zeros (bytes, (512 - size % 512) % 512);
}

static void
append_tar_item (GByteArray *bytes, const Item *item)
{
  gsize length, size;
  g_autofree char *name = expand_name (item, &length);
  const guint8 *data = item_data (item, FALSE, &size);

  if (length > 100 || memchr (name, '\0', length) != NULL)
    append_pax (bytes, 'x', "path", name, length);
  append_tar_header (bytes, name, length, item->type != 0 ? item->type : '0', item->target, size,
                     item->mode != 0 ? item->mode : 0644);
  append_tar_data (bytes, data, size);
}

static GByteArray *
make_tar (const Item *items)
{
  GByteArray *bytes = g_byte_array_new ();

  for (int i = 0; i < MAX_ITEMS && items[i].name != NULL; i++)
    append_tar_item (bytes, &items[i]);
  append_zeros (bytes, 1024);
  return bytes;
}

/* zip: PKWARE's APPNOTE.TXT, all stored */

static void
append_number (GByteArray *bytes, guint64 number, int width)
{
  guint64 le = GUINT64_TO_LE (number);

  append (bytes, &le, (gsize) width);
}

static guint32
zip_mode (const Item *item)
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
static void
append_zip_fields (GByteArray *bytes,
                   guint16 method,
                   guint32 crc,
                   guint64 packed,
                   guint64 size,
                   gsize length,
                   gboolean wide,
                   gboolean record)
{
  append_number (bytes, wide ? 45 : 20, 2);
  append_number (bytes, 0x800, 2);
  append_number (bytes, method, 2);
  append_number (bytes, 0x5c2153c0, 4);
  append_number (bytes, crc, 4);
  append_number (bytes, wide ? G_MAXUINT32 : packed, 4);
  append_number (bytes, wide ? G_MAXUINT32 : size, 4);
  append_number (bytes, length, 2);
  append_number (bytes, !wide ? 0 : record ? 28 : 20, 2);
}

static void
append_zip64_extra (GByteArray *bytes, guint64 packed, guint64 size, gint64 offset)
{
  append_number (bytes, 1, 2);
  append_number (bytes, offset >= 0 ? 24 : 16, 2);
  append_number (bytes, size, 8);
  append_number (bytes, packed, 8);
  if (offset >= 0)
    append_number (bytes, (guint64) offset, 8);
}

/* Raw deflate. */
static GByteArray *
deflate_bytes (const guint8 *data, gsize size, int bits)
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

static GByteArray *
make_zip (const Item *items, gboolean wide, gboolean deflated, Places *places)
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
      g_autoptr (GByteArray) packed = pack ? deflate_bytes (data, size, -15) : g_byte_array_new ();
      guint32 crc = (guint32) crc32 (crc32 (0, NULL, 0), data, (guint) size);
      guint64 offset = bytes->len;

      if (!pack)
        append (packed, data, size);
      places->local[n] = bytes->len;
      append_number (bytes, 0x04034b50, 4);
      append_zip_fields (bytes, pack ? 8 : 0, crc, packed->len, size, length, wide, FALSE);
      append (bytes, name, length);
      if (wide)
        append_zip64_extra (bytes, packed->len, size, -1);
      places->data[n] = bytes->len;
      append (bytes, packed->data, packed->len);

      places->record[n] = directory->len;
      append_number (directory, 0x02014b50, 4);
      append_number (directory, 3 << 8 | 45, 2);
      append_zip_fields (directory, pack ? 8 : 0, crc, packed->len, size, length, wide, TRUE);
      append_number (directory, 0, 6);
      append_number (directory, (guint64) zip_mode (&items[n]) << 16, 4);
      append_number (directory, wide ? G_MAXUINT32 : offset, 4);
      append (directory, name, length);
      if (wide)
        append_zip64_extra (directory, packed->len, size, (gint64) offset);
    }
  places->directory = bytes->len;
  append (bytes, directory->data, directory->len);
  for (guint i = 0; i < n; i++)
    places->record[i] += places->directory;
  places->end64 = bytes->len;
  if (wide)
    {
      append_number (bytes, 0x06064b50, 4);
      append_number (bytes, 44, 8);
      append_number (bytes, 45 | 45 << 16, 4);
      append_number (bytes, 0, 8);
      append_number (bytes, n, 8);
      append_number (bytes, n, 8);
      append_number (bytes, directory->len, 8);
      append_number (bytes, places->directory, 8);
      places->locator = bytes->len;
      append_number (bytes, 0x07064b50, 4);
      append_number (bytes, 0, 4);
      append_number (bytes, places->end64, 8);
      append_number (bytes, 1, 4);
    }
  places->end = bytes->len;
  append_number (bytes, 0x06054b50, 4);
  append_number (bytes, 0, 4);
  append_number (bytes, wide ? G_MAXUINT16 : n, 2);
  append_number (bytes, wide ? G_MAXUINT16 : n, 2);
  append_number (bytes, wide ? G_MAXUINT32 : directory->len, 4);
  append_number (bytes, wide ? G_MAXUINT32 : places->directory, 4);
  append_number (bytes, 0, 2);
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
static GByteArray *
pack (GByteArray *plain, Packing packing)
{
  if (packing == GZIP)
    return deflate_bytes (plain->data, plain->len, 15 + 16);
  return packing == ZSTD ? pack_zstd (plain) : g_byte_array_ref (plain);
}

/* The ground on which an archive is tried: folder/outside, which must stay, and folder/out, in which it is unpacked. */
typedef struct
{
  char *folder;
  char *archive;
  char *outside;
  char *out;
  guint n_tried;
} Ground;

static void
set_up (Ground *ground, gconstpointer data)
{
  ground->folder = reprise_test_make_folder ();
  ground->archive = g_build_filename (ground->folder, "archive", NULL);
  ground->outside = g_build_filename (ground->folder, "outside", NULL);
  ground->out = g_build_filename (ground->folder, "out", NULL);
  g_assert_true (g_file_set_contents (ground->outside, "untouched", -1, NULL));
}

static void
tear_down (Ground *ground, gconstpointer data)
{
  g_test_message ("%u archives", ground->n_tried);
  reprise_beneath_set_openat2 (TRUE);
  reprise_test_remove_folder (ground->folder);
  g_free (ground->archive);
  g_free (ground->outside);
  g_free (ground->out);
}

/* Without g_file_set_contents(), which waits for the disk. */
static void
write_archive (Ground *ground, const GByteArray *bytes)
{
  FILE *file = g_fopen (ground->archive, "w");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (bytes->data, 1, bytes->len, file), ==, bytes->len);
  g_assert_cmpint (fclose (file), ==, 0);
}

static int
look_cb (const char *path, const struct stat *info, int what, struct FTW *walk)
{
  if (S_ISDIR (info->st_mode))
    g_assert_cmpint (info->st_mode & 07777, ==, 0700);
  else
    {
      g_assert_true (S_ISREG (info->st_mode));
      g_assert_cmpint (info->st_mode & 07777, ==, 0600);
      g_assert_cmpint (info->st_nlink, ==, 1);
    }
  return 0;
}

/* Only what may be is where it may be. */
static void
assert_harmless (Ground *ground)
{
  g_autoptr (GDir) folder = g_dir_open (ground->folder, 0, NULL);
  g_autofree char *outside = reprise_test_read (ground->outside, NULL);
  guint n = 0;

  while (g_dir_read_name (folder) != NULL)
    n++;
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpstr (outside, ==, "untouched");
  g_assert_false (g_file_test (EVIL, G_FILE_TEST_EXISTS));
  g_assert_cmpint (nftw (ground->out, look_cb, 16, FTW_PHYS), ==, 0);
}

/* Everything that can be done with an archive; gives the first error. */
static gboolean
try_all (Ground *ground, GError **error)
{
  g_autoptr (RepriseArchiveReader) reader =
    reprise_archive_reader_open (ground->archive, NULL, NULL, error);
  const RepriseArchiveEntry *entry = NULL;

  if (reader == NULL)
    return FALSE;
  if (!reprise_archive_reader_verify (reader, NULL, NULL, error))
    {
      reprise_archive_reader_extract (reader, ground->out, NULL, NULL, NULL);
      return FALSE;
    }
  return reprise_archive_reader_extract (reader, ground->out, NULL, NULL, error) &&
         (reprise_archive_reader_find (reader, "nothing", &entry, NULL, NULL) || TRUE);
}

/* proc(5): a number of KiB from our own status, or 0. */
static gint64
read_status (const char *key)
{
  g_autofree char *text = NULL;
  const char *at;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL) ||
      (at = strstr (text, key)) == NULL)
    return 0;
  return g_ascii_strtoll (at + strlen (key), NULL, 10);
}

/* Makes the peak of memory start again from what is used now, where the kernel lets us. */
static void
reset_peak (void)
{
  FILE *file = g_fopen ("/proc/self/clear_refs", "w");

  if (file != NULL)
    {
      fputs ("5", file);
      fclose (file);
    }
}

static void
try_archive (Ground *ground, const GByteArray *bytes, int expected, const char *label)
{
  gint64 began = g_get_monotonic_time (), used_kib;
  g_autoptr (GError) error = NULL;
  gboolean ok;

  g_test_message ("%s", label);
  write_archive (ground, bytes);
  g_assert_cmpint (g_mkdir (ground->out, 0700), ==, 0);
  reset_peak ();
  used_kib = read_status ("VmRSS:");
  ok = try_all (ground, &error);
  if (!REPRISE_TEST_WITH_SANITIZER)
    g_assert_cmpint (read_status ("VmHWM:") - used_kib, <, MAX_GROWTH_KIB);
  assert_harmless (ground);
  reprise_test_remove_folder (g_strdup (ground->out));
  if (expected == FINE)
    g_assert_no_error (error);
  else if (expected == REFUSED)
    g_assert_nonnull (error);
  else if (expected >= 0)
    g_assert_error (error, REPRISE_ERROR, expected);
  g_assert_true (ok == (error == NULL));
  g_assert_cmpint (g_get_monotonic_time () - began, <, MAX_SECONDS * G_USEC_PER_SEC);
  ground->n_tried++;
}

/* A packed zip file is no archive that the reader takes: it could not seek in it. */
static int
expected_of (int expected, Format format, Packing packing)
{
  return format != TAR && packing != PLAIN ? REFUSED : expected;
}

static GByteArray *
make (const Item *items, Format format)
{
  Places places = { 0 };

  return format == TAR ? make_tar (items) : make_zip (items, format == ZIP64, FALSE, &places);
}

static void
try_kinds (Ground *ground, Format format)
{
  g_assert_cmpuint (G_N_ELEMENTS (KINDS), >=, 100); /* and more below, by format */
  for (guint i = 0; i < G_N_ELEMENTS (KINDS); i++)
    {
      g_autoptr (GByteArray) bytes = make (KINDS[i].items, format);

      for (Packing packing = PLAIN; packing < N_PACKINGS; packing++)
        {
          g_autoptr (GByteArray) packed = pack (bytes, packing);
          g_autofree char *label = g_strdup_printf ("%s, %s, %s", KINDS[i].label,
                                                    FORMAT_NAMES[format], PACKING_NAMES[packing]);

          try_archive (ground, packed, expected_of (KINDS[i].expected, format, packing), label);
        }
    }
}

static void
test_kinds (Ground *ground, gconstpointer data)
{
  try_kinds (ground, (Format) GPOINTER_TO_INT (data));
}

/* As on a kernel, or in a sandbox, that does not know openat2(). */
static void
test_kinds_without_openat2 (Ground *ground, gconstpointer data)
{
  reprise_beneath_set_openat2 (FALSE);
  try_kinds (ground, TAR);
}

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

static const Item GOOD[MAX_ITEMS] = { { "first", .data = "the first entry" },
                                      { "second", .data = "the second entry" } };

static guint
find_place (const Places *places, const Poke *poke)
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
test_two_ends (Ground *ground, gconstpointer data)
{
  static const Item other[MAX_ITEMS] = { { "other", .data = "y" } };
  Places places = { 0 };

  for (int wide = 0; wide < 2; wide++)
    {
      g_autoptr (GByteArray) bytes = make_zip (GOOD, wide, FALSE, &places);
      g_autoptr (GByteArray) comment = make_zip (other, FALSE, FALSE, &places);

      bytes->data[bytes->len - 2] = (guint8) comment->len;
      bytes->data[bytes->len - 1] = (guint8) (comment->len >> 8);
      append (bytes, comment->data, comment->len);
      try_archive (ground, bytes, REPRISE_ERROR_DAMAGED, "an end in the comment");
    }
}

/* Data that look like the end of the file, right to its last byte. */
static void
test_end_in_data (Ground *ground, gconstpointer data)
{
  static const Item items[MAX_ITEMS] = { { "trap", .data = "0123456789012345678901" } };
  Places places = { 0 };
  g_autoptr (GByteArray) bytes = make_zip (items, FALSE, FALSE, &places);
  guint8 *end = bytes->data + places.data[0];
  guint32 crc;

  memcpy (end, bytes->data + places.end, 20);
  end[20] = (guint8) (bytes->len - places.data[0] - 22);
  end[21] = 0;
  crc = GUINT32_TO_LE ((guint32) crc32 (crc32 (0, NULL, 0), end, 22));
  memcpy (bytes->data + places.local[0] + 14, &crc, 4);
  memcpy (bytes->data + places.record[0] + 16, &crc, 4);
  try_archive (ground, bytes, REPRISE_ERROR_DAMAGED, "an end in the data");
}

/* An entry that the directory leaves out: a program that reads from the start would see it. */
static void
test_left_out (Ground *ground, gconstpointer data)
{
  static const Item items[MAX_ITEMS] = {
    { "one", .data = "1" }, { "two", .data = "2" }, { "six", .data = "3" }, { "ten", .data = "4" }
  };

  for (int i = 0; i < MAX_ITEMS; i++)
    {
      Places places = { 0 };
      g_autoptr (GByteArray) bytes = make_zip (items, FALSE, FALSE, &places);
      guint8 *end;

      g_byte_array_remove_range (bytes, places.record[i], 46 + 3);
      end = bytes->data + places.end - (46 + 3);
      end[8] = end[10] = MAX_ITEMS - 1;
      end[12] = (MAX_ITEMS - 1) * (46 + 3);
      try_archive (ground, bytes, REPRISE_ERROR_DAMAGED, "an entry left out");
    }
}

/* A directory that goes on after its last record. */
static void
test_slack (Ground *ground, gconstpointer data)
{
  for (guint slack = 1; slack < 100; slack += 15)
    {
      Places places = { 0 };
      g_autoptr (GByteArray) bytes = make_zip (GOOD, FALSE, FALSE, &places);
      g_autofree guint8 *end = g_memdup2 (bytes->data + places.end, 22);

      end[12] = (guint8) (end[12] + slack);
      g_byte_array_set_size (bytes, places.end);
      append_zeros (bytes, slack);
      append (bytes, end, 22);
      try_archive (ground, bytes, REPRISE_ERROR_DAMAGED, "bytes after the last record");
    }
}

static void
test_pokes (Ground *ground, gconstpointer data)
{
  for (Format format = ZIP; format <= ZIP64; format++)
    for (guint i = 0; i < G_N_ELEMENTS (POKES); i++)
      {
        Places places = { 0 };
        g_autoptr (GByteArray) bytes = make_zip (GOOD, format == ZIP64, FALSE, &places);
        guint64 value = GUINT64_TO_LE ((guint64) POKES[i].value);

        if (POKES[i].formats != 0 && (POKES[i].formats & 1u << format) == 0)
          continue;
        memcpy (bytes->data + find_place (&places, &POKES[i]) + POKES[i].offset, &value,
                (gsize) POKES[i].width);
        try_archive (ground, bytes, POKES[i].expected, POKES[i].label);
      }
}

/* Reads everything; whether it is good, and then what both entries hold must be right. */
static gboolean
is_good (const char *path, GError **error)
{
  g_autoptr (RepriseArchiveReader) reader = reprise_archive_reader_open (path, NULL, NULL, error);

  if (reader == NULL || !reprise_archive_reader_verify (reader, NULL, NULL, error))
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
test_each_byte (Ground *ground, gconstpointer data)
{
  static const guint8 changes[] = { 0x01, 0x80, 0xff };

  for (int variant = 0; variant < 4; variant++)
    {
      Places places = { 0 };
      g_autoptr (GByteArray) bytes = make_zip (GOOD, variant & 1, (variant & 2) != 0, &places);

      for (guint i = 0; i < bytes->len * G_N_ELEMENTS (changes); i++)
        {
          guint8 *byte = &bytes->data[i / G_N_ELEMENTS (changes)];
          g_autoptr (GError) error = NULL;

          *byte ^= changes[i % G_N_ELEMENTS (changes)];
          write_archive (ground, bytes);
          *byte ^= changes[i % G_N_ELEMENTS (changes)];
          g_assert_true (is_good (ground->archive, &error) == (error == NULL));
          ground->n_tried++;
        }
    }
}

/* Cut off at each byte, in each format and packing: never whole. */
static void
test_cut_off (Ground *ground, gconstpointer data)
{
  for (Format format = TAR; format < N_FORMATS; format++)
    for (Packing packing = PLAIN; packing < N_PACKINGS; packing++)
      {
        g_autoptr (GByteArray) plain = make (GOOD, format);
        g_autoptr (GByteArray) bytes = pack (plain, packing);

        while (bytes->len > 0)
          {
            g_byte_array_set_size (
              bytes, bytes->len - MIN (bytes->len, format == TAR && packing == PLAIN ? 64 : 1));
            try_archive (ground, bytes, REFUSED, "cut off");
          }
      }
}

static void
try_with (Ground *ground,
          const Item *items,
          Format format,
          const char *before,
          const char *after,
          gsize size,
          int expected,
          const char *label)
{
  g_autoptr (GByteArray) archive = make (items, format);

  for (Packing packing = PLAIN; packing < N_PACKINGS; packing++)
    {
      g_autoptr (GByteArray) packed = pack (archive, packing);
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      append (bytes, before, before != NULL ? size : 0);
      append (bytes, packed->data, packed->len);
      append (bytes, after, after != NULL ? size : 0);
      try_archive (ground, bytes, expected_of (expected, format, packing), label);
    }
}

static void
test_junk (Ground *ground, gconstpointer data)
{
  g_autofree char *block = g_strnfill (1024, 'x');
  g_autofree char *zeros = g_malloc0 (1024);

  for (Format format = TAR; format < N_FORMATS; format++)
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
  for (Format format = ZIP; format < N_FORMATS; format++)
    {
      try_with (ground, GOOD, format, NULL, zeros, 1024, REPRISE_ERROR_DAMAGED,
                "zeros after the end");
      try_with (ground, GOOD, format, "MZ", NULL, 2, REPRISE_ERROR_DAMAGED,
                "a program before the start");
    }
}

/* Two archives in a row: two programs would see two different ones. */
static void
test_twice (Ground *ground, gconstpointer data)
{
  static const Item other[MAX_ITEMS] = { { "other", .data = "y" } };

  for (Format first = TAR; first < N_FORMATS; first++)
    for (Format second = TAR; second < N_FORMATS; second++)
      {
        g_autoptr (GByteArray) bytes = make (GOOD, first), after = make (other, second);

        append (bytes, after->data, after->len);
        try_archive (ground, bytes, REPRISE_ERROR_DAMAGED, "two archives in a row");
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
  static const Item one[MAX_ITEMS] = { { "first", .data = "the first entry" } };
  Places places = { 0 };
  GByteArray *bytes = make_zip (one, FALSE, FALSE, &places);
  g_autoptr (GByteArray) rest = g_byte_array_new ();
  guint32 directory;

  append (rest, bytes->data + places.directory, bytes->len - places.directory);
  memset (bytes->data + places.local[0] + 14, 0, 12);
  bytes->data[places.local[0] + 6] |= 8;
  rest->data[8] |= 8;
  g_byte_array_set_size (bytes, places.directory);
  append (bytes, descriptor->data, descriptor->len);
  append_zeros (bytes, (gsize) gap);
  directory = GUINT32_TO_LE (bytes->len);
  append (bytes, rest->data, rest->len);
  memcpy (bytes->data + bytes->len - 6, &directory, 4);
  return bytes;
}

static void
try_descriptor (Ground *ground,
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
    append_number (descriptor, 0x08074b50, 4);
  append_number (descriptor, crc_of ("the first entry") + (guint32) crc_change, 4);
  append_number (descriptor, (guint64) (15 + packed_change), width);
  append_number (descriptor, (guint64) (15 + size_change), width);
  bytes = make_streamed (descriptor, gap);
  try_archive (ground, bytes, expected, label);
}

static void
test_descriptors (Ground *ground, gconstpointer data)
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
  try_archive (ground, missing, REPRISE_ERROR_DAMAGED, "descriptor that is not there");
}

/* Deflated data that do not hold what the directory says. */
static void
try_deflated (Ground *ground,
              GByteArray *packed,
              gsize size,
              guint32 crc,
              int expected,
              const char *label)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint directory;

  append_number (bytes, 0x04034b50, 4);
  append_zip_fields (bytes, 8, crc, packed->len, size, 1, FALSE, FALSE);
  append (bytes, "a", 1);
  append (bytes, packed->data, packed->len);
  directory = bytes->len;
  append_number (bytes, 0x02014b50, 4);
  append_number (bytes, 3 << 8 | 20, 2);
  append_zip_fields (bytes, 8, crc, packed->len, size, 1, FALSE, TRUE);
  append_number (bytes, 0, 6);
  append_number (bytes, (guint64) (S_IFREG | 0644) << 16, 4);
  append_number (bytes, 0, 4);
  append (bytes, "a", 1);
  append_number (bytes, 0x06054b50, 4);
  append_number (bytes, 0, 4);
  append_number (bytes, 1 | 1 << 16, 4);
  append_number (bytes, 47, 4);
  append_number (bytes, directory, 4);
  append_number (bytes, 0, 2);
  try_archive (ground, bytes, expected, label);
}

static void
test_deflated (Ground *ground, gconstpointer data)
{
  g_autofree char *text = g_strnfill (300000, 'x');
  guint32 crc = crc_of (text);
  g_autoptr (GByteArray) packed = deflate_bytes ((guint8 *) text, 300000, -15);
  g_autoptr (GByteArray) longer = deflate_bytes ((guint8 *) text, 300000, -15);
  g_autoptr (GByteArray) shorter = deflate_bytes ((guint8 *) text, 300000, -15);
  g_autoptr (GByteArray) nothing = g_byte_array_new ();
  g_autoptr (GByteArray) garbage = g_byte_array_new ();
  g_autoptr (GByteArray) endless = g_byte_array_new ();

  append (longer, "x", 1);
  g_byte_array_set_size (shorter, shorter->len - 1);
  append (garbage, text, 1000);
  for (int i = 0; i < 10000; i++)
    append (endless, "\0\0\0\xff\xff", 5); /* empty stored blocks, none of them the last */
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
test_zip_bomb (Ground *ground, gconstpointer data)
{
  static const Item bomb[MAX_ITEMS] = { { "bomb", .zeros = 70 * 1024 * 1024 } };
  static const Item four[MAX_ITEMS] = { { "1", .zeros = 20 * 1024 * 1024 },
                                        { "2", .zeros = 20 * 1024 * 1024 },
                                        { "3", .zeros = 20 * 1024 * 1024 },
                                        { "4", .zeros = 20 * 1024 * 1024 } };

  for (Format format = ZIP; format < N_FORMATS; format++)
    {
      g_autoptr (GByteArray) one = make (bomb, format), many = make (four, format);

      try_archive (ground, one, REPRISE_ERROR_LIMIT, "bomb in one entry");
      try_archive (ground, many, REPRISE_ERROR_LIMIT, "bomb in four entries");
    }
}

static void
test_packed_bomb (Ground *ground, gconstpointer data)
{
  static const Item bomb[MAX_ITEMS] = { { "bomb", .zeros = 70 * 1024 * 1024 } };
  g_autoptr (GByteArray) tar = make_tar (bomb);

  for (Packing packing = GZIP; packing < N_PACKINGS; packing++)
    {
      g_autoptr (GByteArray) packed = pack (tar, packing);

      try_archive (ground, packed, REPRISE_ERROR_LIMIT, "packed bomb");
    }
}

/* A bomb beside an honest file that is large enough to hide it in the sum. */
static void
test_hidden_bomb (Ground *ground, gconstpointer data)
{
  g_autofree char *text = g_strnfill (1024 * 1024, 'x');
  const Item items[MAX_ITEMS] = { { "honest", .data = text },
                                  { "bomb", .zeros = 70 * 1024 * 1024 } };

  for (Format format = ZIP; format < N_FORMATS; format++)
    {
      g_autoptr (GByteArray) bytes = make (items, format);

      try_archive (ground, bytes, REPRISE_ERROR_LIMIT, "a bomb beside a file");
    }
}

/* Zeros after the end are nobody's entry, and have to be unpacked all the same. */
static void
test_bomb_at_the_end (Ground *ground, gconstpointer data)
{
  g_autoptr (GByteArray) tar = make_tar (GOOD);

  append_zeros (tar, 70 * 1024 * 1024);
  for (Packing packing = GZIP; packing < N_PACKINGS; packing++)
    {
      g_autoptr (GByteArray) packed = pack (tar, packing);

      try_archive (ground, packed, REPRISE_ERROR_LIMIT, "a bomb after the end");
    }
}

/* Records that share one entry: a few bytes for each, the whole of it unpacked for each. */
static void
test_overlap (Ground *ground, gconstpointer data)
{
  for (int wide = 0; wide < 2; wide++)
    for (int shift = 0; shift < 16; shift++)
      {
        Places places = { 0 };
        g_autoptr (GByteArray) bytes = make_zip (GOOD, wide, FALSE, &places);
        guint64 offset = GUINT64_TO_LE ((guint64) shift);

        memcpy (bytes->data + places.record[1] + (wide ? 72 : 42), &offset, wide ? 8 : 4);
        try_archive (ground, bytes, REPRISE_ERROR_DAMAGED, "two records of one entry");
      }
}

/* tar: what only tar can do. */

static void
try_tar (Ground *ground, GByteArray *bytes, gboolean with_end, int expected, const char *label)
{
  if (with_end)
    append_zeros (bytes, 1024);
  for (Packing packing = PLAIN; packing < N_PACKINGS; packing++)
    {
      g_autoptr (GByteArray) packed = pack (bytes, packing);

      try_archive (ground, packed, expected, label);
    }
}

static void
test_tar_ends (Ground *ground, gconstpointer data)
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
      g_autoptr (GByteArray) bytes = make_tar (GOOD);

      g_byte_array_set_size (bytes, bytes->len - 1024);
      append_zeros (bytes, ends[i].zeros);
      try_tar (ground, bytes, FALSE, ends[i].expected, ends[i].label);
    }
}

/* TRAPS A1: an entry of zeros, cut at the end of a block, must not pass for the end of the archive. */
static void
test_tar_of_zeros (Ground *ground, gconstpointer data)
{
  static const Item zeros[MAX_ITEMS] = { { "zeros", .zeros = 4096 } };
  g_autoptr (GByteArray) whole = make_tar (zeros);

  try_archive (ground, whole, FINE, "an entry of zeros");
  for (guint size = 512; size < whole->len; size += 512)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      append (bytes, whole->data, size);
      try_archive (ground, bytes, REPRISE_ERROR_DAMAGED, "an entry of zeros, cut off");
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
test_pax (Ground *ground, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (PAX); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      append_pax (bytes, PAX[i].type, PAX[i].key, PAX[i].value, strlen (PAX[i].value));
      append_tar_item (bytes, &GOOD[0]);
      append_tar_item (bytes, &GOOD[1]);
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
test_tar_fields (Ground *ground, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (FIELDS); i++)
    {
      g_autoptr (GByteArray) bytes = make_tar (GOOD);

      memcpy (bytes->data + FIELDS[i].offset, FIELDS[i].bytes, FIELDS[i].size);
      if (FIELDS[i].offset != 148)
        set_checksum (bytes->data);
      try_tar (ground, bytes, FALSE, FIELDS[i].expected, FIELDS[i].label);
    }
}

static void
append_gnu_long (GByteArray *bytes, char type, const char *text)
{
  append_tar_header (bytes, "././@LongLink", 13, type, NULL, strlen (text) + 1, 0);
  append_tar_data (bytes, text, strlen (text) + 1);
}

static void
test_gnu (Ground *ground, gconstpointer data)
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
      append_tar_item (bytes, &GOOD[0]);
      try_tar (ground, bytes, TRUE, longs[i].expected, longs[i].label);
    }
  {
    g_autoptr (GByteArray) bytes = g_byte_array_new ();

    append_gnu_long (bytes, 'L', huge);
    append_tar_item (bytes, &GOOD[0]);
    try_tar (ground, bytes, TRUE, REFUSED, "GNU long name of 3 MiB");
  }
}

/* Headers for headers: libarchive calls itself for each. */
static void
test_many_headers (Ground *ground, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (int i = 0; i < 20000; i++)
    append_pax (bytes, "xgLK"[i % 4], "comment", "x", 1);
  append_tar_item (bytes, &GOOD[0]);
  try_tar (ground, bytes, TRUE, REFUSED, "20,000 headers for one entry");
}

static void
append_sparse_header (GByteArray *bytes,
                      const char *offset,
                      const char *length,
                      const char *real_size)
{
  guint8 *header;
  guint from = append_tar_header (bytes, "sparse", 6, 'S', NULL, 512, 0644);

  header = bytes->data + from;
  memcpy (header + 257, "ustar  ", 8);
  memset (header + 345, 0, 155);
  memcpy (header + 386, offset, 12);
  memcpy (header + 398, length, 12);
  memcpy (header + 483, real_size, 12);
  set_checksum (header);
  append_zeros (bytes, 512);
}

static void
test_sparse (Ground *ground, gconstpointer data)
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
test_gzip (Ground *ground, gconstpointer data)
{
  g_autoptr (GByteArray) tar = make_tar (GOOD);

  for (guint i = 1; i <= 8; i++) /* RFC 1952, 2.3.1: the checksum and the size */
    {
      g_autoptr (GByteArray) packed = pack (tar, GZIP);

      packed->data[packed->len - i] ^= 1;
      try_archive (ground, packed, REPRISE_ERROR_DAMAGED, "gzip: checksum or size");
    }
  {
    g_autoptr (GByteArray) twice = g_byte_array_new ();
    g_autoptr (GByteArray) start = g_byte_array_new (), rest = g_byte_array_new ();
    g_autoptr (GByteArray) one = NULL, two = NULL;

    append (start, tar->data, 700);
    append (rest, tar->data + 700, tar->len - 700);
    one = pack (start, GZIP);
    two = pack (rest, GZIP);
    append (twice, one->data, one->len);
    append (twice, two->data, two->len);
    try_archive (ground, twice, FINE, "gzip: two members");
    append (twice, one->data, one->len);
    try_archive (ground, twice, REPRISE_ERROR_DAMAGED, "gzip: a member after the end");
  }
}

static void
test_zstd (Ground *ground, gconstpointer data)
{
  static const guint8 skippable[] = { 0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c' };
  static const guint8 window[] = { 0x28, 0xb5, 0x2f, 0xfd, 0, 0xa8, 1, 0, 0 }; /* 2 GiB */
  g_autoptr (GByteArray) tar = make_tar (GOOD);
  g_autoptr (GByteArray) packed = pack (tar, ZSTD);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 1; i <= 4; i++) /* RFC 8878, 3.1.1: the checksum */
    {
      packed->data[packed->len - i] ^= 1;
      try_archive (ground, packed, REPRISE_ERROR_DAMAGED, "zstd: checksum");
      packed->data[packed->len - i] ^= 1;
    }
  append (bytes, skippable, sizeof skippable);
  append (bytes, packed->data, packed->len);
  append (bytes, skippable, sizeof skippable);
  try_archive (ground, bytes, FINE, "zstd: frames to skip");
  g_byte_array_set_size (bytes, bytes->len - 1);
  try_archive (ground, bytes, REPRISE_ERROR_DAMAGED, "zstd: a frame to skip, cut off");
  g_byte_array_set_size (bytes, 0);
  append (bytes, window, sizeof window);
  try_archive (ground, bytes, REPRISE_ERROR_LIMIT, "zstd: a window of 2 GiB");
}

/* Archives that are none. */
static void
test_none (Ground *ground, gconstpointer data)
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

      append (bytes, none[i].bytes, none[i].size);
      try_archive (ground, bytes, REFUSED, none[i].label);
    }
}

static void
test_many_entries (Ground *ground, gconstpointer data)
{
  const RepriseArchiveLimits limits = { .max_entries = 1 };
  const RepriseArchiveLimits small = { .max_total_bytes = 30 };

  for (Format format = TAR; format < N_FORMATS; format++)
    {
      g_autoptr (GByteArray) bytes = make (GOOD, format);

      for (int i = 0; i < 2; i++)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (RepriseArchiveReader) reader = NULL;

          write_archive (ground, bytes);
          reader =
            reprise_archive_reader_open (ground->archive, i == 0 ? &limits : &small, NULL, &error);
          if (reader != NULL)
            reprise_archive_reader_verify (reader, NULL, NULL, &error);
          g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
        }
    }
}

/* The folder itself holds what an earlier archive, or somebody else, put there: a link is not followed. */
static void
test_planted_link (Ground *ground, gconstpointer data)
{
  static const Item items[MAX_ITEMS] = { { "link/evil", .data = "x" } };
  static const Item file[MAX_ITEMS] = { { "link", .data = "x" } };
  g_autoptr (GByteArray) through = make_tar (items), over = make_tar (file);

  for (int without = 0; without < 2; without++)
    for (int i = 0; i < 2; i++)
      {
        GByteArray *bytes = i == 0 ? through : over;
        g_autoptr (RepriseArchiveReader) reader = NULL;
        g_autofree char *link_path = g_build_filename (ground->out, "link", NULL);
        g_autoptr (GError) error = NULL;

        reprise_beneath_set_openat2 (!without);
        write_archive (ground, bytes);
        g_assert_cmpint (g_mkdir (ground->out, 0700), ==, 0);
        g_assert_cmpint (symlink (i == 0 ? ".." : "../outside", link_path), ==, 0);
        reader = reprise_archive_reader_open (ground->archive, NULL, NULL, &error);
        g_assert_no_error (error);
        g_assert_false (reprise_archive_reader_extract (reader, ground->out, NULL, NULL, &error));
        g_assert_nonnull (error);
        g_assert_cmpint (unlink (link_path), ==, 0);
        assert_harmless (ground);
        reprise_test_remove_folder (g_strdup (ground->out));
      }
}

/* Without a disk's worth of bytes: @packed grows only in what its header says. */
static void
test_free_space (Ground *ground, gconstpointer data)
{
  const guint64 huge = G_GUINT64_CONSTANT (1) << 50;
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, huge);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (RepriseArchiveReader) reader = NULL;
  g_autoptr (GError) error = NULL;

  append_pax (bytes, 'x', "size", size, strlen (size));
  append_tar_item (bytes, &GOOD[0]);
  write_archive (ground, bytes);
  g_assert_cmpint (g_mkdir (ground->out, 0700), ==, 0);
  reader = reprise_archive_reader_open (ground->archive, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_archive_reader_extract (reader, ground->out, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
  assert_harmless (ground);
}

int
main (int argc, char **argv)
{
  if (g_access ("/dev/shm", W_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm",
              TRUE); /* thousands of folders, which need not wait for a disk */
  reprise_test_init (&argc, &argv);
#define ADD(path, data, func) \
  g_test_add ("/archive-hostile/" path, Ground, GINT_TO_POINTER (data), set_up, func, tear_down)
  ADD ("kinds/tar", TAR, test_kinds);
  ADD ("kinds/zip", ZIP, test_kinds);
  ADD ("kinds/zip64", ZIP64, test_kinds);
  ADD ("kinds/without-openat2", TAR, test_kinds_without_openat2);
  ADD ("zip/pokes", 0, test_pokes);
  ADD ("zip/two-ends", 0, test_two_ends);
  ADD ("zip/end-in-data", 0, test_end_in_data);
  ADD ("zip/left-out", 0, test_left_out);
  ADD ("zip/slack", 0, test_slack);
  ADD ("zip/hidden-bomb", 0, test_hidden_bomb);
  ADD ("tar/bomb-at-the-end", 0, test_bomb_at_the_end);
  ADD ("zip/each-byte", 0, test_each_byte);
  ADD ("zip/descriptors", 0, test_descriptors);
  ADD ("zip/deflated", 0, test_deflated);
  ADD ("zip/bomb", 0, test_zip_bomb);
  ADD ("zip/overlap", 0, test_overlap);
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
  ADD ("cut-off", 0, test_cut_off);
  ADD ("junk", 0, test_junk);
  ADD ("twice", 0, test_twice);
  ADD ("none", 0, test_none);
  ADD ("many-entries", 0, test_many_entries);
  ADD ("planted-link", 0, test_planted_link);
  ADD ("free-space", 0, test_free_space);
  return g_test_run ();
}
