/* reprise-nocobase-rules.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-group.h"

G_BEGIN_DECLS

gboolean reprise_nocobase_rules_find (const char *collection, RepriseGroup *group);
const char *const *reprise_nocobase_rules_list (RepriseGroup group);
RepriseGroup reprise_nocobase_rules_map (const char *own_group);
gboolean reprise_nocobase_rules_is_core_type (const char *type);
const char *reprise_nocobase_rules_find_package (const char *type);
char *reprise_nocobase_rules_dup_title (const char *title, const char *name);

gboolean reprise_nocobase_name_is_safe (const char *name, const char *extension);
GDateTime *reprise_nocobase_name_get_local_time (const char *name);
int reprise_nocobase_version_compare (const char *a, const char *b);
guint reprise_nocobase_version_get_major (const char *version);

G_END_DECLS
