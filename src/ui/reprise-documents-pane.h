/* reprise-documents-pane.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseDocumentsPane:
 *
 * The documents of one database, on the service and in its backups, to be searched by id; each says whether a backup has it. So many
 * are shown at first, more when they are asked for. Signal: “chosen” (id).
 */
#define REPRISE_TYPE_DOCUMENTS_PANE (reprise_documents_pane_get_type ())

G_DECLARE_FINAL_TYPE (RepriseDocumentsPane, reprise_documents_pane, REPRISE, DOCUMENTS_PANE, AdwBin)

void reprise_documents_pane_set_database (RepriseDocumentsPane *self,
                                          RepriseServiceItem *item,
                                          const char *database);
void reprise_documents_pane_read (RepriseDocumentsPane *self);
void reprise_documents_pane_search (RepriseDocumentsPane *self);

G_END_DECLS
