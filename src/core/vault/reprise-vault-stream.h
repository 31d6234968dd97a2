/* reprise-vault-stream.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseVaultStreamClosed:
 * @owner: who opened the stream
 * @fd: (transfer full): the file, not yet synced
 * @sha256: (nullable): of all that was written, or %NULL where the stream was given up
 *
 * Called once, on the thread that closes the stream.
 *
 * Returns: whether the file is taken
 */
typedef gboolean (*RepriseVaultStreamClosed) (GObject *owner,
                                              const char *name,
                                              int fd,
                                              gint64 size_bytes,
                                              const char *sha256,
                                              GError **error);

/**
 * RepriseVaultStream:
 *
 * A file of a backup while it is written. A second thread hashes while the first one writes. Closing it is saying
 * that it is whole: a stream that is dropped, or closed after a failed write or with a cancelled #GCancellable, is given up.
 */
#define REPRISE_TYPE_VAULT_STREAM (reprise_vault_stream_get_type ())

G_DECLARE_FINAL_TYPE (RepriseVaultStream,
                      reprise_vault_stream,
                      REPRISE,
                      VAULT_STREAM,
                      GOutputStream)

GOutputStream *reprise_vault_stream_new (GObject *owner,
                                         const char *name,
                                         int fd,
                                         RepriseVaultStreamClosed closed);

G_END_DECLS
