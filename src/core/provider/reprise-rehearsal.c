/* reprise-rehearsal.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-rehearsal.h"

/* (transfer none) (nullable) */
static RepriseKind *
get_kind (RepriseContext *context, RepriseService *service)
{
  return reprise_registry_get (reprise_context_get_registry (context),
                               reprise_service_get_kind (service));
}

/* What is named must be another service of the same kind, and one that may lose what is in it. */
static gboolean
check_stage (RepriseService *service, RepriseService *stage, GError **error)
{
  const char *name = reprise_service_get_name (stage);

  if (g_str_equal (reprise_service_get_uuid (stage), reprise_service_get_uuid (service)))
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      _ ("A restore cannot be rehearsed on the service itself: all that is in "
         "it would be replaced. Name a test service."));
  else if (!g_str_equal (reprise_service_get_kind (stage), reprise_service_get_kind (service)))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      _ ("“%s” is of another kind: a restore can only be rehearsed on a service of the "
         "same kind."),
      name);
  else if (reprise_service_get_production (stage))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      _ ("“%s” is marked as a production service, and a rehearsal would replace all "
         "that is in it. Name a test service."),
      name);
  else
    return TRUE;
  return FALSE;
}

/**
 * reprise_rehearsal_find_stage:
 *
 * Returns: (transfer none) (nullable): the other service into which restores are rehearsed; %NULL without @error where that is none of
 *   Reprise's services; with it: %REPRISE_ERROR_INVALID, %REPRISE_ERROR_NOT_FOUND
 */
RepriseService *
reprise_rehearsal_find_stage (RepriseContext *context, RepriseService *service, GError **error)
{
  RepriseKind *kind = get_kind (context, service);
  const char *named = reprise_service_get_setting (service, REPRISE_KIND_SETTING_REHEARSE_ON);
  RepriseService *stage;

  if (kind == NULL || !reprise_kind_can (kind, REPRISE_REHEARSES_ON_OTHER) || named == NULL ||
      *named == '\0')
    return NULL;
  stage = reprise_services_get (reprise_context_get_services (context), named);
  if (stage == NULL)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
        _ ("The test service on which its restores were rehearsed is not there "
           "any more. Name another one in the settings."));
      return NULL;
    }
  return check_stage (service, stage, error) ? stage : NULL;
}

/* (transfer full) (nullable): why the restore of the service cannot be rehearsed, a whole sentence; %NULL where it can */
char *
reprise_rehearsal_explain_missing (RepriseContext *context, RepriseService *service)
{
  RepriseKind *kind = get_kind (context, service);
  g_autoptr (GError) error = NULL;
  char *reason = NULL;

  if (kind == NULL)
    return g_strdup (_ ("This version of Reprise does not know the kind of the service."));
  reason = reprise_kind_explain_no_rehearsal (kind, service);
  if (reason != NULL)
    return reason;
  reprise_rehearsal_find_stage (context, service, &error);
  return error != NULL ? g_strdup (error->message) : NULL;
}

/* What is named is none of Reprise's services: the kind knows whether it will do. */
static gboolean
check_place (RepriseKind *kind, RepriseService *service, GError **error)
{
  g_autofree char *reason = reprise_kind_explain_no_rehearsal (kind, service);

  if (reason != NULL)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, reason);
  return reason == NULL;
}

/**
 * reprise_rehearsal_settle_stage:
 * @service: a copy with new settings, before it is saved
 *
 * A test service that was named by its name is kept by its UUID: should another service get that name, nobody has agreed to replace what
 * is in that one.
 *
 * Returns: whether a restore may be rehearsed there; else %REPRISE_ERROR_INVALID, %REPRISE_ERROR_NOT_FOUND
 */
gboolean
reprise_rehearsal_settle_stage (RepriseContext *context, RepriseService *service, GError **error)
{
  RepriseKind *kind = get_kind (context, service);
  const char *named =
    kind != NULL ? reprise_service_get_setting (service, reprise_kind_get_rehearsal_setting (kind))
                 : NULL;
  RepriseService *stage;

  if (named == NULL || *named == '\0')
    return TRUE;
  if (!reprise_kind_can (kind, REPRISE_REHEARSES_ON_OTHER))
    return check_place (kind, service, error);
  stage = reprise_services_find (reprise_context_get_services (context), named, error);
  if (stage == NULL || !check_stage (service, stage, error))
    return FALSE;
  reprise_service_set_setting (service, REPRISE_KIND_SETTING_REHEARSE_ON,
                               reprise_service_get_uuid (stage));
  return TRUE;
}

/* (transfer full) (nullable) (element-type RepriseChoice): what may be named; %NULL where that is none of Reprise's services */
GPtrArray *
reprise_rehearsal_list_stages (RepriseContext *context, RepriseService *service)
{
  GListModel *services = G_LIST_MODEL (reprise_context_get_services (context));
  RepriseKind *kind = get_kind (context, service);
  GPtrArray *choices;

  if (kind == NULL || !reprise_kind_can (kind, REPRISE_REHEARSES_ON_OTHER))
    return NULL;
  choices = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_choice_free);
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (RepriseService) each = g_list_model_get_item (services, i);
      const char *name = reprise_service_get_name (each);

      if (check_stage (service, each, NULL))
        g_ptr_array_add (choices, reprise_choice_new (name, name, NULL));
    }
  return choices;
}

/* (transfer none) (nullable): what is named, as people know it */
const char *
reprise_rehearsal_get_stage_name (RepriseContext *context, RepriseService *service)
{
  RepriseKind *kind = get_kind (context, service);
  const char *named = reprise_service_get_setting (service, REPRISE_KIND_SETTING_REHEARSE_ON);
  RepriseService *stage = NULL;

  if (kind == NULL || named == NULL || *named == '\0')
    return NULL;
  if (reprise_kind_can (kind, REPRISE_REHEARSES_ON_OTHER))
    stage = reprise_services_get (reprise_context_get_services (context), named);
  return stage != NULL ? reprise_service_get_name (stage) : named;
}

/* (transfer full) (nullable): what it means to have named where restores are rehearsed, a whole sentence; %NULL where nothing is */
char *
reprise_rehearsal_dup_consent (RepriseContext *context, RepriseService *service)
{
  const char *name = reprise_rehearsal_get_stage_name (context, service);

  return name == NULL ? NULL
                      : g_strdup_printf (
                          /* Translators: the name of a test server or of an application */
                          _ ("Each rehearsal replaces all that is in “%s” by a backup, without "
                             "asking again."),
                          name);
}
