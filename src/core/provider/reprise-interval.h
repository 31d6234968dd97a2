/* reprise-interval.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-manifest.h"

G_BEGIN_DECLS

char *reprise_interval_dup_text (RepriseManifest *manifest);

G_END_DECLS
