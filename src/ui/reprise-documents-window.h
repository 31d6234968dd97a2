/* reprise-documents-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-session.h"

G_BEGIN_DECLS

/**
 * RepriseDocumentsWindow:
 *
 * The history of the documents of one database: the documents, the versions of the one that is chosen, and what differs between the
 * version that is chosen and the document as it is now. A version can be restored from here.
 */
#define REPRISE_TYPE_DOCUMENTS_WINDOW (reprise_documents_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseDocumentsWindow,
                      reprise_documents_window,
                      REPRISE,
                      DOCUMENTS_WINDOW,
                      AdwWindow)

GtkWindow *reprise_documents_window_new (GtkWindow *parent,
                                         RepriseSession *session,
                                         RepriseServiceItem *item,
                                         const char *database);

G_END_DECLS
