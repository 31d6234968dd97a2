/* reprise-saying.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <stdarg.h>

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Sentences that can be said anew in another language: what a job has come to is kept, and crosses the bus, as the untranslated text
 * with its arguments, and is translated where it is shown. It is a text of its own form, so that it can be an argument (%s) of
 * another; any other text is shown as it is.
 *
 * In a text only %s, %d, %u and both with l, ll or PRId64 are understood. po/update knows the functions that take such texts: they
 * are not marked with _().
 */

char *reprise_say (const char *text, ...) G_GNUC_PRINTF (1, 2);
char *reprise_say_n (const char *singular, const char *plural, guint64 n, ...) G_GNUC_PRINTF (2, 4);
char *reprise_say_valist (const char *text, va_list args);
char *reprise_say_n_valist (const char *singular, const char *plural, guint64 n, va_list args);
gboolean reprise_saying_understands (const char *text);
char *reprise_say_size (gint64 bytes);

char *reprise_saying_to_text (const char *saying);
char *reprise_saying_lines_to_text (const char *lines);
const char *reprise_saying_get_language (void);

G_END_DECLS
