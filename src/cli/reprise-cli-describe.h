/* reprise-cli-describe.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-job.h"
#include "provider/reprise-standing.h"
#include "reprise-cli-output.h"

G_BEGIN_DECLS

/**
 * RepriseCliWayBack:
 * @REPRISE_CLI_WAY_UNDO: a restore, which can be undone
 * @REPRISE_CLI_WAY_RESTORE: an undo, after which the safety copy is a backup among others
 * @REPRISE_CLI_WAY_NONE: none, as was wished
 *
 * What the safety copy is for.
 */
typedef enum
{
  REPRISE_CLI_WAY_UNDO,
  REPRISE_CLI_WAY_RESTORE,
  REPRISE_CLI_WAY_NONE,
} RepriseCliWayBack;

/*
 * The things that several commands show, each in the two forms: text, and JSON. The JSON functions write the members of an
 * object that is already begun. It is an interface: it only grows.
 */

void reprise_cli_json_service (JsonBuilder *json, RepriseService *service);
void reprise_cli_json_backup (JsonBuilder *json, RepriseBackup *backup, const char *service_name);
void reprise_cli_json_contents (JsonBuilder *json, const char *member, RepriseContents *contents);
void reprise_cli_json_facts (JsonBuilder *json, RepriseArchive *archive);
void reprise_cli_json_plan (JsonBuilder *json, ReprisePlan *plan);
void reprise_cli_json_outlook (JsonBuilder *json, const RepriseStanding *standing);
void reprise_cli_json_job (JsonBuilder *json, RepriseJob *job);

const char *reprise_cli_state_text (RepriseBackup *backup, RepriseCliStyle *style);
const char *reprise_cli_place_text (RepriseBackup *backup);
char *reprise_cli_backup_text (RepriseBackup *backup);
void reprise_cli_print_backups (GPtrArray *backups, GHashTable *names);
void reprise_cli_print_contents (RepriseContents *contents);
void reprise_cli_print_plan (ReprisePlan *plan,
                             RepriseService *service,
                             RepriseKind *kind,
                             RepriseCliWayBack way_back);
void reprise_cli_print_lines (const char *title, char **lines);

G_END_DECLS
