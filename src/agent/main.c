/* main.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>
#include <string.h>

#include "base/reprise-program.h"
#include "reprise-agent.h"
#include "secret/reprise-secret-value.h"

int
main (int argc, char **argv)
{
  g_autoptr (GApplication) agent = NULL;

  reprise_secret_forbid_core ();
  signal (SIGXFSZ, SIG_IGN); /* a file that grows too large is an error of write() */
  reprise_program_set_up_memory ();
  reprise_program_set_up_locale ();
  g_set_prgname ("reprise-agent");
  /* Started at sign-in where nobody else wakes it: it stays for as long as the session. */
  agent = reprise_agent_new (argc > 1 && strcmp (argv[1], REPRISE_AGENT_STAY) == 0);
  argc = 1;
  return g_application_run (agent, argc, argv);
}
