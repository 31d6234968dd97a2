/* reprise-http-response.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseHttpProof:
 * @status: 200 or 206, or 0 where there was no answer
 * @length_matched: the server said how long its answer is, once and validly, and exactly so many bytes came. Where
 *   it is %FALSE the end of the data is *unproven*: only the format itself (its closing bracket, its end record) can
 *   prove it
 * @content_length: of the answer, or -1 where the server did not say
 * @received_bytes: how many bytes are in the sink, with those that were there before
 * @etag: (nullable): the strong entity tag, if there was one
 * @content_type: (nullable): without its parameters
 * @digest: (nullable): Content-MD5, base64, of the answer's bytes, where the server sent one
 * @tries: how many requests it took
 * @resumed: how many of them went on where another had stopped
 *
 * What is known of a finished download.
 */
typedef struct
{
  guint status;
  gboolean length_matched;
  gint64 content_length;
  guint64 received_bytes;
  char *etag;
  char *content_type;
  char *digest;
  guint tries;
  guint resumed;
} RepriseHttpProof;

void reprise_http_proof_clear (RepriseHttpProof *proof);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseHttpProof, reprise_http_proof_clear)

/**
 * RepriseHttpResponse:
 *
 * An answer with its small body. Immutable; any thread.
 */
#define REPRISE_TYPE_HTTP_RESPONSE (reprise_http_response_get_type ())

G_DECLARE_FINAL_TYPE (RepriseHttpResponse, reprise_http_response, REPRISE, HTTP_RESPONSE, GObject)

guint reprise_http_response_get_status (RepriseHttpResponse *self);
const char *reprise_http_response_get_header (RepriseHttpResponse *self, const char *name);
char **reprise_http_response_dup_headers (RepriseHttpResponse *self, const char *name);
char *reprise_http_response_dup_content_type (RepriseHttpResponse *self);
GBytes *reprise_http_response_get_body (RepriseHttpResponse *self);
const char *reprise_http_response_get_text (RepriseHttpResponse *self);
gboolean reprise_http_response_is_length_proven (RepriseHttpResponse *self);
gint64 reprise_http_response_get_content_length (RepriseHttpResponse *self);
int reprise_http_response_get_retry_after (RepriseHttpResponse *self);

G_END_DECLS
