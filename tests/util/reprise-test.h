/* reprise-test.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void reprise_test_init (int *argc, char ***argv);
char *reprise_test_make_folder (void);
void reprise_test_remove_folder (char *path);
char *reprise_test_data (const char *name);
char *reprise_test_read (const char *path, gsize *size);
gboolean reprise_test_check_manifest (const char *path);
void reprise_test_run_until (gboolean *done);

G_END_DECLS
