/* reprise-zip-writer.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/reprise-progress.h"

G_BEGIN_DECLS

/**
 * RepriseZipWriter:
 *
 * An ordinary zip file as a stream, which any unzip reads. For workers, one thread at a time. Every function blocks. After an
 * error the writer is of no more use: free it, and remove what it has written.
 */
typedef struct _RepriseZipWriter RepriseZipWriter;

#define REPRISE_ZIP_LEVEL_FAST 1

RepriseZipWriter *reprise_zip_writer_new (GOutputStream *out, int level);
void reprise_zip_writer_free (RepriseZipWriter *self);

gboolean reprise_zip_writer_begin (RepriseZipWriter *self,
                                   const char *name,
                                   gint64 size_bytes,
                                   GDateTime *mtime,
                                   GError **error);
gboolean reprise_zip_writer_write (RepriseZipWriter *self,
                                   gconstpointer data,
                                   gsize size,
                                   GCancellable *cancellable,
                                   GError **error);
gboolean reprise_zip_writer_end (RepriseZipWriter *self,
                                 guint64 *size_bytes,
                                 char **sha256,
                                 GError **error);

gboolean reprise_zip_writer_add_file (RepriseZipWriter *self,
                                      const char *name,
                                      const char *path,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      guint64 *size_bytes,
                                      char **sha256,
                                      GError **error);
gboolean reprise_zip_writer_add_bytes (RepriseZipWriter *self,
                                       const char *name,
                                       gconstpointer data,
                                       gsize size,
                                       guint64 *size_bytes,
                                       char **sha256,
                                       GError **error);
gboolean reprise_zip_writer_finish (RepriseZipWriter *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseZipWriter, reprise_zip_writer_free)

G_END_DECLS
