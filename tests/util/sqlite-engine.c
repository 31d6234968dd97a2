/* sqlite-engine.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <locale.h>

#include "providers/sqlite/reprise-sqlite-archive.h"
#include "providers/sqlite/reprise-sqlite-export.h"
#include "providers/sqlite/reprise-sqlite-restore.h"
#include "reprise-sample.h"

/* The SQLite engine without a job around it, for benchmarks and for tests that kill it:
 *   sqlite-engine backup APPLICATION ARCHIVE SCRATCH
 *   sqlite-engine verify|deep ARCHIVE SCRATCH
 *   sqlite-engine restore ARCHIVE APPLICATION SCRATCH [GROUP…]
 *   sqlite-engine settle APPLICATION */

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

static gboolean
restore (const char *archive_path,
         const char *application,
         const char *scratch,
         const char *const *ids,
         GError **error)
{
  g_autoptr (RepriseSqliteArchive) archive =
    reprise_sqlite_archive_open (archive_path, NULL, error);
  RepriseSqliteWish wish = { application, REPRISE_GROUPS_ALL, FALSE, scratch };
  g_autoptr (RepriseSqliteRestored) restored = NULL;

  if (archive == NULL || (*ids != NULL && !reprise_groups_from_strv (ids, &wish.groups, error)))
    return FALSE;
  restored = reprise_sqlite_restore (archive, &wish, NULL, NULL, NULL, error);
  if (restored == NULL)
    return FALSE;
  for (char **warning = restored->warnings; *warning != NULL; warning++)
    g_printerr ("warning: %s\n", *warning);
  g_print ("%" G_GINT64_FORMAT " rows, %" G_GINT64_FORMAT " files\n", restored->rows,
           restored->files);
  return TRUE;
}

static gboolean
settle (const char *application, GError **error)
{
  g_autofree char *text = NULL;
  RepriseSqliteLeft left;

  if (!reprise_sqlite_restore_settle (application, &left, &text, error))
    return FALSE;
  g_print ("%d %s\n", left, text != NULL ? text : "");
  return TRUE;
}

static const char USAGE[] =
  "sqlite-engine: backup APPLICATION ARCHIVE SCRATCH | verify|deep ARCHIVE SCRATCH |\n"
  "  restore ARCHIVE APPLICATION SCRATCH [GROUP…] | settle APPLICATION\n";

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  const char *command = argc > 1 ? argv[1] : "";
  gboolean ok = FALSE;

  setlocale (LC_ALL, "");
  if (argc == 5 && g_str_equal (command, "backup"))
    ok = back_up (argv[2], argv[3], argv[4], &error);
  else if (argc == 4 && (g_str_equal (command, "verify") || g_str_equal (command, "deep")))
    ok = verify (argv[2], g_str_equal (command, "deep"), argv[3], &error);
  else if (argc >= 5 && g_str_equal (command, "restore"))
    ok = restore (argv[2], argv[3], argv[4], (const char *const *) argv + 5, &error);
  else if (argc == 3 && g_str_equal (command, "settle"))
    ok = settle (argv[2], &error);
  else
    {
      g_printerr ("%s", USAGE);
      return 2;
    }
  if (!ok)
    g_printerr ("sqlite-engine: %s\n", error->message);
  return ok ? 0 : 1;
}
