/* test-contract.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/reprise-providers.h"
#include "reprise-test.h"

/* What every kind of service must do, whatever it is. */

typedef struct
{
  RepriseKind *kind;
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer kind)
{
  fixture->kind = (RepriseKind *) kind;
  fixture->folder = reprise_test_make_folder ();
}

static void
tear_down (Fixture *fixture, gconstpointer kind)
{
  reprise_test_remove_folder (fixture->folder);
}

/* Each has a name, words and an icon of ours; an id that can be typed. */
static void
test_description (Fixture *fixture, gconstpointer data)
{
  const char *id = reprise_kind_get_id (fixture->kind);

  g_assert_true (g_regex_match_simple ("^[a-z][a-z-]*$", id, 0, 0));
  g_assert_cmpint (strlen (reprise_kind_get_title (fixture->kind)), >, 2);
  g_assert_cmpint (strlen (reprise_kind_get_description (fixture->kind)), >, 10);
  g_assert_true (g_str_has_prefix (reprise_kind_get_icon_name (fixture->kind), "reprise-"));
  g_assert_true (g_str_has_suffix (reprise_kind_get_icon_name (fixture->kind), "-symbolic"));
  g_assert_cmpuint (reprise_kind_get_default_groups (fixture->kind) & REPRISE_GROUPS_ALL, !=, 0);
}

/* What it cannot do it says in a sentence, and what each group holds. */
static void
test_sentences (Fixture *fixture, gconstpointer data)
{
  for (guint bit = 0; bit < 12; bit++)
    {
      g_autofree char *text = reprise_kind_explain_missing (fixture->kind, 1u << bit);

      g_assert_true (g_str_has_suffix (text, "."));
    }
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    g_assert_cmpint (strlen (reprise_kind_explain_group (fixture->kind, group)), >, 5);
}

static void
check_settings (const RepriseSetting *settings)
{
  for (; settings != NULL && settings->key != NULL; settings++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_regex_match_simple ("^[a-z][a-z0-9-]*$", settings->key, 0, 0));
      g_assert_nonnull (settings->label);
      if (settings->type == REPRISE_SETTING_CHOICE)
        {
          g_assert_nonnull (settings->choices);
          g_assert_nonnull (settings->default_value);
          if (settings->choice_labels != NULL)
            g_assert_cmpuint (g_strv_length ((char **) settings->choices), ==,
                              g_strv_length ((char **) settings->choice_labels));
        }
      if (settings->default_value != NULL)
        g_assert_true (reprise_setting_check (settings, settings->default_value, &error));
      g_assert_no_error (error);
      if (settings->type == REPRISE_SETTING_SECRET)
        g_assert_null (settings->default_value);
    }
}

static void
test_settings (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) none = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *name = reprise_kind_suggest_name (fixture->kind, none);
  g_autoptr (RepriseBackup) backup =
    reprise_backup_new ("b1", "s1", reprise_kind_get_id (fixture->kind));
  g_autofree char *file_name =
    reprise_kind_suggest_file_name (fixture->kind, NULL, backup, "orders/2026");

  check_settings (reprise_kind_get_settings (fixture->kind));
  check_settings (reprise_kind_get_restore_settings (fixture->kind));
  g_assert_cmpint (strlen (name), >, 0);
  g_assert_null (strchr (file_name, '/'));
  g_assert_nonnull (strchr (file_name, '.'));
  g_assert_true (!reprise_kind_can (fixture->kind, REPRISE_CAN_RESTORE_ELSEWHERE) ||
                 reprise_kind_get_restore_settings (fixture->kind) != NULL);
}

static gboolean
inspect (Fixture *fixture, const char *path, GError **error)
{
  g_autoptr (RepriseArchive) archive =
    reprise_archive_new_for_file (reprise_kind_get_id (fixture->kind), path);

  return reprise_kind_inspect (fixture->kind, archive, NULL, NULL, NULL, error);
}

/* Files that are nothing of its own end in an error, never in a crash or a success. */
static void
test_rubbish (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "rubbish", NULL);
  static const struct
  {
    const char *bytes;
    gsize size;
  } files[] = {
    { "", 0 },
    { "hello", 5 },
    { "PK\3\4", 4 },
    { "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22 },
    { "PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\377\377\0\0", 30 },
    { "SQLite format 3\0", 16 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, files[i].bytes, (gssize) files[i].size, NULL));
      g_assert_false (inspect (fixture, path, &error));
      g_assert_nonnull (error);
      g_assert_cmpint (strlen (error->message), >, 10);
    }
}

/* A file that is not there, a folder, a pipe: an error, and no waiting. */
static void
test_not_a_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *missing = g_build_filename (fixture->folder, "missing", NULL);
  g_autofree char *pipe_path = g_build_filename (fixture->folder, "pipe", NULL);
  g_autoptr (GError) first = NULL;
  g_autoptr (GError) second = NULL;
  g_autoptr (GError) third = NULL;
  g_autoptr (RepriseRegistry) registry = reprise_providers_new_registry ();

  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  g_assert_null (reprise_registry_inspect_file (registry, missing, NULL, NULL, NULL, &first));
  g_assert_nonnull (first);
  g_assert_null (
    reprise_registry_inspect_file (registry, fixture->folder, NULL, NULL, NULL, &second));
  g_assert_nonnull (second);
  g_assert_null (reprise_registry_inspect_file (registry, pipe_path, NULL, NULL, NULL, &third));
  g_assert_nonnull (third);
}

/* With settings that lead nowhere every reading ends in a sentence. */
static gpointer
list_groups_nowhere (gpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  GError *error = NULL;

  contents = reprise_provider_list_groups (data, NULL, NULL, &error);
  g_assert_null (contents);
  return error;
}

/* Two providers at once, as a server is asked again for some seconds before it is given up. */
static void
test_nowhere (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseService) service =
    reprise_service_new (NULL, reprise_kind_get_id (fixture->kind), "Nowhere");
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (reprise_service_get_uuid (service), 0);
  g_autofree char *missing = g_build_filename (fixture->folder, "missing", NULL);
  g_autoptr (RepriseProvider) provider = NULL;
  g_autoptr (RepriseProvider) other = NULL;
  g_autoptr (RepriseProbe) probe = NULL;
  g_autoptr (GError) first = NULL;
  g_autoptr (GError) second = NULL;
  GThread *thread;

  /* port 9 (discard) of loopback: nobody listens there */
  reprise_service_set_setting (service, "address", "http://127.0.0.1:9/");
  reprise_service_set_setting (service, "path", missing);
  provider = reprise_kind_create_provider (fixture->kind, service, secrets);
  other = reprise_kind_create_provider (fixture->kind, service, secrets);
  thread = g_thread_new ("lists", list_groups_nowhere, other);
  probe = reprise_provider_probe (provider, NULL, NULL, &first);
  g_assert_null (probe);
  g_assert_cmpint (strlen (first->message), >, 15);
  second = g_thread_join (thread);
  g_assert_nonnull (second);
  g_assert_cmpint (strlen (second->message), >, 15);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseService) service =
    reprise_service_new (NULL, reprise_kind_get_id (fixture->kind), "Nowhere");
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (reprise_service_get_uuid (service), 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (RepriseProvider) provider = NULL;
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  reprise_service_set_setting (service, "address", "http://127.0.0.1:9/");
  reprise_service_set_setting (service, "path", fixture->folder);
  provider = reprise_kind_create_provider (fixture->kind, service, secrets);
  contents = reprise_provider_list_groups (provider, NULL, cancellable, &error);
  g_assert_null (contents);
  g_assert_nonnull (error);
}

int
main (int argc, char *argv[])
{
  g_autoptr (RepriseRegistry) registry = NULL;

  reprise_test_init (&argc, &argv);
  registry = reprise_providers_new_registry ();
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (registry)); i++)
    {
      g_autoptr (RepriseKind) kind = g_list_model_get_item (G_LIST_MODEL (registry), i);
      const char *id = reprise_kind_get_id (kind);

#define ADD(name, func)                                                 \
  {                                                                     \
    g_autofree char *path = g_strdup_printf ("/contract/%s/" name, id); \
                                                                        \
    g_test_add (path, Fixture, kind, set_up, func, tear_down);          \
  }
      ADD ("description", test_description);
      ADD ("sentences", test_sentences);
      ADD ("settings", test_settings);
      ADD ("rubbish", test_rubbish);
      ADD ("not-a-file", test_not_a_file);
      ADD ("nowhere", test_nowhere);
      ADD ("cancelled", test_cancelled);
    }
  return g_test_run ();
}
