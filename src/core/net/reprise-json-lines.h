/* reprise-json-lines.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseJsonLines:
 *
 * Checks and counts rows: one JSON array on each line, all of one length. Fixed memory, however long a line is; any thread, one at
 * a time.
 */
typedef struct _RepriseJsonLines RepriseJsonLines;

RepriseJsonLines *reprise_json_lines_new (gint64 n_elements);
void reprise_json_lines_free (RepriseJsonLines *self);

gboolean reprise_json_lines_push (RepriseJsonLines *self,
                                  const char *data,
                                  gsize size,
                                  GError **error);
gboolean reprise_json_lines_finish (RepriseJsonLines *self, guint64 *n_lines, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseJsonLines, reprise_json_lines_free)

G_END_DECLS
