/* test-azure-cloud.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "providers/azure/reprise-azure-cloud.h"
#include "reprise-test.h"

static void
test_clouds (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (reprise_azure_cloud_find ("china")->arm, ==,
                   "https://management.chinacloudapi.cn");
  g_assert_null (reprise_azure_cloud_find ("other"));
  g_assert_false (reprise_azure_check_address ("http://management.example", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/entra/clouds", test_clouds);
  return g_test_run ();
}
