/* reprise-fake-milvus-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-json.h"
#include "reprise-fake-milvus.h"

G_BEGIN_DECLS

#define STEPS 3 /* questions until something is done */

typedef struct
{
  gint64 rows;
  gboolean loaded;
  gboolean indexed;
} RepriseFakeTable;

/* A backup in the storage; without tables it has no metadata. */
typedef struct
{
  char *id;           /* (owned) */
  GHashTable *tables; /* (owned) (nullable): name → Table */
} RepriseFakeSaved;

typedef struct
{
  guint step;
  GPtrArray *names;   /* (owned): of a backup: what is saved */
  GHashTable *tables; /* (owned) (nullable): of a restore: what is made */
  char *error;        /* (owned) (nullable): how it fails */
  gboolean drop;
} RepriseFakeTask;

struct _RepriseFakeMilvus
{
  RepriseFaultServer *server;
  char generation;
  guint rest_version;

  GMutex mutex;
  RepriseFakeMilvusTrap trap;
  char *version;
  GHashTable *tables;   /* name → Table */
  GHashTable *storage;  /* name → Saved */
  GHashTable *tasks;    /* name → Task */
  GHashTable *restores; /* id → Task */
  GHashTable *bodies;   /* call → text */
  char *folder;         /* (nullable): the storage, as files */
  char *authorization;
  guint n_calls;
  guint n_writes;
  guint n_saved;
  char *appears; /* (nullable): a collection that somebody makes once there is a backup more */
  gboolean dead;
};

void reprise_fake_milvus_task_free (gpointer data);
GHashTable *reprise_fake_milvus_new_tables (void);
void reprise_fake_milvus_put_table (GHashTable *tables,
                                    const char *name,
                                    gint64 rows,
                                    gboolean loaded,
                                    gboolean indexed);
char *reprise_fake_milvus_complete (const char *name);
gboolean reprise_fake_milvus_is_old (RepriseFakeMilvus *self);
void reprise_fake_milvus_answer (RepriseFaultCall *call, guint status, const char *format, ...)
  G_GNUC_PRINTF (3, 4);
void reprise_fake_milvus_refuse (RepriseFaultCall *call, int code, const char *text);
gboolean reprise_fake_milvus_needs_storage (RepriseFakeMilvus *self, RepriseFaultCall *call);
char *reprise_fake_milvus_get_query (RepriseFaultCall *call, const char *name);
JsonObject *reprise_fake_milvus_get_body (RepriseFaultCall *call);

void reprise_fake_milvus_call_milvus (RepriseFakeMilvus *self, RepriseFaultCall *call);

void reprise_fake_milvus_call_restore (RepriseFakeMilvus *self, RepriseFaultCall *call);
void reprise_fake_milvus_call_get_restore (RepriseFakeMilvus *self, RepriseFaultCall *call);

void reprise_fake_milvus_saved_free (gpointer data);
void reprise_fake_milvus_save (RepriseFakeMilvus *self, const char *name, GHashTable *tables);
void reprise_fake_milvus_forget_files (RepriseFakeMilvus *self, const char *name);
void reprise_fake_milvus_look_at_files (RepriseFakeMilvus *self);

G_END_DECLS
