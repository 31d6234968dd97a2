/* test-milvus-follow.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/milvus/reprise-milvus-follow.h"
#include "reprise-fake-milvus.h"
#include "reprise-test.h"

/* Each trap of the contract ends: in a success or in a sentence, and soon. */

static const RepriseMilvusPace PACE = {
  .first_ms = 2,
  .later_ms = 2,
  .hurry_ms = 1000,
  .stuck_ms = 150,
  .idle_ms = 400,
  .load_ms = 200,
  .losses = 5,
};

typedef struct
{
  RepriseFakeMilvus *fake;
  RepriseMilvusClient *client;
  RepriseProgress *progress;
  char generation;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *base = NULL;
  g_autofree char *address = NULL;
  g_autoptr (RepriseHttp) http = NULL;
  g_autoptr (GError) error = NULL;

  self->generation = *(const char *) data;
  self->fake = reprise_fake_milvus_new (self->generation, 2);
  reprise_fake_milvus_make (self->fake, "default.films", 1000);
  reprise_fake_milvus_make (self->fake, "shop.items", 1200);
  base = reprise_fake_milvus_dup_address (self->fake);
  address = g_strconcat (base, "api/v1/", NULL);
  http = reprise_http_new (address, NULL, &error);
  g_assert_no_error (error);
  self->client = reprise_milvus_client_new (http);
  self->progress = reprise_progress_new ();
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  reprise_milvus_client_free (self->client);
  reprise_fake_milvus_free (self->fake);
  g_object_unref (self->progress);
}

static void
create (Fixture *self, const char *name)
{
  RepriseMilvusCreate create = { .name = name };
  RepriseHttpOutcome outcome;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (reprise_milvus_client_get_generation (self->client, NULL, &error), !=, 0);
  g_assert_no_error (error);
  reprise_milvus_client_create (self->client, &create, &outcome, NULL, NULL);
}

static RepriseMilvusBackup *
follow (Fixture *self, const char *name, GError **error)
{
  return reprise_milvus_follow_backup (self->client, name, &PACE, self->progress, NULL, error);
}

static void
test_generation (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (reprise_milvus_client_get_generation (self->client, NULL, &error), ==,
                   REPRISE_MILVUS_A + (self->generation - 'A'));
  g_assert_no_error (error);
}

static void
test_backup (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseMilvusBackup) backup = NULL;
  g_autoptr (GError) error = NULL;

  create (self, "good");
  backup = follow (self, "good", &error);
  g_assert_no_error (error);
  g_assert_cmpint (backup->state, ==, REPRISE_MILVUS_DONE);
  g_assert_cmpuint (backup->collections->len, ==, 2);
}

/* The error that following ends with under a trap. */
static GError *
follow_trap (Fixture *self, RepriseFakeMilvusTrap trap)
{
  g_autoptr (RepriseMilvusBackup) backup = NULL;
  GError *error = NULL;

  reprise_fake_milvus_set_trap (self->fake, trap);
  create (self, "trapped");
  backup = follow (self, "trapped", &error);
  g_assert_null (backup);
  g_assert_nonnull (error);
  g_assert_true (g_str_has_suffix (error->message, ".") || strchr (error->message, ':') != NULL);
  return error;
}

static void
test_stuck (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = follow_trap (self, REPRISE_FAKE_MILVUS_STUCK);

  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_STALLED);
  g_assert_nonnull (strstr (error->message, "not begun"));
}

static void
test_fails (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = follow_trap (self, REPRISE_FAKE_MILVUS_FAILS);

  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "bucket does not exist"));
}

static void
test_restarted (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = follow_trap (self, REPRISE_FAKE_MILVUS_RESTARTS);

  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "started again"));
}

static void
test_never_begun (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  create (self, "other");
  g_assert_null (follow (self, "unknown", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "knows nothing"));
}

/* A server that was started again after it had finished says nothing of it, or that it still runs; the list says that it is there. */
static void
test_finished_before_restart (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseMilvusBackup) first = NULL;
  g_autoptr (RepriseMilvusBackup) second = NULL;
  g_autoptr (GError) error = NULL;

  create (self, "done");
  first = follow (self, "done", &error);
  g_assert_no_error (error);
  reprise_fake_milvus_restart (self->fake);
  second = follow (self, "done", &error);
  g_assert_no_error (error);
  g_assert_cmpint (second->state, ==, REPRISE_MILVUS_DONE);
}

static void
test_lost_answers (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseMilvusBackup) backup = NULL;
  g_autoptr (GError) error = NULL;

  create (self, "good");
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_FLICKERS);
  backup = follow (self, "good", &error);
  g_assert_no_error (error);
  g_assert_nonnull (backup);
}

static void
test_storage_away (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  create (self, "good");
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_NO_STORAGE);
  g_assert_null (follow (self, "good", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "no more news"));
}

static void
test_cancelled (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  create (self, "good");
  g_cancellable_cancel (cancellable);
  g_assert_null (
    reprise_milvus_follow_backup (self->client, "good", &PACE, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* All but the greeting hangs: it is said whom it waits for. */
static void
test_hangs (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  reprise_milvus_client_set_timeout (self->client, 200);
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_HANGS);
  g_assert_null (reprise_milvus_client_check (self->client, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_STALLED);
  g_assert_nonnull (strstr (error->message, "waits for Milvus"));
}

static void
test_dies (Fixture *self, gconstpointer data)
{
  RepriseMilvusCreate wanted = { .name = "last" };
  RepriseHttpOutcome outcome;
  g_autoptr (GError) error = NULL;

  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_DIES);
  g_assert_false (reprise_milvus_client_create (self->client, &wanted, &outcome, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "ended while"));
}

static void
test_html (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_HTML);
  g_assert_null (reprise_milvus_client_list (self->client, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "not Milvus Backup"));
}

/* --- restores --- */

static RepriseMilvusRestore *
restore (Fixture *self, const char *collection, RepriseFakeMilvusTrap trap, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  RepriseMilvusStart start = { .id = "task", .backup = "good", .suffix = "_recover" };
  g_autoptr (RepriseMilvusBackup) backup = NULL;
  g_autoptr (RepriseMilvusRestore) begun = NULL;
  RepriseHttpOutcome outcome;

  create (self, "good");
  backup = follow (self, "good", NULL);
  g_assert_nonnull (backup);
  reprise_fake_milvus_set_trap (self->fake, trap);
  g_ptr_array_add (names, g_strdup (collection));
  start.collections = names;
  begun = reprise_milvus_client_restore (self->client, &start, &outcome, NULL, error);
  return begun != NULL ? reprise_milvus_follow_restore (self->client, "task", &PACE, self->progress,
                                                        NULL, error)
                       : NULL;
}

static void
test_restore (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseMilvusRestore) done =
    restore (self, "default.films", REPRISE_FAKE_MILVUS_WELL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (done->parts->len, ==, 1);
  g_assert_cmpstr (((RepriseMilvusPart *) done->parts->pdata[0])->name, ==, "films_recover");
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films_recover"), ==, 1000);
}

/* What matches nothing is reported as a success. */
static void
test_restore_nothing (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (restore (self, "default.ghost", REPRISE_FAKE_MILVUS_WELL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "restored nothing"));
}

static void
test_restore_restarted (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (restore (self, "default.films", REPRISE_FAKE_MILVUS_RESTARTS, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "half filled"));
}

static void
test_restore_stuck (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (restore (self, "default.films", REPRISE_FAKE_MILVUS_STUCK, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_STALLED);
}

static void
test_restore_fails (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (restore (self, "default.films", REPRISE_FAKE_MILVUS_FAILS, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "no insert logs"));
}

/* --- what is sent: as the document of the user prints it --- */

static void
assert_member (const char *json, const char *key, const char *value)
{
  g_autofree char *member = g_strdup_printf ("\"%s\":%s", key, value);

  if (strstr (json, member) == NULL)
    g_error ("%s is not in %s", member, json);
}

static void
test_document_requests (void)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  RepriseMilvusCreate create = { .name = "my_backup", .collections = names };
  RepriseMilvusStart suffixed = { .backup = "my_backup",
                                  .collections = names,
                                  .suffix = "_recover" };
  RepriseMilvusStart in_place = { .backup = "my_backup", .collections = names, .suffix = "" };
  g_autofree char *created = NULL, *restored = NULL, *replaced = NULL;

  g_ptr_array_add (names, (char *) "default.hello_milvus");
  created = reprise_milvus_create_to_json (&create, REPRISE_MILVUS_B);
  g_assert_cmpstr (created, ==,
                   "{\"async\":true,\"backup_name\":\"my_backup\",\"collection_names\":["
                   "\"hello_milvus\"]}");
  restored = reprise_milvus_start_to_json (&suffixed);
  assert_member (restored, "async", "true");
  assert_member (restored, "collection_names", "[\"hello_milvus\"]");
  assert_member (restored, "collection_suffix", "\"_recover\"");
  assert_member (restored, "backup_name", "\"my_backup\"");
  replaced = reprise_milvus_start_to_json (&in_place);
  assert_member (replaced, "collection_suffix", "\"\"");
  g_assert_null (strstr (replaced, "dropExistCollection"));
}

static void
test_other_members (void)
{
  g_autoptr (GPtrArray) renames =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_milvus_rename_free);
  RepriseMilvusCreate create = {
    .name = "x", .roles = TRUE, .structure_only = TRUE, .strategy = "skip_flush"
  };
  RepriseMilvusStart start = { .id = "i",
                               .backup = "x",
                               .renames = renames,
                               .structure_only = TRUE,
                               .indexes = TRUE,
                               .roles = TRUE,
                               .replace = TRUE };
  g_autofree char *old = reprise_milvus_create_to_json (&create, REPRISE_MILVUS_A);
  g_autofree char *created = reprise_milvus_create_to_json (&create, REPRISE_MILVUS_C);
  g_autofree char *restored = NULL;

  g_ptr_array_add (renames, reprise_milvus_rename_new ("default.a", "other.b"));
  restored = reprise_milvus_start_to_json (&start);
  g_assert_null (strstr (old, "strategy"));
  assert_member (created, "strategy", "\"skip_flush\"");
  assert_member (created, "rbac", "true");
  assert_member (created, "meta_only", "true");
  assert_member (restored, "id", "\"i\"");
  assert_member (restored, "collection_renames", "{\"default.a\":\"other.b\"}");
  assert_member (restored, "metaOnly", "true");
  assert_member (restored, "restoreIndex", "true");
  assert_member (restored, "dropExistCollection", "true");
  g_assert_null (strstr (restored, "collection_suffix"));
}

int
main (int argc, char *argv[])
{
  static const char *const GENERATIONS[] = { "A", "B", "C" };
  static const struct
  {
    const char *name;
    void (*test) (Fixture *, gconstpointer);
  } TESTS[] = {
    { "generation", test_generation },
    { "backup", test_backup },
    { "stuck", test_stuck },
    { "fails", test_fails },
    { "restarted", test_restarted },
    { "never-begun", test_never_begun },
    { "finished-before-restart", test_finished_before_restart },
    { "lost-answers", test_lost_answers },
    { "storage-away", test_storage_away },
    { "cancelled", test_cancelled },
    { "hangs", test_hangs },
    { "dies", test_dies },
    { "html", test_html },
    { "restore", test_restore },
    { "restore-nothing", test_restore_nothing },
    { "restore-restarted", test_restore_restarted },
    { "restore-stuck", test_restore_stuck },
    { "restore-fails", test_restore_fails },
  };

  reprise_test_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (GENERATIONS); i++)
    for (guint j = 0; j < G_N_ELEMENTS (TESTS); j++)
      {
        g_autofree char *path =
          g_strdup_printf ("/milvus-follow/%s/%s", GENERATIONS[i], TESTS[j].name);

        g_test_add (path, Fixture, GENERATIONS[i], set_up, TESTS[j].test, tear_down);
      }
  g_test_add_func ("/milvus-follow/document-requests", test_document_requests);
  g_test_add_func ("/milvus-follow/other-members", test_other_members);
  return g_test_run ();
}
