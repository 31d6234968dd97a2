/* reprise-providers.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-registry.h"

G_BEGIN_DECLS

RepriseRegistry *reprise_providers_new_registry (void);

G_END_DECLS
