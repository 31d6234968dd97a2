/* reprise-api-kind.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

#define REPRISE_API_KIND_ID "azure-api-management"

/**
 * RepriseApiKind:
 *
 * Services of Azure API Management.
 */
#define REPRISE_TYPE_API_KIND (reprise_api_kind_get_type ())

G_DECLARE_FINAL_TYPE (RepriseApiKind, reprise_api_kind, REPRISE, API_KIND, RepriseKind)

G_END_DECLS
