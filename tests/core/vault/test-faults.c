/* test-faults.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-ulid.h"
#include "reprise-syscall-fault.h"
#include "reprise-test-vault.h"
#include "reprise-test.h"
#include "vault/reprise-lock.h"
#include "vault/reprise-vault-disk.h"

#define BIG_BYTES  (700 * 1024) /* more than a block of the stream, so that its thread runs */
#define STEP       (REPRISE_TEST_WITH_SANITIZER ? 4 : 1) /* how many of the calls one is hit of */
#define N_RANDOM   20
#define N_CHILDREN 3

typedef struct
{
  char *folder;
  char *path;
  RepriseService *service;
  RepriseBackup *old; /* a backup that no fault may touch */
  GHashTable *known;  /* (element-type utf8): IDs that must be there */
  char *big;
  int sockets[2]; /* what the child says: “C<id>” after a commit, “E<sentence>” at an error */
  GError *error;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVault) vault = NULL;

  fixture->folder = reprise_test_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "vault", NULL);
  fixture->service = reprise_service_new (NULL, "sqlite", "Orders");
  fixture->big = reprise_test_fill (BIG_BYTES, 3);
  fixture->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  vault = reprise_vault_new (fixture->path);
  fixture->old = reprise_test_back_up (vault, fixture->service, "old");
  g_hash_table_add (fixture->known, g_strdup (reprise_backup_get_id (fixture->old)));
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fixture->sockets), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_no_error (fixture->error);
  close (fixture->sockets[0]);
  close (fixture->sockets[1]);
  g_clear_object (&fixture->service);
  g_clear_object (&fixture->old);
  g_hash_table_unref (fixture->known);
  g_free (fixture->big);
  g_free (fixture->path);
  reprise_test_remove_folder (fixture->folder);
}

static void
say (Fixture *fixture, char what, const char *text)
{
  g_autofree char *line = g_strdup_printf ("%c%.900s", what, text);

  if (send (fixture->sockets[1], line, strlen (line), MSG_NOSIGNAL) < 0)
    _exit (99);
}

/* (nullable): what the child said next */
static char *
hear (Fixture *fixture)
{
  char line[1024];
  gssize n = recv (fixture->sockets[0], line, sizeof line - 1, MSG_DONTWAIT);

  return n <= 0 ? NULL : g_strndup (line, (gsize) n);
}

static int
fail (Fixture *fixture)
{
  say (fixture, 'E', fixture->error == NULL ? "" : fixture->error->message);
  return 1;
}

static gboolean
write_file (RepriseVaultWriter *writer,
            const char *name,
            const char *data,
            gsize size,
            GError **error)
{
  g_autoptr (GOutputStream) stream =
    reprise_vault_writer_open_sized (writer, name, (gint64) size, error);

  return stream != NULL && g_output_stream_write_all (stream, data, size, NULL, NULL, error) &&
         g_output_stream_close (stream, NULL, error);
}

/* In the child: a whole run, as a job does it. */
static int
back_up (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr (RepriseVault) vault = reprise_vault_new (fixture->path);
  g_autoptr (RepriseLock) lock = NULL;
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  const char *uuid = reprise_service_get_uuid (fixture->service);

  if (!reprise_vault_open (vault, TRUE, NULL, &fixture->error))
    return fail (fixture);
  lock = reprise_lock_acquire (fixture->path, uuid, "The test", NULL, "Back up", &fixture->error);
  if (lock == NULL || !reprise_vault_clean_up (vault, uuid, &fixture->error))
    return fail (fixture);
  writer =
    reprise_vault_begin (vault, fixture->service, REPRISE_ORIGIN_MANUAL, NULL, &fixture->error);
  if (writer == NULL)
    return fail (fixture);
  reprise_manifest_set_proof (reprise_vault_writer_get_manifest (writer), "test", "");
  if (!write_file (writer, "small", "abc", 3, &fixture->error) ||
      !write_file (writer, "data/big", fixture->big, BIG_BYTES, &fixture->error))
    return fail (fixture);
  backup = reprise_vault_writer_commit (writer, NULL, &fixture->error);
  if (backup == NULL)
    return fail (fixture);
  say (fixture, 'C', reprise_backup_get_id (backup));
  if (!reprise_vault_add_event (vault, reprise_backup_get_id (backup), "kept", NULL,
                                &fixture->error))
    return fail (fixture);
  return 0;
}

/* In the child: removes all but the old one. */
static int
prune (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr (RepriseVault) vault = reprise_vault_new (fixture->path);
  g_autoptr (GPtrArray) list = reprise_vault_list (vault, NULL, NULL, &fixture->error);

  if (list == NULL)
    return fail (fixture);
  for (guint i = 0; i < list->len; i++)
    if (g_strcmp0 (reprise_backup_get_id (list->pdata[i]), reprise_backup_get_id (fixture->old)) !=
          0 &&
        !reprise_vault_delete (vault, list->pdata[i], NULL, &fixture->error))
      return fail (fixture);
  return 0;
}

static void
assert_no_debris (Fixture *fixture)
{
  g_autofree char *folder =
    g_build_filename (fixture->path, reprise_service_get_uuid (fixture->service), NULL);
  g_autoptr (GDir) names = g_dir_open (folder, 0, NULL);
  const char *name;

  while (names != NULL && (name = g_dir_read_name (names)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_str_has_suffix (name, ".events"))
        path[strlen (path) - strlen (".events")] = '\0';
      if (name[0] == '.' || !g_file_test (path, G_FILE_TEST_EXISTS) ||
          (!g_file_test (path, G_FILE_TEST_IS_DIR) && !g_str_equal (name, "service.json")))
        g_error ("debris: %s", name);
    }
}

/* Every backup that is listed is whole, and those that were committed are listed. Gives how many there are. */
static guint
check_vault (Fixture *fixture)
{
  g_autoptr (RepriseVault) vault = reprise_vault_new (fixture->path);
  g_autoptr (GPtrArray) list = reprise_vault_list (vault, NULL, NULL, &fixture->error);
  guint found = 0;

  g_assert_no_error (fixture->error);
  for (guint i = 0; i < list->len; i++)
    {
      g_assert_true (reprise_vault_verify (vault, list->pdata[i], REPRISE_DEPTH_FULL, NULL, NULL,
                                           &fixture->error));
      g_assert_no_error (fixture->error);
      found += g_hash_table_contains (fixture->known, reprise_backup_get_id (list->pdata[i]));
    }
  g_assert_cmpuint (found, ==, g_hash_table_size (fixture->known)); /* none is lost */
  return list->len;
}

static void
clean_up (Fixture *fixture)
{
  g_autoptr (RepriseVault) vault = reprise_vault_new (fixture->path);

  g_assert_true (reprise_vault_clean_up (vault, NULL, &fixture->error));
  g_assert_no_error (fixture->error);
  assert_no_debris (fixture);
}

/* Back to the old backup alone */
static void
forget_new (Fixture *fixture)
{
  const char *id = reprise_backup_get_id (fixture->old);

  g_assert_cmpint (prune (fixture), ==, 0);
  g_hash_table_remove_all (fixture->known);
  g_hash_table_add (fixture->known, g_strdup (id));
  clean_up (fixture);
}

/* Takes what the child committed as known. Gives its error sentence. */
static char *
hear_all (Fixture *fixture)
{
  char *line, *sentence = NULL;

  while ((line = hear (fixture)) != NULL)
    {
      if (line[0] == 'C')
        g_hash_table_add (fixture->known, g_strdup (line + 1));
      else
        {
          g_free (sentence);
          sentence = g_strdup (line + 1);
        }
      g_free (line);
    }
  return sentence;
}

static void
assert_next_run_works (Fixture *fixture)
{
  static const RepriseFault none = { .kind = REPRISE_FAULT_NONE };
  g_autofree char *sentence = NULL;
  int status = reprise_fault_run (back_up, fixture, &none, NULL);

  sentence = hear_all (fixture);
  g_assert_cmpstr (sentence, ==, NULL);
  g_assert_cmpint (status, ==, 0); /* no lock is stuck */
  check_vault (fixture);
  assert_no_debris (fixture); /* it cleaned up */
}

static guint
count_calls (Fixture *fixture, int (*func) (gpointer))
{
  static const RepriseFault none = { .kind = REPRISE_FAULT_NONE };
  g_autofree char *sentence = NULL;
  guint n = 0;

  g_assert_cmpint (reprise_fault_run (func, fixture, &none, &n), ==, 0);
  sentence = hear_all (fixture);
  g_assert_null (sentence);
  forget_new (fixture);
  return n;
}

static gboolean
may_run (void)
{
  if (reprise_fault_is_possible ())
    return TRUE;
  g_test_skip ("The system does not let a process be stopped at its calls.");
  return FALSE;
}

/* Killed before each call that changes something, one after the other. */
static void
test_kill_backup (Fixture *fixture, gconstpointer data)
{
  guint n, committed = 0;

  if (!may_run ())
    return;
  n = count_calls (fixture, back_up);
  g_assert_cmpuint (n, >, 30);
  for (guint i = 1; i <= n; i += STEP)
    {
      RepriseFault fault = { .kind = REPRISE_FAULT_KILL, .at = i };
      int status = reprise_fault_run (back_up, fixture, &fault, NULL);

      g_free (hear_all (fixture));
      if (!WIFSIGNALED (status))
        continue; /* the number of calls varies a little with the threads */
      committed += check_vault (fixture) - 1;
      if (i / STEP % 8 == 0)
        assert_next_run_works (fixture);
      clean_up (fixture);
      forget_new (fixture);
    }
  g_test_message ("%u kills, of them %u after the commit", n / STEP, committed);
  g_assert_cmpuint (committed, >, 0);
  g_assert_cmpuint (committed, <, n / 2 / STEP);
}

static void
test_kill_prune (Fixture *fixture, gconstpointer data)
{
  static const RepriseFault none = { .kind = REPRISE_FAULT_NONE };

  if (!may_run ())
    return;
  for (guint i = 1; i <= 200; i += 3 * STEP)
    {
      RepriseFault fault = { .kind = REPRISE_FAULT_KILL, .at = i };
      int status;

      g_assert_cmpint (reprise_fault_run (back_up, fixture, &none, NULL), ==, 0);
      g_free (hear (fixture));
      status = reprise_fault_run (prune, fixture, &fault, NULL);
      check_vault (fixture);
      clean_up (fixture);
      forget_new (fixture);
      if (!WIFSIGNALED (status))
        return; /* it came to its end: every call was hit */
    }
  g_assert_not_reached ();
}

static int
create (gpointer data)
{
  Fixture *fixture = data;
  g_autofree char *path = g_build_filename (fixture->folder, "new", "vault", NULL);
  g_autoptr (RepriseVault) vault = reprise_vault_new (path);

  return reprise_vault_open (vault, TRUE, NULL, &fixture->error) ? 0 : fail (fixture);
}

static void
test_kill_create (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "new", NULL);
  g_autofree char *vault = g_build_filename (path, "vault", NULL);

  if (!may_run ())
    return;
  for (guint i = 1; i <= 60; i += STEP)
    {
      RepriseFault fault = { .kind = REPRISE_FAULT_KILL, .at = i };
      int status = reprise_fault_run (create, fixture, &fault, NULL);

      g_assert_cmpint (create (fixture), ==, 0);
      g_assert_true (reprise_file_remove_tree (path, NULL));
      reprise_vault_disk_forget (vault);
      if (!WIFSIGNALED (status))
        return;
    }
  g_assert_not_reached ();
}

/* In the child: as one would write a backup without a partial folder, the manifest first. */
static int
back_up_naively (gpointer data)
{
  Fixture *fixture = data;
  g_autofree char *id = reprise_ulid_new ();
  g_autoptr (RepriseManifest) manifest =
    reprise_manifest_new (fixture->service, id, REPRISE_ORIGIN_MANUAL);
  g_autoptr (GDateTime) time = reprise_manifest_get_created_at (manifest);
  g_autofree char *stamp = g_date_time_format (g_date_time_ref (time), "%Y%m%dT%H%M%SZ");
  g_autofree char *folder = g_strdup_printf (
    "%s/%s/%s-%s", fixture->path, reprise_service_get_uuid (fixture->service), stamp, id);
  g_autofree char *file = g_build_filename (folder, "manifest.json", NULL);
  g_autofree char *big = g_build_filename (folder, "big", NULL);
  g_autofree char *json = NULL;

  reprise_manifest_set_proof (manifest, "test", "");
  reprise_manifest_add_file (manifest, "big", BIG_BYTES,
                             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  json = reprise_manifest_to_json (manifest, NULL);
  if (g_mkdir (folder, 0700) != 0 || !reprise_file_write_durable (file, json, -1, NULL) ||
      !reprise_file_write_durable (big, fixture->big, BIG_BYTES, NULL))
    return 1;
  return 0;
}

/* The control of the kills: the naive way leaves halves in the list, and the checks see them. */
static void
test_kill_control (Fixture *fixture, gconstpointer data)
{
  guint n_seen = 0;

  if (!may_run ())
    return;
  for (guint i = 1; i <= 8; i++)
    {
      RepriseFault fault = { .kind = REPRISE_FAULT_KILL, .at = i };
      g_autoptr (RepriseVault) vault = reprise_vault_new (fixture->path);
      g_autoptr (GPtrArray) list = NULL;

      reprise_fault_run (back_up_naively, fixture, &fault, NULL);
      list = reprise_vault_list (vault, NULL, NULL, &fixture->error);
      for (guint j = 0; j < list->len; j++)
        n_seen +=
          !reprise_vault_verify (vault, list->pdata[j], REPRISE_DEPTH_FULL, NULL, NULL, NULL);
      forget_new (fixture);
    }
  g_assert_cmpuint (n_seen, >, 0);
}

static void
check_failure (Fixture *fixture, const RepriseFault *fault, int status)
{
  g_autofree char *sentence = hear_all (fixture);

  if (!WIFEXITED (status) || WEXITSTATUS (status) > 1)
    g_error ("call %u: the child ended with %d", fault->at, status);
  if (WEXITSTATUS (status) == 0)
    g_assert_null (sentence);
  else if (sentence == NULL || strstr (sentence, g_strerror (fault->error_number)) == NULL)
    g_error ("call %u: the sentence says nothing of “%s”: %s", fault->at,
             g_strerror (fault->error_number), sentence);
  if (fault->kind == REPRISE_FAULT_ERROR_ONCE &&
      check_vault (fixture) != g_hash_table_size (fixture->known))
    g_error ("call %u: a backup that failed is in the list", fault->at);
  check_vault (fixture);
}

/* Each call fails, once or it and all later ones: the old state, a reason, and nothing left afterwards. */
static void
fail_each (Fixture *fixture, RepriseFaultKind kind)
{
  static const int numbers[] = { ENOSPC, EIO, EDQUOT, EROFS, EMFILE };
  guint n, n_failed = 0, step = kind == REPRISE_FAULT_ERROR_ONCE ? STEP : 2 * STEP;

  if (!may_run ())
    return;
  n = count_calls (fixture, back_up);
  for (guint i = 1; i <= n; i += step)
    {
      RepriseFault fault = { .kind = kind,
                             .at = i,
                             .error_number = numbers[i % G_N_ELEMENTS (numbers)] };
      int status = reprise_fault_run (back_up, fixture, &fault, NULL);

      check_failure (fixture, &fault, status);
      n_failed += WEXITSTATUS (status) == 1;
      if (i / step % 8 == 0)
        assert_next_run_works (fixture);
      clean_up (fixture);
      forget_new (fixture);
    }
  g_test_message ("%u calls, %u of them fail the run", n / step, n_failed);
  g_assert_cmpuint (n_failed, >, n / 2 / step);
}

static void
test_error_once (Fixture *fixture, gconstpointer data)
{
  fail_each (fixture, REPRISE_FAULT_ERROR_ONCE);
}

static void
test_error_from (Fixture *fixture, gconstpointer data)
{
  fail_each (fixture, REPRISE_FAULT_ERROR_FROM);
}

/* A limit of the size of files: the write before the limit is a short one. */
static void
test_short_write (Fixture *fixture, gconstpointer data)
{
  struct rlimit before, limit;
  g_autofree char *sentence = NULL;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_IGN);
  limit = (struct rlimit){ .rlim_cur = 600 * 1024 + 77, .rlim_max = before.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_cmpint (back_up (fixture), ==, 1);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_clear_error (&fixture->error);
  sentence = hear_all (fixture);
  g_assert_nonnull (strstr (sentence, g_strerror (EFBIG)));
  assert_no_debris (fixture);
  g_assert_cmpuint (check_vault (fixture), ==, 1);
}

/* One that was killed and not yet waited for does not live; proc(5). */
static gboolean
lives (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  const char *name_end;

  if (pid <= 0 || !g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  name_end = strrchr (text, ')');
  return name_end != NULL && name_end[1] != '\0' && strchr ("ZX", name_end[2]) == NULL;
}

/* A process that is dying has given its locks back a moment before it is gone. */
static gboolean
stays (int pid)
{
  for (guint i = 0; i < 50; i++)
    {
      if (!lives (pid))
        return FALSE;
      g_usleep (10000);
    }
  return TRUE;
}

/* Several processes on one service, killed at random: never two at once, none lost, and at the end all is in order. */
static int
work_for_long (Fixture *fixture)
{
  while (TRUE)
    {
      g_autofree char *pid = g_strdup_printf ("%d", getpid ());
      g_autofree char *mark = g_build_filename (fixture->folder, "writing", NULL);
      g_autoptr (RepriseLock) lock = NULL;
      g_autoptr (RepriseVault) vault = reprise_vault_new (fixture->path);
      g_autoptr (RepriseVaultWriter) writer = NULL;
      g_autoptr (RepriseBackup) backup = NULL;
      g_autofree char *other = NULL;

      lock = reprise_lock_acquire (fixture->path, reprise_service_get_uuid (fixture->service), "x",
                                   NULL, "y", &fixture->error);
      if (lock == NULL)
        {
          if (!g_error_matches (fixture->error, REPRISE_ERROR, REPRISE_ERROR_BUSY))
            return fail (fixture);
          g_clear_error (&fixture->error);
          g_usleep (300);
          continue;
        }
      /* Who is named there and lives writes at the same time. */
      if (g_file_get_contents (mark, &other, NULL, NULL) && atoi (other) != getpid () &&
          stays (atoi (other)))
        {
          say (fixture, 'E', "two at once");
          return 1;
        }
      if (!g_file_set_contents_full (mark, pid, -1, G_FILE_SET_CONTENTS_NONE, 0600,
                                     &fixture->error) ||
          !reprise_vault_clean_up (vault, NULL, &fixture->error))
        return fail (fixture);
      writer =
        reprise_vault_begin (vault, fixture->service, REPRISE_ORIGIN_MANUAL, NULL, &fixture->error);
      if (writer == NULL)
        return fail (fixture);
      reprise_manifest_set_proof (reprise_vault_writer_get_manifest (writer), "test", "");
      if (!write_file (writer, "small", pid, strlen (pid), &fixture->error))
        return fail (fixture);
      backup = reprise_vault_writer_commit (writer, NULL, &fixture->error);
      if (backup == NULL)
        return fail (fixture);
      say (fixture, 'C', reprise_backup_get_id (backup));
      if (!g_file_set_contents_full (mark, "0", -1, G_FILE_SET_CONTENTS_NONE, 0600,
                                     &fixture->error))
        return fail (fixture);
    }
}

static pid_t
start_worker (Fixture *fixture)
{
  pid_t child = reprise_fault_fork ();

  if (child != 0)
    return child;
  for (guint i = 0; i < (guint) getpid () % 1000; i++)
    g_random_int (); /* forked processes share the state of GLib's random numbers */
  _exit (work_for_long (fixture));
}

static void
test_writers (Fixture *fixture, gconstpointer data)
{
  pid_t children[N_CHILDREN];
  g_autofree char *sentence = NULL;

  for (guint i = 0; i < N_CHILDREN; i++)
    children[i] = start_worker (fixture);
  for (guint i = 0; i < N_RANDOM; i++)
    {
      guint victim = (guint) g_test_rand_int_range (0, N_CHILDREN);
      int status = 0;

      g_usleep ((gulong) g_test_rand_int_range (1000, 60000));
      kill (children[victim], SIGKILL);
      waitpid (children[victim], &status, 0);
      if (!WIFSIGNALED (status))
        g_error ("a worker ended: %s", hear_all (fixture));
      children[victim] = start_worker (fixture);
    }
  for (guint i = 0; i < N_CHILDREN; i++)
    {
      kill (children[i], SIGKILL);
      waitpid (children[i], NULL, 0);
    }
  sentence = hear_all (fixture);
  g_assert_cmpstr (sentence, ==, NULL);
  g_test_message ("%u backups", check_vault (fixture));
  clean_up (fixture);
  assert_next_run_works (fixture);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_thread_pool_set_max_unused_threads (0); /* see reprise_fault_fork() */
#define ADD(path, func) g_test_add ("/faults/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("kill/backup", test_kill_backup);
  ADD ("kill/prune", test_kill_prune);
  ADD ("kill/create", test_kill_create);
  ADD ("kill/control", test_kill_control);
  ADD ("error/once", test_error_once);
  ADD ("error/from", test_error_from);
  ADD ("short-write", test_short_write);
  ADD ("writers", test_writers);
  return g_test_run ();
}
