/* reprise-couch-rules.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/server/reprise-couch-delta.h"
#include "providers/couchdb/store/reprise-couch-compact.h"

static RepriseGroup
get_default_group (const char *database)
{
  if (strcmp (database, "_users") == 0)
    return REPRISE_GROUP_USER;
  if (strcmp (database, "_replicator") == 0 || g_str_has_suffix (database, "/_replicator"))
    return REPRISE_GROUP_THIRD_PARTY;
  if (*database == '_' || reprise_couch_delta_is_name (database))
    return REPRISE_GROUP_SKIPPED;
  return REPRISE_GROUP_CUSTOM;
}

/* @service: (nullable): for its rules. @reason: (out) (optional) (nullable): why it is skipped, or that a rule of the user put it there */
RepriseGroup
reprise_couch_rules_get_group (RepriseService *service, const char *database, const char **reason)
{
  const char *rule = service != NULL ? reprise_service_get_rule (service, database) : NULL;
  RepriseGroup group = get_default_group (database);
  const char *text = NULL;

  if (rule != NULL && reprise_group_from_string (rule, &group))
    text = _ ("Put there by a rule");
  else if (strcmp (database, "_global_changes") == 0)
    text = _ ("The server makes it anew by itself");
  else if (reprise_couch_delta_is_name (database))
    text = _ ("It is a backup that the server made");
  else if (group == REPRISE_GROUP_SKIPPED)
    text = _ ("It belongs to the server itself");
  if (reason != NULL)
    *reason = text;
  return group;
}

RepriseGroup
reprise_couch_rules_get_design_group (RepriseService *service, const char *database)
{
  g_autofree char *name = reprise_couch_rules_dup_design_name (database);
  const char *rule = service != NULL ? reprise_service_get_rule (service, name) : NULL;
  RepriseGroup group = REPRISE_GROUP_REQUIRED;

  if (rule == NULL || !reprise_group_from_string (rule, &group))
    return REPRISE_GROUP_REQUIRED;
  return group;
}

/* (transfer full): of the collection with a database's design documents and security object */
char *
reprise_couch_rules_dup_design_name (const char *database)
{
  return g_strconcat (database, REPRISE_COUCH_DESIGN_SUFFIX, NULL);
}

gboolean
reprise_couch_rules_is_design (const char *collection)
{
  return g_str_has_suffix (collection, REPRISE_COUCH_DESIGN_SUFFIX);
}

/* (transfer full): names and patterns that stand between spaces, commas or line ends */
char **
reprise_couch_rules_split (const char *patterns)
{
  g_auto (GStrv) all = g_strsplit_set (patterns != NULL ? patterns : "", ", \t\r\n;", -1);
  g_autoptr (GPtrArray) some = g_ptr_array_new ();

  for (guint i = 0; all[i] != NULL; i++)
    if (*all[i] != '\0')
      g_ptr_array_add (some, g_strdup (all[i]));
  g_ptr_array_add (some, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&some), FALSE);
}

/* Whether one of @patterns (nullable) fits: names with “*” and “?”. */
gboolean
reprise_couch_rules_match (const char *patterns, const char *database)
{
  g_auto (GStrv) all = reprise_couch_rules_split (patterns);

  for (guint i = 0; all[i] != NULL; i++)
    if (g_pattern_match_simple (all[i], database))
      return TRUE;
  return FALSE;
}

/* Whether @database is named, not only matched. */
gboolean
reprise_couch_rules_has_name (const char *patterns, const char *database)
{
  g_auto (GStrv) all = reprise_couch_rules_split (patterns);

  return g_strv_contains ((const char *const *) all, database);
}

/* Whether the server must be asked for all names. */
gboolean
reprise_couch_rules_has_patterns (const char *patterns)
{
  g_auto (GStrv) all = reprise_couch_rules_split (patterns);

  return all[0] == NULL || strpbrk (patterns, "*?") != NULL;
}
