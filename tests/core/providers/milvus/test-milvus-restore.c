/* test-milvus-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "provider/reprise-journal.h"
#include "providers/milvus/milvus-fixture.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "reprise-fake-milvus.h"
#include "reprise-test-error.h"
#include "reprise-test-provider.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

/* --- restores --- */

static RepriseArchive *
open_made (MilvusFixture *self)
{
  g_autoptr (RepriseBackup) made = milvus_fixture_back_up_well (self);
  RepriseArchive *archive = reprise_provider_open_backup (self->provider, made, NULL, NULL, NULL);

  g_assert_nonnull (archive);
  return archive;
}

static void
test_restore_suffix (MilvusFixture *self, gconstpointer data)
{
  const MilvusWorld *world = data;
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (RepriseOutcome) outcome = NULL;

  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films shop.items");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_recover");
  outcome = milvus_fixture_restore_well (self, archive);
  g_assert_true (g_str_has_prefix (outcome->summary, "2 collections restored"));
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films_recover"), ==, 1000);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "shop.items_recover"), ==, 1200);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.notes_recover"), ==, -1);
  if (world->rest_version == 2)
    {
      g_assert_nonnull (strstr (outcome->summary, "2 counted"));
      g_assert_cmpint (outcome->written, ==, 2200);
      g_assert_false (reprise_fake_milvus_is_loaded (self->fake, "default.films_recover"));
    }
  else
    {
      g_assert_nonnull (strstr (outcome->summary, "not reported"));
      g_assert_null (strstr (outcome->summary, "equal"));
      g_assert_cmpint (outcome->written, ==, -1);
    }
}

static void
test_restore_renamed (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (RepriseOutcome) outcome = NULL;

  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films notes");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_RENAME, "films:movies");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_DATABASE, "shop");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_VERIFY, REPRISE_MILVUS_VERIFY_REPORT);
  outcome = milvus_fixture_restore_well (self, archive);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.movies"), ==, 1000);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "shop.notes"), ==, 500);
  g_assert_nonnull (strstr (outcome->summary, "not reported: it was not asked for"));
}

/* What exists is refused; it is dropped and replaced only where that is chosen. */
static void
test_restore_in_place (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (ReprisePlan) refused = NULL;
  g_autoptr (ReprisePlan) made = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  reprise_fake_milvus_make (self->fake, "default.films", 7);
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films");
  refused = milvus_fixture_plan (self, archive);
  g_assert_true (reprise_plan_is_refused (refused));
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_EXISTING, REPRISE_MILVUS_EXISTING_REPLACE);
  made = milvus_fixture_plan (self, archive);
  g_assert_true (reprise_plan_get_overwrites (made));
  g_assert_cmpint (reprise_plan_get_row (made, 0)->now, ==, 7);
  g_assert_cmpint (reprise_plan_get_row (made, 0)->action, ==, REPRISE_PLAN_REPLACED);
  outcome = milvus_fixture_restore (self, made, &error);
  g_assert_no_error (error);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 1000);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "shop.items"), ==, 1200);
}

/* Dropped by hand before, as the document tells, it comes back under its own name. */
static void
test_restore_dropped (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autofree char *body = NULL;

  reprise_fake_milvus_drop (self->fake, "default.films");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films");
  outcome = milvus_fixture_restore_well (self, archive);
  body = reprise_fake_milvus_dup_last_body (self->fake, "restore");
  g_assert_nonnull (strstr (body, "\"collection_suffix\":\"\""));
  g_assert_nonnull (strstr (body, "\"restoreIndex\":true"));
  g_assert_null (strstr (body, "dropExistCollection"));
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 1000);
}

/* Rows that are lost are told; nobody who can be asked leaves a collection without an index alone. */
static void
test_restore_compares (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (RepriseOutcome) outcome = NULL;

  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_a");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_STRUCTURE, "true");
  outcome = milvus_fixture_restore_well (self, archive);
  g_assert_nonnull (strstr (outcome->summary, "1 counted and equal"));
  g_assert_cmpint (outcome->written, ==, 0);
  g_clear_pointer (&outcome, reprise_outcome_free);
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_STRUCTURE, "false");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_b");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_INDEXES, "false");
  g_clear_object (&self->progress);
  outcome = milvus_fixture_restore_well (self, archive);
  g_assert_nonnull (strstr (outcome->summary, "without an index"));
}

static void
test_restore_traps (MilvusFixture *self, gconstpointer data)
{
  static const struct
  {
    RepriseFakeMilvusTrap trap;
    int code;
    const char *says;
  } TRAPS[] = {
    { REPRISE_FAKE_MILVUS_STUCK, REPRISE_ERROR_STALLED, "not begun" },
    { REPRISE_FAKE_MILVUS_FAILS, REPRISE_ERROR_FAILED, "no insert logs" },
    { REPRISE_FAKE_MILVUS_RESTARTS, REPRISE_ERROR_FAILED, "half filled" },
    { REPRISE_FAKE_MILVUS_EMPTY, REPRISE_ERROR_FAILED, "restored nothing" },
  };
  g_autoptr (RepriseArchive) archive = open_made (self);

  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_recover");
  for (guint i = 0; i < G_N_ELEMENTS (TRAPS); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ReprisePlan) made = NULL;

      reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_WELL);
      made = milvus_fixture_plan (self, archive);
      reprise_fake_milvus_set_trap (self->fake, TRAPS[i].trap);
      g_assert_null (milvus_fixture_restore (self, made, &error));
      reprise_test_assert_says (error, TRAPS[i].code, TRAPS[i].says);
    }
}

static void
test_plan_refusals (MilvusFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *key, *value, *says;
  } WRONG[] = {
    { REPRISE_MILVUS_OPTION_SUFFIX, "-recover", "suffix" },
    { REPRISE_MILVUS_OPTION_COLLECTIONS, "ghost", "no collection “ghost”" },
    { REPRISE_MILVUS_OPTION_RENAME, "films", "films" },
    { REPRISE_MILVUS_OPTION_RENAME, "films:notes", "Two collections" },
    { REPRISE_MILVUS_OPTION_DATABASE, "a-b", "a-b" },
  };
  g_autoptr (RepriseArchive) archive = open_made (self);

  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;

      g_hash_table_remove_all (self->options);
      milvus_fixture_set_option (self, WRONG[i].key, WRONG[i].value);
      g_assert_null (reprise_provider_plan_restore (self->provider, archive, REPRISE_GROUPS_NONE,
                                                    self->options, NULL, NULL, &error));
      reprise_test_assert_says (error, REPRISE_ERROR_INVALID, WRONG[i].says);
    }
}

/* Where the storage is not set, the safety copy stays on the service, and leads back from there. */
static void
test_undo (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (ReprisePlan) made = NULL;
  g_autoptr (ReprisePlan) back = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseOutcome) undone = NULL;
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseBackup) copy = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (RepriseArchive) safety = NULL;
  g_autoptr (GError) error = NULL;

  reprise_fake_milvus_make (self->fake, "default.films", 7);
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_EXISTING, REPRISE_MILVUS_EXISTING_REPLACE);
  made = milvus_fixture_plan (self, archive);
  g_assert_true (reprise_vault_save_service (self->vault, self->service, &error));
  writer = reprise_vault_begin (self->vault, self->service, REPRISE_ORIGIN_SAFETY, NULL, &error);
  g_assert_true (reprise_provider_prepare_safety_copy (self->provider, made, writer, self->progress,
                                                       NULL, &error));
  g_assert_no_error (error);
  copy = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  outcome = milvus_fixture_restore (self, made, &error);
  g_assert_no_error (error);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 1000);
  manifest = reprise_vault_read_manifest (self->vault, copy, &error);
  safety = reprise_archive_new_for_backup (copy, manifest);
  g_assert_true (reprise_kind_inspect (self->kind, safety, NULL, NULL, NULL, &error));
  back = reprise_provider_plan_undo (self->provider, safety, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_plan_is_refused (back));
  undone = milvus_fixture_restore (self, back, &error);
  g_assert_no_error (error);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 7);
}

/* --- with the storage --- */

/* A collection that somebody makes while the safety copy is made is not in that copy, and not dropped. */
static void
test_came_meanwhile (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (ReprisePlan) made = NULL;
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (GError) error = NULL;

  reprise_fake_milvus_drop (self->fake, "default.notes");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films notes");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_EXISTING, REPRISE_MILVUS_EXISTING_REPLACE);
  made = milvus_fixture_plan (self, archive);
  g_assert_true (reprise_vault_save_service (self->vault, self->service, &error));
  writer = reprise_vault_begin (self->vault, self->service, REPRISE_ORIGIN_SAFETY, NULL, &error);
  reprise_fake_milvus_let_appear (self->fake, "default.notes");
  g_assert_true (reprise_provider_prepare_safety_copy (self->provider, made, writer, self->progress,
                                                       NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.notes"), ==, 9);
  {
    g_autoptr (RepriseJournal) journal = reprise_test_begin_journal (self->service);

    g_assert_null (
      reprise_provider_restore (self->provider, made, journal, self->progress, NULL, &error));
    g_assert_false (reprise_journal_has_open_step (journal));
    reprise_journal_close (journal, NULL);
  }
  reprise_test_assert_says (error, REPRISE_ERROR_REFUSED, "“notes” came into being");
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.notes"), ==, 9);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 1000);
}

/* Fewer rows than the backup holds are told, and counted as a failure. */
static void
test_lost_rows (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_auto (GStrv) warnings = NULL;

  milvus_fixture_use_storage (self);
  archive = open_made (self);
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_half");
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_LOSES_ROWS);
  outcome = milvus_fixture_restore_well (self, archive);
  warnings = reprise_progress_dup_warnings (self->progress);
  g_assert_cmpint (outcome->failed, ==, 3);
  g_assert_cmpuint (g_strv_length (warnings), ==, 3);
  g_assert_nonnull (strstr (warnings[0], "500 rows, and the backup holds 1000"));
}

/* Nobody watched while the server finished it. */
static void
test_resume (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (ReprisePlan) made = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseOutcome) resumed = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_late");
  made = milvus_fixture_plan (self, archive);
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_STUCK);
  journal = reprise_test_begin_journal (self->service);
  g_assert_null (
    reprise_provider_restore (self->provider, made, journal, self->progress, NULL, &error));
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_WELL);
  g_clear_error (&error);
  resumed =
    reprise_provider_resume_operation (self->provider, journal, self->progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (resumed->summary, "3 collections restored"));
  g_assert_false (reprise_journal_has_open_step (journal));
  reprise_journal_close (journal, NULL);
}

#define ADD(name, world, test)                                                              \
  g_test_add ("/milvus-provider/" name, MilvusFixture, &world, milvus_fixture_set_up, test, \
              milvus_fixture_tear_down)
#define ADD_ALL(name, test)        \
  {                                \
    ADD (name "/A", OLD, test);    \
    ADD (name "/B", NEW, test);    \
    ADD (name "/C", NEWEST, test); \
  }

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  ADD_ALL ("restore-suffix", test_restore_suffix);
  ADD ("restore-suffix/alone", ALONE, test_restore_suffix);
  ADD ("restore-suffix/first", FIRST, test_restore_suffix);
  ADD_ALL ("restore-renamed", test_restore_renamed);
  ADD_ALL ("restore-in-place", test_restore_in_place);
  ADD_ALL ("restore-dropped", test_restore_dropped);
  ADD ("restore-compares", NEW, test_restore_compares);
  ADD_ALL ("restore-traps", test_restore_traps);
  ADD_ALL ("plan-refusals", test_plan_refusals);
  ADD_ALL ("undo", test_undo);
  ADD_ALL ("resume", test_resume);
  ADD_ALL ("came-meanwhile", test_came_meanwhile);
  ADD ("lost-rows", NEW, test_lost_rows);
  return g_test_run ();
}
