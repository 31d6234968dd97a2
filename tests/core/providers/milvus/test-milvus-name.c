/* test-milvus-name.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "providers/milvus/reprise-milvus-name.h"
#include "reprise-test.h"

static void
test_backup_names (void)
{
  static const char *const GOOD[] = { "my_backup", "_x", "A1", "reprise_2026_11_21_20_22_57_123" };
  static const char *const BAD[] = { "",    "my-backup",    "my.backup", "my backup", "2026_11",
                                     "a/b", "sauvegarde_é", "a\n",       "-recover" };
  g_autofree char *longest = g_strnfill (128, 'a');
  g_autofree char *longer = g_strnfill (129, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (GOOD); i++)
    g_assert_true (reprise_milvus_name_check_backup (GOOD[i], NULL));
  g_assert_true (reprise_milvus_name_check_backup (longest, NULL));
  g_assert_false (reprise_milvus_name_check_backup (longer, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (reprise_milvus_name_check_backup (BAD[i], &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
    }
}

/* The last line of the document says “-recover”, which no server takes. */
static void
test_suffixes (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_milvus_name_check_suffix ("_recover", NULL));
  g_assert_true (reprise_milvus_name_check_suffix ("", NULL));
  g_assert_false (reprise_milvus_name_check_suffix ("-recover", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
  g_assert_false (reprise_milvus_name_check_suffix ("2", NULL));
}

static void
test_times (void)
{
  gint64 at_us = G_GINT64_CONSTANT (1795292577123456);
  g_autofree char *name = reprise_milvus_name_make ("reprise", at_us);
  g_autofree char *other = reprise_milvus_name_make ("reprise", at_us + 1000);
  g_autoptr (GDateTime) time = reprise_milvus_name_read_time (name);
  g_autoptr (GDateTime) of_server =
    reprise_milvus_name_read_time ("backup_2026_11_21_12_15_45_250917439");

  g_assert_true (reprise_milvus_name_check_backup (name, NULL));
  g_assert_cmpstr (name, !=, other);
  g_assert_cmpint (g_date_time_to_unix (time), ==, at_us / G_USEC_PER_SEC);
  g_assert_cmpint (g_date_time_get_second (of_server), ==, 45);
  g_assert_null (reprise_milvus_name_read_time ("my_backup"));
  g_assert_null (reprise_milvus_name_read_time ("x_2026_13_41_12_15_45"));
}

static void
test_collections (void)
{
  g_autoptr (GPtrArray) names = reprise_milvus_name_read_list (" films, shop.items\n");
  g_autofree char *shown = reprise_milvus_name_show ("default.films");
  g_autofree char *other = reprise_milvus_name_show ("shop.items");

  g_assert_cmpuint (names->len, ==, 2);
  g_assert_cmpstr (names->pdata[0], ==, "default.films");
  g_assert_cmpstr (names->pdata[1], ==, "shop.items");
  g_assert_cmpstr (shown, ==, "films");
  g_assert_cmpstr (other, ==, "shop.items");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/milvus-name/backups", test_backup_names);
  g_test_add_func ("/milvus-name/suffixes", test_suffixes);
  g_test_add_func ("/milvus-name/times", test_times);
  g_test_add_func ("/milvus-name/collections", test_collections);
  return g_test_run ();
}
