/* reprise-milvus-session.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-http.h"
#include "provider/reprise-provider-base.h"

G_BEGIN_DECLS

/* Connections to what a service consists of, with their sign-ins. */

RepriseHttp *reprise_milvus_session_open_server (RepriseProviderBase *provider, GError **error);
RepriseHttp *reprise_milvus_session_open_milvus (RepriseProviderBase *provider, GError **error);
gboolean reprise_milvus_session_has_milvus (RepriseProviderBase *provider);
char *reprise_milvus_session_dup_documentation (RepriseProviderBase *provider);
gboolean reprise_milvus_session_is_exposed (RepriseHttp *http);

G_END_DECLS
