/* reprise-json-lines.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json-lines.h"
#include "net/reprise-json-scanner.h"

struct _RepriseJsonLines
{
  RepriseJsonScanner *scanner; /* (owned) */
  gint64 n_elements;           /* of each line, or -1 */
};

static gboolean
line_cb (const RepriseJsonEvent *event, gpointer user_data, GError **error)
{
  RepriseJsonLines *self = user_data;
  g_autofree char *line = NULL;

  if (event->type != REPRISE_JSON_END)
    return TRUE;
  if (event->kind == REPRISE_JSON_ARRAY &&
      (self->n_elements < 0 || event->n_children == (guint64) self->n_elements))
    return TRUE;
  line = g_strdup_printf ("%" G_GUINT64_FORMAT, reprise_json_scanner_get_n_top (self->scanner));
  if (event->kind != REPRISE_JSON_ARRAY)
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, _ ("Line %s is not a list of values"),
                 line);
  else
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                 _ ("Line %s has not as many values as there are columns"), line);
  return FALSE;
}

/* @n_elements: that each line must have, or -1 */
RepriseJsonLines *
reprise_json_lines_new (gint64 n_elements)
{
  RepriseJsonLines *self = g_new0 (RepriseJsonLines, 1);
  RepriseJsonScannerOptions options = { .lines = TRUE, .func = line_cb, .user_data = self };

  self->scanner = reprise_json_scanner_new (&options);
  self->n_elements = n_elements;
  return self;
}

void
reprise_json_lines_free (RepriseJsonLines *self)
{
  reprise_json_scanner_free (self->scanner);
  g_free (self);
}

/* The next bytes; else %REPRISE_ERROR_DAMAGED, or %REPRISE_ERROR_LIMIT for nesting, naming the line. */
gboolean
reprise_json_lines_push (RepriseJsonLines *self, const char *data, gsize size, GError **error)
{
  return reprise_json_scanner_push (self->scanner, data, size, error);
}

/**
 * reprise_json_lines_finish:
 * @n_lines: (out) (optional): how many there were
 *
 * There are no more bytes. The last line need not have an end of line.
 */
gboolean
reprise_json_lines_finish (RepriseJsonLines *self, guint64 *n_lines, GError **error)
{
  if (!reprise_json_scanner_finish (self->scanner, error))
    return FALSE;
  if (n_lines != NULL)
    *n_lines = reprise_json_scanner_get_n_top (self->scanner);
  return TRUE;
}
