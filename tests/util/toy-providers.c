/* toy-providers.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/reprise-providers.h"
#include "reprise-toy-kind.h"

/* In place of the library's: the program that this is linked to knows toys only. */
RepriseRegistry *
reprise_providers_new_registry (void)
{
  RepriseRegistry *registry = reprise_registry_new ();

  reprise_registry_add (registry, REPRISE_TYPE_TOY_KIND);
  return registry;
}
