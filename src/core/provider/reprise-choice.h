/* reprise-choice.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseChoice:
 * @value: of the setting
 * @title: for people
 * @detail: (nullable): more for people: where it is, in which state
 * @others: (element-type utf8 utf8): settings that follow from it: key → value
 *
 * What a setting may be, as the service lists it.
 */
typedef struct
{
  char *value;
  char *title;
  char *detail;
  GHashTable *others;
} RepriseChoice;

RepriseChoice *reprise_choice_new (const char *value, const char *title, const char *detail);
void reprise_choice_add_other (RepriseChoice *self, const char *key, const char *value);
void reprise_choice_free (RepriseChoice *self);

G_END_DECLS
