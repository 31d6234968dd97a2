/* reprise-couch-choice.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/couchdb/reprise-couch-choice.h"
#include "providers/couchdb/reprise-couch-mark.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"

struct _RepriseCouchChoices
{
  RepriseKind *kind;
  RepriseService *service;
  GHashTable *known; /* (owned) (element-type utf8): what backups have, or knew of */
  GHashTable
    *told; /* (owned) (element-type utf8): new ones that the last backup left out, and told of */
  GHashTable *restored; /* (owned) (element-type utf8): new ones that a restore has made */
  gboolean is_first;    /* there is no backup yet: nothing is new */
};

void
reprise_couch_choice_free (RepriseCouchChoice *self)
{
  g_free (self->name);
  g_free (self->problem);
  g_free (self);
}

static void
add_names (GHashTable *set, RepriseCouchRun *run, const char *member)
{
  JsonArray *names = reprise_json_get_array (reprise_manifest_get_provider (run->manifest), member);

  for (guint i = 0; i < reprise_json_array_get_length (names); i++)
    g_hash_table_add (set, g_strdup (reprise_json_array_get_string (names, i, "")));
}

/* @kind, @service: must live as long as what is returned */
RepriseCouchChoices *
reprise_couch_choices_new (RepriseKind *kind, RepriseService *service, RepriseCouchShelf *shelf)
{
  RepriseCouchChoices *self = g_new0 (RepriseCouchChoices, 1);

  self->kind = kind;
  self->service = service;
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->restored = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->is_first = reprise_couch_shelf_get_n_runs (shelf) == 0;
  for (guint i = 0; i < reprise_couch_shelf_get_n_runs (shelf); i++)
    {
      RepriseCouchRun *run = reprise_couch_shelf_get_run (shelf, i);
      g_auto (GStrv) names = reprise_couch_run_list_databases (run);

      for (guint j = 0; names[j] != NULL; j++)
        g_hash_table_add (self->known, g_strdup (names[j]));
      add_names (self->known, run, REPRISE_COUCH_MEMBER_KNOWN);
      if (reprise_json_get_array (reprise_manifest_get_provider (run->manifest),
                                  REPRISE_COUCH_MEMBER_LEFT_OUT) == NULL)
        continue;
      g_hash_table_remove_all (self->told);
      add_names (self->told, run, REPRISE_COUCH_MEMBER_LEFT_OUT);
    }
  return self;
}

void
reprise_couch_choices_free (RepriseCouchChoices *self)
{
  g_hash_table_unref (self->known);
  g_hash_table_unref (self->told);
  g_hash_table_unref (self->restored);
  g_free (self);
}

static const char *
get_setting (RepriseKind *kind, RepriseService *service, const char *key)
{
  const char *value = reprise_kind_get_value (kind, service, key);

  return value != NULL ? value : "";
}

static gboolean
is_set (RepriseKind *kind, RepriseService *service, const char *key)
{
  return strcmp (get_setting (kind, service, key), "true") == 0;
}

/**
 * reprise_couch_choices_judge:
 * @is_new: (out) (optional): no backup knows of it, and none has told of it
 * @reason: (out) (optional) (nullable): why it is not included, or which rule put it in its group
 */
RepriseCoverageState
reprise_couch_choices_judge (RepriseCouchChoices *self,
                             const char *database,
                             gboolean *is_new,
                             const char **reason)
{
  const char *patterns = get_setting (self->kind, self->service, REPRISE_COUCH_SETTING_DATABASES);
  const char *except = get_setting (self->kind, self->service, REPRISE_COUCH_SETTING_EXCEPT);
  gboolean include_new = is_set (self->kind, self->service, REPRISE_COUCH_SETTING_INCLUDE_NEW);
  const char *text = NULL;
  RepriseCoverageState state = REPRISE_COVERAGE_EXCLUDED;

  if (is_new != NULL)
    *is_new = FALSE;
  if (reprise_couch_rules_get_group (self->service, database, &text) == REPRISE_GROUP_SKIPPED)
    state = REPRISE_COVERAGE_EXCLUDED;
  else if (reprise_couch_rules_match (except, database))
    text = _ ("It is one of the exceptions");
  else if (*patterns != '\0' && !reprise_couch_rules_match (patterns, database))
    text = _ ("It is not among the chosen databases");
  else if (self->is_first || g_hash_table_contains (self->known, database))
    state = REPRISE_COVERAGE_INCLUDED;
  else
    {
      /* one that is chosen by its name is wanted, whatever becomes of others */
      gboolean wanted = include_new || reprise_couch_rules_has_name (patterns, database);

      if (g_hash_table_contains (self->restored, database)) /* nobody needs to be told of it */
        state = wanted ? REPRISE_COVERAGE_INCLUDED : REPRISE_COVERAGE_EXCLUDED;
      else
        state = wanted ? REPRISE_COVERAGE_NEW_INCLUDED : REPRISE_COVERAGE_NEW_EXCLUDED;
      if (is_new != NULL)
        *is_new = !g_hash_table_contains (self->restored, database) &&
                  !g_hash_table_contains (self->told, database);
      if (state == REPRISE_COVERAGE_EXCLUDED)
        text = _ ("A restore made it, and new databases are not included");
      else if (state == REPRISE_COVERAGE_NEW_EXCLUDED)
        text = _ ("New databases are not included");
    }
  if (reason != NULL)
    *reason = text;
  return state;
}

/* Asks the server whether a restore has made what would be new. */
void
reprise_couch_choices_recognise (RepriseCouchChoices *self,
                                 RepriseCouchClient *client,
                                 const char *database,
                                 GCancellable *cancellable)
{
  RepriseCoverageState state = reprise_couch_choices_judge (self, database, NULL, NULL);

  if ((state == REPRISE_COVERAGE_NEW_INCLUDED || state == REPRISE_COVERAGE_NEW_EXCLUDED) &&
      reprise_couch_mark_is_restored (client, database, cancellable))
    g_hash_table_add (self->restored, g_strdup (database));
}

static gboolean
is_included (RepriseCoverageState state)
{
  return state == REPRISE_COVERAGE_INCLUDED || state == REPRISE_COVERAGE_NEW_INCLUDED;
}

/* (transfer full) (element-type utf8): all that the settings choose; names without patterns are not asked for */
GPtrArray *
reprise_couch_choices_list_chosen (RepriseCouchClient *client,
                                   RepriseKind *kind,
                                   RepriseService *service,
                                   GCancellable *cancellable,
                                   GError **error)
{
  const char *patterns = get_setting (kind, service, REPRISE_COUCH_SETTING_DATABASES);
  const char *except = get_setting (kind, service, REPRISE_COUCH_SETTING_EXCEPT);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) chosen = g_ptr_array_new_with_free_func (g_free);

  if (reprise_couch_rules_has_patterns (patterns))
    {
      all = reprise_couch_client_list_databases (client, cancellable, error);
      if (all == NULL)
        return NULL;
    }
  else
    {
      g_auto (GStrv) names = reprise_couch_rules_split (patterns);

      all = g_ptr_array_new_with_free_func (g_free);
      for (guint i = 0; names[i] != NULL; i++)
        g_ptr_array_add (all, g_strdup (names[i]));
    }
  for (guint i = 0; i < all->len; i++)
    if ((*patterns == '\0' || reprise_couch_rules_match (patterns, all->pdata[i])) &&
        !reprise_couch_rules_match (except, all->pdata[i]))
      g_ptr_array_add (chosen, g_strdup (all->pdata[i]));
  return g_steal_pointer (&chosen);
}

/**
 * reprise_couch_choices_list_names:
 *
 * Returns: (transfer full) (element-type utf8): all that the settings choose, new ones whether they are included or not. Names without
 *   patterns are not asked for
 */
GPtrArray *
reprise_couch_choices_list_names (RepriseCouchChoices *self,
                                  RepriseCouchClient *client,
                                  GCancellable *cancellable,
                                  GError **error)
{
  GPtrArray *names =
    reprise_couch_choices_list_chosen (client, self->kind, self->service, cancellable, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    reprise_couch_choices_recognise (self, client, names->pdata[i], cancellable);
  return names;
}

void
reprise_couch_choices_add_skipped (RepriseContents *contents, const char *name, const char *reason)
{
  g_autoptr (RepriseCollection) collection =
    reprise_collection_new (name, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);

  reprise_collection_set_reason (collection, reason);
  reprise_contents_add (contents, REPRISE_GROUP_SKIPPED, collection);
}

void
reprise_couch_choices_add_design (RepriseContents *contents,
                                  RepriseService *service,
                                  const char *database)
{
  g_autofree char *name = reprise_couch_rules_dup_design_name (database);
  /* Translators: %s is a database */
  g_autofree char *title = g_strdup_printf (_ ("%s: design documents and security"), database);
  g_autoptr (RepriseCollection) collection =
    reprise_collection_new (name, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);

  reprise_collection_set_title (collection, title);
  reprise_contents_add (contents, reprise_couch_rules_get_design_group (service, database),
                        collection);
}

/* A database that is named and not there, or may not be read, is skipped with what the server says. */
static gboolean
add_database (RepriseCouchClient *client,
              RepriseService *service,
              RepriseContents *contents,
              const char *database,
              GCancellable *cancellable,
              GError **error)
{
  const char *reason = NULL;
  RepriseGroup group = reprise_couch_rules_get_group (service, database, &reason);
  g_autoptr (RepriseCouchInfo) info = NULL;
  g_autoptr (RepriseCollection) collection = NULL;
  g_autoptr (GError) local = NULL;

  if (group == REPRISE_GROUP_SKIPPED)
    {
      reprise_couch_choices_add_skipped (contents, database, reason);
      return TRUE;
    }
  info = reprise_couch_client_get_info (client, database, cancellable, &local);
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) ||
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    {
      reprise_couch_choices_add_skipped (contents, database, local->message);
      return TRUE;
    }
  if (info == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  collection = reprise_collection_new (
    database, info->doc_count, info->size_bytes >= 0 ? info->size_bytes : REPRISE_NOT_REPORTED);
  reprise_collection_set_reason (collection, reason);
  reprise_contents_add (contents, group, collection);
  reprise_couch_choices_add_design (contents, service, database);
  return TRUE;
}

/* (transfer full): what is there, with counts and sizes */
RepriseContents *
reprise_couch_choices_list_groups (RepriseCouchClient *client,
                                   RepriseKind *kind,
                                   RepriseService *service,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autoptr (GPtrArray) names =
    reprise_couch_choices_list_chosen (client, kind, service, cancellable, error);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();

  if (names == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++)
    if (!add_database (client, service, contents, names->pdata[i], cancellable, error))
      return NULL;
  if (!is_set (kind, service, REPRISE_COUCH_SETTING_LOCAL))
    reprise_couch_choices_add_skipped (
      contents, "_local",
      _ ("Local documents are never replicated; a setting of the service includes them"));
  return g_steal_pointer (&contents);
}

static void
tell_new (const char *name, RepriseCoverageState state, gboolean is_new, RepriseProgress *progress)
{
  if (state == REPRISE_COVERAGE_NEW_INCLUDED)
    reprise_progress_log (progress, "%s is a new database, and is included", name);
  else if (state == REPRISE_COVERAGE_NEW_EXCLUDED)
    reprise_progress_log (progress, "%s is a new database, and is left out", name);
  if (state == REPRISE_COVERAGE_NEW_EXCLUDED && is_new)
    reprise_progress_warn (
      progress, "“%s” is a new database, and is left out: new ones are not included.", name);
}

/**
 * reprise_couch_choices_select:
 * @names: (element-type utf8): of reprise_couch_choices_list_names()
 *
 * With @groups, what is to be read of each. Each new one is told in the log; the first time that one is left out, it is warned of.
 *
 * Returns: (transfer full) (element-type RepriseCouchChoice): or %NULL with %REPRISE_ERROR_REFUSED where there is none
 */
GPtrArray *
reprise_couch_choices_select (RepriseCouchChoices *self,
                              GPtrArray *names,
                              RepriseGroups groups,
                              RepriseProgress *progress,
                              GError **error)
{
  g_autoptr (GPtrArray) choices =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_choice_free);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      RepriseGroup group = reprise_couch_rules_get_group (self->service, name, NULL);
      gboolean is_new = FALSE;
      RepriseCoverageState state = reprise_couch_choices_judge (self, name, &is_new, NULL);
      RepriseCouchChoice *choice;

      tell_new (name, state, is_new, progress);
      if (!is_included (state))
        continue;
      choice = g_new0 (RepriseCouchChoice, 1);
      choice->name = g_strdup (name);
      choice->data = REPRISE_GROUPS_HAS (groups, group);
      choice->design =
        REPRISE_GROUPS_HAS (groups, reprise_couch_rules_get_design_group (self->service, name));
      if (choice->data || choice->design)
        g_ptr_array_add (choices, choice);
      else
        reprise_couch_choice_free (choice);
    }
  if (choices->len > 0)
    return g_steal_pointer (&choices);
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("There is no database to back up: look at the service’s settings and "
       "the chosen groups"));
  return NULL;
}

/* What the next backup wants to know of this one. @names: as of reprise_couch_choices_select() */
void
reprise_couch_choices_describe (RepriseCouchChoices *self, GPtrArray *names, JsonObject *provider)
{
  JsonArray *known = json_array_new ();
  JsonArray *left_out = json_array_new ();
  JsonArray *found = json_array_new ();

  for (guint i = 0; i < names->len; i++)
    {
      RepriseCoverageState state = reprise_couch_choices_judge (self, names->pdata[i], NULL, NULL);

      if (is_included (state))
        json_array_add_string_element (known, names->pdata[i]);
      else if (state == REPRISE_COVERAGE_NEW_EXCLUDED)
        json_array_add_string_element (left_out, names->pdata[i]);
      if (state == REPRISE_COVERAGE_NEW_INCLUDED)
        json_array_add_string_element (found, names->pdata[i]);
    }
  json_object_set_array_member (provider, REPRISE_MANIFEST_NEW, found);
  json_object_set_array_member (provider, REPRISE_COUCH_MEMBER_KNOWN, known);
  json_object_set_array_member (provider, REPRISE_COUCH_MEMBER_LEFT_OUT, left_out);
}
