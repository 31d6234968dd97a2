/* reprise-json-cutter.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseJsonPieceFunc:
 * @data: bytes of an element, exactly as they were received
 * @is_last: whether the element ends with them
 *
 * Returns: whether to go on; else @error is set
 */
typedef gboolean (*RepriseJsonPieceFunc) (const char *data,
                                          gsize size,
                                          gboolean is_last,
                                          gpointer user_data,
                                          GError **error);

/**
 * RepriseJsonCutter:
 *
 * Cuts the elements of one long list out of a JSON text that comes in any pieces, and checks all of it by RFC 8259 (see
 * #RepriseJsonScanner). The rest of the text, with the list empty, is the envelope: small, and for reprise_json_parse(). Any thread,
 * one at a time.
 */
typedef struct _RepriseJsonCutter RepriseJsonCutter;

RepriseJsonCutter *reprise_json_cutter_new (const char *member,
                                            gsize max_element_bytes,
                                            RepriseJsonPieceFunc func,
                                            gpointer user_data);
void reprise_json_cutter_free (RepriseJsonCutter *self);

gboolean reprise_json_cutter_push (RepriseJsonCutter *self,
                                   const char *data,
                                   gsize size,
                                   GError **error);
gboolean reprise_json_cutter_finish (RepriseJsonCutter *self, GBytes **envelope, GError **error);
guint64 reprise_json_cutter_get_n_elements (const RepriseJsonCutter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseJsonCutter, reprise_json_cutter_free)

G_END_DECLS
