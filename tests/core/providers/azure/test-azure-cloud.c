/* test-azure-cloud.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "providers/azure/reprise-azure-cloud.h"
#include "reprise-fault-server.h"
#include "reprise-test.h"

static void
take_metadata_call (RepriseFaultCall *call, gpointer data)
{
  g_autofree char *address = reprise_fault_server_dup_address (call->server);
  g_autofree char *body = g_strdup_printf (
    "[{\"name\":\"a\",\"resourceManager\":\"https://management.example\",\"authentication\":"
    "{\"loginEndpoint\":\"https://login.wrong.example\"}},"
    "{\"name\":\"b\",\"resourceManager\":\"%s\",\"authentication\":{\"loginEndpoint\":"
    "\"https://login.right.example/\",\"audiences\":[\"x\"]},\"suffixes\":{\"storage\":"
    "\"core.right.example\"}}]",
    address);

  g_assert_cmpstr (call->path, ==, "/metadata/endpoints");
  g_assert_cmpstr (call->query, ==, "api-version=2022-09-01");
  reprise_fault_answer (call, 200, "application/json", body);
}

static void
test_clouds (void)
{
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (take_metadata_call, NULL);
  g_autofree char *address = reprise_fault_server_dup_address (server);
  g_autofree char *authority = NULL, *suffix = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (reprise_azure_cloud_get_n (), ==, 3);
  g_assert_cmpstr (reprise_azure_cloud_find ("china")->arm, ==,
                   "https://management.chinacloudapi.cn");
  g_assert_null (reprise_azure_cloud_find ("other"));
  g_assert_true (reprise_azure_cloud_discover (address, &authority, &suffix, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (authority, ==, "https://login.right.example/");
  g_assert_cmpstr (suffix, ==, "blob.core.right.example");
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
