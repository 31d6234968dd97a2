/* reprise-choice.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-choice.h"

/* @title: (nullable): the value, where there is no better one */
RepriseChoice *
reprise_choice_new (const char *value, const char *title, const char *detail)
{
  RepriseChoice *self = g_new0 (RepriseChoice, 1);

  self->value = g_strdup (value);
  self->title = g_strdup (title != NULL && *title != '\0' ? title : value);
  self->detail = g_strdup (detail);
  self->others = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

/* Whoever takes the choice takes that with it; an empty value takes a setting back. */
void
reprise_choice_add_other (RepriseChoice *self, const char *key, const char *value)
{
  g_hash_table_insert (self->others, g_strdup (key), g_strdup (value));
}

void
reprise_choice_free (RepriseChoice *self)
{
  g_free (self->value);
  g_free (self->title);
  g_free (self->detail);
  g_hash_table_unref (self->others);
  g_free (self);
}
