/* test-sqlite-faults.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A backup and a restore that are killed, stopped, or told by the system that something failed, at each of their calls that change
 * or read files. REPRISE_TEST_FAULTS=all hits every call; the commit's share is a part of them, spread over the whole.
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "providers/sqlite/reprise-sqlite-archive-private.h"
#include "providers/sqlite/reprise-sqlite-db-private.h"
#include "reprise-sqlite-test.h"
#include "reprise-syscall-fault.h"
#include "reprise-test.h"

#define N_PARTS  4
#define SAID_MAX 2048

/* What a run said of its end, in memory that it shares with us: a pipe would be one of the calls. */
typedef struct
{
  gboolean failed;
  GQuark domain;
  int code;
  char text[SAID_MAX];
} Said;

typedef struct
{
  char *folder;
  char *application;
  char *pristine; /* the application as it is before each run */
  char *scratch;
  char *archive;
  char *old[N_PARTS]; /* hashes of each part before a restore, and after it */
  char *new[N_PARTS];
  Said *said;
  gboolean two_stages; /* a stop asks first, and cancels only what may be cancelled */
} Fixture;

/* Two databases that are there, with a log of its own each, one that a restore makes, and files. */
static const char *const PARTS[N_PARTS] = { "a.db", "b.db", "c.db", "uploads" };

static const char A_SQL[] =
  "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);"
  "CREATE TABLE roles (k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
  "CREATE TABLE user_roles (user REFERENCES users ON DELETE CASCADE, role REFERENCES roles);"
  "CREATE TABLE logs (n, user REFERENCES users ON DELETE CASCADE);"
  "CREATE TABLE notes (id INTEGER PRIMARY KEY, t, u AS (upper (t)));"
  "CREATE VIRTUAL TABLE notes_fts USING fts5 (t, content = notes, content_rowid = id);"
  "CREATE TRIGGER log_users AFTER INSERT ON users BEGIN INSERT INTO logs VALUES (0, new.id); END;"
  "INSERT INTO users VALUES (1, 'a'), (2, 'b'); INSERT INTO roles VALUES ('x', 1);"
  "INSERT INTO user_roles VALUES (1, 'x');"
  "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
  " INSERT INTO notes SELECT i, 'word' || i || hex (zeroblob (40)) FROM n;"
  "INSERT INTO notes_fts (notes_fts) VALUES ('rebuild')";
static const char B_SQL[] =
  "PRAGMA journal_mode = WAL; CREATE TABLE settings (key PRIMARY KEY, value);"
  "CREATE TABLE events (n); INSERT INTO settings VALUES ('colour', 'red');"
  "INSERT INTO events VALUES (1), (2), (3)";
static const char C_SQL[] = "CREATE TABLE tags (t); INSERT INTO tags VALUES ('blue')";

static const char A_CHANGES[] =
  "UPDATE users SET name = 'changed ' || id; DELETE FROM notes WHERE id % 2; UPDATE roles SET v = "
  "2;"
  "INSERT INTO notes_fts (notes_fts) VALUES ('rebuild'); INSERT INTO logs VALUES (9, 2);"
  "DROP TRIGGER log_users";
static const char B_CHANGES[] =
  "UPDATE settings SET value = 'green'; INSERT INTO events VALUES (4)";

/* As long as the number of calls lets one. */
static guint
get_step (guint n, guint wanted)
{
  if (g_getenv ("REPRISE_TEST_FAULTS") != NULL)
    return 1;
  return MAX (n / (REPRISE_TEST_WITH_SANITIZER ? 5 : wanted), 1);
}

static char *
in_application (const Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->application, name, NULL);
}

static void
run_in (const Fixture *fixture, const char *name, const char *sql)
{
  g_autofree char *path = in_application (fixture, name);

  reprise_sqlite_test_run (path, sql);
}

static void
write_in (const Fixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = in_application (fixture, name);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* As the application itself sees a part when it starts next: what SQLite left unfinished is put back first. */
static char *
hash_part (const Fixture *fixture, guint part)
{
  g_autofree char *path = in_application (fixture, PARTS[part]);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return g_strdup ("");
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return reprise_sqlite_test_hash_folder (path);
  return reprise_sqlite_test_hash_all (path, NULL);
}

static void
reset (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_file_remove_tree (fixture->application, &error));
  g_assert_true (reprise_file_remove_tree (fixture->scratch, &error));
  g_assert_no_error (error);
  reprise_sqlite_test_copy (fixture->pristine, fixture->application);
  g_assert_cmpint (g_mkdir (fixture->scratch, 0700), ==, 0);
}

static void
restore_here (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  reprise_sqlite_restored_free (reprise_sqlite_test_restore (
    fixture->archive, fixture->application,
    REPRISE_GROUPS_ALL & ~REPRISE_GROUP_BIT (REPRISE_GROUP_LOG), FALSE, &error));
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *uploads = NULL, *gone = NULL, *third = NULL;
  static const char *const rules[] = { "uploads/=custom", NULL };

  fixture->folder = reprise_test_make_folder ();
  fixture->application = g_build_filename (fixture->folder, "application", NULL);
  fixture->pristine = g_build_filename (fixture->folder, "pristine", NULL);
  fixture->scratch = g_build_filename (fixture->folder, "scratch", NULL);
  fixture->archive = g_build_filename (fixture->folder, "archive.zip", NULL);
  fixture->said =
    mmap (NULL, sizeof *fixture->said, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (fixture->said != MAP_FAILED);
  g_assert_cmpint (g_mkdir (fixture->application, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->scratch, 0700), ==, 0);
  reprise_sqlite_busy_ms = 300;
  run_in (fixture, "a.db", A_SQL);
  run_in (fixture, "b.db", B_SQL);
  run_in (fixture, "c.db", C_SQL);
  uploads = in_application (fixture, "uploads");
  g_assert_cmpint (g_mkdir (uploads, 0700), ==, 0);
  write_in (fixture, "uploads/same", "same");
  write_in (fixture, "uploads/changed", "before");
  write_in (fixture, "uploads/gone", "was here");
  reprise_sqlite_test_back_up (fixture->application, rules, REPRISE_GROUPS_ALL, fixture->archive);
  run_in (fixture, "a.db", A_CHANGES);
  run_in (fixture, "b.db", B_CHANGES);
  third = in_application (fixture, "c.db");
  gone = in_application (fixture, "uploads/gone");
  g_assert_cmpint (g_unlink (third), ==, 0);
  g_assert_cmpint (g_unlink (gone), ==, 0);
  write_in (fixture, "uploads/changed", "after");
  write_in (fixture, "uploads/later", "later");
  reprise_sqlite_test_copy (fixture->application, fixture->pristine);
  for (guint i = 0; i < N_PARTS; i++)
    fixture->old[i] = hash_part (fixture, i);
  restore_here (fixture);
  for (guint i = 0; i < N_PARTS; i++)
    {
      fixture->new[i] = hash_part (fixture, i);
      g_assert_cmpstr (fixture->old[i], !=, fixture->new[i]);
    }
  g_thread_pool_set_max_unused_threads (0);
  g_thread_pool_stop_unused_threads ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < N_PARTS; i++)
    {
      g_free (fixture->old[i]);
      g_free (fixture->new[i]);
    }
  munmap (fixture->said, sizeof *fixture->said);
  g_free (fixture->application);
  g_free (fixture->pristine);
  g_free (fixture->scratch);
  g_free (fixture->archive);
  reprise_test_remove_folder (fixture->folder);
}

/* --- in the child --- */

static GCancellable *child_cancellable;
static RepriseProgress *child_progress;
static gboolean child_asks_first;

static void
signal_cb (int number)
{
  if (!child_asks_first || reprise_progress_request_stop (child_progress))
    g_cancellable_cancel (child_cancellable);
}

/* What a person does who clicks Stop: the first asks, and cancels unless the job says that it must not be cut off. */
static void
await_stop (const Fixture *fixture)
{
  struct sigaction action = { .sa_handler = signal_cb, .sa_flags = SA_RESTART };

  child_cancellable = g_cancellable_new ();
  child_progress = reprise_progress_new ();
  child_asks_first = fixture->two_stages;
  sigaction (SIGUSR1, &action, NULL);
}

static int
say (const Fixture *fixture, const GError *error)
{
  fixture->said->failed = error != NULL;
  if (error == NULL)
    return 0;
  fixture->said->domain = error->domain;
  fixture->said->code = error->code;
  g_strlcpy (fixture->said->text, error->message, SAID_MAX);
  return 1;
}

static int
restore_child (gpointer data)
{
  const Fixture *fixture = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteArchive) archive = NULL;
  const RepriseSqliteWish wish = { fixture->application,
                                   REPRISE_GROUPS_ALL & ~REPRISE_GROUP_BIT (REPRISE_GROUP_LOG),
                                   FALSE, fixture->scratch };
  g_autoptr (RepriseSqliteRestored) restored = NULL;

  await_stop (fixture);
  archive = reprise_sqlite_archive_open (fixture->archive, child_cancellable, &error);
  if (archive != NULL)
    restored =
      reprise_sqlite_restore (archive, &wish, NULL, child_progress, child_cancellable, &error);
  return say (fixture, error);
}

/* As the provider does it, to a file of its own. */
static int
back_up_child (gpointer data)
{
  const Fixture *fixture = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->scratch, "made.zip", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (RepriseSqliteRules) rules = reprise_sqlite_rules_new (NULL, NULL);
  g_autoptr (RepriseSqliteSource) source = NULL;
  g_autoptr (GFileOutputStream) out = NULL;
  g_autoptr (RepriseSqliteExport) export = NULL;

  await_stop (fixture);
  source = reprise_sqlite_source_open (fixture->application, TRUE, child_cancellable, &error);
  if (source != NULL)
    out = g_file_create (file, G_FILE_CREATE_PRIVATE, NULL, &error);
  if (out != NULL)
    export =
      reprise_sqlite_export (source, rules, REPRISE_GROUPS_ALL, fixture->scratch,
                             G_OUTPUT_STREAM (out), child_progress, child_cancellable, &error);
  if (export != NULL)
    g_output_stream_close (G_OUTPUT_STREAM (out), NULL, &error);
  return say (fixture, error);
}

/* --- what is true afterwards --- */

static gboolean
may_run (void)
{
  if (reprise_fault_is_possible ())
    return TRUE;
  g_test_skip ("The system does not let a process be stopped at its calls.");
  return FALSE;
}

static guint
count_calls (Fixture *fixture, int (*func) (gpointer), gboolean reads)
{
  const RepriseFault none = { .kind = REPRISE_FAULT_NONE, .reads = reads };
  guint n = 0;

  reset (fixture);
  g_assert_cmpint (reprise_fault_run (func, fixture, &none, &n), ==, 0);
  g_assert_cmpuint (n, >, 30);
  return n;
}

/* One letter for each part: o as before, n as the archive has it, and ? for what must never be. */
static char *
look (const Fixture *fixture)
{
  char *letters = g_strnfill (N_PARTS, '?');

  for (guint i = 0; i < N_PARTS; i++)
    {
      g_autofree char *hash = hash_part (fixture, i);

      letters[i] = g_str_equal (hash, fixture->old[i])   ? 'o'
                   : g_str_equal (hash, fixture->new[i]) ? 'n'
                                                         : '?';
    }
  return letters;
}

/* What SQLite leaves where it could not tidy up, and does not mind next time: an index of a log, an empty log, a journal that was
 * not begun. */
static gboolean
is_harmless (const Fixture *fixture, const char *name)
{
  g_autofree char *path = in_application (fixture, name);
  g_autofree char *bytes = NULL;
  gsize size = 0;

  if (g_str_has_suffix (name, ".db-shm"))
    return TRUE;
  bytes = reprise_test_read (path, &size);
  return (g_str_has_suffix (name, ".db-wal") && size == 0) ||
         (g_str_has_suffix (name, ".db-journal") && (size == 0 || bytes[0] == '\0'));
}

/* Nothing of ours, and nothing that matters of SQLite's once the application has opened its databases. */
static void
assert_no_debris (const Fixture *fixture)
{
  g_autoptr (GDir) folder = g_dir_open (fixture->application, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    if (!g_strv_contains (PARTS, name) && !is_harmless (fixture, name))
      g_error ("left behind: %s", name);
}

/* Byte for byte. */
static char *
hash_bytes (const Fixture *fixture)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < N_PARTS; i++)
    {
      g_autofree char *path = in_application (fixture, PARTS[i]);
      g_autofree char *hash = NULL;
      g_autofree char *bytes = NULL;
      gsize size;

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        bytes = reprise_test_read (path, &size);
      if (bytes != NULL)
        hash = reprise_hash_bytes (bytes, size);
      else if (g_file_test (path, G_FILE_TEST_IS_DIR))
        hash = reprise_sqlite_test_hash_folder (path);
      g_string_append_printf (text, "%s %s\n", PARTS[i], hash);
    }
  return g_string_free (text, FALSE);
}

/* The next start of ours, before or after that of the application. Gives what it says of it. */
static RepriseSqliteLeft
settle (const Fixture *fixture, gboolean application_first, char **text)
{
  RepriseSqliteLeft left;
  g_autoptr (GError) error = NULL;

  if (application_first)
    g_free (look (fixture));
  g_assert_true (reprise_sqlite_restore_settle (fixture->application, &left, text, &error));
  g_assert_no_error (error);
  return left;
}

/* After a restore that was cut off at any instant. Gives whether it was between two commits. */
static gboolean
check_settled (const Fixture *fixture, guint at, gboolean application_first)
{
  g_autofree char *text = NULL, *letters = NULL;
  RepriseSqliteLeft left = settle (fixture, application_first, &text);

  letters = look (fixture);
  g_test_message ("%u: %s %d %s", at, letters, (int) left, text);
  if (left == REPRISE_SQLITE_LEFT_MIXED)
    {
      /* each whole in itself, and told which is which */
      g_assert_cmpstr (letters, ==, "nonn");
      g_assert_nonnull (strstr (text, "“a.db” and the files hold the backup, “b.db” what was"));
    }
  else if (left == REPRISE_SQLITE_LEFT_OLD)
    g_assert_cmpstr (letters, ==, "oooo");
  else if (left == REPRISE_SQLITE_LEFT_NEW)
    g_assert_cmpstr (letters, ==, "nnnn");
  else if (!g_str_equal (letters, "oooo"))
    g_assert_cmpstr (letters, ==, "nnnn");
  assert_no_debris (fixture);
  return left == REPRISE_SQLITE_LEFT_MIXED;
}

static void
assert_works_again (const Fixture *fixture)
{
  g_autofree char *letters = NULL;

  restore_here (fixture);
  letters = look (fixture);
  g_assert_cmpstr (letters, ==, "nnnn");
  assert_no_debris (fixture);
}

/* Killed at its calls; all of those of the last part, where what is new becomes true. */
static void
test_kill_restore (Fixture *fixture, gconstpointer data)
{
  guint n, step, n_old = 0, n_new = 0, n_mixed = 0;

  if (!may_run ())
    return;
  n = count_calls (fixture, restore_child, FALSE);
  step = get_step (n, 24);
  for (guint i = 1; i <= n;
       i += i > n / 2 ? MAX (step / (REPRISE_TEST_WITH_SANITIZER ? 2 : 4), 1) : step)
    {
      const RepriseFault fault = { .kind = REPRISE_FAULT_KILL, .at = i };
      g_autofree char *letters = NULL;

      reset (fixture);
      if (!WIFSIGNALED (reprise_fault_run (restore_child, fixture, &fault, NULL)))
        break;
      n_mixed += check_settled (fixture, i, i % 2 == 0) ? 1 : 0;
      letters = look (fixture);
      n_old += g_str_equal (letters, "oooo") ? 1 : 0;
      n_new += g_str_equal (letters, "nnnn") ? 1 : 0;
      if (i % 5 == 0)
        assert_works_again (fixture);
    }
  g_test_message ("%u calls: %u old, %u new, %u between", n, n_old, n_new, n_mixed);
  g_assert_cmpuint (n_old, >, 0);
  g_assert_cmpuint (n_new, >, 0);
  if (!REPRISE_TEST_WITH_SANITIZER)
    g_assert_cmpuint (n_mixed, >, 0);
}

/* What SQLite could not save it calls an error of the disk, whatever the system said, and what it could not open, read-only. */
static void
check_sentence (const Fixture *fixture, const RepriseFault *fault)
{
  const Said *said = fixture->said;
  gboolean no_space = said->domain == G_IO_ERROR && said->code == G_IO_ERROR_NO_SPACE;

  g_assert_cmpuint (strlen (said->text), >, 10);
  g_assert_null (strstr (said->text, "not an error"));
  if (fault->error_number == ENOSPC && !fault->reads && !no_space)
    g_assert_true (strstr (said->text, "Could not open or read") != NULL ||
                   strstr (said->text, "disk I/O error") != NULL ||
                   strstr (said->text, "may not be written") != NULL);
}

static char *
find_staging (const Fixture *fixture)
{
  g_autoptr (GDir) folder = g_dir_open (fixture->application, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    if (g_str_has_prefix (name, ".reprise-"))
      return in_application (fixture, name);
  return NULL;
}

/* More than one was cut off, and one of them before it had written anything down: all are tidied up. */
static void
test_two_left (Fixture *fixture, gconstpointer data)
{
  g_autofree char *second = in_application (fixture, ".reprise-01ARZ3NDEKTSV4RRFFQ69G5FAV");
  g_autofree char *third = in_application (fixture, ".reprise-01ARZ3NDEKTSV4RRFFQ69G5FAW");
  g_autofree char *first = NULL;
  guint n;

  if (!may_run ())
    return;
  n = count_calls (fixture, restore_child, FALSE);
  for (guint i = n / 4; first == NULL && i < n; i += n / 10)
    {
      const RepriseFault fault = { .kind = REPRISE_FAULT_KILL, .at = i };

      reset (fixture);
      reprise_fault_run (restore_child, fixture, &fault, NULL);
      first = find_staging (fixture);
    }
  g_assert_nonnull (first);
  reprise_sqlite_test_copy (first, second);
  g_assert_cmpint (g_mkdir (third, 0700), ==, 0);
  check_settled (fixture, 0, FALSE);
}

/* Says what is wrong, and that nothing was changed or what was. */
static void
check_failure (const Fixture *fixture, const RepriseFault *fault)
{
  g_autofree char *letters = look (fixture);
  const Said *said = fixture->said;

  g_test_message ("%u: %s %s", fault->at, letters, said->text);
  check_sentence (fixture, fault);
  if (strstr (said->text, "undo the restore") != NULL)
    g_assert_cmpstr (letters, ==, "nonn");
  else if (strstr (said->text, "could not be put back yet") == NULL)
    g_assert_cmpstr (letters, ==, "oooo");
}

typedef struct
{
  const char *path;
  RepriseFaultKind kind;
  int error_number;
  gboolean reads;
} Case;

static void
test_restore_error (Fixture *fixture, gconstpointer data)
{
  const Case *test = data;
  guint n, step, n_failed = 0;

  if (!may_run ())
    return;
  n = count_calls (fixture, restore_child, test->reads);
  step = get_step (n, 15);
  for (guint i = 1; i <= n; i += step)
    {
      const RepriseFault fault = { test->kind, i, test->error_number, test->reads };
      int status;

      reset (fixture);
      status = reprise_fault_run (restore_child, fixture, &fault, NULL);
      g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) <= 1);
      if (fixture->said->failed)
        {
          n_failed++;
          check_failure (fixture, &fault);
        }
      check_settled (fixture, i, FALSE);
      if (!fixture->said->failed)
        {
          g_autofree char *letters = look (fixture);

          g_assert_cmpstr (letters, ==, "nnnn");
        }
      if (i / step % 5 == 0)
        assert_works_again (fixture);
    }
  g_test_message ("%u calls, of %u a failure was told", n, n_failed);
  g_assert_cmpuint (n_failed, >, 0);
}

/* Stopped by a person: nothing has changed, or it was too late and all has. */
static void
test_stop_restore (Fixture *fixture, gconstpointer data)
{
  guint n, step, n_stopped = 0, n_done = 0;

  if (!may_run ())
    return;
  fixture->two_stages = data != NULL;
  n = count_calls (fixture, restore_child, FALSE);
  step = get_step (n, 22);
  for (guint i = 1; i <= n; i += step)
    {
      const RepriseFault fault = { .kind = REPRISE_FAULT_SIGNAL, .at = i };
      g_autofree char *letters = NULL;
      int status;

      reset (fixture);
      status = reprise_fault_run (restore_child, fixture, &fault, NULL);
      g_assert_true (WIFEXITED (status));
      letters = look (fixture);
      g_test_message ("%u: %s %s", i, letters, fixture->said->failed ? fixture->said->text : "");
      if (fixture->said->failed)
        g_assert_true (fixture->said->domain == G_IO_ERROR &&
                       fixture->said->code == G_IO_ERROR_CANCELLED);
      g_assert_cmpstr (letters, ==, fixture->said->failed ? "oooo" : "nnnn");
      assert_no_debris (fixture);
      g_assert_cmpint (g_rmdir (fixture->scratch), ==, 0); /* nothing is left there either */
      g_assert_cmpint (g_mkdir (fixture->scratch, 0700), ==, 0);
      n_stopped += fixture->said->failed ? 1 : 0;
      n_done += fixture->said->failed ? 0 : 1;
    }
  g_test_message ("%u stopped, %u done", n_stopped, n_done);
  g_assert_cmpuint (n_stopped, >, 0);
  g_assert_cmpuint (n_done, >, 0);
}

/* Hashes of all that an archive holds. */
static char *
describe_archive (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteArchive) archive = reprise_sqlite_archive_open (path, NULL, &error);
  const RepriseSqliteManifest *manifest;
  GString *text = g_string_new (NULL);

  g_assert_no_error (error);
  manifest = reprise_sqlite_archive_get_manifest (archive);
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    for (guint i = 0; i < manifest->files[group]->len; i++)
      {
        const RepriseSqliteFile *file = g_ptr_array_index (manifest->files[group], i);

        g_string_append_printf (text, "%s %s\n", file->path, file->sha256);
      }
  return g_string_free (text, FALSE);
}

/* The application is as it was, whatever befell its backup; and what calls itself a backup is one of everything. */
static void
check_backup (const Fixture *fixture, const char *before, const char *expected, gboolean killed)
{
  g_autofree char *made_text = NULL;
  g_autofree char *after = hash_bytes (fixture);
  g_autofree char *made = g_build_filename (fixture->scratch, "made.zip", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteArchive) archive = NULL;

  g_assert_cmpstr (before, ==, after);
  assert_no_debris (fixture);
  if (killed)
    return;
  if (!fixture->said->failed)
    {
      archive = reprise_sqlite_archive_open (made, NULL, &error);
      g_assert_no_error (error);
      reprise_sqlite_archive_verify (archive, TRUE, fixture->scratch, NULL, NULL, &error);
      g_assert_no_error (error);
      made_text = describe_archive (made);
      g_assert_cmpstr (expected, ==, made_text);
    }
  g_unlink (made);
}

static void
test_backup_error (Fixture *fixture, gconstpointer data)
{
  const Case *test = data;
  g_autofree char *before = NULL, *expected = NULL;
  g_autofree char *made = g_build_filename (fixture->scratch, "made.zip", NULL);
  guint n, step, n_failed = 0;

  if (!may_run ())
    return;
  n = count_calls (fixture, back_up_child, test->reads);
  expected = describe_archive (made);
  step = get_step (n, 15);
  reset (fixture);
  before = hash_bytes (fixture);
  for (guint i = 1; i <= n; i += step)
    {
      const RepriseFault fault = { test->kind, i, test->error_number, test->reads };
      int status;

      reset (fixture);
      status = reprise_fault_run (back_up_child, fixture, &fault, NULL);
      g_assert_true (WIFSIGNALED (status) == (test->kind == REPRISE_FAULT_KILL));
      if (WIFEXITED (status))
        g_assert_cmpint (WEXITSTATUS (status), <=, 1);
      check_backup (fixture, before, expected, WIFSIGNALED (status));
      if (test->kind == REPRISE_FAULT_SIGNAL || test->reads)
        g_assert_cmpint (g_rmdir (fixture->scratch), ==, 0); /* nothing is left there */
      if (WIFSIGNALED (status) || !fixture->said->failed)
        continue;
      n_failed++;
      g_test_message ("%u: %s", i, fixture->said->text);
      check_sentence (fixture, &fault);
      if (test->kind == REPRISE_FAULT_SIGNAL)
        g_assert_true (fixture->said->domain == G_IO_ERROR &&
                       fixture->said->code == G_IO_ERROR_CANCELLED);
    }
  g_test_message ("%u calls, of %u a failure was told", n, n_failed);
  if (test->kind != REPRISE_FAULT_KILL)
    g_assert_cmpuint (n_failed, >, 0);
}

static const Case RESTORES[] = {
  { "/sqlite/faults/restore/no-space", REPRISE_FAULT_ERROR_ONCE, ENOSPC, FALSE },
  { "/sqlite/faults/restore/no-space-left", REPRISE_FAULT_ERROR_FROM, ENOSPC, FALSE },
  { "/sqlite/faults/restore/write-error", REPRISE_FAULT_ERROR_ONCE, EIO, FALSE },
  { "/sqlite/faults/restore/read-error", REPRISE_FAULT_ERROR_ONCE, EIO, TRUE },
  { "/sqlite/faults/restore/read-errors", REPRISE_FAULT_ERROR_FROM, EIO, TRUE },
};

static const Case BACKUPS[] = {
  { "/sqlite/faults/backup/no-space", REPRISE_FAULT_ERROR_ONCE, ENOSPC, FALSE },
  { "/sqlite/faults/backup/no-space-left", REPRISE_FAULT_ERROR_FROM, ENOSPC, FALSE },
  { "/sqlite/faults/backup/write-error", REPRISE_FAULT_ERROR_ONCE, EIO, FALSE },
  { "/sqlite/faults/backup/read-error", REPRISE_FAULT_ERROR_ONCE, EIO, TRUE },
  { "/sqlite/faults/backup/read-errors", REPRISE_FAULT_ERROR_FROM, EIO, TRUE },
  { "/sqlite/faults/backup/kill", REPRISE_FAULT_KILL, 0, FALSE },
  { "/sqlite/faults/backup/stop", REPRISE_FAULT_SIGNAL, 0, FALSE },
};

int
main (int argc, char **argv)
{
  reprise_sqlite_test_use_memory ();
  reprise_test_init (&argc, &argv);
  g_test_add ("/sqlite/faults/restore/kill", Fixture, NULL, set_up, test_kill_restore, tear_down);
  g_test_add ("/sqlite/faults/restore/two-left", Fixture, NULL, set_up, test_two_left, tear_down);
  g_test_add ("/sqlite/faults/restore/cancel", Fixture, NULL, set_up, test_stop_restore, tear_down);
  g_test_add ("/sqlite/faults/restore/stop", Fixture, "asks", set_up, test_stop_restore, tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (RESTORES); i += REPRISE_TEST_WITH_SANITIZER ? 2 : 1)
    g_test_add (RESTORES[i].path, Fixture, &RESTORES[i], set_up, test_restore_error, tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (BACKUPS); i += REPRISE_TEST_WITH_SANITIZER ? 3 : 1)
    g_test_add (BACKUPS[i].path, Fixture, &BACKUPS[i], set_up, test_backup_error, tear_down);
  return g_test_run ();
}
