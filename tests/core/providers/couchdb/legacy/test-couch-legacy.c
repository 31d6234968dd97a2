/* test-couch-legacy.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cloudant's own backup. The requests and replies are those of its documentation, “Sauvegarde de vos données”, of 2017-05-04; its
 * slips are put right: a restore is a plain POST with the JSON as its body.
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-private.h"
#include "provider/reprise-coverage.h"
#include "provider/reprise-journal.h"
#include "providers/couchdb/legacy/reprise-couch-legacy-restore.h"
#include "providers/couchdb/legacy/reprise-couch-legacy.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/reprise-couch-provider.h"
#include "reprise-fake-legacy.h"
#include "reprise-test-provider.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

#define BACKMEUP   "backup-0d0b0cf1b0ea42179f9c082ddc5e07cb"
#define BACKUPTEST "backup-d0ea6e8218074699a562af543db66615"
#define TASKDB     "backup-24cd8359b94640be85b7d4071921e781"
#define TESTED_AT  "2016-01-17T05:57:44+00:00"
#define OLDER_AT   "2016-01-10T05:57:44+00:00"

static const char LIST[] = "{\n"
                           "    \"rows\": [\n"
                           "        {\n"
                           "            \"username\": \"$ACCOUNT\",\n"
                           "            \"task\": \"backup-0d0b0cf1b0ea42179f9c082ddc5e07cb\",\n"
                           "            \"source_db\": \"backmeup\",\n"
                           "            \"latest_completion\": null\n"
                           "        },\n"
                           "        {\n"
                           "            \"username\": \"$ACCOUNT\",\n"
                           "            \"task\": \"backup-d0ea6e8218074699a562af543db66615\",\n"
                           "            \"source_db\": \"backuptest\",\n"
                           "            \"latest_completion\": \"2016-01-17T05:57:44+00:00\"\n"
                           "        },\n"
                           "        {\n"
                           "            \"username\": \"$ACCOUNT\",\n"
                           "            \"task\": \"backup-24cd8359b94640be85b7d4071921e781\",\n"
                           "            \"source_db\": \"taskdb\",\n"
                           "            \"latest_completion\": \"2016-01-17T00:01:04+00:00\"\n"
                           "        }\n"
                           "    ]\n"
                           "}\n";

static const char MAPPING[] = "{\n"
                              "    \"backmeup\": {\n"
                              "        \"username\": \"$ACCOUNT\",\n"
                              "        \"task\": \"backup-0d0b0cf1b0ea42179f9c082ddc5e07cb\",\n"
                              "        \"source_db\": \"backmeup\",\n"
                              "        \"latest_completion\": null\n"
                              "    },\n"
                              "    \"backuptest\": {\n"
                              "        \"username\": \"$ACCOUNT\",\n"
                              "        \"task\": \"backup-d0ea6e8218074699a562af543db66615\",\n"
                              "        \"source_db\": \"backuptest\",\n"
                              "        \"latest_completion\": \"2016-01-17T05:57:44+00:00\"\n"
                              "    },\n"
                              "    \"taskdb\": {\n"
                              "        \"username\": \"$ACCOUNT\",\n"
                              "        \"task\": \"backup-24cd8359b94640be85b7d4071921e781\",\n"
                              "        \"source_db\": \"taskdb\",\n"
                              "        \"latest_completion\": \"2016-01-17T00:01:04+00:00\"\n"
                              "    }\n"
                              "}\n";

static const char CHOSEN[] = "{\n"
                             "    \"rows\": [\n"
                             "        {\n"
                             "            \"username\": \"$ACCOUNT\",\n"
                             "            \"task\": \"backup-d0ea6e8218074699a562af543db66615\",\n"
                             "            \"source_db\": \"backuptest\",\n"
                             "            \"latest_completion\": \"2016-01-17T05:57:44+00:00\"\n"
                             "        },\n"
                             "        {\n"
                             "            \"username\": \"$ACCOUNT\",\n"
                             "            \"task\": \"backup-24cd8359b94640be85b7d4071921e781\",\n"
                             "            \"source_db\": \"taskdb\",\n"
                             "            \"latest_completion\": \"2016-01-17T00:01:04+00:00\"\n"
                             "        }\n"
                             "    ]\n"
                             "}\n";

typedef struct
{
  RepriseFakeCouch *server;
  RepriseFakeLegacy *legacy; /* (nullable) */
  RepriseKind *kind;
  RepriseService *service;
  RepriseProvider *provider;
  RepriseCouchClient *client;
  RepriseVault *vault;
  char *folder;
} Fixture;

/* @data: whether the server has such a backup */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *address = NULL;

  fixture->server = reprise_fake_couch_new (NULL, NULL);
  fixture->kind = g_object_new (REPRISE_TYPE_CLOUDANT_KIND, NULL);
  fixture->service = reprise_service_new (NULL, "cloudant", "Test");
  fixture->folder = reprise_test_make_folder ();
  fixture->vault = reprise_vault_new (fixture->folder);
  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, NULL));
  address = reprise_fake_couch_dup_address (fixture->server);
  reprise_service_set_setting (fixture->service, "address", address);
  reprise_service_set_setting (fixture->service, "sign-in", "none");
  fixture->provider = reprise_kind_create_provider (fixture->kind, fixture->service, NULL);
  fixture->client =
    reprise_couch_provider_get_client (REPRISE_COUCH_PROVIDER (fixture->provider), NULL);
  reprise_http_set_backoff (reprise_couch_client_get_http (fixture->client), 1, 5);
  reprise_fake_couch_make (fixture->server, "backmeup");
  reprise_fake_couch_make (fixture->server, "backuptest");
  reprise_fake_couch_make (fixture->server, "other");
  if (!GPOINTER_TO_INT (data))
    return;
  fixture->legacy = reprise_fake_legacy_new (fixture->server);
  reprise_fake_legacy_add_task (fixture->legacy, BACKMEUP, "backmeup", NULL);
  reprise_fake_legacy_add_task (fixture->legacy, BACKUPTEST, "backuptest", TESTED_AT);
  reprise_fake_legacy_add_task (fixture->legacy, TASKDB, "taskdb", "2016-01-17T00:01:04+00:00");
  reprise_fake_legacy_add_kept (fixture->legacy, BACKUPTEST, "invoice/1+1", "daily", TESTED_AT,
                                "3-cccc", "\"total\":9007199254740993");
  reprise_fake_legacy_add_kept (fixture->legacy, BACKUPTEST, "invoice/1+1", "weekly", OLDER_AT,
                                "2-bbbb", "\"total\":1.0");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->provider);
  g_clear_object (&fixture->vault);
  g_clear_object (&fixture->service);
  g_clear_object (&fixture->kind);
  g_clear_pointer (&fixture->legacy, reprise_fake_legacy_free);
  reprise_fake_couch_free (fixture->server);
  reprise_test_remove_folder (fixture->folder);
}

/* “task database latest” of each */
static char *
print_tasks (GPtrArray *tasks)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < tasks->len; i++)
    {
      const RepriseCouchTask *task = tasks->pdata[i];
      g_autofree char *latest =
        task->latest != NULL ? g_date_time_format_iso8601 (task->latest) : g_strdup ("never");

      g_string_append_printf (text, "%s %s %s %s\n", task->name, task->database, task->account,
                              latest);
    }
  return g_string_free (text, FALSE);
}

#define ROW_BACKMEUP   BACKMEUP " backmeup $ACCOUNT never\n"
#define ROW_BACKUPTEST BACKUPTEST " backuptest $ACCOUNT 2016-01-17T05:57:44Z\n"
#define ROW_TASKDB     TASKDB " taskdb $ACCOUNT 2016-01-17T00:01:04Z\n"

/* Each printed reply. */
static void
test_replies (void)
{
  static const struct
  {
    const char *reply;
    const char *expected;
  } replies[] = {
    { LIST, ROW_BACKMEUP ROW_BACKUPTEST ROW_TASKDB },
    { MAPPING, ROW_BACKMEUP ROW_BACKUPTEST ROW_TASKDB },
    { CHOSEN, ROW_BACKUPTEST ROW_TASKDB },
    { "{\"rows\":[]}", "" },
    { "{}", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) tasks =
        reprise_couch_tasks_parse (replies[i].reply, strlen (replies[i].reply), &error);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      text = print_tasks (tasks);
      g_assert_cmpstr (text, ==, replies[i].expected);
    }
}

static void
test_broken_replies (void)
{
  static const char *const broken[] = { "", "<html>", "null", "7", "\"x\"", "{\"rows\":[", "[1,]" };

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (reprise_couch_tasks_parse (broken[i], strlen (broken[i]), &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
    }
  for (guint i = 0; i < strlen (LIST) - 2; i++)
    g_assert_null (reprise_couch_tasks_parse (LIST, i, NULL));
}

/* What is shown of a database. */
static void
test_words (void)
{
  g_autoptr (GPtrArray) tasks = reprise_couch_tasks_parse (LIST, strlen (LIST), NULL);
  g_autofree char *never =
    reprise_couch_task_dup_state_text (reprise_couch_tasks_find (tasks, "backmeup"));
  g_autofree char *none =
    reprise_couch_task_dup_state_text (reprise_couch_tasks_find (tasks, "other"));
  g_autofree char *date =
    reprise_couch_task_dup_state_text (reprise_couch_tasks_find (tasks, "taskdb"));

  g_assert_cmpstr (never, ==, "Never completed");
  g_assert_cmpstr (none, ==, "Not set up");
  g_assert_nonnull (strstr (date, "2016"));
}

/* Each printed request, in its order. */
static void
test_requests (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL, mapping = NULL, chosen = NULL, kept = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *requests = NULL;

  reprise_couch_legacy_list_tasks (fixture->client, NULL, FALSE, &list, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 3);
  reprise_couch_legacy_list_tasks (fixture->client, NULL, TRUE, &mapping, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (mapping->len, ==, 3);
  reprise_couch_legacy_list_tasks (fixture->client, "backuptest,taskdb", FALSE, &chosen, NULL,
                                   &error);
  g_assert_no_error (error);
  text = print_tasks (chosen);
  g_assert_cmpstr (text, ==, ROW_BACKUPTEST ROW_TASKDB);
  kept =
    reprise_couch_legacy_list_kept (fixture->client, BACKUPTEST, "invoice/1+1", TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (kept->len, ==, 2);
  requests = reprise_fake_legacy_dup_requests (fixture->legacy);
  g_assert_cmpstr (requests, ==,
                   "GET /_api/v2/backup/task\n"
                   "GET /_api/v2/backup/task?format=mapping\n"
                   "GET /_api/v2/backup/task?databases=backuptest%2Ctaskdb\n"
                   "GET /_api/v2/backup/monitor/" BACKUPTEST
                   "/invoice%2F1%2B1?include_docs=true\n");
}

static void
test_all_frequencies (Fixture *fixture, gconstpointer data)
{
  static const char *const frequencies[] = { "daily", "weekly", "monthly", "yearly" };

  for (guint i = 0; i < G_N_ELEMENTS (frequencies); i++)
    {
      g_autofree char *members = g_strdup_printf ("\"n\":%u", i);
      g_autofree char *requests = NULL, *expected = NULL, *dump = NULL;
      g_autoptr (GError) error = NULL;

      reprise_fake_legacy_add_kept (fixture->legacy, BACKUPTEST, "doc \"1\"", frequencies[i],
                                    TESTED_AT, "1-a", members);
      reprise_couch_legacy_post_restore (fixture->client, BACKUPTEST, "doc \"1\"", TESTED_AT,
                                         frequencies[i], NULL, &error);
      g_assert_no_error (error);
      requests = reprise_fake_legacy_dup_requests (fixture->legacy);
      expected = g_strdup_printf (
        "POST /_api/v2/backup/restore/document {\"doc_id\":\"doc \\\"1\\\"\","
        "\"task_name\":\"" BACKUPTEST "\",\"task_date\":\"" TESTED_AT "\",\"frequency\":\"%s\"}\n",
        frequencies[i]);
      g_assert_cmpstr (requests, ==, expected);
      dump = reprise_fake_couch_dump (fixture->server, "backuptest");
      g_assert_nonnull (strstr (dump, members));
    }
}

/* “frequency date rev body” of each, the newest first */
static char *
print_kept (GPtrArray *all)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < all->len; i++)
    {
      const RepriseCouchKept *kept = all->pdata[i];
      gsize size = 0;
      const char *body = kept->body != NULL ? g_bytes_get_data (kept->body, &size) : "";

      g_string_append_printf (text, "%s %s %s %.*s\n", kept->frequency, kept->date,
                              kept->rev != NULL ? kept->rev : "-", (int) size, body);
    }
  return g_string_free (text, FALSE);
}

/* Whatever form the reply has that nobody wrote down. */
static void
test_forms (Fixture *fixture, gconstpointer data)
{
  for (guint form = REPRISE_FAKE_LEGACY_ROWS; form <= REPRISE_FAKE_LEGACY_NAMES; form++)
    {
      gboolean has_docs = form != REPRISE_FAKE_LEGACY_NAMES;
      g_autoptr (GPtrArray) kept = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      reprise_fake_legacy_set_form (fixture->legacy, form);
      kept = reprise_couch_legacy_list_kept (fixture->client, BACKUPTEST, "invoice/1+1", TRUE, NULL,
                                             &error);
      g_assert_no_error (error);
      text = print_kept (kept);
      g_assert_cmpstr (
        text, ==,
        has_docs ? "daily 2016-01-17T05:57:44+00:00 3-cccc "
                   "{\"_id\":\"invoice/1+1\",\"_rev\":\"3-cccc\",\"total\":9007199254740993}\n"
                   "weekly 2016-01-10T05:57:44+00:00 2-bbbb "
                   "{\"_id\":\"invoice/1+1\",\"_rev\":\"2-bbbb\",\"total\":1.0}\n"
                 : "daily 2016-01-17T05:57:44+00:00 - \n"
                   "weekly 2016-01-10T05:57:44+00:00 - \n");
    }
}

static void
test_odd_forms (void)
{
  static const struct
  {
    const char *reply;
    const char *expected;
  } odd[] = {
    { "[]", "" },
    { "{}", "" },
    { "[null,7,{}]", "" },
    { "{\"databases\":[\"a-yearly-2015\"]}", "yearly (null) - \n" },
    { "[\"x-monthly-2016-01-17\"]", "monthly 2016-01-17T00:00:00+00:00 - \n" },
    { "{\"x-daily\":\"2016-01-17T05:57:44Z\"}", "daily 2016-01-17T05:57:44Z - \n" },
    { "[{\"name\":\"x_weekly_20160117_055744\"}]", "weekly 2016-01-17T05:57:44+00:00 - \n" },
    { "[{\"timestamp\":1453010264,\"frequency\":\"daily\"}]", "daily 1453010264 - \n" },
    { "[{\"db\":\"x\",\"task_date\":\"2016-01-17\",\"frequency\":\"daily\",\"doc\":null}]",
      "daily 2016-01-17 - \n" },
    { "{\"x-daily-20161399\":null}", "daily (null) - \n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) kept =
        reprise_couch_kept_parse (odd[i].reply, strlen (odd[i].reply), &error);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      text = print_kept (kept);
      g_assert_cmpstr (text, ==, odd[i].expected);
    }
}

/* ---- through the functions of the house ---- */

/* A server without it shows nothing of it. */
static void
test_absent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) tasks = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseProbe) probe = NULL;
  g_autoptr (GPtrArray) backups = NULL, collections = NULL, versions = NULL;
  g_autoptr (RepriseBackup) found = NULL;
  g_autofree char *rev = NULL;

  g_assert_true (
    reprise_couch_legacy_list_tasks (fixture->client, NULL, FALSE, &tasks, NULL, &error));
  g_assert_null (tasks);
  probe = reprise_provider_probe (fixture->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < probe->facts->len; i++)
    g_assert_null (strstr (((RepriseFact *) probe->facts->pdata[i])->label, "Cloudant"));
  backups = reprise_provider_list_backups (fixture->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (backups->len, ==, 0);
  found =
    reprise_provider_find_backup (fixture->provider, BACKUPTEST ":daily:" TESTED_AT, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (found);
  collections =
    reprise_provider_list_collections (fixture->provider, fixture->vault, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (collections->len, ==, 3);
  g_assert_null (((RepriseCoverage *) collections->pdata[0])->own_state);
  rev = reprise_fake_couch_put (fixture->server, "other", "x", "\"a\":1");
  versions = reprise_provider_list_versions (fixture->provider, fixture->vault, "other", "x", NULL,
                                             NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (versions->len, ==, 1);
}

static void
test_states (Fixture *fixture, gconstpointer data)
{
  static const char *const expected[] = { "Never completed", NULL, "Not set up" };
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseProbe) probe = reprise_provider_probe (fixture->provider, NULL, NULL, &error);
  g_autoptr (GPtrArray) collections = NULL, backups = NULL;
  guint n = 0, n_conditions = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < probe->facts->len; i++)
    {
      const RepriseFact *fact = probe->facts->pdata[i];

      n_conditions += strstr (fact->value, "50 databases") != NULL;
      n += strstr (fact->label, "Cloudant’s backup of") != NULL;
      if (strstr (fact->label, "“backmeup”") != NULL)
        g_assert_cmpstr (fact->value, ==, "Never completed");
    }
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (n_conditions, ==, 1);
  collections =
    reprise_provider_list_collections (fixture->provider, fixture->vault, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (collections->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    if (expected[i] != NULL)
      g_assert_cmpstr (((RepriseCoverage *) collections->pdata[i])->own_state, ==, expected[i]);
    else
      g_assert_nonnull (((RepriseCoverage *) collections->pdata[i])->own_at);
  backups = reprise_provider_list_backups (fixture->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (backups->len, ==, 2); /* one has none yet */
}

static void
test_versions (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *rev =
    reprise_fake_couch_put (fixture->server, "backuptest", "invoice/1+1", "\"total\":2,\"new\":1");
  g_autoptr (GPtrArray) versions = reprise_provider_list_versions (
    fixture->provider, fixture->vault, "backuptest", "invoice/1+1", NULL, NULL, &error);
  g_autoptr (GPtrArray) differences = NULL, between = NULL;
  const RepriseVersion *version;

  g_assert_no_error (error);
  g_assert_cmpuint (versions->len, ==, 3);
  g_assert_null (((RepriseVersion *) versions->pdata[0])->at);
  version = versions->pdata[1];
  g_assert_cmpstr (version->version, ==, "3-cccc");
  g_assert_cmpstr (version->tier, ==, "daily");
  g_assert_cmpstr (version->origin, ==, "cloudant");
  g_assert_cmpstr (version->backup_id, ==, BACKUPTEST ":daily:" TESTED_AT);
  g_assert_cmpstr (((RepriseVersion *) versions->pdata[2])->tier, ==, "weekly");
  differences = reprise_provider_compare_versions (fixture->provider, fixture->vault, "backuptest",
                                                   "invoice/1+1", "3-", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (differences->len, ==, 2);
  between =
    reprise_provider_compare_versions (fixture->provider, fixture->vault, "backuptest",
                                       "invoice/1+1", "2016-01-10", "2016-01-17", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (between->len, ==, 1);
  g_assert_cmpstr (((RepriseDifference *) between->pdata[0])->before, ==, "1.0");
  g_assert_cmpstr (((RepriseDifference *) between->pdata[0])->after, ==, "9007199254740993");
}

/* A restore as the job does it. @options: key, value, …, %NULL */
static RepriseOutcome *
restore (Fixture *fixture, const char *id, GError **error, ...)
{
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) backups =
    reprise_provider_list_backups (fixture->provider, NULL, NULL, NULL);
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseBackup) copy = NULL;
  g_autoptr (GError) local = NULL;
  guint n_writes = reprise_fake_couch_get_n_writes (fixture->server);
  RepriseOutcome *outcome;
  const char *key;
  va_list args;

  va_start (args, error);
  while ((key = va_arg (args, const char *)) != NULL)
    g_hash_table_insert (options, (gpointer) key, va_arg (args, char *));
  va_end (args);
  for (guint i = 0; i < backups->len; i++)
    if (g_str_equal (reprise_backup_get_id (backups->pdata[i]), id))
      backup = g_object_ref (backups->pdata[i]);
  if (backup == NULL)
    backup = reprise_provider_find_backup (fixture->provider, id, NULL, &local);
  g_assert_no_error (local);
  g_assert_nonnull (backup);
  archive = reprise_provider_open_backup (fixture->provider, backup, NULL, NULL, &local);
  g_assert_no_error (local);
  plan = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_NONE, options,
                                        NULL, NULL, error);
  g_assert_cmpuint (reprise_fake_couch_get_n_writes (fixture->server), ==, n_writes);
  if (plan == NULL)
    return NULL;
  g_assert_true (reprise_plan_get_overwrites (plan));
  writer =
    reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_SAFETY, NULL, &local);
  g_assert_no_error (local);
  reprise_provider_prepare_safety_copy (fixture->provider, plan, writer, NULL, NULL, &local);
  g_assert_no_error (local);
  copy = reprise_vault_writer_commit (writer, NULL, &local);
  g_assert_no_error (local);
  journal = reprise_test_begin_journal (fixture->service);
  outcome = reprise_provider_restore (fixture->provider, plan, journal, NULL, NULL, error);
  reprise_journal_close (journal, NULL);
  return outcome;
}

static void
put (Fixture *fixture, const char *members)
{
  g_autofree char *rev =
    reprise_fake_couch_put (fixture->server, "backuptest", "invoice/1+1", members);
}

static void
test_restore (Fixture *fixture, gconstpointer data)
{
  static const char *const weekly = BACKUPTEST ":weekly:" OLDER_AT;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseOutcome) newest = NULL, by_date = NULL, by_point = NULL, by_name = NULL;
  g_autofree char *first = NULL, *second = NULL, *third = NULL;

  put (fixture, "\"total\":2");
  newest = restore (fixture, BACKUPTEST, &error, "document", "invoice/1+1", NULL);
  g_assert_no_error (error);
  g_assert_cmpint (newest->written, ==, 1);
  g_assert_nonnull (strstr (newest->summary, "compared"));
  first = reprise_fake_couch_dump (fixture->server, "backuptest");
  g_assert_nonnull (strstr (first, "\"total\":9007199254740993"));
  by_date =
    restore (fixture, BACKUPTEST, &error, "document", "invoice/1+1", "as-of", "2016-01-10", NULL);
  g_assert_no_error (error);
  second = reprise_fake_couch_dump (fixture->server, "backuptest");
  g_assert_nonnull (strstr (second, "\"total\":1.0"));
  by_point = restore (fixture, BACKUPTEST, &error, "document", "invoice/1+1", "as-of",
                      "2016-01-17T05:57:44.000Z", NULL);
  g_assert_no_error (error);
  g_assert_cmpint (by_point->written, ==, 1);
  put (fixture, "\"total\":3");
  by_name = restore (fixture, weekly, &error, "document", "invoice/1+1", NULL);
  g_assert_no_error (error);
  third = reprise_fake_couch_dump (fixture->server, "backuptest");
  g_assert_nonnull (strstr (third, "\"total\":1.0"));
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  static const char *const options[][2] = { { "databases", "backuptest" },
                                            { "document", "_design/app" } };
  g_autoptr (GError) other = NULL;
  g_autoptr (GError) date = NULL;
  g_autoptr (GError) missing = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (restore (fixture, BACKUPTEST, &error, options[i][0], options[i][1], NULL));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
    }
  g_assert_null (
    restore (fixture, BACKUPTEST, &other, "document", "invoice/1+1", "target", "elsewhere", NULL));
  g_assert_error (other, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_null (
    restore (fixture, BACKUPTEST, &date, "document", "invoice/1+1", "as-of", "2016-01-14", NULL));
  g_assert_error (date, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (date->message, OLDER_AT ", " TESTED_AT));
  g_assert_null (restore (fixture, BACKUPTEST, &missing, "document", "nobody", NULL));
  g_assert_error (missing, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
}

/* An answer that is lost is no failure where the document is as it should be; “accepted” is none of it where it is not. */
static void
test_read_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) idle = NULL;
  g_autoptr (RepriseOutcome) lost = NULL;

  reprise_couch_legacy_patience_ms = 0;
  put (fixture, "\"total\":2");
  reprise_fake_legacy_set_mute (fixture->legacy, TRUE);
  lost = restore (fixture, BACKUPTEST, &error, "document", "invoice/1+1", NULL);
  g_assert_no_error (error);
  g_assert_nonnull (lost);
  put (fixture, "\"total\":4");
  reprise_fake_legacy_set_mute (fixture->legacy, FALSE);
  reprise_fake_legacy_set_idle (fixture->legacy, TRUE);
  g_assert_null (restore (fixture, BACKUPTEST, &idle, "document", "invoice/1+1", NULL));
  g_assert_error (idle, REPRISE_ERROR, REPRISE_ERROR_FAILED);
}

static gpointer
keep_changing (gpointer data)
{
  Fixture *fixture = data;

  for (guint i = 0; i < 25; i++)
    {
      g_autofree char *members = g_strdup_printf ("\"i\":%u", i);

      put (fixture, members);
      g_usleep (100 * 1000);
    }
  return NULL;
}

static void
test_at_rest (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *requests = NULL;
  GThread *thread;

  put (fixture, "\"total\":2");
  thread = g_thread_new ("changing", keep_changing, fixture);
  g_assert_null (restore (fixture, BACKUPTEST, &error, "document", "invoice/1+1", NULL));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_thread_join (thread);
  requests = reprise_fake_legacy_dup_requests (fixture->legacy);
  g_assert_null (strstr (requests, "POST"));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);

#define ADD(path, has, func) \
  g_test_add ("/couch-legacy/" path, Fixture, GINT_TO_POINTER (has), set_up, func, tear_down)
  g_test_add_func ("/couch-legacy/replies", test_replies);
  g_test_add_func ("/couch-legacy/broken-replies", test_broken_replies);
  g_test_add_func ("/couch-legacy/words", test_words);
  g_test_add_func ("/couch-legacy/odd-forms", test_odd_forms);
  ADD ("requests", TRUE, test_requests);
  ADD ("all-frequencies", TRUE, test_all_frequencies);
  ADD ("forms", TRUE, test_forms);
  ADD ("absent", FALSE, test_absent);
  ADD ("states", TRUE, test_states);
  ADD ("versions", TRUE, test_versions);
  ADD ("restore", TRUE, test_restore);
  ADD ("refused", TRUE, test_refused);
  ADD ("read-back", TRUE, test_read_back);
  ADD ("at-rest", TRUE, test_at_rest);
  return g_test_run ();
}
