/* reprise-syscall-fault.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  REPRISE_FAULT_NONE,
  REPRISE_FAULT_KILL,       /* SIGKILL instead of the call */
  REPRISE_FAULT_ERROR_ONCE, /* the call fails */
  REPRISE_FAULT_ERROR_FROM, /* it and all that write from then on fail */
  REPRISE_FAULT_SIGNAL,     /* SIGUSR1 at the call, which is then made */
} RepriseFaultKind;

/**
 * RepriseFault:
 * @kind: what happens
 * @at: at which call, from 1 on
 * @error_number: of a failing call
 * @reads: whether the calls are those that read, instead of those that change files
 *
 * What goes wrong in a process, at one of its calls that change files: opening to write, writing, syncing, renaming, making and
 * removing.
 */
typedef struct
{
  RepriseFaultKind kind;
  guint at;
  int error_number;
  gboolean reads;
} RepriseFault;

int reprise_fault_fork (void);
gboolean reprise_fault_is_possible (void);
int reprise_fault_run (int (*func) (gpointer data), gpointer data, const RepriseFault *fault, guint *n_calls);

G_END_DECLS
