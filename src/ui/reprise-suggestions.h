/* reprise-suggestions.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * RepriseSuggestion:
 * @value: what is written into the field
 * @label: for people
 */
typedef struct
{
  char *value;
  char *label;
} RepriseSuggestion;

RepriseSuggestion *reprise_suggestion_new (const char *value, const char *label);
void reprise_suggestion_free (RepriseSuggestion *self);

void reprise_suggestions_toggle_word (GtkEditable *editable, const char *word);
GtkWidget *reprise_suggestions_button_new (GtkEditable *editable,
                                           const char *name,
                                           GPtrArray *suggestions,
                                           gboolean several);

G_END_DECLS
