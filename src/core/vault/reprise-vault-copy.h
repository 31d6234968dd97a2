/* reprise-vault-copy.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"

G_BEGIN_DECLS

gboolean reprise_vault_copy_file (const char *source,
                                  const char *target,
                                  const char *sha256,
                                  gboolean replace,
                                  RepriseProgress *progress,
                                  GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
