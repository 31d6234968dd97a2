/* reprise-providers.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/azure/apim/reprise-api-kind.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/milvus/reprise-milvus-kind.h"
#include "providers/nocobase/reprise-nocobase-kind.h"
#include "providers/reprise-providers.h"
#include "providers/sqlite/reprise-sqlite-kind.h"

/* (transfer full): every kind of service that there is: one line for each */
RepriseRegistry *
reprise_providers_new_registry (void)
{
  RepriseRegistry *registry = reprise_registry_new ();

  reprise_registry_add (registry, REPRISE_TYPE_SQLITE_KIND);
  reprise_registry_add (registry, REPRISE_TYPE_NOCOBASE_KIND);
  reprise_registry_add (registry, REPRISE_TYPE_COUCHDB_KIND);
  reprise_registry_add (registry, REPRISE_TYPE_CLOUDANT_KIND);
  reprise_registry_add (registry, REPRISE_TYPE_SITE_KIND);
  reprise_registry_add (registry, REPRISE_TYPE_API_KIND);
  reprise_registry_add (registry, REPRISE_TYPE_MILVUS_KIND);
  return registry;
}
