/* reprise-lock.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseLock:
 *
 * The right to write for one service, across processes and, where the vault is shared, computers. It is given back when it is
 * freed, or by the system when the process dies. For workers.
 */
typedef struct _RepriseLock RepriseLock;

RepriseLock *reprise_lock_acquire (const char *vault_path,
                                   const char *service_uuid,
                                   const char *holder,
                                   const char *job_id,
                                   const char *job_title,
                                   GError **error);
void reprise_lock_free (RepriseLock *self);
gboolean reprise_lock_is_lost (RepriseLock *self);
gboolean reprise_lock_get_holder (const char *service_uuid,
                                  char **holder,
                                  char **job_id,
                                  char **job_title,
                                  int *pid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseLock, reprise_lock_free)

G_END_DECLS
