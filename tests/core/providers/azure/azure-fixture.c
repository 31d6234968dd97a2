/* azure-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-http-private.h"
#include "providers/azure/azure-fixture.h"
#include "providers/azure/reprise-azure-settings.h"
#include "reprise-test-provider.h"

/* A principal of a cloud in this process, and the resource group “rg1” of its subscription “s1” */
void
azure_fixture_set_access (RepriseService *service, FakeArm *azure, FakeEntra *entra)
{
  g_autofree char *arm = fake_arm_dup_address (azure);
  g_autofree char *authority = fake_entra_dup_address (entra);

  reprise_service_set_setting (service, REPRISE_AZURE_SETTING_CLOUD, "other");
  reprise_service_set_setting (service, REPRISE_AZURE_SETTING_ARM, arm);
  reprise_service_set_setting (service, REPRISE_AZURE_SETTING_AUTHORITY, authority);
  reprise_service_set_setting (service, REPRISE_AZURE_SETTING_SIGN_IN, "client-secret");
  reprise_service_set_setting (service, REPRISE_AZURE_SETTING_TENANT, FAKE_ENTRA_TENANT);
  reprise_service_set_setting (service, REPRISE_AZURE_SETTING_CLIENT_ID, FAKE_ENTRA_CLIENT);
  reprise_service_set_setting (service, REPRISE_AZURE_SETTING_SUBSCRIPTION, "s1");
  reprise_service_set_setting (service, REPRISE_AZURE_SETTING_GROUP, "rg1");
  reprise_test_give_secret (service, "client-secret", FAKE_ENTRA_SECRET);
}

/* (transfer full): patient for no longer than a test may last */
RepriseProvider *
azure_fixture_connect (RepriseKind *kind, RepriseService *service)
{
  g_autoptr (GError) error = NULL;
  RepriseProvider *provider = reprise_kind_create_provider (kind, service, NULL);
  RepriseAzureSession *session =
    reprise_azure_provider_get_session (REPRISE_AZURE_PROVIDER (provider), &error);
  RepriseArm *arm;

  g_assert_no_error (error);
  arm = reprise_azure_session_get_arm (session);
  reprise_arm_set_poll_ms (arm, 10);
  reprise_http_set_backoff (reprise_arm_get_http (arm), 1, 5);
  return provider;
}

/* (transfer full): the body of the last request that started something at that path */
char *
azure_fixture_dup_last_post (FakeArm *azure, const char *path)
{
  g_autofree char *start = g_strconcat ("POST ", path, "?", NULL);

  for (guint i = fake_arm_get_n_calls (azure); i-- > 0;)
    {
      g_autofree char *line = fake_arm_dup_call (azure, i);

      if (g_str_has_prefix (line, start))
        return fake_arm_dup_body (azure, i);
    }
  g_assert_not_reached ();
}
