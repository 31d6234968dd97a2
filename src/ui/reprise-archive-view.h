/* reprise-archive-view.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "provider/reprise-registry.h"

G_BEGIN_DECLS

/**
 * RepriseArchiveView:
 *
 * What is known of an archive: what it is, what it holds by group, what is damaged, what is worth knowing. The same picture
 * wherever an archive is looked into.
 */
#define REPRISE_TYPE_ARCHIVE_VIEW (reprise_archive_view_get_type ())

G_DECLARE_FINAL_TYPE (RepriseArchiveView, reprise_archive_view, REPRISE, ARCHIVE_VIEW, AdwBin)

void reprise_archive_view_set_archive (RepriseArchiveView *self,
                                       RepriseRegistry *registry,
                                       RepriseArchive *archive);

G_END_DECLS
