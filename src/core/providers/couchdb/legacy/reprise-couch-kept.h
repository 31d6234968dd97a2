/* reprise-couch-kept.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-json.h"
#include "providers/couchdb/client/reprise-couch-json.h"

G_BEGIN_DECLS

/* What Cloudant's own backup answers. Its replies to “monitor” are documented nowhere: whatever form they have is taken. */

/**
 * RepriseCouchTask:
 * @name: “backup-0d0b…”
 * @database: that it backs up
 * @latest: (nullable): its last completion; %NULL where it never completed
 *
 * A task of Cloudant's own backup: one database.
 */
typedef struct
{
  char *name;
  char *database;
  char *account;
  GDateTime *latest;
} RepriseCouchTask;

void reprise_couch_task_free (RepriseCouchTask *self);
char *reprise_couch_task_dup_state_text (const RepriseCouchTask *self);
GPtrArray *reprise_couch_tasks_parse (const char *data, gsize size, GError **error);
RepriseCouchTask *reprise_couch_tasks_find (GPtrArray *tasks, const char *database);

/**
 * RepriseCouchKept:
 * @database: (nullable): that holds it, one that the task has made
 * @date: (nullable): its timestamp as the server writes it, or as its name says it
 * @at: (nullable): the same
 * @frequency: (nullable): daily, weekly, monthly, yearly
 * @rev: (nullable): of the document
 * @body: (nullable): the document as it was received
 *
 * A version of a document that Cloudant's own backup has.
 */
typedef struct
{
  char *database;
  char *date;
  GDateTime *at;
  char *frequency;
  char *rev;
  gboolean deleted;
  GBytes *body;
} RepriseCouchKept;

void reprise_couch_kept_free (RepriseCouchKept *self);
gboolean reprise_couch_kept_is (const RepriseCouchKept *self, const char *version);
GPtrArray *reprise_couch_kept_parse (const char *data, gsize size, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchTask, reprise_couch_task_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchKept, reprise_couch_kept_free)

G_END_DECLS
