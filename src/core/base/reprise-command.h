/* reprise-command.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  REPRISE_COMMAND_ENDED,
  REPRISE_COMMAND_STOPPED, /* by the cancellable */
  REPRISE_COMMAND_LATE,    /* it took too long */
} RepriseCommandEnd;

/**
 * RepriseCommandResult:
 * @end: how it came to its end
 * @status: as waitpid() gives it
 * @output: (owned): the beginning of what it said on both of its outputs
 */
typedef struct
{
  RepriseCommandEnd end;
  int status;
  char *output;
} RepriseCommandResult;

void reprise_command_result_clear (RepriseCommandResult *self);

/* blocking: for workers */
gboolean reprise_command_run (const char *const *argv,
                              const char *const *environment,
                              guint timeout_ms,
                              gsize max_output_bytes,
                              GCancellable *cancellable,
                              RepriseCommandResult *result,
                              GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseCommandResult, reprise_command_result_clear)

G_END_DECLS
