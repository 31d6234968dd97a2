/* reprise-test.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

/* Under the sanitizers all takes longer and more memory. */
#if defined(__SANITIZE_ADDRESS__)
#define REPRISE_TEST_WITH_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REPRISE_TEST_WITH_SANITIZER 1
#endif
#endif
#ifndef REPRISE_TEST_WITH_SANITIZER
#define REPRISE_TEST_WITH_SANITIZER 0
#endif

G_BEGIN_DECLS

void reprise_test_init (int *argc, char ***argv);
char *reprise_test_make_folder (void);
void reprise_test_remove_folder (char *path);
char *reprise_test_data (const char *name);
char *reprise_test_read (const char *path, gsize *size);
gboolean reprise_test_check_manifest (const char *path);
void reprise_test_run_until (gboolean *done);
void reprise_test_forgive_soup (void);

G_END_DECLS
