/* reprise-providers.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/reprise-providers.h"

/* (transfer full): every kind of service that there is: one line for each */
RepriseRegistry *
reprise_providers_new_registry (void)
{
  RepriseRegistry *registry = reprise_registry_new ();

  return registry;
}
