/* reprise-couch-rules.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

/* Which databases are backed up, and which group they belong to. Design documents and the security object of each are a collection
 * of their own, so that they can be chosen alone. */

RepriseGroup reprise_couch_rules_get_group (RepriseService *service,
                                            const char *database,
                                            const char **reason);
RepriseGroup reprise_couch_rules_get_design_group (RepriseService *service, const char *database);
char *reprise_couch_rules_dup_design_name (const char *database);
gboolean reprise_couch_rules_is_design (const char *collection);

char **reprise_couch_rules_split (const char *patterns);
gboolean reprise_couch_rules_match (const char *patterns, const char *database);
gboolean reprise_couch_rules_has_name (const char *patterns, const char *database);
gboolean reprise_couch_rules_has_patterns (const char *patterns);

G_END_DECLS
