/* reprise-site-databases.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/site/reprise-site-plan-private.h"
#include "providers/azure/site/reprise-site-provider-private.h"

/*
 * What a restore does with linked databases. They are servers of their own: whichever application is restored, also a new one, those
 * in use are replaced. Which ones:
 *
 *   a backup that Azure lists    those that it lists with it
 *   a blob                       those that Azure finds in it, which it is asked for the plan
 *   an archive                   those that Azure finds in it; of an application that is made, which cannot be asked, those that the
 *                                service names
 *
 * A safety copy can hold those that the service names, since it knows how to get at them.
 */

/* Names with spaces or commas between them; none is all of them. */
gboolean
reprise_site_plan_wants_database (ReprisePlan *plan, const char *name)
{
  const char *chosen = reprise_plan_get_option (plan, REPRISE_SITE_OPTION_DATABASES);
  g_auto (GStrv) names = g_strsplit_set (chosen != NULL ? chosen : "", " ,\n", -1);
  gboolean any = FALSE;

  if (!REPRISE_GROUPS_HAS (reprise_plan_get_groups (plan), REPRISE_GROUP_CUSTOM))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      any = any || *names[i] != '\0';
      if (*names[i] != '\0' && g_strcmp0 (names[i], name) == 0)
        return TRUE;
    }
  return !any;
}

/* (transfer none) (nullable): those in the backup; of an archive they have the names of its files */
static GListModel *
get_databases (ReprisePlan *plan)
{
  RepriseContents *contents = reprise_archive_get_contents (reprise_plan_get_archive (plan));
  RepriseDataGroup *databases =
    contents != NULL ? reprise_contents_get_group (contents, REPRISE_GROUP_CUSTOM) : NULL;

  return databases != NULL ? G_LIST_MODEL (databases) : NULL;
}

static gboolean
has_database (ReprisePlan *plan, const char *name)
{
  GListModel *databases = get_databases (plan);

  for (guint i = 0; databases != NULL && i < g_list_model_get_n_items (databases); i++)
    {
      g_autoptr (RepriseCollection) each = g_list_model_get_item (databases, i);

      if (g_strcmp0 (reprise_collection_get_name (each), name) == 0)
        return TRUE;
    }
  return FALSE;
}

/* @name: of one that the service names */
static gboolean
replaces_known (ReprisePlan *plan, const char *name)
{
  switch (reprise_site_plan_get_source (plan, NULL, NULL))
    {
    case REPRISE_SITE_SOURCE_LISTED:
      return has_database (plan, name);
    case REPRISE_SITE_SOURCE_BLOB: /* nobody has looked into it */
      return TRUE;
    case REPRISE_SITE_SOURCE_UNKNOWN:
      return get_databases (plan) != NULL;
    case REPRISE_SITE_SOURCE_SNAPSHOT:
    case REPRISE_SITE_SOURCE_PAIRED:
    case REPRISE_SITE_SOURCE_GONE:
    default:
      return FALSE;
    }
}

/**
 * reprise_site_plan_choose_replaced:
 * @known: (element-type RepriseSiteDatabase): those that the service names
 *
 * Returns: (transfer full) (element-type RepriseSiteDatabase): those among them that the restore replaces
 */
GPtrArray *
reprise_site_plan_choose_replaced (ReprisePlan *plan, GPtrArray *known)
{
  GPtrArray *chosen = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_site_database_free);

  for (guint i = 0; i < known->len; i++)
    {
      const RepriseSiteDatabase *each = known->pdata[i];

      if (reprise_site_plan_wants_database (plan, each->name) && replaces_known (plan, each->name))
        g_ptr_array_add (chosen,
                         reprise_site_database_new (each->type, each->name, each->connection_name,
                                                    each->connection));
    }
  return chosen;
}

/* --- rows --- */

static void
add_row (ReprisePlan *plan, const char *name)
{
  reprise_plan_add_row (
    plan, REPRISE_GROUP_CUSTOM, name, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED,
    reprise_site_plan_wants_database (plan, name) ? REPRISE_PLAN_REPLACED : REPRISE_PLAN_LEFT_ALONE,
    NULL);
}

/* Of an archive, where the application that could tell what is in it is made only then */
static void
add_known_rows (ReprisePlan *plan, GPtrArray *known)
{
  for (guint i = 0; i < known->len; i++)
    {
      const RepriseSiteDatabase *each = known->pdata[i];

      if (replaces_known (plan, each->name))
        add_row (plan, each->name);
    }
}

/* What a blob holds is known to nobody but Azure. */
static gboolean
add_found_rows (RepriseSiteProvider *provider,
                ReprisePlan *plan,
                RepriseSite *target,
                GCancellable *cancellable,
                GError **error)
{
  RepriseAzureSession *session = reprise_site_provider_get_session (provider, error);
  g_autoptr (RepriseSas) sas =
    session != NULL ? reprise_azure_session_open_storage (session, cancellable, error) : NULL;
  g_autoptr (RepriseSecretValue) storage = sas != NULL ? reprise_sas_dup_address (sas) : NULL;
  RepriseSiteRestore how = { .storage = storage };
  g_autoptr (GPtrArray) found = NULL;

  if (storage == NULL)
    return FALSE;
  reprise_site_plan_get_source (plan, NULL, &how.blob_name);
  found = reprise_site_discover (target, &how, cancellable, error);
  for (guint i = 0; found != NULL && i < found->len; i++)
    add_row (plan, ((RepriseSiteDatabase *) found->pdata[i])->name);
  return found != NULL;
}

/**
 * reprise_site_plan_add_database_rows:
 * @known: (element-type RepriseSiteDatabase): those that the service names
 *
 * Returns: whether it could be told which there are
 */
gboolean
reprise_site_plan_add_database_rows (RepriseSiteProvider *provider,
                                     ReprisePlan *plan,
                                     RepriseSite *target,
                                     GPtrArray *known,
                                     gboolean makes_target,
                                     GCancellable *cancellable,
                                     GError **error)
{
  RepriseSiteSource source = reprise_site_plan_get_source (plan, NULL, NULL);
  GListModel *databases = get_databases (plan);

  if (makes_target && source != REPRISE_SITE_SOURCE_LISTED)
    {
      add_known_rows (plan, known);
      return TRUE;
    }
  if (source == REPRISE_SITE_SOURCE_BLOB)
    return !REPRISE_GROUPS_HAS (reprise_plan_get_groups (plan), REPRISE_GROUP_CUSTOM) ||
           reprise_plan_is_refused (plan) ||
           add_found_rows (provider, plan, target, cancellable, error);
  for (guint i = 0; databases != NULL && i < g_list_model_get_n_items (databases); i++)
    {
      g_autoptr (RepriseCollection) each = g_list_model_get_item (databases, i);

      add_row (plan, reprise_collection_get_name (each));
    }
  return TRUE;
}

/* (nullable): by a row of the plan, the first database that is replaced and that @known (nullable) does not have */
static const char *
find_replaced (ReprisePlan *plan, GPtrArray *known)
{
  for (guint i = 0; i < reprise_plan_get_n_rows (plan); i++)
    {
      const ReprisePlanRow *row = reprise_plan_get_row (plan, i);
      gboolean is_known = FALSE;

      if (row->group != REPRISE_GROUP_CUSTOM || row->collection == NULL ||
          row->action != REPRISE_PLAN_REPLACED)
        continue;
      for (guint k = 0; known != NULL && k < known->len; k++)
        is_known = is_known || g_strcmp0 (((RepriseSiteDatabase *) known->pdata[k])->name,
                                          row->collection) == 0;
      if (!is_known)
        return row->collection;
    }
  return NULL;
}

/* Whether the restore replaces what is in a database, as the rows of the plan say. */
gboolean
reprise_site_plan_replaces_databases (ReprisePlan *plan)
{
  return find_replaced (plan, NULL) != NULL;
}

/* --- the safety copy --- */

/* (nullable): a database that is replaced, and that no safety copy can hold */
static const char *
find_unnamed (ReprisePlan *plan, GPtrArray *known)
{
  g_autoptr (GPtrArray) replaced = reprise_site_plan_choose_replaced (plan, known);
  RepriseSiteSource source = reprise_site_plan_get_source (plan, NULL, NULL);

  if (source == REPRISE_SITE_SOURCE_LISTED || source == REPRISE_SITE_SOURCE_BLOB)
    return find_replaced (plan, known);
  return replaced->len == 0 ? find_replaced (plan, NULL) : NULL;
}

/* An application that is there is copied all the same, without that database. */
static void
warn_of_unnamed (ReprisePlan *plan, GPtrArray *known)
{
  const char *unnamed = find_unnamed (plan, known);
  g_autofree char *text = NULL;

  if (unnamed == NULL)
    return;
  /* Translators: the name of a database */
  text = g_strdup_printf (_ ("The safety copy does not hold the database “%s”."), unnamed);
  reprise_plan_add_check (plan, "safety-copy", REPRISE_CHECK_WARNING, text,
                          _ ("The service does not name it among its linked databases: name it "
                             "there, or leave it out."));
}

/* (transfer full) (nullable): why Azure could not back up the databases with the service’s own application, a whole sentence */
static char *
explain_no_copy (ReprisePlan *plan, GPtrArray *known, const char *application, gboolean is_there)
{
  const char *unnamed = find_unnamed (plan, known);

  if (!is_there)
    return g_strdup_printf (
      /* Translators: the name of an application */
      _ ("Azure could back up the databases only with the application “%s”, which does not exist."),
      application);
  if (unnamed == NULL)
    return NULL;
  return g_strdup_printf (
    /* Translators: the name of a database */
    _ ("The service does not name the database “%s” among its linked databases."), unnamed);
}

/* Into an application that is made: what is copied are the databases, by a backup of the service’s own application. */
static gboolean
secure_beside_new (RepriseSiteProvider *provider,
                   ReprisePlan *plan,
                   GPtrArray *known,
                   GCancellable *cancellable,
                   GError **error)
{
  RepriseSite *own = reprise_site_provider_get_site (provider, error);
  g_autofree char *name = own != NULL ? reprise_site_dup_name (own) : NULL;
  g_autofree char *reason = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) root = own != NULL ? reprise_site_look (own, cancellable, &local) : NULL;

  if (own == NULL)
    return FALSE;
  if (root == NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  reprise_plan_add_loss (plan, "%s",
                         _ ("Only the application is new: its databases are those in use, and what "
                            "is in them is replaced. Leave them out to keep them."));
  reason = explain_no_copy (plan, known, name, root != NULL);
  reprise_plan_set_no_safety_copy (plan, reason);
  if (reason == NULL)
    /* Translators: the name of an application */
    reprise_plan_add_loss (plan,
                           _ ("The safety copy is of the application “%s” with these databases. "
                              "Undo restores both, and leaves the new application alone."),
                           name);
  return TRUE;
}

/* An archive has databases, and none of them is restored. */
static void
tell_left_out (ReprisePlan *plan)
{
  if (REPRISE_GROUPS_HAS (reprise_plan_get_groups (plan), REPRISE_GROUP_CUSTOM) &&
      get_databases (plan) != NULL)
    reprise_plan_add_loss (plan, "%s",
                           _ ("The databases in the backup are not restored: Azure does not look "
                              "for them where the application is new, and the service names none "
                              "of them."));
}

/**
 * reprise_site_plan_secure_databases:
 * @known: (element-type RepriseSiteDatabase): those that the service names
 *
 * Says what becomes of databases, and whether a safety copy can hold those that are replaced: after the rows.
 *
 * Returns: whether that could be told
 */
gboolean
reprise_site_plan_secure_databases (RepriseSiteProvider *provider,
                                    ReprisePlan *plan,
                                    GPtrArray *known,
                                    GCancellable *cancellable,
                                    GError **error)
{
  if (!reprise_site_plan_makes_target (plan))
    warn_of_unnamed (plan, known);
  else if (reprise_site_plan_replaces_databases (plan))
    return secure_beside_new (provider, plan, known, cancellable, error);
  else
    tell_left_out (plan);
  return TRUE;
}
