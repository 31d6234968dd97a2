/* reprise-sqlite-test.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "providers/sqlite/reprise-sqlite-restore.h"

G_BEGIN_DECLS

/* All of these stop the test where something fails. */

void reprise_sqlite_test_use_memory (void);
void reprise_sqlite_test_make_sample (const char *application);
void reprise_sqlite_test_run (const char *path, const char *sql);
gint64 reprise_sqlite_test_get (const char *path, const char *sql);
char *reprise_sqlite_test_get_text (const char *path, const char *sql);
int reprise_sqlite_test_hold (const char *path, const char *sql);
void reprise_sqlite_test_let_go (int pid);
gboolean reprise_sqlite_test_try (const char *path, const char *sql);
char *reprise_sqlite_test_hash_table (const char *path, const char *table);
char *reprise_sqlite_test_hash_all (const char *path, const char *const *but);
char *reprise_sqlite_test_hash_folder (const char *folder);
void reprise_sqlite_test_copy (const char *from, const char *to);

void reprise_sqlite_test_call (const char *folder, const char *command, ...) G_GNUC_NULL_TERMINATED;
void reprise_sqlite_test_back_up (const char *application,
                                  const char *const *rules,
                                  RepriseGroups groups,
                                  const char *archive);
const char *reprise_sqlite_test_get_odd (void);
ReprisePlan *reprise_sqlite_test_plan (const char *archive_path,
                                       const char *application,
                                       RepriseGroups groups,
                                       gboolean undo);
RepriseSqliteRestored *reprise_sqlite_test_restore (const char *archive_path,
                                                    const char *application,
                                                    RepriseGroups groups,
                                                    gboolean undo,
                                                    GError **error);
void reprise_sqlite_test_secure (const char *archive_path,
                                 const char *application,
                                 RepriseGroups groups,
                                 const char *copy);

G_END_DECLS
