/* main.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <locale.h>
#include <sys/resource.h>

#include <glib/gi18n.h>

#include "providers/reprise-providers.h"
#include "reprise-application.h"

int
main (int argc, char **argv)
{
  const struct rlimit no_core = { 0, 0 };
  g_autoptr (RepriseRegistry) registry = NULL;
  g_autoptr (RepriseApplication) application = NULL;

  setrlimit (RLIMIT_CORE, &no_core); /* a core file would hold secrets */
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  registry = reprise_providers_new_registry ();
  application = reprise_application_new (registry);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
