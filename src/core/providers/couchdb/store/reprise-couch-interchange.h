/* reprise-couch-interchange.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/store/reprise-couch-chain.h"

G_BEGIN_DECLS

/* in the table “segment” of what came in */
#define REPRISE_COUCH_IMPORTED    "imported"    /* program and version of the file */
#define REPRISE_COUCH_WITHOUT_REV "without_rev" /* “true”: revisions there have names of our own */
#define REPRISE_COUCH_SHALLOW     "shallow" /* “true”: winners only, without their history */

/**
 * RepriseCouchImport:
 * @version: (nullable): of couchbackup; files before 2.10 do not tell
 * @shallow: winners only, without their history
 * @has_attachments: whether the file says that it has them
 * @n_documents: told one after the other; those that come twice count twice, here and below
 * @n_design: of them, design documents
 * @n_revisions: read
 * @n_deleted: of them, deletions
 * @n_attachments: with their data
 * @n_stubs: attachments that the file only names: they cannot be restored
 * @n_without_rev: revisions that the file does not name: they can only be restored as new edits
 * @n_broken: lines that were cut off, and begun again by a resumed run
 * @n_skipped: lines that were cut off in a file whose version does not say what became of them
 *
 * What came in. Numbers may have been altered on their way through couchbackup, and there is nothing that would show it.
 */
typedef struct
{
  char *version;
  gboolean shallow;
  gboolean has_attachments;
  guint64 n_documents;
  guint64 n_design;
  guint64 n_revisions;
  guint64 n_deleted;
  guint64 n_attachments;
  guint64 n_stubs;
  guint64 n_without_rev;
  guint64 n_broken;
  guint64 n_skipped;
} RepriseCouchImport;

void reprise_couch_import_clear (RepriseCouchImport *import);
gboolean reprise_couch_import_recognise (const char *data, gsize size);
gboolean reprise_couch_import_read (GInputStream *stream,
                                    RepriseCouchWriter *writer,
                                    RepriseCouchImport *import,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);

/**
 * RepriseCouchExport:
 * @n_revisions: written
 * @n_attachments: written with their data
 */
typedef struct
{
  guint64 n_revisions;
  guint64 n_attachments;
} RepriseCouchExport;

gboolean reprise_couch_export_write (RepriseCouchState *state,
                                     gboolean shallow,
                                     gboolean attachments,
                                     GOutputStream *stream,
                                     RepriseCouchExport *result,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseCouchImport, reprise_couch_import_clear)

G_END_DECLS
