/* milvus-layout.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/milvus/storage/milvus-layout.h"
#include "reprise-test-vault.h"
#include "reprise-test.h"

/* (transfer full): a file of the recorded metadata: “full_meta.json” */
char *
milvus_layout_read (const char *layout, const char *file, gsize *size)
{
  g_autofree char *name = g_strconcat ("milvus/", layout, "/", file, NULL);
  g_autofree char *path = reprise_test_data (name);

  return reprise_test_read (path, size);
}

static void
give (const char *layout, const char *name, gsize size, MilvusLayoutEach each, gpointer user_data)
{
  static const guchar magic[] = { 0xbc, 0xfa, 0xff, 0x00 };
  g_autofree char *data = NULL;

  if (g_str_has_prefix (name, "meta/"))
    {
      gsize found = 0;

      data = milvus_layout_read (layout, name + strlen ("meta/"), &found);
      g_assert_cmpuint (found, ==, size);
    }
  else
    {
      data = reprise_test_fill (size, g_str_hash (name));
      memcpy (data, magic, sizeof magic);
    }
  each (name, data, size, user_data);
}

/* Gives every file of a backup. */
void
milvus_layout_each (const char *layout, MilvusLayoutEach each, gpointer user_data)
{
  g_autofree char *text = milvus_layout_read (layout, "files.txt", NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *space = strchr (lines[i], ' ');

      if (space == NULL)
        continue;
      *space = '\0';
      give (layout, strchr (lines[i], '/') + 1, g_ascii_strtoull (space + 1, NULL, 10), each,
            user_data);
    }
}

typedef struct
{
  const char *folder;
  guint n;
} Writing;

static void
write_cb (const char *name, gconstpointer data, gsize size, gpointer user_data)
{
  Writing *writing = user_data;
  g_autofree char *path = g_build_filename (writing->folder, name, NULL);
  g_autofree char *above = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (above, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
  writing->n++;
}

/* Lays it into a folder; gives the number of files. */
guint
milvus_layout_write (const char *layout, const char *folder)
{
  Writing writing = { folder, 0 };

  milvus_layout_each (layout, write_cb, &writing);
  return writing.n;
}
