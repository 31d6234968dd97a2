/* main.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <sys/resource.h>

#include <gtk/gtk.h>

#include "base/reprise-program.h"
#include "providers/reprise-providers.h"
#include "reprise-application.h"

int
main (int argc, char **argv)
{
  const struct rlimit no_core = { 0, 0 };
  g_autoptr (RepriseRegistry) registry = NULL;
  g_autoptr (RepriseApplication) application = NULL;

  setrlimit (RLIMIT_CORE, &no_core); /* a core file would hold secrets */
  reprise_program_set_up_memory ();
  reprise_program_set_up_locale ();
  gtk_disable_setlocale (); /* that is done */
  registry = reprise_providers_new_registry ();
  application = reprise_application_new (registry);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
