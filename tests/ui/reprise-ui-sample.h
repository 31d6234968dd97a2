/* reprise-ui-sample.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-context.h"

G_BEGIN_DECLS

/**
 * RepriseUiSample:
 *
 * Services, backups and history as a person would have them, and an agent in this process that runs jobs of them: what the
 * windows need to be tested and looked at. It uses the XDG folders and the session bus of the environment.
 */
typedef struct _RepriseUiSample RepriseUiSample;

RepriseUiSample *reprise_ui_sample_new (gboolean filled);
void reprise_ui_sample_free (RepriseUiSample *self);
void reprise_ui_sample_set_refuses (RepriseUiSample *self, gboolean refuses);
RepriseRegistry *reprise_ui_sample_get_registry (RepriseUiSample *self);
RepriseContext *reprise_ui_sample_get_context (RepriseUiSample *self);
RepriseService *reprise_ui_sample_add_service (RepriseUiSample *self,
                                               const char *name,
                                               ...) G_GNUC_NULL_TERMINATED;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseUiSample, reprise_ui_sample_free)

G_END_DECLS
