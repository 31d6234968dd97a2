/* reprise-fake-couch-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <stdlib.h>
#include <string.h>

#include "providers/couchdb/client/reprise-couch-json.h"
#include "reprise-fake-couch.h"

G_BEGIN_DECLS

/* One leaf, or an ancestor that is not yet compacted away. */
typedef struct
{
  char *rev;
  GPtrArray *path;      /* (element-type utf8): hashes, the newest first */
  char *members;        /* without braces, as they were given: “"a":1,"b":2” */
  GHashTable *attached; /* (element-type utf8 Attached) (nullable) */
  gboolean deleted;
} Leaf;

typedef struct
{
  GBytes *stored;
  gsize length; /* of the plain bytes */
  gboolean gzip;
  char *type;
  char *digest;
  guint revpos;
} Attached;

typedef struct
{
  char *id;
  GPtrArray *leaves; /* (element-type Leaf) */
  guint seq;
} Doc;

typedef struct
{
  char *name;
  GHashTable *docs; /* (element-type utf8 Doc) */
  GHashTable *locals;
  guint seq;
  guint rewound; /* what comes before is sent again */
  guint purge_seq;
  GPtrArray *purged; /* (element-type utf8) */
  char *security;
  gint64 created;
  char *marker; /* in its sequences */
  char *spoilt; /* (nullable): id of a document that it keeps wrongly */
  GPtrArray *
    following; /* (element-type GBytes) (nullable): attachments after the document that is being written */
} Base;

typedef struct
{
  char *path;
  RepriseFakeFault fault;
  guint value, skip, times;
} Fault;

/* Somebody else at work. */
typedef struct
{
  char *call, *database, *id;
  char *members; /* (nullable): deletes it */
  guint skip, times;
} Other;

struct _RepriseFakeCouch
{
  RepriseFaultServer *server;
  GMutex mutex;
  GHashTable *bases;
  char *account, *password, *cookie;
  GPtrArray *faults;
  GPtrArray *calls;
  GPtrArray *others; /* (element-type Other) */
  guint n_faults, n_writes, n_sign_ins, n_made;
  GRWLock answering;              /* held for reading while the extension answers */
  RepriseFakeExtension extension; /* (nullable) */
  gpointer extension_data;
  gboolean zips;
  gboolean ageless;
};

typedef struct
{
  RepriseFakeCouch *self;
  RepriseFaultCall *call;
  char **segments; /* unescaped */
  GHashTable *query;
  RepriseCouchSpan body;
  Fault *fault;
} Ask;

void fake_couch_attached_free (gpointer data);
Attached *fake_couch_attached_copy (const Attached *from);
void fake_couch_leaf_free (gpointer data);
void fake_couch_base_free (gpointer data);
void fake_couch_fault_free (gpointer data);
void fake_couch_other_free (gpointer data);
guint fake_couch_generation (const char *rev);
Leaf *fake_couch_winner (Doc *doc);
GBytes *fake_couch_compress (gconstpointer data, gsize size);
GBytes *fake_couch_decompress (gconstpointer data, gsize size);
Attached *fake_couch_attached_new (const char *type, gconstpointer data, gsize size, guint revpos);
Base *fake_couch_get_base (RepriseFakeCouch *self, const char *name);
Base *fake_couch_make_base (RepriseFakeCouch *self, const char *name);
Doc *fake_couch_need_doc (Base *base, const char *id);
gboolean fake_couch_path_has (GPtrArray *path, guint first, const char *rev);
void fake_couch_insert (Base *base, Doc *doc, Leaf *leaf);
Leaf *fake_couch_leaf_new (const char *rev, const char *members, gboolean deleted);
char *fake_couch_next_rev (const Leaf *parent, const char *members, gboolean deleted);
Leaf *fake_couch_edit (Base *base, Doc *doc, Leaf *parent, const char *members, gboolean deleted);
void fake_couch_print_leaf (GString *json, Doc *doc, Leaf *leaf, gboolean revs, gboolean with_data);
Leaf *fake_couch_find_leaf (Doc *doc, const char *rev);
gboolean fake_couch_is_of_body (const Fault *fault);
gboolean fake_couch_is_at (Ask *ask, RepriseFakeFault fault);
void fake_couch_answer (Ask *ask, guint status, const char *text);
void fake_couch_answer_error (Ask *ask, guint status, const char *error, const char *reason);
guint fake_couch_count_docs (Base *base, gboolean deleted);
char *fake_couch_print_seq (Base *base, guint seq);
void fake_couch_answer_info (Ask *ask, Base *base);
gboolean fake_couch_read_since (Base *base, const char *since, guint *seq);
void fake_couch_answer_changes (Ask *ask, Base *base);
void fake_couch_answer_bulk_get (Ask *ask, Base *base);
gboolean fake_couch_write_old_edit (Base *base, RepriseCouchSpan document);
const char *fake_couch_write_new_edit (Base *base, RepriseCouchSpan document, GString *row);
void fake_couch_answer_bulk_docs (Ask *ask, Base *base);
void fake_couch_answer_session (Ask *ask);
void fake_couch_answer_all_dbs (Ask *ask);
gboolean fake_couch_is_signed_in (Ask *ask);
void fake_couch_answer_base (Ask *ask);

G_END_DECLS
