/* fake-blob.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/blob/reprise-blob.h"
#include "reprise-fault-server.h"

G_BEGIN_DECLS

#define FAKE_BLOB_ACCOUNT   "acct"
#define FAKE_BLOB_CONTAINER "backups"
#define FAKE_BLOB_KEY       "Y2FuYXJ5LWFjY291bnQta2V5" /* “canary-account-key” */
#define FAKE_BLOB_SIGNATURE "canary-signature"

/**
 * FakeBlob:
 * @page_items: of a list
 * @cut_after: (atomic): a download is cut after so many bytes, once; 0 for never
 * @cut_commits: (atomic): so many commits are carried out, and their answers lost
 * @fail_blocks: (atomic): so many blocks are answered with 503
 * @damaged_blocks: (atomic): of so many blocks one bit is turned on the way
 * @refused_commits: (atomic): so many commits are refused, and the blocks stay
 * @permissions: (nullable): of a signature, where it is to be looked at
 *
 * A storage account with one container, in memory.
 */
typedef struct
{
  RepriseFaultServer *server;
  guint page_items;
  int cut_after;
  int cut_commits;
  int refused_commits;
  int fail_blocks;
  int damaged_blocks;
  const char *permissions;

  GMutex mutex;      /* guards: */
  GHashTable *blobs; /* name → blob */
  GHashTable
    *blocks; /* of what is not committed: name of the blob, NUL, name of the block → GBytes */
  gboolean has_container;
  guint n_blocks;
  guint n_ranges;
  guint serial;
} FakeBlob;

FakeBlob *fake_blob_new (void);
void fake_blob_free (FakeBlob *self);

char *fake_blob_dup_endpoint (FakeBlob *self);
char *fake_blob_dup_sas (FakeBlob *self, const char *permissions, int seconds);
void fake_blob_put (FakeBlob *self, const char *name, gconstpointer data, gsize size, gboolean md5);
GBytes *fake_blob_get (FakeBlob *self, const char *name);
RepriseBlob *fake_blob_connect (FakeBlob *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeBlob, fake_blob_free)

G_END_DECLS
