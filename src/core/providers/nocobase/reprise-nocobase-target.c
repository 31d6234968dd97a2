/* reprise-nocobase-target.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/nocobase/reprise-nocobase-dump.h"
#include "providers/nocobase/reprise-nocobase-follow.h"
#include "providers/nocobase/reprise-nocobase-target.h"

/**
 * reprise_nocobase_target_new:
 * @client: (transfer full): the requests to it
 *
 * Sends nothing yet.
 */
RepriseNocobaseTarget *
reprise_nocobase_target_new (RepriseNocobaseClient *client, const RepriseNocobasePace *pace)
{
  RepriseNocobaseTarget *self = g_new0 (RepriseNocobaseTarget, 1);

  self->client = client;
  self->pace = *pace;
  return self;
}

void
reprise_nocobase_target_free (RepriseNocobaseTarget *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->client);
  g_free (self->version);
  g_free (self->dialect);
  g_free (self);
}

/* Whether a package of that name is on the server, enabled or not. Who may not see that gets “no”. */
static gboolean
has_package (RepriseNocobaseTarget *self,
             const char *name,
             gboolean *has,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) root = reprise_nocobase_client_get (self->client, cancellable, &local,
                                                             "pm:get", "filterByTk", name, NULL);

  *has = reprise_json_get_string (root, "data.packageName", NULL) != NULL;
  if (root != NULL || g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_FAILED) ||
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED) ||
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
look_at_version (RepriseNocobaseTarget *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_nocobase_client_new_request (self->client, "GET", "app:getInfo", REPRISE_HTTP_READ);
  g_autoptr (JsonObject) root = NULL;
  const char *version, *dialect;

  reprise_http_request_set_anonymous (request, TRUE);
  root = reprise_nocobase_client_send (self->client, request, cancellable, error);
  if (root == NULL)
    return FALSE;
  version = reprise_json_get_string (root, "data.version", NULL);
  dialect = reprise_json_get_string (root, "data.database.dialect", NULL);
  if (version == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("%s answers, but not as NocoBase does: check the address"),
                         reprise_nocobase_client_get_name (self->client));
      return FALSE;
    }
  g_free (self->version);
  g_free (self->dialect);
  self->version = g_strdup (version);
  self->dialect = g_strdup (dialect);
  return TRUE;
}

/**
 * reprise_nocobase_target_look:
 *
 * Asks, once, for the version, the database and which plugins are there. Reads only.
 */
gboolean
reprise_nocobase_target_look (RepriseNocobaseTarget *self,
                              GCancellable *cancellable,
                              GError **error)
{
  if (self->known)
    return TRUE;
  if (!look_at_version (self, cancellable, error) ||
      !reprise_nocobase_client_look_for (self->client, "backups:list", &self->new_plugin,
                                         cancellable, error) ||
      !reprise_nocobase_client_look_for (self->client, "backupFiles:list", &self->old_plugin,
                                         cancellable, error))
    return FALSE;
  self->has_new_package = self->new_plugin != REPRISE_NOCOBASE_ABSENT;
  if (!self->has_new_package &&
      !has_package (self, REPRISE_NOCOBASE_PLUGIN_NEW, &self->has_new_package, cancellable, error))
    return FALSE;
  self->known = TRUE;
  return TRUE;
}

/* (transfer full): why no backups can be made there: not allowed, or not enabled */
char *
reprise_nocobase_target_explain (RepriseNocobaseTarget *self)
{
  if (self->old_plugin == REPRISE_NOCOBASE_DENIED || self->new_plugin == REPRISE_NOCOBASE_DENIED)
    return g_strdup (_ ("A plugin for backups is enabled, but this account may not use it: it "
                        "needs a role with the right "
                        "to manage backups, such as “admin” or “root”."));
  return g_strdup (_ ("No plugin for backups is enabled on this server: neither “Backup manager” "
                      "nor “Backup & Restore”."));
}

/* (transfer full): “main application of example.org” */
char *
reprise_nocobase_target_describe (RepriseNocobaseTarget *self)
{
  const char *app = reprise_nocobase_client_get_app (self->client);
  const char *name = reprise_nocobase_client_get_name (self->client);

  if (g_strcmp0 (app, "main") == 0)
    return g_strdup (name);
  /* Translators: the name of a sub-application, and of its server */
  return g_strdup_printf (_ ("sub-application “%s” of %s"), app, name);
}

static gboolean
ask_to_enable (const char *plugin,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  static const char *const RESPONSES[] = { "cancel", "enable", NULL };
  const char *const labels[] = { _ ("Cancel"), _ ("Enable"), NULL };
  g_autofree char *body =
    g_strdup_printf (_ ("The plugin “%s” is on the server, but not enabled. Enabling it restarts "
                        "the application: for some seconds "
                        "nobody can work with it."),
                     plugin);
  g_autoptr (RepriseQuestion) question = reprise_question_new (
    "enable-plugin", _ ("Enable the plugin for backups?"), body, RESPONSES, labels, NULL, "cancel");
  g_autofree char *answer = reprise_progress_ask (progress, question, cancellable, error);

  if (g_strcmp0 (answer, "enable") == 0)
    return TRUE;
  if (answer != NULL)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      _ ("No plugin for backups is enabled on this server. Enable “%s” in its plugin manager."),
      plugin);
  return FALSE;
}

static gboolean
enable (RepriseNocobaseTarget *self,
        const char *plugin,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  g_autoptr (JsonObject) root =
    reprise_nocobase_client_post (self->client, "pm:enable", plugin, cancellable, error);

  if (root == NULL || !reprise_nocobase_follow_health (self, progress, cancellable, error))
    return FALSE;
  self->known = FALSE;
  return reprise_nocobase_target_look (self, cancellable, error);
}

/**
 * reprise_nocobase_target_need:
 * @may_ask: offer to enable a plugin that is there
 *
 * Returns: whether one of the plugins can be used; else %REPRISE_ERROR_DENIED or %REPRISE_ERROR_REFUSED
 */
gboolean
reprise_nocobase_target_need (RepriseNocobaseTarget *self,
                              RepriseProgress *progress,
                              gboolean may_ask,
                              GCancellable *cancellable,
                              GError **error)
{
  gboolean has_old = FALSE;
  g_autofree char *text = NULL;

  if (!reprise_nocobase_target_look (self, cancellable, error))
    return FALSE;
  if (self->old_plugin == REPRISE_NOCOBASE_THERE || self->new_plugin == REPRISE_NOCOBASE_THERE)
    return TRUE;
  text = reprise_nocobase_target_explain (self);
  if (self->old_plugin == REPRISE_NOCOBASE_DENIED || self->new_plugin == REPRISE_NOCOBASE_DENIED)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DENIED, text);
      return FALSE;
    }
  if (may_ask && !self->has_new_package &&
      !has_package (self, REPRISE_NOCOBASE_PLUGIN_OLD, &has_old, cancellable, error))
    return FALSE;
  if (may_ask && (self->has_new_package || has_old))
    {
      const char *plugin =
        self->has_new_package ? REPRISE_NOCOBASE_PLUGIN_NEW : REPRISE_NOCOBASE_PLUGIN_OLD;

      return ask_to_enable (plugin, progress, cancellable, error) &&
             enable (self, plugin, progress, cancellable, error) &&
             reprise_nocobase_target_need (self, progress, FALSE, cancellable, error);
    }
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, text);
  return FALSE;
}
