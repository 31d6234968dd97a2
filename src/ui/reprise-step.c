/* reprise-step.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "reprise-step.h"

struct _RepriseStep
{
  AdwBin parent_instance;

  char *tag;        /* (owned) (nullable) */
  char *title;      /* (owned) (nullable) */
  char *next_label; /* (owned) (nullable) */
  gboolean can_next;
  gboolean destructive;
  gboolean final;
};

G_DEFINE_FINAL_TYPE (RepriseStep, reprise_step, ADW_TYPE_BIN)

typedef enum
{
  PROP_TAG = 1,
  PROP_TITLE,
  PROP_NEXT_LABEL,
  PROP_CAN_NEXT,
  PROP_DESTRUCTIVE,
  PROP_FINAL,
} RepriseStepProperty;

static GParamSpec *properties[PROP_FINAL + 1];

static void
set_string (RepriseStep *self, char **field, const char *value, RepriseStepProperty property)
{
  if (g_strcmp0 (*field, value) == 0)
    return;
  g_free (*field);
  *field = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_boolean (RepriseStep *self, gboolean *field, gboolean value, RepriseStepProperty property)
{
  value = !!value;
  if (*field == value)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
reprise_step_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseStep *self = REPRISE_STEP (object);

  switch ((RepriseStepProperty) id)
    {
    case PROP_TAG:
      g_value_set_string (value, self->tag);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_NEXT_LABEL:
      g_value_set_string (value, self->next_label);
      break;
    case PROP_CAN_NEXT:
      g_value_set_boolean (value, self->can_next);
      break;
    case PROP_DESTRUCTIVE:
      g_value_set_boolean (value, self->destructive);
      break;
    case PROP_FINAL:
      g_value_set_boolean (value, self->final);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_step_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RepriseStep *self = REPRISE_STEP (object);

  switch ((RepriseStepProperty) id)
    {
    case PROP_TAG:
      set_string (self, &self->tag, g_value_get_string (value), PROP_TAG);
      break;
    case PROP_TITLE:
      reprise_step_set_title (self, g_value_get_string (value));
      break;
    case PROP_NEXT_LABEL:
      reprise_step_set_next_label (self, g_value_get_string (value));
      break;
    case PROP_CAN_NEXT:
      reprise_step_set_can_next (self, g_value_get_boolean (value));
      break;
    case PROP_DESTRUCTIVE:
      reprise_step_set_destructive (self, g_value_get_boolean (value));
      break;
    case PROP_FINAL:
      reprise_step_set_final (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_step_finalize (GObject *object)
{
  RepriseStep *self = REPRISE_STEP (object);

  g_clear_pointer (&self->tag, g_free);
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->next_label, g_free);
  G_OBJECT_CLASS (reprise_step_parent_class)->finalize (object);
}

static void
reprise_step_class_init (RepriseStepClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = reprise_step_get_property;
  object_class->set_property = reprise_step_set_property;
  object_class->finalize = reprise_step_finalize;
  properties[PROP_TAG] = g_param_spec_string ("tag", NULL, NULL, NULL, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_NEXT_LABEL] = g_param_spec_string ("next-label", NULL, NULL, NULL, flags);
  properties[PROP_CAN_NEXT] = g_param_spec_boolean ("can-next", NULL, NULL, TRUE, flags);
  properties[PROP_DESTRUCTIVE] = g_param_spec_boolean ("destructive", NULL, NULL, FALSE, flags);
  properties[PROP_FINAL] = g_param_spec_boolean ("final", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
reprise_step_init (RepriseStep *self)
{
  self->can_next = TRUE;
}

const char *
reprise_step_get_tag (RepriseStep *self)
{
  return self->tag;
}

const char *
reprise_step_get_title (RepriseStep *self)
{
  return self->title;
}

void
reprise_step_set_title (RepriseStep *self, const char *title)
{
  set_string (self, &self->title, title, PROP_TITLE);
}

/* (nullable): what Next is called on this step, or %NULL for “Next” */
const char *
reprise_step_get_next_label (RepriseStep *self)
{
  return self->next_label;
}

void
reprise_step_set_next_label (RepriseStep *self, const char *next_label)
{
  set_string (self, &self->next_label, next_label, PROP_NEXT_LABEL);
}

gboolean
reprise_step_get_can_next (RepriseStep *self)
{
  return self->can_next;
}

void
reprise_step_set_can_next (RepriseStep *self, gboolean can_next)
{
  set_boolean (self, &self->can_next, can_next, PROP_CAN_NEXT);
}

gboolean
reprise_step_get_destructive (RepriseStep *self)
{
  return self->destructive;
}

void
reprise_step_set_destructive (RepriseStep *self, gboolean destructive)
{
  set_boolean (self, &self->destructive, destructive, PROP_DESTRUCTIVE);
}

gboolean
reprise_step_get_final (RepriseStep *self)
{
  return self->final;
}

/* What was to be done is done: there is no way back, and nothing to cancel. */
void
reprise_step_set_final (RepriseStep *self, gboolean final)
{
  set_boolean (self, &self->final, final, PROP_FINAL);
}
