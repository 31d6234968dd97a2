/* reprise-fake-milvus.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-fault-server.h"

G_BEGIN_DECLS

/**
 * RepriseFakeMilvusTrap:
 * @REPRISE_FAKE_MILVUS_STUCK: what is begun stays at state 0
 * @REPRISE_FAKE_MILVUS_FAILS: what is begun fails
 * @REPRISE_FAKE_MILVUS_RESTARTS: the server forgets what it does in the middle, and leaves a half
 * @REPRISE_FAKE_MILVUS_LOSES_ANSWER: of what begins something: it is begun, and the connection breaks
 * @REPRISE_FAKE_MILVUS_DIES: a create ends the server
 * @REPRISE_FAKE_MILVUS_HANGS: all but the greeting gets no answer
 * @REPRISE_FAKE_MILVUS_EMPTY: a success with nothing in it
 * @REPRISE_FAKE_MILVUS_NO_METADATA: a success that no list shows
 * @REPRISE_FAKE_MILVUS_LOSES_ROWS: a restore brings fewer rows
 * @REPRISE_FAKE_MILVUS_NO_MILVUS: it reaches no Milvus
 * @REPRISE_FAKE_MILVUS_NO_STORAGE: it reaches no storage
 * @REPRISE_FAKE_MILVUS_WRONG_ROOT: it finds nothing in the storage
 * @REPRISE_FAKE_MILVUS_FLICKERS: every second answer is a lost connection
 * @REPRISE_FAKE_MILVUS_HTML: a proxy answers in its place
 */
typedef enum
{
  REPRISE_FAKE_MILVUS_WELL,
  REPRISE_FAKE_MILVUS_STUCK,
  REPRISE_FAKE_MILVUS_FAILS,
  REPRISE_FAKE_MILVUS_RESTARTS,
  REPRISE_FAKE_MILVUS_LOSES_ANSWER,
  REPRISE_FAKE_MILVUS_DIES,
  REPRISE_FAKE_MILVUS_HANGS,
  REPRISE_FAKE_MILVUS_EMPTY,
  REPRISE_FAKE_MILVUS_NO_METADATA,
  REPRISE_FAKE_MILVUS_LOSES_ROWS,
  REPRISE_FAKE_MILVUS_NO_MILVUS,
  REPRISE_FAKE_MILVUS_NO_STORAGE,
  REPRISE_FAKE_MILVUS_WRONG_ROOT,
  REPRISE_FAKE_MILVUS_FLICKERS,
  REPRISE_FAKE_MILVUS_HTML,
} RepriseFakeMilvusTrap;

/**
 * RepriseFakeMilvus:
 *
 * The server of Milvus Backup and Milvus itself in this process, both at one address, as the recordings of real ones show them. What
 * is begun goes on by one step at each question. Any thread.
 */
typedef struct _RepriseFakeMilvus RepriseFakeMilvus;

RepriseFakeMilvus *reprise_fake_milvus_new (char generation, guint rest_version);
void reprise_fake_milvus_free (RepriseFakeMilvus *self);
char *reprise_fake_milvus_dup_address (RepriseFakeMilvus *self);
RepriseFaultServer *reprise_fake_milvus_get_server (RepriseFakeMilvus *self);

void reprise_fake_milvus_set_folder (RepriseFakeMilvus *self, const char *path);
void reprise_fake_milvus_make (RepriseFakeMilvus *self, const char *full_name, gint64 rows);
void reprise_fake_milvus_drop (RepriseFakeMilvus *self, const char *full_name);
void reprise_fake_milvus_let_appear (RepriseFakeMilvus *self, const char *full_name);
gint64 reprise_fake_milvus_get_rows (RepriseFakeMilvus *self, const char *full_name);
gboolean reprise_fake_milvus_is_loaded (RepriseFakeMilvus *self, const char *full_name);
void reprise_fake_milvus_set_loaded (RepriseFakeMilvus *self,
                                     const char *full_name,
                                     gboolean loaded);
guint reprise_fake_milvus_get_n_backups (RepriseFakeMilvus *self);
void reprise_fake_milvus_set_trap (RepriseFakeMilvus *self, RepriseFakeMilvusTrap trap);
void reprise_fake_milvus_restart (RepriseFakeMilvus *self);
void reprise_fake_milvus_set_version (RepriseFakeMilvus *self, const char *version);
char *reprise_fake_milvus_dup_last_body (RepriseFakeMilvus *self, const char *call);
char *reprise_fake_milvus_dup_last_authorization (RepriseFakeMilvus *self);
guint reprise_fake_milvus_get_n_writes (RepriseFakeMilvus *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseFakeMilvus, reprise_fake_milvus_free)

G_END_DECLS
