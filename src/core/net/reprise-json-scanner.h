/* reprise-json-scanner.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define REPRISE_JSON_SCANNER_MAX_DEPTH 1024 /* of payload, where nothing else is said */

typedef enum
{
  REPRISE_JSON_OBJECT,
  REPRISE_JSON_ARRAY,
  REPRISE_JSON_STRING,
  REPRISE_JSON_NUMBER,
  REPRISE_JSON_TRUE,
  REPRISE_JSON_FALSE,
  REPRISE_JSON_NULL,
} RepriseJsonKind;

/**
 * RepriseJsonEventType:
 * @REPRISE_JSON_BEGIN: a value begins
 * @REPRISE_JSON_END: a value has ended
 * @REPRISE_JSON_KEY_BEGIN: the name of a member begins, with its quotation mark
 * @REPRISE_JSON_KEY_END: the name of a member has ended, with its quotation mark
 */
typedef enum
{
  REPRISE_JSON_BEGIN,
  REPRISE_JSON_END,
  REPRISE_JSON_KEY_BEGIN,
  REPRISE_JSON_KEY_END,
} RepriseJsonEventType;

/**
 * RepriseJsonEvent:
 * @kind: of the value; of a key %REPRISE_JSON_STRING
 * @depth: how many arrays and objects are around it
 * @offset: of its first byte, or of the byte after its last, from the first byte that was ever pushed
 * @n_children: at the end of an array or object, how many elements or members it has
 */
typedef struct
{
  RepriseJsonEventType type;
  RepriseJsonKind kind;
  guint depth;
  guint64 offset;
  guint64 n_children;
} RepriseJsonEvent;

/**
 * RepriseJsonEventFunc:
 *
 * Returns: whether to go on; else @error is set, and the push fails with it
 */
typedef gboolean (*RepriseJsonEventFunc) (const RepriseJsonEvent *event,
                                          gpointer user_data,
                                          GError **error);

/**
 * RepriseJsonScannerOptions:
 * @max_depth: of arrays and objects in each other; 0 for %REPRISE_JSON_SCANNER_MAX_DEPTH
 * @lines: one value on each line, which ends in LF or CRLF and is not empty; else one value in all
 * @event_depth: the deepest values that @func is told of
 * @func: (nullable): is told
 */
typedef struct
{
  guint max_depth;
  gboolean lines;
  guint event_depth;
  RepriseJsonEventFunc func;
  gpointer user_data;
} RepriseJsonScannerOptions;

/**
 * RepriseJsonScanner:
 *
 * Checks that bytes which come in any pieces are JSON as RFC 8259 has it, in UTF-8 as RFC 3629 has it, and says where values begin
 * and end. It keeps and changes nothing of them: what is cut by its offsets is what was received. Its memory is fixed, it does not
 * recurse, and it may run in any thread, in one at a time. What is wrong is %REPRISE_ERROR_DAMAGED, what is too deep
 * %REPRISE_ERROR_LIMIT.
 */
typedef struct _RepriseJsonScanner RepriseJsonScanner;

RepriseJsonScanner *reprise_json_scanner_new (const RepriseJsonScannerOptions *options);
void reprise_json_scanner_free (RepriseJsonScanner *self);

gboolean reprise_json_scanner_push (RepriseJsonScanner *self,
                                    const char *data,
                                    gsize size,
                                    GError **error);
gboolean reprise_json_scanner_finish (RepriseJsonScanner *self, GError **error);

guint64 reprise_json_scanner_get_offset (const RepriseJsonScanner *self);
guint64 reprise_json_scanner_get_n_top (const RepriseJsonScanner *self);
guint64 reprise_json_scanner_get_n_members (const RepriseJsonScanner *self);
gboolean reprise_json_scanner_has_nul (const RepriseJsonScanner *self);
gboolean reprise_json_scanner_has_lone_surrogate (const RepriseJsonScanner *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseJsonScanner, reprise_json_scanner_free)

G_END_DECLS
