/* reprise-milvus-local-state.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseMilvusLocalState:
 *
 * What all processes of the user know of the backup server of one port: who starts or stops it (the gate, one at a time), who uses it
 * (a lock that is shared), which process it is, and what it is at work at. All of it ends with its holder, whatever becomes of that,
 * but the note of the process and of the work: those are how a server is found again whose starter crashed.
 */
typedef struct _RepriseMilvusLocalState RepriseMilvusLocalState;

RepriseMilvusLocalState *reprise_milvus_local_state_new (int port, GError **error);
void reprise_milvus_local_state_free (RepriseMilvusLocalState *self);

/* the gate; all that follows up to the notes needs it */
gboolean reprise_milvus_local_state_try_enter (RepriseMilvusLocalState *self);
gboolean reprise_milvus_local_state_enter (RepriseMilvusLocalState *self,
                                           guint timeout_ms,
                                           GCancellable *cancellable,
                                           GError **error);
void reprise_milvus_local_state_exit (RepriseMilvusLocalState *self);

/* who uses it */
void reprise_milvus_local_state_join (RepriseMilvusLocalState *self);
gboolean reprise_milvus_local_state_is_alone (RepriseMilvusLocalState *self);
void reprise_milvus_local_state_part (RepriseMilvusLocalState *self);

/* which process it is */
int reprise_milvus_local_state_get_process (RepriseMilvusLocalState *self, gboolean *ending);
void reprise_milvus_local_state_set_ending (RepriseMilvusLocalState *self);
void reprise_milvus_local_state_forget_process (RepriseMilvusLocalState *self);
void reprise_milvus_local_state_note_self (RepriseMilvusLocalState *self);

/* for which service, by UUID, it was started: another one has another configuration */
void reprise_milvus_local_state_set_owner (RepriseMilvusLocalState *self, const char *uuid);
gboolean reprise_milvus_local_state_is_owner (RepriseMilvusLocalState *self, const char *uuid);

/**
 * RepriseMilvusWork:
 * @what: “backup” or “restore”
 * @id: its name, or that of the task
 * @since: Unix time in seconds
 */
typedef struct
{
  char *what;
  char *id;
  gint64 since;
} RepriseMilvusWork;

#define REPRISE_MILVUS_WORK_BACKUP  "backup"
#define REPRISE_MILVUS_WORK_RESTORE "restore"

/* what it is at work at; these need no gate */
GPtrArray *reprise_milvus_local_state_list_work (RepriseMilvusLocalState *self);
void reprise_milvus_local_state_add_work (RepriseMilvusLocalState *self,
                                          const char *what,
                                          const char *id);
void reprise_milvus_local_state_remove_work (RepriseMilvusLocalState *self, const char *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusLocalState, reprise_milvus_local_state_free)

G_END_DECLS
