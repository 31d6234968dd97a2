/* reprise-cli-output.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "reprise-cli.h"

G_BEGIN_DECLS

/* text */
typedef enum
{
  REPRISE_CLI_PLAIN,
  REPRISE_CLI_BOLD,
  REPRISE_CLI_GOOD,
  REPRISE_CLI_WARNING,
  REPRISE_CLI_BAD,
  REPRISE_CLI_DIM,
} RepriseCliStyle;

char *reprise_cli_style (RepriseCliStyle style, const char *text);
char *reprise_cli_escape (const char *text);
char *reprise_cli_escape_sentence (const char *text);
int reprise_cli_get_width (const char *text);
char *reprise_cli_count (gint64 n);
char *reprise_cli_size (gint64 size_bytes);
char *reprise_cli_quote (const char *name);
void reprise_cli_warn (const char *format, ...) G_GNUC_PRINTF (1, 2);

/**
 * RepriseCliTable:
 *
 * Rows whose cells stand below each other. The head is shown unless it is %NULL.
 */
typedef struct _RepriseCliTable RepriseCliTable;

RepriseCliTable *reprise_cli_table_new (const char *const *head);
void reprise_cli_table_free (RepriseCliTable *self);
void reprise_cli_table_align_end (RepriseCliTable *self, guint column);
void reprise_cli_table_add (RepriseCliTable *self, const char *first, ...) G_GNUC_NULL_TERMINATED;
void reprise_cli_table_set_style (RepriseCliTable *self, guint column, RepriseCliStyle style);
void reprise_cli_table_print (RepriseCliTable *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCliTable, reprise_cli_table_free)

/* JSON; what is not known is null */
void reprise_cli_json_string (JsonBuilder *json, const char *member, const char *value);
void reprise_cli_json_boolean (JsonBuilder *json, const char *member, gboolean value);
void reprise_cli_json_count (JsonBuilder *json, const char *member, gint64 value);
void reprise_cli_json_time (JsonBuilder *json, const char *member, GDateTime *value);
void reprise_cli_json_strings (JsonBuilder *json, const char *member, const char *const *values);
void reprise_cli_json_groups (JsonBuilder *json, const char *member, RepriseGroups groups);
void reprise_cli_json_print (JsonBuilder *json);

G_END_DECLS
