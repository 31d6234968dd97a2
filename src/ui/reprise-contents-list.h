/* reprise-contents-list.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "service/reprise-contents.h"

G_BEGIN_DECLS

/**
 * RepriseContentsList:
 *
 * All collections of a service or an archive in a table: name, group, records, size; each column sorts. It scrolls itself and
 * holds any number of them.
 */
#define REPRISE_TYPE_CONTENTS_LIST (reprise_contents_list_get_type ())

G_DECLARE_FINAL_TYPE (RepriseContentsList, reprise_contents_list, REPRISE, CONTENTS_LIST, AdwBin)

void reprise_contents_list_set_contents (RepriseContentsList *self, RepriseContents *contents);
RepriseContents *reprise_contents_list_get_contents (RepriseContentsList *self);

G_END_DECLS
