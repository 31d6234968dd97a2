/* json-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <pthread.h>

#include "net/json-fixture.h"

#define STACK_BYTES (128 * 1024)

/*
 * The scanner over a piece of @first bytes and then pieces of @piece bytes, each in memory of its own, so that a sanitizer sees a
 * byte too many.
 */
gboolean
json_fixture_scan (const RepriseJsonScannerOptions *options,
                   const char *text,
                   gsize size,
                   gsize first,
                   gsize piece,
                   GError **error)
{
  g_autoptr (RepriseJsonScanner) scanner = reprise_json_scanner_new (options);

  for (gsize done = 0, n = first; done < size; done += n, n = piece)
    {
      g_autofree char *copy = NULL;

      n = MIN (n, size - done);
      copy = g_memdup2 (text + done, n);
      if (!reprise_json_scanner_push (scanner, copy, n, error))
        {
          g_assert_false (reprise_json_scanner_push (scanner, "1", 1, NULL)); /* it stays so */
          return FALSE;
        }
    }
  g_assert_cmpuint (reprise_json_scanner_get_offset (scanner), ==, size);
  return reprise_json_scanner_finish (scanner, error);
}

static gpointer
small_stack_worker (gpointer data)
{
  GTestFunc func = (GTestFunc) data;

  func ();
  return NULL;
}

/* (scope call): a #GTestFunc, as the data of a test */
void
json_fixture_run_in_small_stack (gconstpointer func)
{
  pthread_attr_t attributes;
  pthread_t thread;

  pthread_attr_init (&attributes);
  g_assert_cmpint (pthread_attr_setstacksize (&attributes, STACK_BYTES), ==, 0);
  g_assert_cmpint (pthread_create (&thread, &attributes, small_stack_worker, (gpointer) func), ==,
                   0);
  g_assert_cmpint (pthread_join (thread, NULL), ==, 0);
  pthread_attr_destroy (&attributes);
}
