/* reprise-http-operation.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "net/reprise-http.h"

G_BEGIN_DECLS

/**
 * RepriseHttpOperationState:
 * @REPRISE_HTTP_OPERATION_RUNNING: at the service, or as far as is known
 * @REPRISE_HTTP_OPERATION_DONE: it succeeded
 * @REPRISE_HTTP_OPERATION_FAILED: it did not; the error says why
 * @REPRISE_HTTP_OPERATION_LOST_SIGHT: it was started and can no longer be followed: not allowed, or its address is
 *   gone. That is no failure: look at the thing itself
 * @REPRISE_HTTP_OPERATION_STOPPED: nobody follows it any more, though it may go on: who waited has given up, the sign-in
 *   has ended or the service cannot be reached. It can be taken up again by its saved state
 */
typedef enum
{
  REPRISE_HTTP_OPERATION_RUNNING,
  REPRISE_HTTP_OPERATION_DONE,
  REPRISE_HTTP_OPERATION_FAILED,
  REPRISE_HTTP_OPERATION_LOST_SIGHT,
  REPRISE_HTTP_OPERATION_STOPPED,
} RepriseHttpOperationState;

/**
 * RepriseHttpOperation:
 *
 * Work that a service does by itself and that is asked about until it is done. It runs on the net thread and holds no
 * thread of its own, however many there are; any thread may look at it or wait.
 */
#define REPRISE_TYPE_HTTP_OPERATION (reprise_http_operation_get_type ())

G_DECLARE_FINAL_TYPE (RepriseHttpOperation,
                      reprise_http_operation,
                      REPRISE,
                      HTTP_OPERATION,
                      GObject)

RepriseHttpOperation *reprise_http_operation_new_from_response (RepriseHttp *http,
                                                                RepriseHttpResponse *started,
                                                                GError **error);
RepriseHttpOperation *reprise_http_operation_new_from_state (RepriseHttp *http,
                                                             const char *state,
                                                             GError **error);

void reprise_http_operation_set_interval (RepriseHttpOperation *self, guint interval_ms);
void reprise_http_operation_set_limit (RepriseHttpOperation *self, guint limit_ms);
void reprise_http_operation_start (RepriseHttpOperation *self);
gboolean reprise_http_operation_wait (RepriseHttpOperation *self,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);

RepriseHttpOperationState reprise_http_operation_get_state (RepriseHttpOperation *self);
char *reprise_http_operation_save (RepriseHttpOperation *self);

G_END_DECLS
