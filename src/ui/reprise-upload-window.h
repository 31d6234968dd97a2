/* reprise-upload-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-agent-client.h"
#include "provider/reprise-context.h"
#include "reprise-step-window.h"

G_BEGIN_DECLS

/**
 * RepriseUploadWindow:
 *
 * A local archive: looked into, sent to a service, and kept there without a restore. Where a service cannot keep one it is said,
 * and the way leads on to Restore. @service is chosen at first, where it fits; it and @path may be %NULL.
 */
#define REPRISE_TYPE_UPLOAD_WINDOW (reprise_upload_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseUploadWindow,
                      reprise_upload_window,
                      REPRISE,
                      UPLOAD_WINDOW,
                      RepriseStepWindow)

RepriseUploadWindow *reprise_upload_window_new (GtkWindow *parent,
                                                RepriseContext *context,
                                                RepriseAgentClient *agent,
                                                RepriseService *service,
                                                const char *path);

G_END_DECLS
