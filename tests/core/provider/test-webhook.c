/* test-webhook.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "provider/reprise-webhook.h"
#include "reprise-mock-keyring.h"
#include "reprise-test.h"
#include "service/reprise-services-file.h"

#define ORIGIN  "https://monitoring.example:8443"
#define ADDRESS ORIGIN "/token-4711"

typedef struct
{
  RepriseMockKeyring *keyring; /* (nullable): there is none */
  RepriseService *service;
  char *folder;
  char *path; /* of the configuration */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  if (!reprise_mock_keyring_can_run ())
    {
      g_test_skip ("there is no dbus-daemon");
      return;
    }
  fixture->keyring = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  fixture->service = reprise_service_new (NULL, "fake", "Orders");
  fixture->folder = reprise_test_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "services.conf", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->keyring, reprise_mock_keyring_free);
  g_clear_object (&fixture->service);
  g_clear_pointer (&fixture->folder, reprise_test_remove_folder);
  g_free (fixture->path);
}

static void
assert_kept (Fixture *fixture, const char *expected)
{
  g_autofree char *kept = reprise_mock_keyring_dup (
    fixture->keyring, reprise_service_get_uuid (fixture->service), REPRISE_WEBHOOK_SECRET);

  g_assert_cmpstr (kept, ==, expected);
}

static const char *
get (RepriseService *service)
{
  return reprise_service_get_setting (service, REPRISE_WEBHOOK_SETTING);
}

/* As an earlier version wrote it, then moved. Returns: (transfer full): what the configuration says now */
static RepriseService *
move (Fixture *fixture, const char *setting)
{
  g_autoptr (RepriseServicesReading) before = NULL;
  g_autoptr (RepriseServicesReading) after = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (fixture->service, REPRISE_WEBHOOK_SETTING, setting);
  reprise_service_set_setting (fixture->service, REPRISE_WEBHOOK_SETTING_ADDRESS, NULL);
  g_assert_true (reprise_webhook_is_legacy (fixture->service));
  before = reprise_services_file_change (fixture->path, fixture->service, NULL, &error);
  g_assert_no_error (error);
  reprise_webhook_move_legacy (fixture->path, fixture->service);
  after = reprise_services_file_read (fixture->path, &error);
  g_assert_no_error (error);
  return g_object_ref (after->services->pdata[0]);
}

/* Only its origin stays in the configuration. */
static void
test_set (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (fixture->keyring == NULL)
    return;
  g_assert_true (reprise_webhook_set (fixture->service, ADDRESS, 0, NULL, &error));
  g_assert_cmpstr (get (fixture->service), ==, ORIGIN);
  assert_kept (fixture, ADDRESS);
  g_assert_false (reprise_webhook_is_legacy (fixture->service));
  g_assert_true (reprise_webhook_is_kept (fixture->service));
  g_assert_true (reprise_webhook_set (fixture->service, NULL, 0, NULL, &error));
  g_assert_null (get (fixture->service));
  assert_kept (fixture, NULL);
  g_assert_false (reprise_webhook_is_kept (fixture->service));
}

/* What stays in a keyring that is locked is told; what never was in one is not. */
static void
test_remove (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (fixture->keyring == NULL)
    return;
  g_assert_true (reprise_webhook_set (fixture->service, ADDRESS, 0, NULL, &error));
  reprise_mock_keyring_set_mode (fixture->keyring, REPRISE_MOCK_LOCKED);
  g_assert_false (reprise_webhook_set (fixture->service, NULL, 0, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
  g_clear_error (&error);
  g_assert_null (get (fixture->service));
  assert_kept (fixture, ADDRESS);
  g_assert_false (reprise_webhook_set (fixture->service, ADDRESS, 0, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
  g_clear_error (&error);
  g_assert_cmpstr (get (fixture->service), ==, ORIGIN);
  g_assert_false (reprise_webhook_is_kept (fixture->service));
  g_assert_true (reprise_webhook_set (fixture->service, NULL, 0, NULL, &error));
  g_assert_no_error (error);
}

/* A whole address goes into the keyring. */
static void
test_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseService) moved = NULL;

  if (fixture->keyring == NULL)
    return;
  moved = move (fixture, ADDRESS);
  g_assert_cmpstr (get (moved), ==, ORIGIN);
  g_assert_false (reprise_webhook_is_legacy (moved));
  assert_kept (fixture, ADDRESS);
}

/* So does one that is nothing but its origin, unless that is all that may be shown of one that lies there already. */
static void
test_origin (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseService) moved = NULL;
  g_autoptr (RepriseService) again = NULL;

  if (fixture->keyring == NULL)
    return;
  moved = move (fixture, ORIGIN);
  g_assert_cmpstr (get (moved), ==, ORIGIN);
  g_assert_false (reprise_webhook_is_legacy (moved));
  assert_kept (fixture, ORIGIN);
  g_assert_true (reprise_webhook_set (fixture->service, ADDRESS, 0, NULL, NULL));
  again = move (fixture, ORIGIN);
  g_assert_false (reprise_webhook_is_legacy (again));
  assert_kept (fixture, ADDRESS);
}

/* A keyring that is locked cannot tell: nothing changes until it can. */
static void
test_locked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseService) moved = NULL;

  if (fixture->keyring == NULL)
    return;
  reprise_mock_keyring_add (fixture->keyring, reprise_service_get_uuid (fixture->service),
                            REPRISE_WEBHOOK_SECRET, ADDRESS);
  reprise_mock_keyring_set_mode (fixture->keyring, REPRISE_MOCK_LOCKED);
  moved = move (fixture, ORIGIN);
  g_assert_cmpstr (get (moved), ==, ORIGIN);
  g_assert_true (reprise_webhook_is_legacy (moved));
  assert_kept (fixture, ADDRESS);
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function) \
  g_test_add ("/webhook/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("set", test_set);
  ADD ("remove", test_remove);
  ADD ("legacy/whole", test_whole);
  ADD ("legacy/origin", test_origin);
  ADD ("legacy/locked", test_locked);
#undef ADD
  return g_test_run ();
}
