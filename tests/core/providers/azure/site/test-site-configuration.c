/* test-site-configuration.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/azure/openapi.h"
#include "providers/azure/site/reprise-site.h"
#include "reprise-test.h"

#define SUBSCRIPTION "00001111-2222-3333-4444-555566667777"

static const char *const SITE[] = {
  "subscriptionId", SUBSCRIPTION, "resourceGroupName", "rg1", "name", "shop", NULL,
};
static const char *const SLOT[] = {
  "subscriptionId", SUBSCRIPTION, "resourceGroupName", "rg1", "name",
  "shop",           "slot",       "staging",           NULL,
};

static const char *const OPERATIONS[] = {
  [REPRISE_SITE_PART_GENERAL] = "WebApps_GetConfiguration",
  [REPRISE_SITE_PART_SETTINGS] = "WebApps_ListApplicationSettings",
  [REPRISE_SITE_PART_CONNECTIONS] = "WebApps_ListConnectionStrings",
};

typedef struct
{
  FakeArm *server;
  RepriseArm *arm;
  JsonObject *document;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = fake_arm_new ();
  fixture->arm = fake_arm_connect (fixture->server);
  fixture->document = openapi_read ("appservice-configuration");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  json_object_unref (fixture->document);
  g_clear_object (&fixture->arm);
  fake_arm_free (fixture->server);
}

static GHashTable *
read_part (RepriseSite *site, RepriseSitePart part)
{
  g_autoptr (GError) error = NULL;
  GHashTable *found = reprise_site_read_part (site, part, NULL, &error);

  g_assert_no_error (error);
  return found;
}

static JsonObject *
get_properties (Fixture *fixture, RepriseSitePart part)
{
  JsonObject *answer = openapi_get_example (fixture->document, OPERATIONS[part]);

  return json_object_get_object_member (answer, "properties");
}

/* All three are asked for, as they are described, of an application and of a slot. */
static void
test_requests (Fixture *fixture, gconstpointer data)
{
  const char *const *const values[] = { SITE, SLOT };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (RepriseSite) site =
        reprise_site_new (fixture->arm, SUBSCRIPTION, "rg1", "shop", i == 0 ? NULL : "staging");

      fake_arm_forget (fixture->server);
      openapi_answer (fixture->document, values[i], fixture->server);
      for (guint part = 0; part < REPRISE_N_SITE_PARTS; part++)
        {
          g_autoptr (GHashTable) found = read_part (site, (RepriseSitePart) part);

          g_assert_cmpuint (g_hash_table_size (found), >, 1);
        }
      openapi_assert_sent (fixture->document, values[i], fixture->server);
      g_assert_cmpuint (fake_arm_get_n_calls (fixture->server), ==, REPRISE_N_SITE_PARTS);
    }
}

/* With their values, but for what is not compared; each of them is a name that Azure knows. */
static void
test_general (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseSite) site = reprise_site_new (fixture->arm, SUBSCRIPTION, "rg1", "shop", NULL);
  JsonObject *definitions = json_object_get_object_member (fixture->document, "definitions");
  JsonObject *known = json_object_get_object_member (
    json_object_get_object_member (definitions, "SiteConfig"), "properties");
  JsonObject *properties = get_properties (fixture, REPRISE_SITE_PART_GENERAL);
  g_autoptr (GHashTable) found = NULL;
  GHashTableIter iter;
  gpointer name, value;

  openapi_answer (fixture->document, SITE, fixture->server);
  found = read_part (site, REPRISE_SITE_PART_GENERAL);
  g_hash_table_iter_init (&iter, found);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      g_autofree char *text = json_to_string (json_object_get_member (properties, name), FALSE);

      g_assert_true (json_object_has_member (known, name));
      g_assert_cmpstr (value, ==, text);
    }
  g_assert_cmpuint (g_hash_table_size (found), ==, 18);
  g_assert_cmpstr (g_hash_table_lookup (found, "phpVersion"), ==, "\"8.2\"");
  g_assert_cmpstr (g_hash_table_lookup (found, "alwaysOn"), ==, "true");
  g_assert_null (g_hash_table_lookup (found, "windowsFxVersion")); /* which is null there */
  g_assert_null (g_hash_table_lookup (found, "publishingUsername"));
}

/* Of settings and connection strings the names, and of the latter what they are; none of the values. */
static void
test_names (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseSite) site = reprise_site_new (fixture->arm, SUBSCRIPTION, "rg1", "shop", NULL);

  openapi_answer (fixture->document, SITE, fixture->server);
  for (guint part = REPRISE_SITE_PART_SETTINGS; part <= REPRISE_SITE_PART_CONNECTIONS; part++)
    {
      JsonObject *properties = get_properties (fixture, (RepriseSitePart) part);
      g_autoptr (GHashTable) found = read_part (site, (RepriseSitePart) part);
      GHashTableIter iter;
      gpointer name, value;

      g_assert_cmpuint (g_hash_table_size (found), ==, json_object_get_size (properties));
      g_hash_table_iter_init (&iter, found);
      while (g_hash_table_iter_next (&iter, &name, &value))
        {
          JsonNode *node = json_object_get_member (properties, name);

          g_assert_nonnull (node);
          g_assert_cmpstr (value, ==,
                           part == REPRISE_SITE_PART_SETTINGS
                             ? ""
                             : json_object_get_string_member (json_node_get_object (node), "type"));
        }
    }
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function) \
  g_test_add ("/site-configuration/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("requests", test_requests);
  ADD ("general", test_general);
  ADD ("names", test_names);
#undef ADD
  return g_test_run ();
}
