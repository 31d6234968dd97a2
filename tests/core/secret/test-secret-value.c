/* test-secret-value.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/reprise-error.h"
#include "reprise-test.h"
#include "secret/reprise-secret-value.h"

static void
test_get (void)
{
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new ("a\0b", 3);
  g_autoptr (RepriseSecretValue) text = reprise_secret_value_new_take (g_strdup ("gr\303\274n"), 5);
  gsize size = 0;

  g_assert_cmpmem (reprise_secret_value_get (value, &size), 4, "a\0b\0", 4);
  g_assert_cmpuint (size, ==, 3);
  g_assert_null (reprise_secret_value_get_text (value));
  g_assert_cmpstr (reprise_secret_value_get_text (text), ==, "grün");
}

static void
test_equal (void)
{
  g_autoptr (RepriseSecretValue) one = reprise_secret_value_new_text ("one");
  g_autoptr (RepriseSecretValue) same = reprise_secret_value_new_text ("one");
  g_autoptr (RepriseSecretValue) other = reprise_secret_value_new_text ("onf");
  g_autoptr (RepriseSecretValue) longer = reprise_secret_value_new_text ("ones");
  g_autoptr (RepriseSecretValue) empty = reprise_secret_value_new ("", 0);

  g_assert_true (reprise_secret_value_equal (one, one));
  g_assert_true (reprise_secret_value_equal (one, same));
  g_assert_false (reprise_secret_value_equal (one, other));
  g_assert_false (reprise_secret_value_equal (one, longer));
  g_assert_false (reprise_secret_value_equal (one, empty));
}

/* The line “VmFlags:” of the mapping that holds @address; %NULL where nothing is mapped there. */
static char *
dup_flags (gconstpointer address)
{
  g_autofree char *text = reprise_test_read ("/proc/self/smaps", NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  gboolean here = FALSE;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *rest = NULL;
      guint64 start = g_ascii_strtoull (lines[i], &rest, 16);

      if (*rest == '-')
        here = start <= GPOINTER_TO_SIZE (address) &&
               g_ascii_strtoull (rest + 1, NULL, 16) > GPOINTER_TO_SIZE (address);
      else if (here && g_str_has_prefix (lines[i], "VmFlags:"))
        return g_strconcat (lines[i], " ", NULL);
    }
  return NULL;
}

/* Whether locking shows here at all: the limit may be used up, and the address sanitizer leaves mlock() out. */
static gboolean
can_lock (void)
{
  gpointer page = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  g_autofree char *flags = mlock (page, 4096) == 0 ? dup_flags (page) : NULL;

  munmap (page, 4096);
  return flags != NULL && strstr (flags, " lo ") != NULL;
}

/* Kept out of swap (lo) and of core files (dd), not copied to a child (wf), and gone with its last reference. */
static void
test_memory (void)
{
  RepriseSecretValue *value = reprise_secret_value_new_text ("canary-4711");
  const char *address = reprise_secret_value_get (value, NULL);
  g_autofree char *flags = dup_flags (address);
  g_autofree char *after = NULL;

  g_assert_nonnull (strstr (flags, " dd "));
  g_assert_nonnull (strstr (flags, " wf "));
  if (can_lock ())
    g_assert_nonnull (strstr (flags, " lo "));
  reprise_secret_value_unref (reprise_secret_value_ref (value));
  g_assert_cmpstr (address, ==, "canary-4711");
  reprise_secret_value_unref (value);
  after = dup_flags (address);
  g_assert_true (after == NULL || strstr (after, " dd ") == NULL);
}

static void
test_no_core (void)
{
  struct rlimit limit = { 1, 1 };

  reprise_secret_value_unref (reprise_secret_value_new_text ("x")); /* the first one does it */
  g_assert_cmpint (getrlimit (RLIMIT_CORE, &limit), ==, 0);
  g_assert_cmpuint (limit.rlim_cur, ==, 0);
  g_assert_cmpuint (limit.rlim_max, ==, 0);
}

static int
open_with (const char *data, gsize size)
{
  int fd = memfd_create ("secret", MFD_CLOEXEC);

  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  return fd;
}

static RepriseSecretValue *
read_back (const char *data, gsize size, GError **error)
{
  int fd = open_with (data, size);
  RepriseSecretValue *value = reprise_secret_value_new_from_fd (fd, error);

  close (fd);
  return value;
}

static void
test_fd (void)
{
  static const struct
  {
    const char *given;
    const char *secret;
  } cases[] = {
    { "secret", "secret" },       { "secret\n", "secret" },   { "secret\n\n", "secret\n" },
    { " secret \n", " secret " }, { "\nsecret", "\nsecret" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseSecretValue) value =
        read_back (cases[i].given, strlen (cases[i].given), &error);

      g_assert_no_error (error);
      g_assert_cmpstr (reprise_secret_value_get_text (value), ==, cases[i].secret);
    }
}

static void
test_fd_limit (void)
{
  static const struct
  {
    gsize size; /* of x, before a newline */
    gboolean newline;
    gboolean fits;
  } cases[] = {
    { REPRISE_SECRET_MAX_BYTES, FALSE, TRUE },       { REPRISE_SECRET_MAX_BYTES, TRUE, TRUE },
    { REPRISE_SECRET_MAX_BYTES + 1, FALSE, FALSE },  { REPRISE_SECRET_MAX_BYTES + 1, TRUE, FALSE },
    { 10 * REPRISE_SECRET_MAX_BYTES, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *data = g_strnfill (cases[i].size + 1, 'x');
      g_autoptr (RepriseSecretValue) value = NULL;
      gsize size = 0;

      data[cases[i].size] = '\n';
      value = read_back (data, cases[i].size + (cases[i].newline ? 1 : 0), &error);
      if (cases[i].fits)
        {
          g_assert_no_error (error);
          reprise_secret_value_get (value, &size);
          g_assert_cmpuint (size, ==, cases[i].size);
        }
      else
        g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
    }
}

static void
test_fd_nothing (void)
{
  g_autoptr (GError) empty = NULL, newline = NULL, closed = NULL;

  g_assert_null (read_back ("", 0, &empty));
  g_assert_error (empty, REPRISE_ERROR, REPRISE_ERROR_INVALID);
  g_assert_null (read_back ("\n", 1, &newline));
  g_assert_error (newline, REPRISE_ERROR, REPRISE_ERROR_INVALID);
  g_assert_null (reprise_secret_value_new_from_fd (987, &closed));
  g_assert_error (closed, G_IO_ERROR, G_IO_ERROR_FAILED);
}

static gpointer
share_worker (gpointer data)
{
  for (int i = 0; i < 100000; i++)
    reprise_secret_value_unref (reprise_secret_value_ref (data));
  reprise_secret_value_unref (data);
  return NULL;
}

/* The last reference may be anybody's. */
static void
test_threads (void)
{
  RepriseSecretValue *value = reprise_secret_value_new_text ("shared");
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("share", share_worker, reprise_secret_value_ref (value));
  reprise_secret_value_unref (value);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/secret-value/get", test_get);
  g_test_add_func ("/secret-value/equal", test_equal);
  g_test_add_func ("/secret-value/memory", test_memory);
  g_test_add_func ("/secret-value/no-core", test_no_core);
  g_test_add_func ("/secret-value/fd", test_fd);
  g_test_add_func ("/secret-value/fd-limit", test_fd_limit);
  g_test_add_func ("/secret-value/fd-nothing", test_fd_nothing);
  g_test_add_func ("/secret-value/threads", test_threads);
  return g_test_run ();
}
