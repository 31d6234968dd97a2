/* make-sample.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <locale.h>

#include "reprise-sample.h"

/* make-sample [--size=BYTES] [--seed=N] [--uploads=N] FOLDER: makes the sample application and prints the rules that go with it. */
int
main (int argc, char **argv)
{
  gint64 size = 0;
  int seed = 1, n_uploads = 0;
  const GOptionEntry entries[] = {
    { "size", 0, 0, G_OPTION_ARG_INT64, &size, "About how many bytes", "BYTES" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Other rows", "N" },
    { "uploads", 0, 0, G_OPTION_ARG_INT, &n_uploads, "Files of the folder", "N" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("FOLDER");
  g_autoptr (GError) error = NULL;
  RepriseSample sample;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2)
    {
      g_printerr ("make-sample: %s\n", error != NULL ? error->message : "one folder is needed");
      return 2;
    }
  sample = (RepriseSample){ (guint64) MAX (size, 0), (guint32) seed, (guint) MAX (n_uploads, 0) };
  if (!reprise_sample_make (argv[1], &sample, &error))
    {
      g_printerr ("make-sample: %s\n", error->message);
      return 1;
    }
  for (const char *const *rule = reprise_sample_get_rules (); *rule != NULL; rule++)
    g_print ("%s\n", *rule);
  return 0;
}
