/* reprise-run.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "job/reprise-run.h"

typedef enum
{
  PROP_ID = 1,
  PROP_KIND,
  PROP_STATE,
  PROP_SERVICE_UUID,
  PROP_SERVICE_NAME,
  PROP_ORIGIN,
  PROP_STARTED_AT,
  PROP_FINISHED_AT,
  PROP_SUMMARY,
  PROP_ERROR,
  PROP_WARNINGS,
  PROP_LOG,
  PROP_BACKUP_ID,
  PROP_SAFETY_ID,
  PROP_NEEDS_PERSON,
  PROP_SAID,
  PROP_ERROR_CODE,
  PROP_LANGUAGE,
  PROP_ERROR_SAID,
  PROP_WARNINGS_SAID,
} RepriseRunProperty;

#define N_PROPERTIES (PROP_WARNINGS_SAID + 1)

struct _RepriseRun
{
  GObject parent_instance;

  char *texts[N_PROPERTIES];      /* (owned) (nullable); those properties that are texts */
  GDateTime *times[N_PROPERTIES]; /* (owned) (nullable); those that are times */
  RepriseJobKind kind;
  RepriseJobState state;
  gboolean needs_person;
};

G_DEFINE_FINAL_TYPE (RepriseRun, reprise_run, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPERTIES];

static void
reprise_run_finalize (GObject *object)
{
  RepriseRun *self = REPRISE_RUN (object);

  for (guint i = 0; i < N_PROPERTIES; i++)
    {
      g_clear_pointer (&self->texts[i], g_free);
      g_clear_pointer (&self->times[i], g_date_time_unref);
    }
  G_OBJECT_CLASS (reprise_run_parent_class)->finalize (object);
}

static void
reprise_run_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseRun *self = REPRISE_RUN (object);

  if (id == PROP_KIND)
    g_value_set_uint (value, self->kind);
  else if (id == PROP_STATE)
    g_value_set_uint (value, self->state);
  else if (id == PROP_NEEDS_PERSON)
    g_value_set_boolean (value, self->needs_person);
  else if (G_PARAM_SPEC_VALUE_TYPE (pspec) == G_TYPE_DATE_TIME)
    g_value_set_boxed (value, self->times[id]);
  else
    g_value_set_string (value, self->texts[id]);
}

static void
reprise_run_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RepriseRun *self = REPRISE_RUN (object);

  if (id == PROP_KIND)
    self->kind = (RepriseJobKind) g_value_get_uint (value);
  else if (id == PROP_STATE)
    self->state = (RepriseJobState) g_value_get_uint (value);
  else if (id == PROP_NEEDS_PERSON)
    self->needs_person = g_value_get_boolean (value);
  else if (G_PARAM_SPEC_VALUE_TYPE (pspec) == G_TYPE_DATE_TIME)
    {
      g_clear_pointer (&self->times[id], g_date_time_unref);
      self->times[id] = g_value_dup_boxed (value);
    }
  else
    {
      g_free (self->texts[id]);
      self->texts[id] = g_value_dup_string (value);
    }
}

static void
reprise_run_class_init (RepriseRunClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = reprise_run_finalize;
  object_class->get_property = reprise_run_get_property;
  object_class->set_property = reprise_run_set_property;
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_KIND] =
    g_param_spec_uint ("kind", NULL, NULL, 0, REPRISE_N_JOB_KINDS - 1, 0, flags);
  properties[PROP_STATE] =
    g_param_spec_uint ("state", NULL, NULL, 0, REPRISE_N_JOB_STATES - 1, 0, flags);
  properties[PROP_SERVICE_UUID] = g_param_spec_string ("service-uuid", NULL, NULL, NULL, flags);
  properties[PROP_SERVICE_NAME] = g_param_spec_string ("service-name", NULL, NULL, NULL, flags);
  properties[PROP_ORIGIN] = g_param_spec_string ("origin", NULL, NULL, NULL, flags);
  properties[PROP_STARTED_AT] =
    g_param_spec_boxed ("started-at", NULL, NULL, G_TYPE_DATE_TIME, flags);
  properties[PROP_FINISHED_AT] =
    g_param_spec_boxed ("finished-at", NULL, NULL, G_TYPE_DATE_TIME, flags);
  properties[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL, flags);
  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  properties[PROP_WARNINGS] = g_param_spec_string ("warnings", NULL, NULL, NULL, flags);
  properties[PROP_LOG] = g_param_spec_string ("log", NULL, NULL, NULL, flags);
  properties[PROP_BACKUP_ID] = g_param_spec_string ("backup-id", NULL, NULL, NULL, flags);
  properties[PROP_SAFETY_ID] = g_param_spec_string ("safety-id", NULL, NULL, NULL, flags);
  properties[PROP_NEEDS_PERSON] = g_param_spec_boolean ("needs-person", NULL, NULL, FALSE, flags);
  properties[PROP_SAID] = g_param_spec_string ("said", NULL, NULL, NULL, flags);
  properties[PROP_ERROR_CODE] = g_param_spec_string ("error-code", NULL, NULL, NULL, flags);
  properties[PROP_LANGUAGE] = g_param_spec_string ("language", NULL, NULL, NULL, flags);
  properties[PROP_ERROR_SAID] = g_param_spec_string ("error-said", NULL, NULL, NULL, flags);
  properties[PROP_WARNINGS_SAID] = g_param_spec_string ("warnings-said", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
reprise_run_init (RepriseRun *self)
{
}

RepriseJobKind
reprise_run_get_kind (RepriseRun *self)
{
  return self->kind;
}

RepriseJobState
reprise_run_get_state (RepriseRun *self)
{
  return self->state;
}

const char *
reprise_run_get_id (RepriseRun *self)
{
  return self->texts[PROP_ID];
}

const char *
reprise_run_get_service_uuid (RepriseRun *self)
{
  return self->texts[PROP_SERVICE_UUID];
}

const char *
reprise_run_get_service_name (RepriseRun *self)
{
  return self->texts[PROP_SERVICE_NAME];
}

const char *
reprise_run_get_origin (RepriseRun *self)
{
  return self->texts[PROP_ORIGIN];
}

GDateTime *
reprise_run_get_started_at (RepriseRun *self)
{
  return self->times[PROP_STARTED_AT];
}

GDateTime *
reprise_run_get_finished_at (RepriseRun *self)
{
  return self->times[PROP_FINISHED_AT];
}

const char *
reprise_run_get_summary (RepriseRun *self)
{
  return self->texts[PROP_SUMMARY];
}

const char *
reprise_run_get_error (RepriseRun *self)
{
  return self->texts[PROP_ERROR];
}

const char *
reprise_run_get_warnings (RepriseRun *self)
{
  return self->texts[PROP_WARNINGS];
}

const char *
reprise_run_get_log (RepriseRun *self)
{
  return self->texts[PROP_LOG];
}

const char *
reprise_run_get_backup_id (RepriseRun *self)
{
  return self->texts[PROP_BACKUP_ID];
}

const char *
reprise_run_get_safety_id (RepriseRun *self)
{
  return self->texts[PROP_SAFETY_ID];
}

gboolean
reprise_run_get_needs_person (RepriseRun *self)
{
  return self->needs_person;
}

/* (nullable): the summary as it is kept, to be said in any language: base/reprise-saying.h */
const char *
reprise_run_get_said (RepriseRun *self)
{
  return self->texts[PROP_SAID];
}

const char *
reprise_run_get_error_code (RepriseRun *self)
{
  return self->texts[PROP_ERROR_CODE];
}

const char *
reprise_run_get_language (RepriseRun *self)
{
  return self->texts[PROP_LANGUAGE];
}

/* (nullable): the error as it is kept, to be said in any language: base/reprise-saying.h */
const char *
reprise_run_get_error_said (RepriseRun *self)
{
  return self->texts[PROP_ERROR_SAID];
}

/* (nullable): the warnings likewise, a line each */
const char *
reprise_run_get_warnings_said (RepriseRun *self)
{
  return self->texts[PROP_WARNINGS_SAID];
}
