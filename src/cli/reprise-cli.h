/* reprise-cli.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "provider/reprise-context.h"

G_BEGIN_DECLS

typedef struct _RepriseCli RepriseCli;

/* The secret of an archive that is locked by a password; every kind may have one. */
#define REPRISE_CLI_ARCHIVE_PASSWORD "archive-password"

/**
 * RepriseCliFlags:
 * @REPRISE_CLI_JSON: has --json
 * @REPRISE_CLI_PROGRESS: has --progress
 * @REPRISE_CLI_YES: has --yes
 * @REPRISE_CLI_SECRET_FD: has --secret-fd
 * @REPRISE_CLI_SERVICE: takes IDs, and has --service, which says of which service they are
 *
 * The options that several commands share.
 */
typedef enum
{
  REPRISE_CLI_JSON = 1 << 0,
  REPRISE_CLI_PROGRESS = 1 << 1,
  REPRISE_CLI_YES = 1 << 2,
  REPRISE_CLI_SECRET_FD = 1 << 3,
  REPRISE_CLI_SERVICE = 1 << 4,
} RepriseCliFlags;

#define REPRISE_CLI_JOB \
  (REPRISE_CLI_JSON | REPRISE_CLI_PROGRESS | REPRISE_CLI_YES | REPRISE_CLI_SECRET_FD)

/**
 * RepriseCliCommand:
 * @name: one word, or two: “service add”
 * @arguments: what follows it, as the help shows it: “NAME FILE”
 * @summary: one line, to be translated with gettext
 * @flags: its shared options
 * @entries: (nullable): its own options
 * @n_min: how many arguments there must be
 * @n_max: how many there may be; %G_MAXUINT: any number
 * @run: does it; the exit code, or 0 with an error whose code decides
 */
typedef struct
{
  const char *name;
  const char *arguments;
  const char *summary;
  RepriseCliFlags flags;
  const GOptionEntry *entries;
  guint n_min;
  guint n_max;
  RepriseExit (*run) (RepriseCli *cli, char **args, GError **error);
} RepriseCliCommand;

typedef enum
{
  REPRISE_CLI_PROGRESS_AUTO, /* a bar on a terminal, else a line for each phase */
  REPRISE_CLI_PROGRESS_JSON,
  REPRISE_CLI_PROGRESS_NONE,
} RepriseCliProgressMode;

/**
 * RepriseCli:
 * @command: the command that runs
 * @context: services, kinds, vault and history, loaded
 * @json: one JSON document is printed in place of text
 * @yes: every question is answered by going on
 * @service: (nullable): the name of the service whose backups IDs are of
 * @progress: how the progress of jobs is shown
 * @given: (element-type utf8 RepriseSecretValue): kind → value: what --secret-fd gave, for this process only
 * @warned: (element-type utf8): what was warned of in a secret that was given, and need not be said again
 * @utf8: whether the terminal shows UTF-8
 * @cancellable: cancelled by Ctrl+C while something is waited for
 * @result: (nullable): what was waited for
 *
 * One run of the command line.
 */
struct _RepriseCli
{
  const RepriseCliCommand *command;
  RepriseContext *context;
  gboolean json;
  gboolean yes;
  char *service;
  RepriseCliProgressMode progress;
  GHashTable *given;
  GHashTable *warned;
  gboolean utf8;
  GCancellable *cancellable;
  GAsyncResult *result;
};

/* Waiting: these run the main loop until it is done, or Ctrl+C has cancelled it. */
void reprise_cli_ready_cb (GObject *source, GAsyncResult *result, gpointer cli);
GAsyncResult *reprise_cli_wait (RepriseCli *self);

/**
 * RepriseCliFunc:
 *
 * Blocking work, on a worker.
 *
 * Returns: whether it was done; else @error
 */
typedef gboolean (*RepriseCliFunc) (RepriseCli *cli,
                                    gpointer data,
                                    GCancellable *cancellable,
                                    GError **error);

gboolean reprise_cli_run_in_thread (RepriseCli *self,
                                    RepriseCliFunc func,
                                    gpointer data,
                                    GError **error);

/* all commands, in the order in which the help shows them; ends with %NULL */
extern const RepriseCliCommand *const reprise_cli_commands[];

G_END_DECLS
