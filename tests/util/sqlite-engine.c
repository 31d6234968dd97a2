/* sqlite-engine.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <locale.h>
#include <string.h>

#include "providers/sqlite/reprise-sqlite-archive.h"
#include "providers/sqlite/reprise-sqlite-export.h"
#include "reprise-sample.h"

/* The SQLite engine without a job around it, for benchmarks and for tests that kill it:
 *   sqlite-engine backup APPLICATION ARCHIVE SCRATCH
 *   sqlite-engine verify|deep ARCHIVE SCRATCH */

static gboolean
back_up (const char *application, const char *archive, const char *scratch, GError **error)
{
  g_autoptr (RepriseSqliteRules) rules =
    reprise_sqlite_rules_new (reprise_sample_get_rules (), error);
  g_autoptr (RepriseSqliteSource) source =
    reprise_sqlite_source_open (application, TRUE, NULL, error);
  g_autoptr (GFile) file = g_file_new_for_path (archive);
  g_autoptr (GFileOutputStream) out = NULL;
  g_autoptr (RepriseSqliteExport) export = NULL;

  if (rules == NULL || source == NULL)
    return FALSE;
  out = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL, error);
  if (out == NULL)
    return FALSE;
  export = reprise_sqlite_export (source, rules, REPRISE_GROUPS_ALL, scratch, G_OUTPUT_STREAM (out),
                                  NULL, NULL, error);
  return export != NULL && g_output_stream_close (G_OUTPUT_STREAM (out), NULL, error);
}

static gboolean
verify (const char *archive_path, gboolean deep, const char *scratch, GError **error)
{
  g_autoptr (RepriseSqliteArchive) archive =
    reprise_sqlite_archive_open (archive_path, NULL, error);

  return archive != NULL &&
         reprise_sqlite_archive_verify (archive, deep, scratch, NULL, NULL, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = FALSE;

  setlocale (LC_ALL, "");
  if (argc == 5 && g_str_equal (argv[1], "backup"))
    ok = back_up (argv[2], argv[3], argv[4], &error);
  else if (argc == 4 && (g_str_equal (argv[1], "verify") || g_str_equal (argv[1], "deep")))
    ok = verify (argv[2], g_str_equal (argv[1], "deep"), argv[3], &error);
  else
    {
      g_printerr (
        "sqlite-engine: backup APPLICATION ARCHIVE SCRATCH | verify|deep ARCHIVE SCRATCH\n");
      return 2;
    }
  if (!ok)
    g_printerr ("sqlite-engine: %s\n", error->message);
  return ok ? 0 : 1;
}
