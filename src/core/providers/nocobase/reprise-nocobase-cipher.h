/* reprise-nocobase-cipher.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "providers/nocobase/reprise-nocobase-scratch.h"
#include "secret/reprise-secret-value.h"

G_BEGIN_DECLS

gboolean reprise_nocobase_cipher_may_be (gconstpointer head, gsize head_size, gint64 size_bytes);
RepriseNocobaseScratch *reprise_nocobase_cipher_decrypt (const char *path,
                                                         RepriseSecretValue *password,
                                                         RepriseProgress *progress,
                                                         GCancellable *cancellable,
                                                         GError **error);

G_END_DECLS
