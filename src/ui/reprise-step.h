/* reprise-step.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseStep:
 *
 * One page of a #RepriseStepWindow. Properties, all writable and meant for `.ui` files: `tag` (its name for the code),
 * `title` (header capitals), `next-label` (nullable: what Next is called here; a verb on the last step), `can-next`
 * (whether the form is complete; true at first), `destructive` (whether Next destroys something), `final` (what was to be done
 * is done: there is neither Back nor Cancel).
 */
#define REPRISE_TYPE_STEP (reprise_step_get_type ())

G_DECLARE_FINAL_TYPE (RepriseStep, reprise_step, REPRISE, STEP, AdwBin)

const char *reprise_step_get_tag (RepriseStep *self);
const char *reprise_step_get_title (RepriseStep *self);
void reprise_step_set_title (RepriseStep *self, const char *title);
const char *reprise_step_get_next_label (RepriseStep *self);
void reprise_step_set_next_label (RepriseStep *self, const char *next_label);
gboolean reprise_step_get_can_next (RepriseStep *self);
void reprise_step_set_can_next (RepriseStep *self, gboolean can_next);
gboolean reprise_step_get_destructive (RepriseStep *self);
void reprise_step_set_destructive (RepriseStep *self, gboolean destructive);
gboolean reprise_step_get_final (RepriseStep *self);
void reprise_step_set_final (RepriseStep *self, gboolean final);

G_END_DECLS
