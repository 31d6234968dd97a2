/* reprise-couch-shelf.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/store/reprise-couch-chain.h"
#include "vault/reprise-manifest.h"

G_BEGIN_DECLS

/* Members of the provider's part of a manifest: {"version":1,"server":…,"databases":[{"name","file","tier","from","to"}]} */
#define REPRISE_COUCH_MEMBER_DATABASES "databases"
#define REPRISE_COUCH_MEMBER_SERVER    "server"

/* What a segment covers; a delta only goes on from one that covers the same. In the table “segment”, words with a blank between them. */
#define REPRISE_COUCH_COVERS        "covers"
#define REPRISE_COUCH_COVERS_DATA   "data"
#define REPRISE_COUCH_COVERS_DESIGN "design"
#define REPRISE_COUCH_COVERS_LOCAL  "local"

/* Others of our names in that table. */
#define REPRISE_COUCH_META_SERVER      "server"  /* uuid of the installation */
#define REPRISE_COUCH_META_CREATED     "created" /* instance_start_time of the database */
#define REPRISE_COUCH_META_PURGE       "purge_seq"
#define REPRISE_COUCH_META_LIVE        "doc_count"
#define REPRISE_COUCH_META_DELETED     "doc_del_count"
#define REPRISE_COUCH_META_PARTITIONED "partitioned"
#define REPRISE_COUCH_META_SHARDS      "q"

#define REPRISE_COUCH_EXTRA_SECURITY "_security"

/**
 * RepriseCouchRun:
 * @folder: of the backup
 * @is_aside: made before a restore, or taken from a file: later runs never go on from it
 *
 * One backup of a service in the vault.
 */
typedef struct
{
  char *id;
  char *folder;
  gboolean is_aside;
  RepriseManifest *manifest;
} RepriseCouchRun;

/**
 * RepriseCouchShelf:
 *
 * All backups of one service in the vault, and the segments in them. Blocks: for workers, one at a time.
 */
typedef struct _RepriseCouchShelf RepriseCouchShelf;

RepriseCouchShelf *reprise_couch_shelf_new (const char *service_folder, GError **error);
RepriseCouchShelf *reprise_couch_shelf_new_for_backup (const char *folder, GError **error);
void reprise_couch_shelf_free (RepriseCouchShelf *self);
guint reprise_couch_shelf_get_n_runs (RepriseCouchShelf *self);
RepriseCouchRun *reprise_couch_shelf_get_run (RepriseCouchShelf *self, guint index);
RepriseCouchRun *reprise_couch_shelf_find_run (RepriseCouchShelf *self, const char *id);
char **reprise_couch_shelf_list_databases (RepriseCouchShelf *self);
gboolean reprise_couch_shelf_knows (RepriseCouchShelf *self, const char *database);
GPtrArray *reprise_couch_shelf_list_segments (RepriseCouchShelf *self,
                                              const char *database,
                                              gboolean with_aside,
                                              GError **error);
GPtrArray *reprise_couch_shelf_list_described (RepriseCouchShelf *self,
                                               const char *database,
                                               GError **error);
char *reprise_couch_run_find_file (RepriseCouchRun *run, const char *database);
char **reprise_couch_run_list_databases (RepriseCouchRun *run);
const char *reprise_couch_run_get_tier (RepriseCouchRun *run, const char *database);
gint64 reprise_couch_run_get_point (RepriseCouchRun *run);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchShelf, reprise_couch_shelf_free)

G_END_DECLS
