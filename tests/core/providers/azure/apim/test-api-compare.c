/* test-api-compare.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "providers/azure/apim/reprise-api-compare.h"
#include "providers/azure/openapi.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

#define SUBSCRIPTION "00001111-2222-3333-4444-555566667777"

static const char *const OWN[] = {
  "subscriptionId", SUBSCRIPTION, "resourceGroupName", "rg1", "serviceName", "shop", NULL,
};
static const char *const STANDBY[] = {
  "subscriptionId", SUBSCRIPTION, "resourceGroupName", "rg2", "serviceName", "standby", NULL,
};

static const struct
{
  const char *name;
  const char *operation;
} LISTS[] = {
  { "apis", "Api_ListByService" },          { "products", "Product_ListByService" },
  { "subscriptions", "Subscription_List" }, { "namedValues", "NamedValue_ListByService" },
  { "backends", "Backend_ListByService" },  { "users", "User_ListByService" },
};

typedef struct
{
  FakeArm *server;
  RepriseArm *arm;
  RepriseApi *own;
  RepriseApi *standby;
  RepriseProgress *progress;
  JsonObject *document;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = fake_arm_new ();
  fixture->arm = fake_arm_connect (fixture->server);
  fixture->own = reprise_api_new (fixture->arm, SUBSCRIPTION, "rg1", "shop", NULL);
  fixture->standby = reprise_api_new (fixture->arm, SUBSCRIPTION, "rg2", "standby", NULL);
  fixture->progress = reprise_progress_new ();
  fixture->document = openapi_read ("apimanagement-lists");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  json_object_unref (fixture->document);
  g_clear_object (&fixture->progress);
  g_clear_object (&fixture->standby);
  g_clear_object (&fixture->own);
  g_clear_object (&fixture->arm);
  fake_arm_free (fixture->server);
}

static JsonArray *
get_items (Fixture *fixture, const char *operation)
{
  JsonObject *page = openapi_get_example (fixture->document, operation);

  return json_object_get_array_member (page, "value");
}

/* @names are those of the example, each once, under itself in small letters. */
static void
assert_names (Fixture *fixture, const char *operation, GHashTable *names)
{
  JsonArray *items = get_items (fixture, operation);

  g_assert_cmpuint (g_hash_table_size (names), ==, json_array_get_length (items));
  g_assert_cmpuint (g_hash_table_size (names), >, 1);
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      const char *name =
        json_object_get_string_member (json_array_get_object_element (items, i), "name");
      g_autofree char *small = g_ascii_strdown (name, -1);

      g_assert_cmpstr (g_hash_table_lookup (names, small), ==, name);
    }
}

/* (transfer full): the sentence */
static char *
compare (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *saying =
    reprise_api_compare (fixture->own, fixture->standby, fixture->progress, NULL, &error);

  g_assert_no_error (error);
  return reprise_saying_to_text (saying);
}

/* Of both services all that is described, and nothing else. */
static void
test_requests (Fixture *fixture, gconstpointer data)
{
  g_autofree char *compared = NULL;
  g_auto (GStrv) warnings = NULL;

  openapi_answer (fixture->document, OWN, fixture->server);
  openapi_answer (fixture->document, STANDBY, fixture->server);
  compared = compare (fixture);
  g_assert_nonnull (strstr (compared, "interfaces: 3, products: 2, subscriptions: 2, "
                                      "named values: 2, backends: 2, users: 2"));
  warnings = reprise_progress_dup_warnings (fixture->progress);
  g_assert_cmpuint (g_strv_length (warnings), ==, 0);
  openapi_assert_sent (fixture->document, OWN, fixture->server);
  openapi_assert_sent (fixture->document, STANDBY, fixture->server);
  g_assert_cmpuint (fake_arm_get_n_calls (fixture->server), ==, 2 * G_N_ELEMENTS (LISTS));
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  openapi_answer (fixture->document, OWN, fixture->server);
  for (guint i = 0; i < G_N_ELEMENTS (LISTS); i++)
    {
      g_autoptr (GHashTable) names =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_autoptr (GError) error = NULL;

      g_assert_true (reprise_api_list_names (fixture->own, LISTS[i].name, names, NULL, &error));
      g_assert_no_error (error);
      assert_names (fixture, LISTS[i].operation, names);
    }
}

/* One item on each page, as Azure links them: the last one has a link that is empty. */
static void
answer_pages (Fixture *fixture, const char *path, const char *operation)
{
  JsonArray *items = get_items (fixture, operation);
  guint n = json_array_get_length (items);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *item = json_to_string (json_array_get_element (items, i), FALSE);
      g_autofree char *link =
        i + 1 < n
          ? g_strdup_printf ("@BASE@%s?api-version=2024-05-01&%%24top=1&%%24skip=%u", path, i + 1)
          : g_strdup ("");
      g_autofree char *page =
        g_strdup_printf ("{\"value\":[%s],\"count\":%u,\"nextLink\":\"%s\"}", item, n, link);

      fake_arm_answer (fixture->server, "GET", path, 200, NULL, page);
    }
}

static void
test_pages (Fixture *fixture, gconstpointer data)
{
  guint n_pages = 0;

  for (guint i = 0; i < G_N_ELEMENTS (LISTS); i++)
    {
      g_autofree char *path =
        g_strdup_printf ("%s/%s", reprise_api_get_id (fixture->own), LISTS[i].name);
      g_autoptr (GHashTable) names =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_autoptr (GError) error = NULL;

      answer_pages (fixture, path, LISTS[i].operation);
      g_assert_true (reprise_api_list_names (fixture->own, LISTS[i].name, names, NULL, &error));
      g_assert_no_error (error);
      assert_names (fixture, LISTS[i].operation, names);
      n_pages += g_hash_table_size (names);
    }
  openapi_assert_sent (fixture->document, OWN, fixture->server);
  g_assert_cmpuint (fake_arm_get_n_calls (fixture->server), ==, n_pages);
}

/* Of things the names are told, of people how many there are; what lies behind a name is told of none. */
static void
test_differences (Fixture *fixture, gconstpointer data)
{
  g_autofree char *compared = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autofree char *all = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (LISTS); i++)
    {
      g_autofree char *path =
        g_strdup_printf ("%s/%s", reprise_api_get_id (fixture->standby), LISTS[i].name);

      fake_arm_answer (fixture->server, "GET", path, 200, NULL, "{\"value\":[],\"count\":0}");
    }
  openapi_answer (fixture->document, OWN, fixture->server);
  compared = compare (fixture);
  g_assert_nonnull (strstr (compared, "users: 0; 13 differences"));
  warnings = reprise_progress_dup_warnings (fixture->progress);
  g_assert_cmpuint (g_strv_length (warnings), ==, G_N_ELEMENTS (LISTS));
  g_assert_cmpstr (warnings[1], ==,
                   "Products: 2 in the service as it is now, 0 in the standby. Only in the "
                   "service: starter, unlimited.");
  g_assert_cmpstr (warnings[5], ==, "Users: 2 in the service as it is now, 0 in the standby.");
  all = g_strjoinv ("", warnings);
  g_assert_null (strstr (all, "canary"));
}

/* Whichever list it is that is not there, the comparison is none. */
static void
test_missing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  openapi_answer (fixture->document, OWN, fixture->server);
  g_assert_null (
    reprise_api_compare (fixture->own, fixture->standby, fixture->progress, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function) \
  g_test_add ("/api-compare/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("requests", test_requests);
  ADD ("names", test_names);
  ADD ("pages", test_pages);
  ADD ("differences", test_differences);
  ADD ("missing", test_missing);
#undef ADD
  return g_test_run ();
}
