/* test-azure-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "providers/azure/apim/reprise-api-kind.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

#define GUID "00001111-2222-3333-4444-55556666aBcD"
#define LONG "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-0123456789" /* 64 letters */

static const struct
{
  const char *key;
  const char *good[6];
  const char *wrong[9];
} cases[] = {
  { REPRISE_AZURE_SETTING_SUBSCRIPTION,
    { GUID },
    { "mine", GUID "0", "/subscriptions/" GUID, "0000-1111", "contoso.example" } },
  { REPRISE_AZURE_SETTING_TENANT,
    { GUID, "contoso.example", "contoso.onmicrosoft.com", "a-b.c", "organizations" },
    { "contoso", "contoso.", ".example", "-a.example", "con toso.example", "a_b.example",
      "me@contoso.example" } },
  { REPRISE_AZURE_SETTING_ACCOUNT,
    { "abc", "devstoreaccount1", "abcdefghijklmnopqrstuvwx" },
    { "ab", "abcdefghijklmnopqrstuvwxy", "Shop", "shop-1", "shop.blob.core.windows.net",
      "b\303\274ro" } },
  { REPRISE_AZURE_SETTING_CONTAINER,
    { "abc", "apim-backups-1", "$web", "$root" },
    { "ab", "Backups", "a--b", "-ab", "ab-", "a_b", "$logs-1", LONG } },
};

static const RepriseSetting *
find (RepriseKind *kind, const char *key)
{
  for (const RepriseSetting *each = reprise_kind_get_settings (kind); each->key != NULL; each++)
    if (g_str_equal (each->key, key))
      return each;
  g_assert_not_reached ();
}

/* What cannot be is told before anything is asked, by both kinds. */
static void
test_settings (gconstpointer data)
{
  g_autoptr (RepriseKind) kind = g_object_new (GPOINTER_TO_SIZE (data), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const RepriseSetting *setting = find (kind, cases[i].key);

      for (guint k = 0; cases[i].good[k] != NULL; k++)
        {
          g_autoptr (GError) error = NULL;

          reprise_setting_check (setting, cases[i].good[k], &error);
          g_assert_no_error (error);
        }
      for (guint k = 0; cases[i].wrong[k] != NULL; k++)
        {
          g_autoptr (GError) error = NULL;

          g_assert_false (reprise_setting_check (setting, cases[i].wrong[k], &error));
          reprise_test_assert_error (&error, REPRISE_ERROR_INVALID, cases[i].wrong[k]);
        }
    }
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_data_func ("/azure-kind/site", GSIZE_TO_POINTER (REPRISE_TYPE_SITE_KIND),
                        test_settings);
  g_test_add_data_func ("/azure-kind/api", GSIZE_TO_POINTER (REPRISE_TYPE_API_KIND), test_settings);
  return g_test_run ();
}
