/* bench-operations.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "net/reprise-http-operation.h"

/*
 * bench-operations ADDRESS COUNT SECONDS
 *
 * Follows COUNT operations of a service that never ends them, and after the first polls prints what SECONDS of that cost:
 *
 *   processor PERCENT threads MOST
 *
 * where the thread of the program itself, which only sleeps, is not counted.
 */

#define SETTLE_SECONDS 3

static guint
count_threads (void)
{
  DIR *folder = opendir ("/proc/self/task");
  guint n = 0;

  while (readdir (folder) != NULL)
    n++;
  closedir (folder);
  return n - 3; /* “.”, “..”, and this one */
}

static double
get_processor_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / G_USEC_PER_SEC;
}

int
main (int argc, char *argv[])
{
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (RepriseHttp) http = NULL;
  g_autoptr (GError) error = NULL;
  double before;
  guint most = 0;

  if (argc != 4 || (http = reprise_http_new (argv[1], NULL, &error)) == NULL)
    {
      g_printerr ("bench-operations ADDRESS COUNT SECONDS\n");
      return 2;
    }
  for (int i = 0; i < atoi (argv[2]); i++)
    {
      RepriseHttpOperation *operation = reprise_http_operation_new_from_state (
        http, "{\"address\":\"/operation\",\"form\":\"location\"}", NULL);

      reprise_http_operation_start (operation);
      g_ptr_array_add (operations, operation);
    }
  g_usleep (SETTLE_SECONDS * G_USEC_PER_SEC);
  before = get_processor_seconds ();
  for (int i = 0; i < atoi (argv[3]); i++)
    {
      g_usleep (G_USEC_PER_SEC);
      most = MAX (most, count_threads ());
    }
  printf ("processor %.3f threads %u\n", 100 * (get_processor_seconds () - before) / atoi (argv[3]),
          most);
  for (guint i = 0; i < operations->len; i++)
    reprise_http_operation_stop (operations->pdata[i]);
  return 0;
}
