/* reprise-site-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/site/reprise-site.h"

G_BEGIN_DECLS

struct _RepriseSite
{
  GObject parent_instance;

  RepriseArm *arm; /* (owned) */
  char *id;        /* (owned): the resource ID */
};

GPtrArray *reprise_site_read_databases (JsonObject *object);
void reprise_site_add_databases (GString *body, GPtrArray *databases);

G_END_DECLS
