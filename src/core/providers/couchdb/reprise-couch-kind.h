/* reprise-couch-kind.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

#define REPRISE_TYPE_COUCH_KIND (reprise_couch_kind_get_type ())

/**
 * RepriseCouchKind:
 *
 * What the kinds CouchDB and Cloudant have in common: the same databases and the same archives, so that a backup of one can be
 * restored into the other.
 */
G_DECLARE_DERIVABLE_TYPE (RepriseCouchKind, reprise_couch_kind, REPRISE, COUCH_KIND, RepriseKind)

struct _RepriseCouchKindClass
{
  RepriseKindClass parent_class;
};

#define REPRISE_TYPE_COUCHDB_KIND (reprise_couchdb_kind_get_type ())

G_DECLARE_FINAL_TYPE (RepriseCouchdbKind,
                      reprise_couchdb_kind,
                      REPRISE,
                      COUCHDB_KIND,
                      RepriseCouchKind)

#define REPRISE_TYPE_CLOUDANT_KIND (reprise_cloudant_kind_get_type ())

G_DECLARE_FINAL_TYPE (RepriseCloudantKind,
                      reprise_cloudant_kind,
                      REPRISE,
                      CLOUDANT_KIND,
                      RepriseCouchKind)

gboolean reprise_couch_choose_collection (RepriseKind *kind,
                                          RepriseService *service,
                                          const char *database,
                                          gboolean included,
                                          GError **error);

G_END_DECLS
