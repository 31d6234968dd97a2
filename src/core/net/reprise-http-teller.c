/* reprise-http-teller.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-http-teller.h"

static GPrivate teller = G_PRIVATE_INIT (g_object_unref);

/* @progress (nullable): of the job that this thread begins to run; %NULL at its end */
void
reprise_http_set_teller (RepriseProgress *progress)
{
  g_private_replace (&teller, progress != NULL ? g_object_ref (progress) : NULL);
}

/* (transfer none) (nullable) */
RepriseProgress *
reprise_http_get_teller (void)
{
  return g_private_get (&teller);
}
