/* sqlite-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-sqlite-test.h"

G_BEGIN_DECLS

#define BIT(group) REPRISE_GROUP_BIT (REPRISE_GROUP_##group)

/* The sample application in a folder, an archive of it, and a safety copy. */
typedef struct
{
  char *folder;
  char *application;
  char *database; /* app.db in it */
  char *archive;
  char *copy; /* a safety copy */
} SqliteFixture;

static const char TELEMETRY_CHANGES[] =
  "DELETE FROM event_log WHERE rowid % 2; DELETE FROM audits; INSERT INTO audits (at, action) "
  "VALUES (1, 'x');"
  "UPDATE readings SET value = value + 1; DELETE FROM places WHERE id > 20; INSERT INTO places "
  "VALUES (900, 1, 2, 3, 4)";

static const char *const NOT_COMPARED[] = {
  "page_cache", "sqlite_autoindex_page_cache_1", "sqlite_stat1", "sqlite_stat4", "later", "newer",
  NULL
};

void sqlite_fixture_set_up (SqliteFixture *fixture, gconstpointer data);
void sqlite_fixture_tear_down (SqliteFixture *fixture, gconstpointer data);
char *sqlite_fixture_in_application (const SqliteFixture *fixture, const char *name);
void sqlite_fixture_back_up (const SqliteFixture *fixture, const char *const *rules);
RepriseSqliteRestored *sqlite_fixture_restore (const SqliteFixture *fixture, RepriseGroups groups);
char *sqlite_fixture_hash_application (const SqliteFixture *fixture);
char *sqlite_fixture_restore_in_vain (const SqliteFixture *fixture, RepriseGroups groups, int code);
void sqlite_fixture_assert_sound (const char *path);
void sqlite_fixture_change_sample (const SqliteFixture *fixture);

G_END_DECLS
