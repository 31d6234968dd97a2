/* fuzz-couch-segment.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A first byte below 128: what follows is the file. Else it is what stands in the rows of a segment that is whole otherwise. Whatever it
 * is, it is read in full, and nothing but an error comes of it.
 */

#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "providers/couchdb/store/reprise-couch-chain.h"
#include "providers/couchdb/store/reprise-couch-segment-private.h"

typedef struct
{
  const guint8 *data;
  gsize size;
} Input;

static gint64
take_number (Input *input)
{
  gint64 number = 0;
  gsize n = MIN (input->size, sizeof number);

  memcpy (&number, input->data, n);
  input->data += n;
  input->size -= n;
  /* mostly small ones: a large one says little */
  return (number & 1) != 0 ? number : (number >> 1) & 0xff;
}

static gsize
take_bytes (Input *input, const guint8 **bytes)
{
  gsize n = input->size == 0 ? 0 : MIN ((gsize) input->data[0], input->size - 1);

  *bytes = input->data + (input->size > 0);
  input->data = *bytes + n;
  input->size -= n + (input->size > 0);
  return n;
}

/* One row: digits are numbers, letters text or bytes */
static void
fill (sqlite3 *db, const char *sql, const char *kinds, Input *input)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));
  for (int i = 0; kinds[i] != '\0'; i++)
    {
      const guint8 *bytes = NULL;
      gsize n;

      if (kinds[i] == 'n')
        {
          sqlite3_bind_int64 (statement, i + 1, take_number (input));
          continue;
        }
      n = take_bytes (input, &bytes);
      if (kinds[i] == 't')
        sqlite3_bind_text (statement, i + 1, (const char *) bytes, (int) n, SQLITE_TRANSIENT);
      else
        sqlite3_bind_blob (statement, i + 1, bytes, (int) n, SQLITE_TRANSIENT);
    }
  sqlite3_step (statement);
  sqlite3_finalize (statement);
}

static void
build (const char *path, Input input)
{
  g_autofree char *mark = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d",
                                           REPRISE_COUCH_APPLICATION_ID, REPRISE_COUCH_FORMAT);
  sqlite3 *db = NULL;

  if (sqlite3_open (path, &db) != SQLITE_OK)
    g_error ("%s: %s", path, sqlite3_errmsg (db));
  sqlite3_exec (db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 512",
                NULL, NULL, NULL);
  sqlite3_exec (db, mark, NULL, NULL, NULL);
  for (guint i = 0; REPRISE_COUCH_TABLES[i] != NULL; i++)
    sqlite3_exec (db, REPRISE_COUCH_TABLES[i], NULL, NULL, NULL);
  for (guint i = 0; REPRISE_COUCH_INDEXES[i] != NULL; i++)
    sqlite3_exec (db, REPRISE_COUCH_INDEXES[i], NULL, NULL, NULL);
  while (input.size > 0)
    {
      fill (db, "INSERT INTO revision VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            "nttnnttnnnb", &input);
      fill (db, "INSERT INTO block VALUES (?1, ?2)", "nb", &input);
      fill (db, "INSERT INTO attachment VALUES (?1, ?2, ?3, ?4, ?5)", "nbttn", &input);
      fill (db, "INSERT INTO piece VALUES (?1, ?2, ?3, ?4)", "nnnb", &input);
      fill (db, "INSERT INTO link VALUES (?1, ?2, ?3)", "ntb", &input);
      fill (db, "INSERT INTO extra VALUES (?1, ?2)", "tb", &input);
      fill (db, "INSERT INTO segment VALUES (?1, ?2)", "tt", &input);
    }
  sqlite3_close (db);
}

static void
read_rows (RepriseCouchReader *reader)
{
  g_autoptr (RepriseCouchCursor) cursor = reprise_couch_reader_list_sorted (reader, NULL, NULL);
  RepriseCouchRow row;
  gboolean more = FALSE;

  while (cursor != NULL && reprise_couch_cursor_next (cursor, &row, &more, NULL) && more)
    {
      g_autoptr (GBytes) body = reprise_couch_reader_read_body (reader, &row, NULL);
      g_autoptr (GArray) links = reprise_couch_reader_list_links (reader, row.n, NULL);

      g_assert_true (body == NULL || (gint64) g_bytes_get_size (body) == row.size);
      for (guint i = 0; links != NULL && i < links->len; i++)
        {
          g_autoptr (RepriseCouchAttachment) attachment = reprise_couch_reader_find_attachment (
            reader, g_array_index (links, RepriseCouchLink, i).sha256, NULL);
          g_autoptr (GInputStream) stream =
            attachment == NULL ? NULL
                               : reprise_couch_reader_open_attachment (reader, attachment, NULL);

          if (stream != NULL)
            g_input_stream_skip (stream, 1 << 20, NULL, NULL);
        }
    }
}

static void
read_state (const char *path)
{
  g_autoptr (GPtrArray) segments =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  RepriseCouchSegment *segment = reprise_couch_segment_read (path, NULL);
  g_autoptr (RepriseCouchState) state = NULL;

  if (segment == NULL)
    return;
  g_ptr_array_add (segments, segment);
  state = reprise_couch_state_new (segments, segment->to, NULL, NULL);
}

static void
read_all (const char *path)
{
  g_autoptr (RepriseCouchReader) reader = reprise_couch_reader_new (path, NULL);
  g_auto (GStrv) extras = NULL;

  if (reader == NULL)
    return;
  reprise_couch_reader_verify (reader, NULL, NULL, NULL);
  read_rows (reader);
  extras = reprise_couch_reader_list_extras (reader, NULL);
  for (guint i = 0; extras != NULL && extras[i] != NULL; i++)
    {
      g_autoptr (GBytes) extra = reprise_couch_reader_read_extra (reader, extras[i], NULL);
    }
  read_state (path);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  int fd = memfd_create ("segment", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);

  if (size > 0 && data[0] >= 128)
    build (path, (Input){ data + 1, size - 1 });
  else if (size > 0 && write (fd, data + 1, size - 1) < 0)
    g_error ("memfd");
  read_all (path);
  close (fd);
  return 0;
}
