/* reprise-format.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-group.h"
#include "service/reprise-contents.h"
#include "vault/reprise-tier.h"

G_BEGIN_DECLS

/* All of them (transfer full), but for reprise_format_tier(). REPRISE_NOT_REPORTED gives what “not reported” is called at that place. */
char *reprise_format_size (gint64 size_bytes);
char *reprise_format_count (gint64 count);
char *reprise_format_records (gint64 rows);
char *reprise_format_collections (gint64 n);
char *reprise_format_time (GDateTime *time);
char *reprise_format_when (GDateTime *time);
char *reprise_format_date_time (GDateTime *time);
char *reprise_format_day_time (GDateTime *time, GDateTime *now);
char *reprise_format_groups_short (RepriseGroups groups, guint max);
const char *reprise_format_tier (const char *id);
char *reprise_format_json (const char *json);

void reprise_format_add_part (GString *text, const char *part);

G_END_DECLS
