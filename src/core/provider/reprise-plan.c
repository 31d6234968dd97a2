/* reprise-plan.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-strv.h"
#include "provider/reprise-first-look.h"
#include "provider/reprise-plan.h"

struct _ReprisePlan
{
  GObject parent_instance;

  RepriseArchive *archive; /* (owned) */
  RepriseGroups groups;
  GHashTable *options; /* (owned) (element-type utf8 utf8) */
  char *forced[REPRISE_N_GROUPS];
  GArray *checks;    /* (owned) (element-type RepriseCheck) */
  GArray *rows;      /* (owned) (element-type ReprisePlanRow) */
  GPtrArray *losses; /* (owned) (element-type utf8) */
  GPtrArray *steps;  /* (owned) (element-type utf8) */
  char *target;      /* (owned) (nullable) */
  gboolean overwrites;
  char *no_safety_copy; /* (owned) (nullable) */
  char *name_to_type;   /* (owned) (nullable) */
  RepriseGroups safety_groups;
};

G_DEFINE_FINAL_TYPE (ReprisePlan, reprise_plan, G_TYPE_OBJECT)

static const char *const RESULTS[] = { "ok", "warning", "refused" };
static const char *const ACTIONS[] = { "left-alone", "replaced", "created",
                                       "merged",     "removed",  "refused" };
static const char *const ACTION_TEXTS[] = { N_ ("left alone"), N_ ("replaced"), N_ ("created"),
                                            N_ ("merged"),     N_ ("removed"),  N_ ("refused") };

const char *
reprise_check_result_to_string (RepriseCheckResult result)
{
  return RESULTS[result];
}

const char *
reprise_plan_action_to_string (ReprisePlanAction action)
{
  return ACTIONS[action];
}

/* For people: “left alone” */
const char *
reprise_plan_action_get_text (ReprisePlanAction action)
{
  return _ (ACTION_TEXTS[action]);
}

static void
clear_check (gpointer data)
{
  RepriseCheck *check = data;

  g_free (check->id);
  g_free (check->text);
  g_free (check->help);
}

static void
clear_row (gpointer data)
{
  ReprisePlanRow *row = data;

  g_free (row->collection);
  g_free (row->text);
}

static void
reprise_plan_finalize (GObject *object)
{
  ReprisePlan *self = REPRISE_PLAN (object);

  g_clear_object (&self->archive);
  g_clear_pointer (&self->options, g_hash_table_unref);
  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    g_clear_pointer (&self->forced[i], g_free);
  g_clear_pointer (&self->checks, g_array_unref);
  g_clear_pointer (&self->rows, g_array_unref);
  g_clear_pointer (&self->losses, g_ptr_array_unref);
  g_clear_pointer (&self->steps, g_ptr_array_unref);
  g_clear_pointer (&self->target, g_free);
  g_clear_pointer (&self->no_safety_copy, g_free);
  g_clear_pointer (&self->name_to_type, g_free);
  G_OBJECT_CLASS (reprise_plan_parent_class)->finalize (object);
}

static void
reprise_plan_class_init (ReprisePlanClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_plan_finalize;
}

static void
reprise_plan_init (ReprisePlan *self)
{
  self->checks = g_array_new (FALSE, TRUE, sizeof (RepriseCheck));
  g_array_set_clear_func (self->checks, clear_check);
  self->rows = g_array_new (FALSE, TRUE, sizeof (ReprisePlanRow));
  g_array_set_clear_func (self->rows, clear_row);
  self->losses = g_ptr_array_new_with_free_func (g_free);
  self->steps = g_ptr_array_new_with_free_func (g_free);
  self->options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/**
 * reprise_plan_new:
 * @groups: the chosen groups; %REPRISE_GROUPS_NONE for all that the archive has
 * @options: (nullable) (element-type utf8 utf8): of --to; copied
 */
ReprisePlan *
reprise_plan_new (RepriseArchive *archive, RepriseGroups groups, GHashTable *options)
{
  ReprisePlan *self = g_object_new (REPRISE_TYPE_PLAN, NULL);
  RepriseContents *contents = reprise_archive_get_contents (archive);
  GHashTableIter iter;
  gpointer key, value;

  self->archive = g_object_ref (archive);
  if (groups == REPRISE_GROUPS_NONE && contents != NULL)
    groups = reprise_contents_get_groups (contents);
  self->groups = groups;
  self->safety_groups = groups;
  if (options != NULL)
    {
      g_hash_table_iter_init (&iter, options);
      while (g_hash_table_iter_next (&iter, &key, &value))
        g_hash_table_insert (self->options, g_strdup (key), g_strdup (value));
    }
  return self;
}

RepriseArchive *
reprise_plan_get_archive (ReprisePlan *self)
{
  return self->archive;
}

/* The groups that are restored, those forced included. */
RepriseGroups
reprise_plan_get_groups (ReprisePlan *self)
{
  return self->groups;
}

/* This group is restored too, chosen or not; @reason is a sentence that says why. */
void
reprise_plan_force_group (ReprisePlan *self, RepriseGroup group, const char *reason)
{
  self->groups |= REPRISE_GROUP_BIT (group);
  self->safety_groups |= REPRISE_GROUP_BIT (group);
  g_free (self->forced[group]);
  self->forced[group] = g_strdup (reason);
}

/* (nullable): the value of a --to setting */
const char *
reprise_plan_get_option (ReprisePlan *self, const char *key)
{
  const char *value = g_hash_table_lookup (self->options, key);

  return value != NULL && *value != '\0' ? value : NULL;
}

/* (transfer none) (element-type utf8 utf8) */
GHashTable *
reprise_plan_get_options (ReprisePlan *self)
{
  return self->options;
}

void
reprise_plan_add_check (ReprisePlan *self,
                        const char *id,
                        RepriseCheckResult result,
                        const char *text,
                        const char *help)
{
  RepriseCheck check = { g_strdup (id), result, g_strdup (text), g_strdup (help) };

  g_array_append_val (self->checks, check);
}

guint
reprise_plan_get_n_checks (ReprisePlan *self)
{
  return self->checks->len;
}

const RepriseCheck *
reprise_plan_get_check (ReprisePlan *self, guint index)
{
  return &g_array_index (self->checks, RepriseCheck, index);
}

gboolean
reprise_plan_is_refused (ReprisePlan *self)
{
  return !reprise_plan_check_refusal (self, NULL);
}

/* Whether it may be carried out; else %REPRISE_ERROR_REFUSED, or of a damaged archive %REPRISE_ERROR_DAMAGED, with the first check that
 * said no, and what to do. */
gboolean
reprise_plan_check_refusal (ReprisePlan *self, GError **error)
{
  for (guint i = 0; i < self->checks->len; i++)
    {
      const RepriseCheck *check = reprise_plan_get_check (self, i);
      RepriseError code = g_str_equal (check->id, REPRISE_CHECK_DAMAGE) ? REPRISE_ERROR_DAMAGED
                                                                        : REPRISE_ERROR_REFUSED;

      if (check->result != REPRISE_CHECK_REFUSED)
        continue;
      if (check->help != NULL)
        reprise_error_set (error, REPRISE_ERROR, (int) code, "%s %s", check->text, check->help);
      else
        reprise_error_set_literal (error, REPRISE_ERROR, (int) code, check->text);
      return FALSE;
    }
  return TRUE;
}

void
reprise_plan_add_row (ReprisePlan *self,
                      RepriseGroup group,
                      const char *collection,
                      gint64 now,
                      gint64 backup,
                      ReprisePlanAction action,
                      const char *text)
{
  ReprisePlanRow row = { group, g_strdup (collection), now, backup, action, g_strdup (text) };

  g_array_append_val (self->rows, row);
}

static gint64
add_reported (gint64 sum, gint64 value)
{
  return value < 0 ? sum : MAX (sum, 0) + value;
}

/* What a group as a whole comes to: refused if a part of it is, else what happens to most of it that is touched. */
static ReprisePlanAction
action_of_group (ReprisePlan *self, RepriseGroup group)
{
  ReprisePlanAction action = REPRISE_PLAN_LEFT_ALONE;

  for (guint i = 0; i < self->rows->len; i++)
    {
      const ReprisePlanRow *row = reprise_plan_get_row (self, i);

      if (row->group != group || row->collection == NULL)
        continue;
      if (row->action == REPRISE_PLAN_REFUSED)
        return REPRISE_PLAN_REFUSED;
      if (action == REPRISE_PLAN_LEFT_ALONE || action == REPRISE_PLAN_CREATED)
        action = row->action == REPRISE_PLAN_LEFT_ALONE ? action : row->action;
    }
  return action;
}

/* The row of the whole of a group, and then those of its collections. */
static void
add_group (ReprisePlan *self, GArray *rows, RepriseGroup group)
{
  ReprisePlanRow sum = { .group = group,
                         .now = REPRISE_NOT_REPORTED,
                         .backup = REPRISE_NOT_REPORTED };
  guint place = rows->len;

  sum.text = g_strdup (self->forced[group]);
  sum.action = action_of_group (self, group);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const ReprisePlanRow *row = reprise_plan_get_row (self, i);

      if (row->group != group)
        continue;
      sum.now = add_reported (sum.now, row->now);
      sum.backup = add_reported (sum.backup, row->backup);
      g_array_append_val (rows, *row);
    }
  if (rows->len > place)
    g_array_insert_val (rows, place, sum);
  else
    g_free (sum.text);
}

/**
 * reprise_plan_add_group_rows:
 *
 * Adds for each group that has rows of collections the row of the whole, and brings the rows in order, group by group: call it
 * after all collections are added.
 */
void
reprise_plan_add_group_rows (ReprisePlan *self)
{
  GArray *rows = g_array_new (FALSE, TRUE, sizeof (ReprisePlanRow));

  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    add_group (self, rows, (RepriseGroup) group);
  /* The texts moved over with their rows. */
  g_array_set_clear_func (self->rows, NULL);
  g_array_unref (self->rows);
  self->rows = rows;
  g_array_set_clear_func (rows, clear_row);
}

guint
reprise_plan_get_n_rows (ReprisePlan *self)
{
  return self->rows->len;
}

const ReprisePlanRow *
reprise_plan_get_row (ReprisePlan *self, guint index)
{
  return &g_array_index (self->rows, ReprisePlanRow, index);
}

void
reprise_plan_add_loss (ReprisePlan *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->losses, g_strdup_vprintf (format, args));
  va_end (args);
}

char **
reprise_plan_dup_losses (ReprisePlan *self)
{
  return reprise_strv_from_array (self->losses, 0);
}

void
reprise_plan_set_target (ReprisePlan *self, const char *target)
{
  g_free (self->target);
  self->target = g_strdup (target);
}

/* (nullable) */
const char *
reprise_plan_get_target (ReprisePlan *self)
{
  return self->target;
}

void
reprise_plan_set_overwrites (ReprisePlan *self, gboolean overwrites)
{
  self->overwrites = overwrites;
}

gboolean
reprise_plan_get_overwrites (ReprisePlan *self)
{
  return self->overwrites;
}

/* Why no safety copy can be made: a sentence. */
void
reprise_plan_set_no_safety_copy (ReprisePlan *self, const char *reason)
{
  g_free (self->no_safety_copy);
  self->no_safety_copy = g_strdup (reason);
}

/* (nullable) */
const char *
reprise_plan_get_no_safety_copy (ReprisePlan *self)
{
  return self->no_safety_copy;
}

/* What is replaced as a whole, and is agreed to by typing its name, whatever the service is marked as. */
void
reprise_plan_set_name_to_type (ReprisePlan *self, const char *name)
{
  g_free (self->name_to_type);
  self->name_to_type = g_strdup (name);
}

/* (nullable): %NULL where a yes is enough */
const char *
reprise_plan_get_name_to_type (ReprisePlan *self)
{
  return self->name_to_type;
}

/* What the safety copy must hold; by default the groups that are restored. */
void
reprise_plan_set_safety_groups (ReprisePlan *self, RepriseGroups groups)
{
  self->safety_groups = groups;
}

RepriseGroups
reprise_plan_get_safety_groups (ReprisePlan *self)
{
  return self->safety_groups;
}

void
reprise_plan_add_step (ReprisePlan *self, const char *step)
{
  g_ptr_array_add (self->steps, g_strdup (step));
}

char **
reprise_plan_dup_steps (ReprisePlan *self)
{
  return reprise_strv_from_array (self->steps, 0);
}
