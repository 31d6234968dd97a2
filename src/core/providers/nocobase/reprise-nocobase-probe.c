/* reprise-nocobase-probe.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "net/reprise-json.h"
#include "providers/nocobase/reprise-nocobase-probe.h"
#include "providers/nocobase/reprise-nocobase-rules.h"

static const char *
describe_plugin (RepriseNocobasePresence presence)
{
  switch (presence)
    {
    case REPRISE_NOCOBASE_THERE:
      return _ ("enabled");
    case REPRISE_NOCOBASE_DENIED:
      return _ ("enabled, but not for this account");
    case REPRISE_NOCOBASE_ABSENT:
    default:
      return _ ("not enabled");
    }
}

/* Who one is signed in as, and with which role. */
static gboolean
probe_account (RepriseNocobaseTarget *target,
               RepriseProbe *probe,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (JsonObject) root =
    reprise_nocobase_client_get (target->client, cancellable, error, "auth:check", NULL);
  g_autoptr (JsonObject) roles = NULL;
  const char *name, *role;

  if (root == NULL)
    return FALSE;
  name = reprise_json_get_string (root, "data.nickname",
                                  reprise_json_get_string (root, "data.username", NULL));
  roles = reprise_nocobase_client_get (target->client, cancellable, NULL, "roles:check", NULL);
  role = reprise_json_get_string (roles, "data.role", NULL);
  if (name != NULL)
    reprise_probe_add_fact (probe, _ ("Signed in as"), name);
  if (role != NULL)
    reprise_probe_add_fact (probe, _ ("Role"), role);
  return TRUE;
}

/* Other applications of the same server; who may not see them gets none. */
static void
probe_apps (RepriseNocobaseTarget *target, RepriseProbe *probe, GCancellable *cancellable)
{
  g_autoptr (JsonObject) root =
    reprise_nocobase_client_get (target->client, cancellable, NULL, "applications:list", "fields",
                                 "name", "pageSize", "200", NULL);
  JsonArray *rows = reprise_json_get_array (root, "data");
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < reprise_json_array_get_length (rows); i++)
    {
      const char *name =
        reprise_json_get_string (reprise_json_array_get_object (rows, i), "name", NULL);

      if (name != NULL)
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
    }
  if (names->len > 0)
    reprise_probe_add_fact (probe, _ ("Sub-applications"), names->str);
}

/* What the Backup manager is set to. Its password, which comes along, is not looked at. */
static void
probe_settings (RepriseNocobaseTarget *target, RepriseProbe *probe, GCancellable *cancellable)
{
  g_autoptr (JsonObject) root =
    target->new_plugin == REPRISE_NOCOBASE_THERE
      ? reprise_nocobase_client_get (target->client, cancellable, NULL, "backupSettings:get", NULL)
      : NULL;
  g_autofree char *keep = NULL;

  if (reprise_json_get_object (root, "data") == NULL)
    return;
  keep = g_strdup_printf ("%" G_GINT64_FORMAT, reprise_json_get_int (root, "data.keep", 0));
  reprise_probe_add_fact (probe, _ ("The server keeps at most"), keep);
  if (reprise_json_get_boolean (root, "data.scheduled", FALSE))
    reprise_probe_add_fact (probe, _ ("Its own schedule"),
                            reprise_json_get_string (root, "data.cron", ""));
  if (!reprise_json_get_boolean (root, "data.enableFilesBackup", TRUE))
    reprise_probe_add_warning (probe, _ ("The Backup manager is set to leave uploaded files out."));
}

static void
probe_warnings (RepriseNocobaseTarget *target, RepriseProbe *probe)
{
  g_autofree char *text = NULL;

  if (target->old_plugin != REPRISE_NOCOBASE_THERE && target->new_plugin != REPRISE_NOCOBASE_THERE)
    {
      text = reprise_nocobase_target_explain (target);
      reprise_probe_add_warning (probe, text);
    }
  else if (target->old_plugin == REPRISE_NOCOBASE_THERE &&
           target->new_plugin == REPRISE_NOCOBASE_THERE)
    reprise_probe_add_warning (
      probe,
      _ ("Both plugins are enabled. Backups of chosen groups can be made, but not restored on "
         "this server."));
  else if (target->old_plugin == REPRISE_NOCOBASE_THERE &&
           (target->has_new_package || reprise_nocobase_version_get_major (target->version) >= 2))
    reprise_probe_add_warning (
      probe,
      _ ("The old plugin’s restore does not work on NocoBase 2: enable the Backup manager."));
}

/**
 * reprise_nocobase_probe:
 *
 * Returns: (transfer full): what the server says of itself, and what should be known before it is backed up; %NULL with @error
 */
RepriseProbe *
reprise_nocobase_probe (RepriseNocobaseTarget *target, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseProbe) result = reprise_probe_new ();
  gint64 started_us;

  if (!reprise_nocobase_target_look (target, cancellable, error))
    return NULL;
  result->version = g_strdup (target->version);
  result->identity = g_strdup (reprise_nocobase_client_get_identity (target->client));
  started_us = g_get_monotonic_time ();
  if (!probe_account (target, result, cancellable, error))
    return NULL;
  result->latency_ms = (g_get_monotonic_time () - started_us) / 2000; /* it took two requests */
  reprise_probe_add_fact (result, _ ("Application"),
                          reprise_nocobase_client_get_app (target->client));
  reprise_probe_add_fact (result, _ ("Database"),
                          target->dialect != NULL ? target->dialect : _ ("not reported"));
  reprise_probe_add_fact (result, _ ("Backup manager"), describe_plugin (target->new_plugin));
  reprise_probe_add_fact (result, _ ("Backup & Restore"), describe_plugin (target->old_plugin));
  probe_settings (target, result, cancellable);
  probe_apps (target, result, cancellable);
  probe_warnings (target, result);
  return g_steal_pointer (&result);
}
