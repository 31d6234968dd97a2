/* reprise-http-upload.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "net/reprise-http-body.h"

G_BEGIN_DECLS

/**
 * RepriseHttpUpload:
 *
 * The pollable stream from which libsoup takes a body: a thread reads ahead, so that the net thread never waits for a
 * disk. Read by the net thread only.
 */
#define REPRISE_TYPE_HTTP_UPLOAD (reprise_http_upload_get_type ())

G_DECLARE_FINAL_TYPE (RepriseHttpUpload, reprise_http_upload, REPRISE, HTTP_UPLOAD, GInputStream)

GInputStream *reprise_http_upload_new (RepriseHttpBody *body);
gboolean reprise_http_upload_is_starved (RepriseHttpUpload *self);
GError *reprise_http_upload_dup_error (RepriseHttpUpload *self);
void reprise_http_upload_stop (RepriseHttpUpload *self);

G_END_DECLS
