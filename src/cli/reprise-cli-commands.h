/* reprise-cli-commands.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

/* Each in the file of its name. */
extern const RepriseCliCommand reprise_cli_service_add;
extern const RepriseCliCommand reprise_cli_service_list;
extern const RepriseCliCommand reprise_cli_service_show;
extern const RepriseCliCommand reprise_cli_service_edit;
extern const RepriseCliCommand reprise_cli_service_test;
extern const RepriseCliCommand reprise_cli_service_sign_in;
extern const RepriseCliCommand reprise_cli_service_sign_out;
extern const RepriseCliCommand reprise_cli_service_renew;
extern const RepriseCliCommand reprise_cli_service_remove;
extern const RepriseCliCommand reprise_cli_service_kinds;
extern const RepriseCliCommand reprise_cli_groups;
extern const RepriseCliCommand reprise_cli_rules;
extern const RepriseCliCommand reprise_cli_backup;
extern const RepriseCliCommand reprise_cli_list;
extern const RepriseCliCommand reprise_cli_show;
extern const RepriseCliCommand reprise_cli_verify;
extern const RepriseCliCommand reprise_cli_download;
extern const RepriseCliCommand reprise_cli_delete;
extern const RepriseCliCommand reprise_cli_save;
extern const RepriseCliCommand reprise_cli_keep;
extern const RepriseCliCommand reprise_cli_unkeep;
extern const RepriseCliCommand reprise_cli_inspect;
extern const RepriseCliCommand reprise_cli_upload;
extern const RepriseCliCommand reprise_cli_plan;
extern const RepriseCliCommand reprise_cli_restore;
extern const RepriseCliCommand reprise_cli_undo;
extern const RepriseCliCommand reprise_cli_rehearse;
extern const RepriseCliCommand reprise_cli_rollup;
extern const RepriseCliCommand reprise_cli_retention;
extern const RepriseCliCommand reprise_cli_prune;
extern const RepriseCliCommand reprise_cli_schedule;
extern const RepriseCliCommand reprise_cli_hooks;
extern const RepriseCliCommand reprise_cli_run_due;
extern const RepriseCliCommand reprise_cli_background;
extern const RepriseCliCommand reprise_cli_export;
extern const RepriseCliCommand reprise_cli_import;
extern const RepriseCliCommand reprise_cli_databases;
extern const RepriseCliCommand reprise_cli_documents;
extern const RepriseCliCommand reprise_cli_versions;
extern const RepriseCliCommand reprise_cli_diff;
extern const RepriseCliCommand reprise_cli_vault_show;
extern const RepriseCliCommand reprise_cli_vault_set;
extern const RepriseCliCommand reprise_cli_vault_adopt;
extern const RepriseCliCommand reprise_cli_vault_rebuild;
extern const RepriseCliCommand reprise_cli_status;
extern const RepriseCliCommand reprise_cli_history;
extern const RepriseCliCommand reprise_cli_jobs;
extern const RepriseCliCommand reprise_cli_stop;

G_END_DECLS
