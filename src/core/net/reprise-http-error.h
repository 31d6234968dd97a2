/* reprise-http-error.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-http-exchange.h"
#include "net/reprise-http-response.h"

G_BEGIN_DECLS

RepriseExchangeEnd reprise_http_translate_error (const GError *reason,
                                                 const char *name,
                                                 gboolean sent,
                                                 gboolean answered,
                                                 GError **error);
void reprise_http_set_status_error (GError **error,
                                    guint status,
                                    const char *name,
                                    const char *explanation,
                                    int retry_after);
char *reprise_http_explain (RepriseHttpResponse *response);
char *reprise_http_clean_sentence (const char *text, gssize length);

G_END_DECLS
