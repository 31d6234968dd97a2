/* reprise-restore-where.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-settings-form.h"
#include "service/reprise-contents.h"

G_BEGIN_DECLS

/* What a restore of databases asks for, filled in as far as it can be known. The keys are those of the options of a restore. */
#define REPRISE_WHERE_INTO      "into"
#define REPRISE_WHERE_SAME      "same"
#define REPRISE_WHERE_DATABASES "databases"
#define REPRISE_WHERE_DOCUMENT  "document"
#define REPRISE_WHERE_TARGET    "target"
#define REPRISE_WHERE_AS_OF     "as-of"

#define REPRISE_WHERE_COLLECTIONS "collections"

char *reprise_where_format_point (GDateTime *at);
void reprise_where_offer_databases (RepriseSettingsForm *form, RepriseContents *contents);
void reprise_where_offer_collections (RepriseSettingsForm *form, RepriseContents *contents);
void reprise_where_offer_points (RepriseSettingsForm *form, GPtrArray *backups);
void reprise_where_propose_target (RepriseSettingsForm *form);
void reprise_where_offer_nearest (AdwPreferencesGroup *group,
                                  RepriseSettingsForm *form,
                                  GPtrArray *backups);

G_END_DECLS
