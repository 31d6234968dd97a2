/* reprise-fake-couch.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-fault-server.h"

G_BEGIN_DECLS

/**
 * RepriseFakeCouch:
 *
 * A CouchDB server in this process, as far as a backup client needs one: databases with revision trees, opaque sequences that come
 * out of order, purges, attachments that are stored compressed, sessions. Bodies go out as they came in. Any thread may use it.
 */
typedef struct _RepriseFakeCouch RepriseFakeCouch;

/**
 * RepriseFakeFault:
 *
 * What happens to the next answers to requests whose path holds a text.
 */
typedef enum
{
  REPRISE_FAKE_FAULT_STATUS,      /* @value: 429, 500, 503 */
  REPRISE_FAKE_FAULT_RETRY_AFTER, /* 429, and after @value seconds it is well again */
  REPRISE_FAKE_FAULT_GATEWAY,     /* @value: the status of a gateway's page */
  REPRISE_FAKE_FAULT_CUT, /* chunked, and after @value bytes the connection ends as if all were well */
  REPRISE_FAKE_FAULT_SHORT, /* after @value bytes of an announced length */
  REPRISE_FAKE_FAULT_RESET,
  REPRISE_FAKE_FAULT_HTML,     /* a gateway's page with status 200 */
  REPRISE_FAKE_FAULT_MIDDLE,   /* an error in place of the rest, after @value bytes */
  REPRISE_FAKE_FAULT_OTHER,    /* another JSON than was asked for */
  REPRISE_FAKE_FAULT_PENDING,  /* a feed says that more follows, also where nothing does */
  REPRISE_FAKE_FAULT_TWICE,    /* each row of a feed comes twice */
  REPRISE_FAKE_FAULT_FLIP,     /* a byte of an attachment is another */
  REPRISE_FAKE_FAULT_TOO_LARGE /* 413 */
} RepriseFakeFault;

RepriseFakeCouch *reprise_fake_couch_new (const char *account, const char *password);
void reprise_fake_couch_free (RepriseFakeCouch *self);
char *reprise_fake_couch_dup_address (RepriseFakeCouch *self);
void reprise_fake_couch_fail (RepriseFakeCouch *self,
                              const char *path,
                              RepriseFakeFault fault,
                              guint value,
                              guint skip,
                              guint times);
void reprise_fake_couch_fail_no_more (RepriseFakeCouch *self);
guint reprise_fake_couch_get_n_faults (RepriseFakeCouch *self);
guint reprise_fake_couch_get_n_writes (RepriseFakeCouch *self);
guint reprise_fake_couch_get_n_calls (RepriseFakeCouch *self, const char *path);
guint reprise_fake_couch_get_n_sign_ins (RepriseFakeCouch *self);
void reprise_fake_couch_forget_sessions (RepriseFakeCouch *self);
void reprise_fake_couch_rewind (RepriseFakeCouch *self, const char *database);

void reprise_fake_couch_make (RepriseFakeCouch *self, const char *database);
void reprise_fake_couch_drop (RepriseFakeCouch *self, const char *database);
void reprise_fake_couch_forget_ages (RepriseFakeCouch *self);
char *reprise_fake_couch_put (RepriseFakeCouch *self,
                              const char *database,
                              const char *id,
                              const char *members);
char *reprise_fake_couch_put_rev (RepriseFakeCouch *self,
                                  const char *database,
                                  const char *id,
                                  const char *rev,
                                  const char *parent,
                                  const char *members,
                                  gboolean deleted);
void reprise_fake_couch_delete (RepriseFakeCouch *self, const char *database, const char *id);
void reprise_fake_couch_put_meanwhile (RepriseFakeCouch *self,
                                       const char *call,
                                       guint skip,
                                       guint times,
                                       const char *database,
                                       const char *id,
                                       const char *members);
void reprise_fake_couch_purge (RepriseFakeCouch *self, const char *database, const char *id);
void reprise_fake_couch_forget_purges (RepriseFakeCouch *self, const char *database);
void reprise_fake_couch_attach (RepriseFakeCouch *self,
                                const char *database,
                                const char *id,
                                const char *name,
                                const char *type,
                                gconstpointer data,
                                gsize size);
void reprise_fake_couch_spoil (RepriseFakeCouch *self, const char *database, const char *id);
void reprise_fake_couch_zip (RepriseFakeCouch *self);
void reprise_fake_couch_put_local (RepriseFakeCouch *self,
                                   const char *database,
                                   const char *id,
                                   const char *body);
void reprise_fake_couch_drop_local (RepriseFakeCouch *self, const char *database, const char *id);
void reprise_fake_couch_set_security (RepriseFakeCouch *self,
                                      const char *database,
                                      const char *json);
guint reprise_fake_couch_count (RepriseFakeCouch *self, const char *database);
char *reprise_fake_couch_dump (RepriseFakeCouch *self, const char *database);

/* For what is in files of their own: requests to “_replicator” and “_scheduler”. Not under the server's lock. */
typedef gboolean (*RepriseFakeExtension) (RepriseFaultCall *call,
                                          char **segments,
                                          gpointer user_data);

void reprise_fake_couch_set_extension (RepriseFakeCouch *self,
                                       RepriseFakeExtension extension,
                                       gpointer user_data);

/**
 * RepriseFakeCopy:
 * @from, @to: servers
 * @source, @target: databases
 * @since: (nullable): a sequence
 * @create: whether the target is made where it is not there
 * @n_refused: so many documents are not written
 * @n_read, @n_written, @n_failures: (out)
 * @last: (out): the sequence of the last change
 *
 * What a replication does: every leaf of what has changed, design documents left out.
 */
typedef struct
{
  RepriseFakeCouch *from, *to;
  const char *source, *target, *since;
  gboolean create;
  guint n_refused;
  guint n_read, n_written, n_failures;
  char *last;
} RepriseFakeCopy;

/* Returns: %NULL, or what is wrong: “db_not_found: …” */
const char *reprise_fake_couch_copy (RepriseFakeCopy *copy);
gboolean reprise_fake_couch_accepts (RepriseFakeCouch *self,
                                     const char *account,
                                     const char *password);
char *reprise_fake_couch_dup_local (RepriseFakeCouch *self, const char *database, const char *id);
gboolean reprise_fake_couch_has (RepriseFakeCouch *self, const char *database);
char **reprise_fake_couch_list (RepriseFakeCouch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseFakeCouch, reprise_fake_couch_free)

G_END_DECLS
