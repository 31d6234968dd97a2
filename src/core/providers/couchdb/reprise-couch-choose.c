/* reprise-couch-choose.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"

/* Takes one database into a choice, or out of it, by its name: the patterns stay as somebody wrote them. */

static const char *
get_setting (RepriseService *service, const char *key)
{
  const char *value = reprise_service_get_setting (service, key);

  return value != NULL ? value : "";
}

static void
add_name (RepriseService *service, const char *key, const char *name)
{
  const char *before = get_setting (service, key);
  g_autofree char *after =
    *before != '\0' ? g_strdup_printf ("%s %s", before, name) : g_strdup (name);

  reprise_service_set_setting (service, key, after);
}

static void
remove_name (RepriseService *service, const char *key, const char *name)
{
  g_auto (GStrv) all = reprise_couch_rules_split (get_setting (service, key));
  g_autoptr (GPtrArray) left = g_ptr_array_new ();
  g_autofree char *after = NULL;

  for (guint i = 0; all[i] != NULL; i++)
    if (strcmp (all[i], name) != 0)
      g_ptr_array_add (left, all[i]);
  g_ptr_array_add (left, NULL);
  after = g_strjoinv (" ", (char **) left->pdata);
  reprise_service_set_setting (service, key, after);
}

/* A rule of the user that skips it goes; what the server needs for itself stays left out. */
static gboolean
unskip (RepriseService *service, const char *database, GError **error)
{
  if (reprise_couch_rules_get_group (service, database, NULL) == REPRISE_GROUP_SKIPPED)
    reprise_service_set_rule (service, database, NULL);
  if (reprise_couch_rules_get_group (service, database, NULL) != REPRISE_GROUP_SKIPPED)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                     _ ("“%s” is never backed up: it belongs to the server itself"), database);
  return FALSE;
}

static gboolean
include (RepriseKind *kind, RepriseService *service, const char *database, GError **error)
{
  const char *include_new =
    reprise_kind_get_value (kind, service, REPRISE_COUCH_SETTING_INCLUDE_NEW);
  const char *databases;

  if (!unskip (service, database, error))
    return FALSE;
  remove_name (service, REPRISE_COUCH_SETTING_EXCEPT, database);
  if (reprise_couch_rules_match (get_setting (service, REPRISE_COUCH_SETTING_EXCEPT), database))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                         _ ("A pattern of the exceptions leaves “%s” out: %s"), database,
                         get_setting (service, REPRISE_COUCH_SETTING_EXCEPT));
      return FALSE;
    }
  databases = get_setting (service, REPRISE_COUCH_SETTING_DATABASES);
  if (*databases == '\0' && g_strcmp0 (include_new, "true") != 0)
    add_name (service, REPRISE_COUCH_SETTING_DATABASES, "*"); /* all, and this one by its name */
  databases = get_setting (service, REPRISE_COUCH_SETTING_DATABASES);
  if (*databases != '\0' && !reprise_couch_rules_has_name (databases, database) &&
      (g_strcmp0 (include_new, "true") != 0 || !reprise_couch_rules_match (databases, database)))
    add_name (service, REPRISE_COUCH_SETTING_DATABASES, database);
  return TRUE;
}

gboolean
reprise_couch_choose_collection (RepriseKind *kind,
                                 RepriseService *service,
                                 const char *database,
                                 gboolean included,
                                 GError **error)
{
  if (included)
    return include (kind, service, database, error);
  if (!reprise_couch_rules_match (get_setting (service, REPRISE_COUCH_SETTING_EXCEPT), database))
    add_name (service, REPRISE_COUCH_SETTING_EXCEPT, database);
  return TRUE;
}
