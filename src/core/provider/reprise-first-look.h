/* reprise-first-look.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-plan.h"

G_BEGIN_DECLS

/* The check by which an archive is refused that is damaged: exit code 7 */
#define REPRISE_CHECK_DAMAGE "damage"

/* What of damage is seen without reading an archive. They block, and are for workers. */
void reprise_first_look_at_backup (RepriseArchive *archive);
void reprise_first_look_at_file (RepriseArchive *archive);
gboolean reprise_first_look_suffices (RepriseArchive *archive, GError **inspecting);
ReprisePlan *reprise_first_look_refuse (RepriseArchive *archive,
                                        RepriseGroups groups,
                                        GHashTable *options,
                                        ReprisePlan *plan,
                                        GError **error);

G_END_DECLS
