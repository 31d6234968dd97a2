/* reprise-step-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-error-bar.h"
#include "reprise-step.h"

G_BEGIN_DECLS

/**
 * RepriseStepWindow:
 *
 * A modal window of steps: Back (Cancel on the first) and Next in the header bar, Enter is Next and Esc is Cancel, an error
 * that stays until it is dismissed and leaves the form as it was, and a spinner with a sentence while a step is worked on.
 * A subclass has its own template with #RepriseStep children of the type “step”, in their order:
 *
 *   <template class="RepriseRestoreWindow" parent="RepriseStepWindow">
 *     <child type="step"><object class="RepriseStep" id="source_step">…</object></child>
 *
 * A step that is not visible is passed over and not counted. Closing the window cancels what
 * reprise_step_window_get_cancellable() gave out.
 */
#define REPRISE_TYPE_STEP_WINDOW (reprise_step_window_get_type ())

G_DECLARE_DERIVABLE_TYPE (RepriseStepWindow, reprise_step_window, REPRISE, STEP_WINDOW, AdwWindow)

/**
 * RepriseStepWindowClass:
 * @enter: (nullable): a step has come to be shown, by Next or by Back
 * @leave: (nullable): Next was pressed (or Enter); %TRUE goes to the next step at once. A subclass that has to wait returns
 *   %FALSE, calls reprise_step_window_set_busy(), and reprise_step_window_next() when it has its answer
 * @finish: (nullable): as @leave, but on the last step; closing the window is up to the subclass
 * @retry: (nullable): what reprise_step_window_show_failed() told of is tried again
 */
struct _RepriseStepWindowClass
{
  AdwWindowClass parent_class;

  void (*enter) (RepriseStepWindow *self, RepriseStep *step);
  gboolean (*leave) (RepriseStepWindow *self, RepriseStep *step);
  void (*finish) (RepriseStepWindow *self, RepriseStep *step);
  void (*retry) (RepriseStepWindow *self);
};

void reprise_step_window_add_step (RepriseStepWindow *self, RepriseStep *step);
RepriseStep *reprise_step_window_get_step (RepriseStepWindow *self);
void reprise_step_window_show_step (RepriseStepWindow *self, RepriseStep *step);
void reprise_step_window_next (RepriseStepWindow *self);
void reprise_step_window_set_subtitle (RepriseStepWindow *self, const char *subtitle);
void reprise_step_window_set_hint (RepriseStepWindow *self, const char *hint);
void reprise_step_window_set_busy (RepriseStepWindow *self, const char *text);
gboolean reprise_step_window_get_busy (RepriseStepWindow *self);
void reprise_step_window_show_error (RepriseStepWindow *self,
                                     const char *title,
                                     const GError *error);
void reprise_step_window_show_failed (RepriseStepWindow *self,
                                      const char *title,
                                      const GError *error);
RepriseErrorBar *reprise_step_window_get_error_bar (RepriseStepWindow *self);
GCancellable *reprise_step_window_get_cancellable (RepriseStepWindow *self);

G_END_DECLS
