/* show-windows.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-program.h"
#include "reprise-application.h"
#include "reprise-ui-sample.h"

/* The windows on made-up services, to look at them: show-windows [--empty]. It fills the XDG folders of the environment. */
int
main (int argc, char **argv)
{
  gboolean empty = argc > 1 && g_str_equal (argv[1], "--empty");
  g_autoptr (RepriseUiSample) sample = NULL;
  g_autoptr (RepriseApplication) application = NULL;

  reprise_program_set_up_locale ();
  sample = reprise_ui_sample_new (!empty);
  application = reprise_application_new (reprise_ui_sample_get_registry (sample));
  return g_application_run (G_APPLICATION (application), 1, argv);
}
