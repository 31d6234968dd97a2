/* test-provider-base.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "provider/reprise-provider-base.h"
#include "reprise-fake-kind.h"
#include "reprise-test.h"

/* A provider that answers one call. */
#define TEST_TYPE_PROVIDER (test_provider_get_type ())

G_DECLARE_FINAL_TYPE (TestProvider, test_provider, TEST, PROVIDER, RepriseProviderBase)

struct _TestProvider
{
  RepriseProviderBase parent_instance;
};

static RepriseProbe *
probe (RepriseProvider *provider,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  RepriseProbe *result = reprise_probe_new ();

  result->identity =
    g_strdup (reprise_provider_base_get_setting (REPRISE_PROVIDER_BASE (provider), "path"));
  return result;
}

static void
provider_init (RepriseProviderInterface *iface)
{
  iface->probe = probe;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestProvider,
                               test_provider,
                               REPRISE_TYPE_PROVIDER_BASE,
                               G_IMPLEMENT_INTERFACE (REPRISE_TYPE_PROVIDER, provider_init))

static void
test_provider_class_init (TestProviderClass *klass)
{
}

static void
test_provider_init (TestProvider *self)
{
}

static void
test_base (void)
{
  g_autoptr (RepriseKind) kind = g_object_new (REPRISE_TYPE_FAKE_KIND, NULL);
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "fake", "Orders");
  g_autoptr (RepriseSecrets) secrets =
    reprise_secrets_new (reprise_service_get_uuid (service), REPRISE_KEYRING_UNATTENDED);
  g_autoptr (RepriseProvider) provider = NULL;
  g_autoptr (RepriseProvider) alone = NULL;
  g_autoptr (RepriseProbe) probed = NULL;
  g_autoptr (GError) error = NULL;
  RepriseProviderBase *base;

  reprise_service_set_setting (service, "path", "/data");
  provider = reprise_provider_base_create (TEST_TYPE_PROVIDER, kind, service, secrets);
  base = REPRISE_PROVIDER_BASE (provider);
  g_assert_true (reprise_provider_base_get_kind (base) == kind);
  g_assert_true (reprise_provider_base_get_service (base) == service);
  g_assert_true (reprise_provider_base_get_secrets (base) == secrets);
  g_assert_cmpstr (reprise_provider_base_get_setting (base, "nothing"), ==, "");
  probed = reprise_provider_probe (provider, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (probed->identity, ==, "/data");
  g_assert_null (reprise_provider_list_groups (provider, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED);
  alone = reprise_provider_base_create (TEST_TYPE_PROVIDER, kind, service, NULL);
  g_assert_cmpstr (reprise_secrets_get_service_uuid (
                     reprise_provider_base_get_secrets (REPRISE_PROVIDER_BASE (alone))),
                   ==, reprise_service_get_uuid (service));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/provider-base/base", test_base);
  return g_test_run ();
}
