/* reprise-export-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "provider/reprise-context.h"

G_BEGIN_DECLS

/**
 * RepriseExportWindow:
 *
 * Writes a backup of the vault in the format of another program, for kinds that have one: which collection, a file or a folder, and
 * how it ended.
 */
#define REPRISE_TYPE_EXPORT_WINDOW (reprise_export_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseExportWindow, reprise_export_window, REPRISE, EXPORT_WINDOW, AdwWindow)

GtkWindow *reprise_export_window_new (GtkWindow *parent,
                                      RepriseContext *context,
                                      RepriseKind *kind,
                                      RepriseBackup *backup,
                                      RepriseContents *contents);

G_END_DECLS
