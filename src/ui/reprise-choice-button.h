/* reprise-choice-button.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "provider/reprise-choice.h"

G_BEGIN_DECLS

/**
 * RepriseChoiceButton:
 *
 * A button beside a field that opens a list of what the field may be, read from the service when it is opened. The field can be typed
 * into as well.
 *
 * Signals: “wanted” when the list is opened: answer with reprise_choice_button_show(); “chosen” (#RepriseChoice).
 */
#define REPRISE_TYPE_CHOICE_BUTTON (reprise_choice_button_get_type ())

G_DECLARE_FINAL_TYPE (RepriseChoiceButton, reprise_choice_button, REPRISE, CHOICE_BUTTON, AdwBin)

RepriseChoiceButton *reprise_choice_button_new (const char *name);
void reprise_choice_button_set_several (RepriseChoiceButton *self, gboolean several);
void reprise_choice_button_show (RepriseChoiceButton *self,
                                 GPtrArray *choices,
                                 const char *problem);
void reprise_choice_button_popdown (RepriseChoiceButton *self);

G_END_DECLS
