/* nocobase-fake-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/nocobase/nocobase-fake.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;
  gboolean in_progress;
  int polls; /* until it is made; -1: never */
} NocobaseEntry;

/* The archives of real servers, the first with fewer collections, and what is in that: read once, and never freed. */
typedef struct
{
  GBytes *dump, *data;
  char *meta;          /* of the dump */
  char *groups;        /* what of it says which collection is in which group */
  GHashTable *counts;  /* (element-type utf8 int): rows of the dump's collections */
  GPtrArray *packages; /* (element-type utf8): plugins that it needs */
} NocobaseRecordings;

typedef struct
{
  NocobaseFake public;

  RepriseFaultServer *server; /* (owned) */
  const NocobaseRecordings *recordings;

  GMutex mutex;      /* guards all that follows */
  GPtrArray *list;   /* (owned) (element-type NocobaseEntry) */
  GPtrArray *seen;   /* (owned) (element-type utf8): “POST backups:create” */
  GPtrArray *spoken; /* (owned) (element-type utf8): for the web socket */
  char *body;        /* (owned) (nullable): of the last request that writes */
  guint token, token_uses;
  guint n_restored, n_uploaded, n_made;
  gint64 busy_until_us, gone_until_us;
  gboolean broken, task_failed, lost_rows;
} NocobaseFakePrivate;

void nocobase_fake_add_entry (NocobaseFakePrivate *self, const char *name, int polls);
void nocobase_fake_answer (NocobaseFakePrivate *self,
                           RepriseFaultCall *call,
                           guint status,
                           const char *type,
                           const char *body);
void nocobase_fake_answer_json (NocobaseFakePrivate *self,
                                RepriseFaultCall *call,
                                const char *body);
void nocobase_fake_answer_error (NocobaseFakePrivate *self,
                                 RepriseFaultCall *call,
                                 guint status,
                                 const char *code,
                                 const char *message);
void nocobase_fake_answer_nothing_there (NocobaseFakePrivate *self, RepriseFaultCall *call);
void nocobase_fake_answer_bytes (RepriseFaultCall *call, gconstpointer data, gsize size);

const NocobaseRecordings *nocobase_recordings_get (void);

void nocobase_fake_serve_socket (NocobaseFakePrivate *self, RepriseFaultCall *call);
void nocobase_fake_speak (NocobaseFakePrivate *self, const char *text);

gboolean nocobase_fake_may (NocobaseFakePrivate *self, RepriseFaultCall *call, gboolean old);
char *nocobase_fake_make_list (NocobaseFakePrivate *self,
                               gboolean old,
                               guint page,
                               guint page_size);
char *nocobase_fake_get_query (RepriseFaultCall *call, const char *name);
NocobaseEntry *nocobase_fake_find (NocobaseFakePrivate *self, const char *name);
void nocobase_fake_serve_list (NocobaseFakePrivate *self, RepriseFaultCall *call, gboolean old);
void nocobase_fake_serve_create (NocobaseFakePrivate *self, RepriseFaultCall *call, gboolean old);
void nocobase_fake_serve_get (NocobaseFakePrivate *self, RepriseFaultCall *call);
void nocobase_fake_serve_download (NocobaseFakePrivate *self, RepriseFaultCall *call);
void nocobase_fake_serve_destroy (NocobaseFakePrivate *self, RepriseFaultCall *call);
void nocobase_fake_begin (NocobaseFakePrivate *self);
void nocobase_fake_serve_old_restore (NocobaseFakePrivate *self, RepriseFaultCall *call);
void nocobase_fake_serve_new_restore (NocobaseFakePrivate *self, RepriseFaultCall *call);
void nocobase_fake_serve_upload (NocobaseFakePrivate *self, RepriseFaultCall *call, gboolean old);

G_END_DECLS
