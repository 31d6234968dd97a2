/* test-sqlite-schema.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <sqlite3.h>

#include "base/reprise-error.h"
#include "providers/sqlite/reprise-sqlite-schema-private.h"
#include "reprise-sqlite-test.h"
#include "reprise-test.h"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = reprise_test_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "app.db", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->path);
  reprise_test_remove_folder (fixture->folder);
}

static RepriseSqliteSchema *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteDb) db =
    reprise_sqlite_db_open (path, "app.db", REPRISE_SQLITE_READ, NULL, &error);
  RepriseSqliteSchema *schema;

  g_assert_no_error (error);
  schema = reprise_sqlite_schema_load (db, "main", &error);
  g_assert_no_error (error);
  return schema;
}

static RepriseSqliteTable *
find (RepriseSqliteSchema *schema, const char *name)
{
  RepriseSqliteTable *table = reprise_sqlite_schema_find (schema, name);

  g_test_message ("%s", name);
  g_assert_nonnull (table);
  return table;
}

/* Which name, if any, reaches the rowid, for each way in which a table can have its key. */
static void
test_keys (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *name;
    const char *sql;
    gboolean without_rowid;
    const char *rowid;
    const char *rowid_column;
  } cases[] = {
    { "a", "CREATE TABLE a (id INTEGER PRIMARY KEY, x)", FALSE, NULL, "id" },
    { "b", "CREATE TABLE b (id INT PRIMARY KEY, x)", FALSE, "rowid", NULL },
    { "c", "CREATE TABLE c (id TEXT PRIMARY KEY, x) WITHOUT ROWID", TRUE, NULL, NULL },
    { "d", "CREATE TABLE d (x, y)", FALSE, "rowid", NULL },
    { "e", "CREATE TABLE e (rowid, y)", FALSE, "_rowid_", NULL },
    { "f", "CREATE TABLE f (ROWID, _rowid_ TEXT, y)", FALSE, "oid", NULL },
    { "g", "CREATE TABLE g (rowid, _rowid_, oid)", FALSE, NULL, NULL },
    { "h", "CREATE TABLE h (id INTEGER PRIMARY KEY DESC, x)", FALSE, "rowid", NULL },
    { "i", "CREATE TABLE i (id INTEGER, x, PRIMARY KEY (id))", FALSE, NULL, "id" },
    { "j", "CREATE TABLE j (a INTEGER, b, PRIMARY KEY (b, a))", FALSE, "rowid", NULL },
    { "k", "CREATE TABLE k (a INTEGER, b, PRIMARY KEY (b, a)) WITHOUT ROWID", TRUE, NULL, NULL },
    { "l", "CREATE TABLE l (a INTEGER PRIMARY KEY) WITHOUT ROWID", TRUE, NULL, NULL },
    { "m", "CREATE TABLE m (a INTEGER PRIMARY KEY AUTOINCREMENT, b UNIQUE) STRICT", FALSE, NULL,
      "a" },
    { "we\"ird/[name]", "CREATE TABLE \"we\"\"ird/[name]\" (\"a \"\"b\" TEXT)", FALSE, "rowid",
      NULL },
  };
  g_autoptr (RepriseSqliteSchema) schema = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (!g_str_equal (cases[i].name, "m"))
      reprise_sqlite_test_run (fixture->path, cases[i].sql);
  reprise_sqlite_test_run (
    fixture->path, "CREATE TABLE m (a INTEGER PRIMARY KEY AUTOINCREMENT, b ANY UNIQUE) STRICT");
  schema = load (fixture->path);
  g_assert_cmpuint (schema->tables->len, ==, G_N_ELEMENTS (cases));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const RepriseSqliteTable *table = find (schema, cases[i].name);

      g_assert_cmpint (table->without_rowid, ==, cases[i].without_rowid);
      g_assert_cmpstr (table->rowid, ==, cases[i].rowid);
      g_assert_cmpstr (table->rowid_column, ==, cases[i].rowid_column);
    }
}

static void
test_virtual (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteRules) rules = reprise_sqlite_rules_new (NULL, &error);
  g_autoptr (RepriseSqliteSchema) schema = NULL;

  reprise_sqlite_test_run (
    fixture->path,
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, body); CREATE TABLE users (id INTEGER PRIMARY "
    "KEY, name);"
    "CREATE VIRTUAL TABLE own USING fts5 (a, b, tokenize = 'unicode61 remove_diacritics 2');"
    "CREATE VIRTUAL TABLE external USING fts5 (body, content = \"notes\", content_rowid='id');"
    "CREATE VIRTUAL TABLE users_search USING FTS4 (name, content=users);"
    "CREATE VIRTUAL TABLE empty USING fts5(a,content='');"
    "CREATE VIRTUAL TABLE \"using it\" USING rtree (id, x0, x1);"
    "CREATE TABLE own_things (x); CREATE TABLE external_datas (x);");
  reprise_sqlite_test_run (fixture->path,
                           "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES "
                           "('table', 'vectors', 'vectors', 0,"
                           " 'CREATE VIRTUAL TABLE vectors USING vec0 (embedding float[3])');"
                           "CREATE TABLE vectors_chunks (x); CREATE TABLE vectors_a_b (x)");
  schema = load (fixture->path);
  reprise_sqlite_schema_assign (schema, rules, NULL);
  g_assert_cmpint (find (schema, "own")->kind, ==, REPRISE_SQLITE_VIRTUAL);
  g_assert_cmpstr (find (schema, "own")->module, ==, "fts5");
  g_assert_cmpstr (find (schema, "own")->content, ==, NULL);
  g_assert_cmpstr (find (schema, "external")->content, ==, "notes");
  g_assert_cmpstr (find (schema, "users_search")->module, ==, "fts4");
  g_assert_cmpstr (find (schema, "users_search")->content, ==, "users");
  g_assert_cmpstr (find (schema, "empty")->content, ==, "");
  g_assert_cmpstr (find (schema, "using it")->module, ==, "rtree");
  g_assert_cmpstr (find (schema, "using it_node")->owner, ==, "using it");
  g_assert_cmpstr (find (schema, "own_content")->owner, ==, "own");
  g_assert_cmpint (find (schema, "own_content")->kind, ==, REPRISE_SQLITE_SHADOW);
  g_assert_cmpint (find (schema, "own_things")->kind, ==, REPRISE_SQLITE_TABLE);
  g_assert_cmpint (find (schema, "external_datas")->kind, ==, REPRISE_SQLITE_TABLE);
  g_assert_cmpstr (find (schema, "vectors_chunks")->owner, ==, "vectors");
  g_assert_cmpstr (find (schema, "vectors_a_b")->owner, ==, "vectors");
  g_assert_cmpint (find (schema, "users_search")->verdict.group, ==, REPRISE_GROUP_USER);
  g_assert_cmpint (find (schema, "users_search")->verdict.origin, ==,
                   REPRISE_SQLITE_ORIGIN_FOLLOWS);
  g_assert_cmpint (find (schema, "users_search_segdir")->verdict.group, ==, REPRISE_GROUP_USER);
  g_assert_cmpuint (schema->objects->len, ==, 6);
}

static void
test_facts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseSqliteSchema) schema = NULL;
  g_autofree char *plain = NULL, *columns = NULL;

  reprise_sqlite_test_run (
    fixture->path,
    "PRAGMA page_size = 1024; PRAGMA encoding = 'UTF-16le'; PRAGMA auto_vacuum = 2;"
    "CREATE TABLE t (b ANY, \"a\"\"x\" TEXT NOT NULL DEFAULT 'q', c AS (b || 1), d INT AS (b) "
    "STORED,"
    " PRIMARY KEY (\"a\"\"x\", b)) WITHOUT ROWID;"
    "CREATE INDEX i ON t (c); CREATE VIEW v AS SELECT 1; PRAGMA user_version = 9;"
    "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END; PRAGMA application_id = 77");
  schema = load (fixture->path);
  g_assert_cmpint (schema->page_size, ==, 1024);
  g_assert_cmpstr (schema->encoding, ==, "UTF-16le");
  g_assert_cmpint (schema->auto_vacuum, ==, 2);
  g_assert_cmpint (schema->user_version, ==, 9);
  g_assert_cmpint (schema->application_id, ==, 77);
  g_assert_cmpuint (schema->objects->len, ==, 2);
  g_assert_nonnull (reprise_sqlite_schema_find_object (schema, "trigger", "G"));
  g_assert_true (find (schema, "t")->has_generated);
  g_assert_cmpuint (find (schema, "t")->indexes->len, ==, 1);
  plain = reprise_sqlite_table_make_plain_sql (find (schema, "t"), "dst");
  g_assert_cmpstr (plain, ==,
                   "CREATE TABLE \"dst\".\"t\" (\"b\" , \"a\"\"x\" TEXT, PRIMARY KEY (\"a\"\"x\", "
                   "\"b\")) WITHOUT ROWID");
  columns = reprise_sqlite_table_list_columns (find (schema, "t"), "x.");
  g_assert_cmpstr (columns, ==, "x.\"b\", x.\"a\"\"x\"");
}

/* A schema that was written by hand to do harm is damage, and no program runs. */
static void
test_hostile (Fixture *fixture, gconstpointer data)
{
  static const char *const statements[] = {
    "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a' WHERE name = 't'",
    "UPDATE sqlite_schema SET sql = 'DROP TABLE t' WHERE name = 't'",
    "UPDATE sqlite_schema SET sql = NULL WHERE name = 't'",
    "UPDATE sqlite_schema SET name = NULL WHERE name = 't'",
    "UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 't'",
    "UPDATE sqlite_schema SET type = 'thing', name = CAST (x'ff' AS TEXT) WHERE name = 't'",
    "INSERT INTO sqlite_schema SELECT * FROM sqlite_schema WHERE name = 't'",
  };

  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u.db", fixture->folder, i);
      g_autofree char *sql =
        g_strdup_printf ("CREATE TABLE t (a); PRAGMA writable_schema = ON; %s", statements[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseSqliteDb) db = NULL;
      g_autoptr (RepriseSqliteSchema) schema = NULL;

      reprise_sqlite_test_run (path, sql);
      db = reprise_sqlite_db_open (path, "app.db", REPRISE_SQLITE_READ, NULL, &error);
      schema = db != NULL ? reprise_sqlite_schema_load (db, "main", &error) : NULL;
      g_test_message ("%s: %s", statements[i], error != NULL ? error->message : "-");
      g_assert_null (schema);
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
    }
}

static void
test_affinity (void)
{
  g_assert_cmpstr (reprise_sqlite_get_affinity ("VARCHAR(20)"), ==, "TEXT");
  g_assert_cmpstr (reprise_sqlite_get_affinity ("bigint"), ==, "INTEGER");
  g_assert_cmpstr (reprise_sqlite_get_affinity ("charint"), ==, "INTEGER");
  g_assert_cmpstr (reprise_sqlite_get_affinity (""), ==, "BLOB");
  g_assert_cmpstr (reprise_sqlite_get_affinity ("double precision"), ==, "REAL");
  g_assert_cmpstr (reprise_sqlite_get_affinity ("DECIMAL(10,5)"), ==, "NUMERIC");
}

int
main (int argc, char **argv)
{
  reprise_sqlite_test_use_memory ();
  reprise_test_init (&argc, &argv);
  g_test_add ("/sqlite/schema/keys", Fixture, NULL, set_up, test_keys, tear_down);
  g_test_add ("/sqlite/schema/virtual", Fixture, NULL, set_up, test_virtual, tear_down);
  g_test_add ("/sqlite/schema/facts", Fixture, NULL, set_up, test_facts, tear_down);
  g_test_add ("/sqlite/schema/hostile", Fixture, NULL, set_up, test_hostile, tear_down);
  g_test_add_func ("/sqlite/schema/affinity", test_affinity);
  return g_test_run ();
}
