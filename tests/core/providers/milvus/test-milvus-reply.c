/* test-milvus-reply.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "providers/milvus/reprise-milvus-reply.h"
#include "reprise-test.h"

/* Every reply that was recorded of the real servers is read, and must say what the index of the recordings says of it. */

static char *
find_group (const char *pattern, const char *text)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  return g_regex_match (regex, text, 0, &match) ? g_match_info_fetch (match, 1) : NULL;
}

static int
find_number (const char *pattern, const char *text, int fallback)
{
  g_autofree char *found = find_group (pattern, text);

  return found != NULL ? atoi (found) : fallback;
}

/* The parts of a recorded reply: the status and the body. */
static char *
read_reply (const char *folder, const char *name, guint *status)
{
  g_autofree char *file = g_strconcat (name, ".reply", NULL);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *text = NULL;
  const char *body;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  *status = (guint) find_number ("^HTTP/1\\.1 ([0-9]+)", text, 0);
  body = strstr (text, "\r\n\r\n");
  g_assert_nonnull (body);
  return g_strdup (body + 4);
}

static void
check_envelope (const RepriseMilvusReply *reply, const char *line)
{
  if (strstr (line, "code absent") != NULL)
    g_assert_cmpint (reply->code, ==, 0);
  else
    g_assert_cmpint (reply->code, ==, find_number ("code ([0-9]+)", line, -1));
  if (reply->code != 0)
    g_assert_nonnull (reply->message);
}

static void
check_backup (const RepriseMilvusReply *reply, const char *line)
{
  g_autoptr (RepriseMilvusBackup) backup = reprise_milvus_reply_read_backup (reply);
  int state = find_number ("state ([0-9])", line, -1);

  if (strstr (line, "data null") != NULL)
    {
      g_assert_null (backup);
      return;
    }
  g_assert_nonnull (backup);
  g_assert_cmpint ((int) backup->state, ==, state);
  g_assert_cmpint (backup->progress, ==,
                   CLAMP (find_number ("progress (-?[0-9]+)", line, 0), 0, 100));
  g_assert_cmpint (backup->error != NULL, ==, strstr (line, "errorMessage") != NULL);
  for (guint i = 0; i < backup->collections->len; i++)
    {
      const RepriseMilvusEntry *entry = backup->collections->pdata[i];

      g_assert_cmpint (entry->id, >, G_GINT64_CONSTANT (1) << 53);
      g_assert_cmpint (entry->fields, >, 0);
      g_assert_cmpuint (g_strv_length (entry->vector_fields), ==, 1);
      g_assert_true (entry->saved_at_ms == -1 || entry->saved_at_ms / 1000000000 == 1795);
      g_assert_cmpint (entry->has_index, ==, entry->indexes->len > 0);
    }
}

static void
check_list (const RepriseMilvusReply *reply, const char *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = NULL;

  if (reply->code != 0)
    return;
  list = reprise_milvus_reply_read_list (reply, &error);
  g_assert_no_error (error);
  g_assert_cmpint (find_number ("([0-9]+) backups", line, -1), ==, (int) list->len);
  for (guint i = 0; i < list->len; i++)
    g_assert_nonnull (((RepriseMilvusBackup *) list->pdata[i])->name);
}

static void
check_restore (const RepriseMilvusReply *reply, const char *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseMilvusRestore) restore = reprise_milvus_reply_read_restore (reply, &error);

  if (strstr (line, "data null") != NULL)
    {
      g_assert_null (restore);
      return;
    }
  g_assert_no_error (error);
  g_assert_nonnull (restore->id);
  g_assert_cmpint ((int) restore->state, ==, find_number ("state ([0-9])", line, -1));
  g_assert_cmpint (restore->progress, ==,
                   CLAMP (find_number ("progress (-?[0-9]+)", line, 0), 0, 100));
  for (guint i = 1; i < restore->parts->len; i++)
    {
      const RepriseMilvusPart *before = restore->parts->pdata[i - 1],
                              *part = restore->parts->pdata[i];
      int order = strcmp (before->database, part->database);

      g_assert_true (order < 0 || (order == 0 && strcmp (before->name, part->name) <= 0));
    }
}

static void
check_json (const char *body, const char *call, const char *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseMilvusReply) reply = reprise_milvus_reply_parse (body, strlen (body), &error);

  g_assert_no_error (error);
  check_envelope (reply, line);
  if (g_str_equal (call, "list"))
    check_list (reply, line);
  else if (g_str_equal (call, "create") || g_str_equal (call, "get_backup"))
    check_backup (reply, line);
  else if (g_str_has_suffix (call, "restore") || g_str_equal (call, "restore_secondary"))
    check_restore (reply, line);
}

static void
check_check (guint status, const char *body)
{
  g_autoptr (RepriseMilvusCheck) check = reprise_milvus_check_parse (status, body);
  gboolean failed = status != 200 || strstr (body, "Failed to connect") != NULL;

  g_assert_cmpint (check->ok, ==, !failed);
  g_assert_nonnull (check->text);
  if (failed)
    return;
  g_assert_false (check->empty);
  g_assert_cmpstr (check->milvus_version, ==, "v2.3.5-lite");
  g_assert_cmpstr (check->milvus_bucket, ==, "a-bucket");
  g_assert_cmpstr (check->milvus_root, ==, "files");
  g_assert_cmpstr (check->backup_bucket, ==, "a-bucket");
  g_assert_cmpstr (check->backup_root, ==, "backup");
  g_assert_null (strstr (check->text, "Secret"));
}

/* “- `012-name` GET /call: … → HTTP 200, code absent, …” */
static gboolean
check_line (const char *folder, const char *line)
{
  g_autofree char *name = find_group ("^- `([^`]+)`", line);
  g_autofree char *call = find_group ("^- `[^`]+` [A-Z]+ /([a-z_]*)", line);
  const char *arrow = strstr (line, "→");
  g_autofree char *body = NULL;
  guint status = 0;

  if (name == NULL || arrow == NULL)
    return FALSE;
  body = read_reply (folder, name, &status);
  g_assert_cmpint (body == NULL, ==, strstr (arrow, "HTTP") == NULL);
  if (body == NULL)
    return FALSE;
  g_test_message ("%s", name);
  g_assert_cmpint ((int) status, ==, find_number ("HTTP ([0-9]+)", arrow, -1));
  if (g_str_equal (call, "check") && *body != '\0')
    check_check (status, body);
  else if (strstr (arrow, "{\"error\"}") != NULL)
    {
      g_autofree char *said = reprise_milvus_reply_read_error (body);

      g_assert_nonnull (said);
    }
  else if (*body == '{')
    check_json (body, call, arrow);
  return TRUE;
}

static void
test_recorded (gconstpointer data)
{
  g_autofree char *relative = g_build_filename ("milvus", "replies", data, NULL);
  g_autofree char *folder = reprise_test_data (relative);
  g_autofree char *path = g_build_filename (folder, "INDEX.md", NULL);
  g_autofree char *index = reprise_test_read (path, NULL);
  g_auto (GStrv) lines = g_strsplit (index, "\n", -1);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n_read = 0, n_there = 0;
  const char *name;

  for (guint i = 0; lines[i] != NULL; i++)
    n_read += check_line (folder, lines[i]);
  while ((name = g_dir_read_name (dir)) != NULL)
    n_there += g_str_has_suffix (name, ".reply");
  g_assert_cmpuint (n_read, ==, n_there);
  g_assert_cmpuint (n_read, >, 50);
}

static RepriseMilvusReply *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  RepriseMilvusReply *reply = reprise_milvus_reply_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return reply;
}

/* Beyond what a double holds, and Go's year 1. */
static void
test_numbers (void)
{
  g_autoptr (RepriseMilvusReply) reply = parse (
    "{\"msg\":\"success\",\"data\":{\"name\":\"x\",\"state_code\":2,\"start_time\":1795262960,"
    "\"end_time\":-62135596800,\"progress\":-2147483648,\"collection_backups\":[{"
    "\"collection_id\":470617309752204205,\"collection_name\":\"c\",\"backup_timestamp\":"
    "470617309752204205,\"load_state\":\"Loaded\"}]}}");
  g_autoptr (RepriseMilvusBackup) backup = reprise_milvus_reply_read_backup (reply);
  const RepriseMilvusEntry *entry = backup->collections->pdata[0];

  g_assert_cmpint (entry->id, ==, G_GINT64_CONSTANT (470617309752204205));
  g_assert_cmpstr (entry->database, ==, "default");
  g_assert_cmpint (entry->saved_at_ms, ==, G_GINT64_CONSTANT (470617309752204205) >> 18);
  g_assert_cmpint (backup->started_ms, ==, G_GINT64_CONSTANT (1795262960000));
  g_assert_cmpint (backup->ended_ms, ==, -1);
  g_assert_cmpint (backup->progress, ==, 0);
  g_assert_cmpint (reprise_milvus_time_to_ms (1795263345253), ==, 1795263345253);
  g_assert_cmpint (reprise_milvus_time_to_ms (0), ==, -1);
}

/* A server that was set to tell everything tells of segments; those of deletes hold no rows. */
static void
test_rows (void)
{
  g_autoptr (RepriseMilvusReply) reply = parse (
    "{\"msg\":\"success\",\"data\":{\"name\":\"x\",\"collection_backups\":[{"
    "\"collection_name\":\"c\",\"partition_backups\":[{\"segment_backups\":[{\"num_of_rows\":"
    "1500},{\"num_of_rows\":7,\"is_l0\":true}]},{\"segment_backups\":[{\"num_of_rows\":500}]}]"
    "},{\"collection_name\":\"d\"}]}}");
  g_autoptr (RepriseMilvusBackup) backup = reprise_milvus_reply_read_backup (reply);

  g_assert_cmpint (((RepriseMilvusEntry *) backup->collections->pdata[0])->rows, ==, 2000);
  g_assert_cmpint (((RepriseMilvusEntry *) backup->collections->pdata[0])->partitions, ==, 2);
  g_assert_cmpint (((RepriseMilvusEntry *) backup->collections->pdata[1])->rows, ==,
                   REPRISE_NOT_REPORTED);
}

/* What is nothing of this server is an error. */
static void
test_rubbish (void)
{
  static const char *const TEXTS[] = {
    "", "<html>", "[]", "{}", "null", "{\"a\":1}", "{\"data\":{\"id\":\"x\""
  };

  for (guint i = 0; i < G_N_ELEMENTS (TEXTS); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (reprise_milvus_reply_parse (TEXTS[i], strlen (TEXTS[i]), &error));
      g_assert_nonnull (error);
    }
}

static void
test_check_words (void)
{
  g_autoptr (RepriseMilvusCheck) empty = reprise_milvus_check_parse (
    200, "\nMilvus version: v2.4.12\nStorage:\n  milvus-bucket: b\n  milvus-rootpath: file\n"
         "  backup-bucket: b2\n  backup-rootpath: backup\n\n!!! Milvus root path is empty !!!\n");
  g_autoptr (RepriseMilvusCheck) failed =
    reprise_milvus_check_parse (200, "\"Failed to connect to milvus: refused\"");

  g_assert_true (empty->ok);
  g_assert_true (empty->empty);
  g_assert_cmpstr (empty->milvus_version, ==, "v2.4.12");
  g_assert_cmpstr (empty->backup_bucket, ==, "b2");
  g_assert_false (failed->ok);
  g_assert_nonnull (strstr (failed->text, "refused"));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_data_func ("/milvus-reply/recorded/A", "A-v0.4.30", test_recorded);
  g_test_add_data_func ("/milvus-reply/recorded/A-0.5.9", "extra-v0.5.9", test_recorded);
  g_test_add_data_func ("/milvus-reply/recorded/B", "B-v0.5.16", test_recorded);
  g_test_add_data_func ("/milvus-reply/recorded/C", "C-main-6941b81", test_recorded);
  g_test_add_func ("/milvus-reply/numbers", test_numbers);
  g_test_add_func ("/milvus-reply/rows", test_rows);
  g_test_add_func ("/milvus-reply/rubbish", test_rubbish);
  g_test_add_func ("/milvus-reply/check-words", test_check_words);
  return g_test_run ();
}
