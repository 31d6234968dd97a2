/* reprise-cli-commands.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"

const RepriseCliCommand *const reprise_cli_commands[] = {
  &reprise_cli_service_add,
  &reprise_cli_service_list,
  &reprise_cli_service_show,
  &reprise_cli_service_edit,
  &reprise_cli_service_test,
  &reprise_cli_service_sign_in,
  &reprise_cli_service_sign_out,
  &reprise_cli_service_renew,
  &reprise_cli_service_remove,
  &reprise_cli_service_kinds,
  &reprise_cli_groups,
  &reprise_cli_rules,
  &reprise_cli_backup,
  &reprise_cli_list,
  &reprise_cli_show,
  &reprise_cli_verify,
  &reprise_cli_download,
  &reprise_cli_delete,
  &reprise_cli_save,
  &reprise_cli_keep,
  &reprise_cli_unkeep,
  &reprise_cli_inspect,
  &reprise_cli_upload,
  &reprise_cli_plan,
  &reprise_cli_restore,
  &reprise_cli_undo,
  &reprise_cli_rehearse,
  &reprise_cli_rollup,
  &reprise_cli_retention,
  &reprise_cli_prune,
  &reprise_cli_schedule,
  &reprise_cli_run_due,
  &reprise_cli_hooks,
  &reprise_cli_export,
  &reprise_cli_import,
  &reprise_cli_databases,
  &reprise_cli_documents,
  &reprise_cli_versions,
  &reprise_cli_diff,
  &reprise_cli_vault_show,
  &reprise_cli_vault_set,
  &reprise_cli_vault_adopt,
  &reprise_cli_vault_rebuild,
  &reprise_cli_status,
  &reprise_cli_history,
  &reprise_cli_jobs,
  &reprise_cli_stop,
  NULL,
};
