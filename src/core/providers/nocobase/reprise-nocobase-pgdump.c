/* reprise-nocobase-pgdump.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/nocobase/reprise-nocobase-pgdump.h"

/*
 * The custom format of pg_dump, versions 1.12 to 1.16 (PostgreSQL 9.0 to 17), read from beginning to end:
 *
 *   “PGDMP” major minor revision int-size offset-size format compression time names versions
 *   number of entries, entries: what there is, whose data has which number
 *   blocks: kind, number, then pieces of (length, bytes) up to a length of 0: data of a table, compressed by zlib or not
 *
 * An integer is a sign byte and int-size bytes, lowest first; a text is its length (-1: none) and its bytes.
 */
#define VERSION(major, minor) ((major) *256u + (minor))
#define FORMAT_CUSTOM         1
#define BLOCK_DATA            1
#define BLOCK_BLOBS           3
#define OFFSET_NO_DATA        3
#define COMPRESSION_NONE      0
#define COMPRESSION_GZIP      1

#define BUFFER_BYTES   (64 * 1024)
#define MAX_ENTRIES    1000000
#define MAX_NAME_BYTES 1024
#define FREE_BYTES     ((gint64) 64 * 1024 * 1024) /* what may be unpacked at any ratio */
#define MAX_RATIO      200

typedef struct
{
  RepriseNocobasePull pull;
  gpointer user_data;
  GCancellable *cancellable;
  guint8 *buffer; /* (owned) BUFFER_BYTES */
  gsize start, end;
  guint version;
  guint int_size, offset_size;
  int compression;
  gint64 packed_bytes, unpacked_bytes; /* of all data so far */
  GHashTable
    *tables; /* (owned) (element-type int RepriseNocobaseTable): by number, lent by the list */
  GHashTable *expected; /* (owned) (element-type int): numbers whose data has not come yet */
} Reader;

static void
reader_clear (Reader *self)
{
  g_free (self->buffer);
  g_clear_pointer (&self->tables, g_hash_table_unref);
  g_clear_pointer (&self->expected, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

static void
table_free (RepriseNocobaseTable *table)
{
  g_free (table->schema);
  g_free (table->name);
  g_free (table);
}

static gboolean
damaged (GError **error, const char *reason)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     /* Translators: what is wrong with it, a whole clause */
                     _ ("The PostgreSQL dump in the archive is damaged: %s"), reason);
  return FALSE;
}

/* Whether a dump of this kind begins so. */
gboolean
reprise_nocobase_pgdump_is_magic (gconstpointer head, gsize size)
{
  return size >= 5 && memcmp (head, "PGDMP", 5) == 0;
}

/* More into the empty buffer: 1, or 0 at the end, or -1. */
static int
fill (Reader *self, GError **error)
{
  gssize got = self->pull (self->user_data, self->buffer, BUFFER_BYTES, self->cancellable, error);

  self->start = 0;
  self->end = got > 0 ? (gsize) got : 0;
  return got > 0 ? 1 : (int) got;
}

/* Exactly @size bytes, into @target where there is one. */
static gboolean
take (Reader *self, guint8 *target, gsize size, GError **error)
{
  while (size > 0)
    {
      gsize part;

      if (self->start == self->end)
        {
          int more = fill (self, error);

          if (more <= 0)
            return more == 0 ? damaged (error, _ ("it is cut off")) : FALSE;
        }
      part = MIN (size, self->end - self->start);
      if (target != NULL)
        {
          memcpy (target, self->buffer + self->start, part);
          target += part;
        }
      self->start += part;
      size -= part;
    }
  return TRUE;
}

static gboolean
take_byte (Reader *self, guint8 *value, GError **error)
{
  return take (self, value, 1, error);
}

static gboolean
take_int (Reader *self, gint64 *value, GError **error)
{
  guint8 bytes[9];
  guint64 sum = 0;

  if (!take (self, bytes, 1 + self->int_size, error))
    return FALSE;
  for (guint i = self->int_size; i > 0; i--)
    sum = sum << 8 | bytes[i];
  if (bytes[0] > 1 || sum > G_MAXINT32)
    return damaged (error, _ ("a number in it is out of range"));
  *value = bytes[0] == 1 ? -(gint64) sum : (gint64) sum;
  return TRUE;
}

/* @text may be %NULL for one that nobody needs; too long a one is left out. */
static gboolean
take_text (Reader *self, char **text, GError **error)
{
  gint64 length;

  if (text != NULL)
    *text = NULL;
  if (!take_int (self, &length, error))
    return FALSE;
  if (length < 0)
    return TRUE;
  if (text == NULL || length > MAX_NAME_BYTES)
    return take (self, NULL, (gsize) length, error);
  *text = g_malloc0 ((gsize) length + 1);
  if (take (self, (guint8 *) *text, (gsize) length, error))
    return TRUE;
  g_clear_pointer (text, g_free);
  return FALSE;
}

static gboolean
skip_texts (Reader *self, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    if (!take_text (self, NULL, error))
      return FALSE;
  return TRUE;
}

static gboolean
skip_ints (Reader *self, guint n, GError **error)
{
  gint64 value;

  for (guint i = 0; i < n; i++)
    if (!take_int (self, &value, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_compression (Reader *self, GError **error)
{
  guint8 method;
  gint64 level;

  if (self->version >= VERSION (1, 15))
    {
      if (!take_byte (self, &method, error))
        return FALSE;
      self->compression = method;
      return TRUE;
    }
  if (!take_int (self, &level, error))
    return FALSE;
  self->compression = level == 0 ? COMPRESSION_NONE : COMPRESSION_GZIP;
  return TRUE;
}

static gboolean
read_header (Reader *self, char **server_version, GError **error)
{
  guint8 head[11];

  if (!take (self, head, sizeof head, error))
    return FALSE;
  if (!reprise_nocobase_pgdump_is_magic (head, sizeof head))
    return damaged (error, _ ("it does not begin as one"));
  self->version = VERSION (head[5], head[6]);
  self->int_size = head[8];
  self->offset_size = head[9];
  if (self->version < VERSION (1, 12) || self->version > VERSION (1, 16) ||
      head[10] != FORMAT_CUSTOM)
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        _ ("The PostgreSQL dump in the archive is of version %u.%u, which this program "
           "cannot look into"),
        head[5], head[6]);
      return FALSE;
    }
  if (self->int_size < 1 || self->int_size > 8 || self->offset_size < 1 || self->offset_size > 8)
    return damaged (error, _ ("a number in it is out of range"));
  /* compression, seven numbers of a time, the database's name, the server's and the program's version */
  return read_compression (self, error) && skip_ints (self, 7, error) &&
         skip_texts (self, 1, error) && take_text (self, server_version, error) &&
         skip_texts (self, 1, error);
}

/* What follows the names up to the end of an entry; whether it has data. */
static gboolean
read_entry_end (Reader *self, gboolean *has_data, GError **error)
{
  g_autofree char *dependency = NULL;
  guint8 flag;

  if (!skip_texts (self, self->version >= VERSION (1, 14) ? 2 : 1,
                   error)) /* table space, access method */
    return FALSE;
  if (self->version >= VERSION (1, 16) && !skip_ints (self, 1, error))
    return FALSE;
  if (!skip_texts (self, 2, error)) /* owner, with OIDs */
    return FALSE;
  do
    {
      g_clear_pointer (&dependency, g_free);
      if (!take_text (self, &dependency, error))
        return FALSE;
    }
  while (dependency != NULL);
  if (!take_byte (self, &flag, error))
    return FALSE;
  *has_data = flag != OFFSET_NO_DATA;
  return take (self, NULL, self->offset_size, error);
}

static gboolean
read_entry (Reader *self, GPtrArray *list, GError **error)
{
  g_autofree char *name = NULL, *what = NULL, *schema = NULL;
  gint64 number, dumper;
  gboolean has_data;

  if (!take_int (self, &number, error) || !take_int (self, &dumper, error) ||
      !skip_texts (self, 2, error) || !take_text (self, &name, error) ||
      !take_text (self, &what, error) || !skip_ints (self, 1, error) ||
      !skip_texts (self, 3, error) || !take_text (self, &schema, error) ||
      !read_entry_end (self, &has_data, error))
    return FALSE;
  if (g_strcmp0 (what, "TABLE DATA") == 0 && name != NULL && has_data && dumper != 0)
    {
      RepriseNocobaseTable *table = g_new0 (RepriseNocobaseTable, 1);

      table->schema = g_steal_pointer (&schema);
      table->name = g_utf8_make_valid (name, -1);
      g_ptr_array_add (list, table);
      g_hash_table_insert (self->tables, GINT_TO_POINTER ((int) number), table);
      g_hash_table_add (self->expected, GINT_TO_POINTER ((int) number));
    }
  return TRUE;
}

/* Data in the form of COPY: one line per row, and “\.” on a line of its own at the end. */
typedef struct
{
  RepriseNocobaseTable *table; /* (nullable) */
  gsize line_length;           /* of the line that is being read, up to 3 */
  char line_start[2];
  gboolean ended;
} Lines;

static void
lines_add (Lines *self, const char *data, gsize size)
{
  const char *end = data + size;

  self->table->size_bytes += (gint64) size;
  while (data < end && !self->ended)
    {
      const char *feed = memchr (data, '\n', (gsize) (end - data));
      gsize part = (gsize) ((feed != NULL ? feed : end) - data);

      for (gsize i = 0; i < part && self->line_length + i < 2; i++)
        self->line_start[self->line_length + i] = data[i];
      self->line_length = MIN (self->line_length + part, 3);
      if (feed == NULL)
        return;
      if (self->line_length == 2 && memcmp (self->line_start, "\\.", 2) == 0)
        self->ended = TRUE;
      else
        self->table->rows++;
      self->line_length = 0;
      data = feed + 1;
    }
}

static gboolean
count (Reader *self, Lines *lines, const char *data, gsize size, GError **error)
{
  self->unpacked_bytes += (gint64) size;
  if (self->unpacked_bytes > FREE_BYTES && self->unpacked_bytes / MAX_RATIO > self->packed_bytes)
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
        _ ("The PostgreSQL dump in the archive unpacks to more than %d times its size"), MAX_RATIO);
      return FALSE;
    }
  if (lines->table != NULL)
    lines_add (lines, data, size);
  return TRUE;
}

/* Unpacks what can be; what is left of @input stays in it. */
static gboolean
inflate_some (Reader *self,
              GConverter *inflate,
              GByteArray *input,
              gboolean *finished,
              Lines *lines,
              GError **error)
{
  g_autofree char *output = g_malloc (BUFFER_BYTES);
  gsize used = 0;

  while (!*finished)
    {
      g_autoptr (GError) local = NULL;
      gsize in = 0, out = 0;
      GConverterResult result =
        g_converter_convert (inflate, input->data + used, input->len - used, output, BUFFER_BYTES,
                             G_CONVERTER_NO_FLAGS, &in, &out, &local);

      if (result == G_CONVERTER_ERROR)
        {
          if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
            return damaged (error, _ ("the data of a table cannot be unpacked"));
          break;
        }
      used += in;
      if (!count (self, lines, output, out, error))
        return FALSE;
      *finished = result == G_CONVERTER_FINISHED;
    }
  if (*finished && used < input->len)
    return damaged (error, _ ("the data of a table is longer than it should be"));
  g_byte_array_remove_range (input, 0, (guint) used);
  return TRUE;
}

/* The pieces of one block's data. */
static gboolean
read_pieces (Reader *self, Lines *lines, GError **error)
{
  g_autoptr (GZlibDecompressor) inflate = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  g_autoptr (GByteArray) input = g_byte_array_new ();
  gboolean packed = self->compression == COMPRESSION_GZIP, finished = FALSE, any = FALSE;
  gint64 length;

  for (;;)
    {
      if (!take_int (self, &length, error))
        return FALSE;
      if (length < 0)
        return damaged (error, _ ("a number in it is out of range"));
      if (length == 0)
        break;
      any = TRUE;
      self->packed_bytes += length;
      while (length > 0)
        {
          gsize part;

          if (self->start == self->end && fill (self, error) <= 0)
            return error != NULL && *error != NULL ? FALSE : damaged (error, _ ("it is cut off"));
          part = MIN ((gsize) length, self->end - self->start);
          if (packed)
            {
              if (finished)
                return damaged (error, _ ("the data of a table is longer than it should be"));
              g_byte_array_append (input, self->buffer + self->start, (guint) part);
              if (!inflate_some (self, G_CONVERTER (inflate), input, &finished, lines, error))
                return FALSE;
            }
          else if (self->compression == COMPRESSION_NONE &&
                   !count (self, lines, (char *) self->buffer + self->start, part, error))
            return FALSE;
          self->start += part;
          length -= (gint64) part;
        }
    }
  if (packed && any && !finished)
    return damaged (error, _ ("the data of a table is cut off"));
  return TRUE;
}

static gboolean
read_blobs (Reader *self, GError **error)
{
  Lines nothing = { 0 };
  gint64 oid;

  for (;;)
    {
      if (!take_int (self, &oid, error))
        return FALSE;
      if (oid == 0)
        return TRUE;
      if (!read_pieces (self, &nothing, error))
        return FALSE;
    }
}

static gboolean
read_table (Reader *self, int number, GError **error)
{
  Lines lines = { .table = g_hash_table_lookup (self->tables, GINT_TO_POINTER (number)) };

  if (lines.table != NULL && !g_hash_table_remove (self->expected, GINT_TO_POINTER (number)))
    return damaged (error, _ ("the data of a table is in it twice"));
  if (!read_pieces (self, &lines, error))
    return FALSE;
  /* What is packed in another way can be passed over, not counted. */
  if (lines.table != NULL && self->compression > COMPRESSION_GZIP)
    lines.table->rows = lines.table->size_bytes = -1;
  return TRUE;
}

static gboolean
read_blocks (Reader *self, GError **error)
{
  for (;;)
    {
      guint8 kind;
      gint64 number;

      if (self->start == self->end)
        {
          int more = fill (self, error);

          if (more <= 0)
            return more == 0;
        }
      if (!take_byte (self, &kind, error) || !take_int (self, &number, error))
        return FALSE;
      if (kind != BLOCK_DATA && kind != BLOCK_BLOBS)
        return damaged (error, _ ("there is something in it that is no data"));
      if (!(kind == BLOCK_DATA ? read_table (self, (int) number, error) : read_blobs (self, error)))
        return FALSE;
    }
}

/**
 * reprise_nocobase_pgdump_read:
 * @pull: gives the dump from its beginning
 * @server_version: (out) (nullable): (transfer full): of the database server that it was made from
 *
 * Reads a dump to its end, in constant memory but for the names, and unpacks the data of each table, so that all that the
 * format can prove is proven. A worker's call.
 *
 * Returns: (transfer full) (element-type RepriseNocobaseTable): the tables with data, in the order of the dump, or %NULL with
 *   %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_LIMIT, %REPRISE_ERROR_NOT_SUPPORTED for another version, or what @pull reports
 */
GPtrArray *
reprise_nocobase_pgdump_read (RepriseNocobasePull pull,
                              gpointer user_data,
                              char **server_version,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) table_free);
  g_auto (Reader) self = { .pull = pull, .user_data = user_data, .cancellable = cancellable };
  g_autofree char *version = NULL;
  gint64 n;

  self.buffer = g_malloc (BUFFER_BYTES);
  self.tables = g_hash_table_new (NULL, NULL);
  self.expected = g_hash_table_new (NULL, NULL);
  if (!read_header (&self, &version, error) || !take_int (&self, &n, error))
    return NULL;
  if (n < 0 || n > MAX_ENTRIES)
    {
      damaged (error, _ ("a number in it is out of range"));
      return NULL;
    }
  for (gint64 i = 0; i < n; i++)
    if (!read_entry (&self, list, error))
      return NULL;
  if (!read_blocks (&self, error))
    return NULL;
  if (g_hash_table_size (self.expected) > 0)
    {
      g_autofree char *reason = g_strdup_printf (ngettext ("the data of %u table is missing",
                                                           "the data of %u tables is missing",
                                                           g_hash_table_size (self.expected)),
                                                 g_hash_table_size (self.expected));

      damaged (error, reason);
      return NULL;
    }
  if (server_version != NULL)
    *server_version = g_steal_pointer (&version);
  return g_steal_pointer (&list);
}
