/* reprise-secret-value.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The largest secret there is, in bytes. */
#define REPRISE_SECRET_MAX_BYTES (64 * 1024)

/**
 * RepriseSecretValue:
 *
 * A password, token or key in memory that is kept out of swap and out of core files, and wiped with its last
 * reference. Immutable; any thread may read it and drop it.
 */
typedef struct _RepriseSecretValue RepriseSecretValue;

#define REPRISE_TYPE_SECRET_VALUE (reprise_secret_value_get_type ())

GType reprise_secret_value_get_type (void);

RepriseSecretValue *reprise_secret_value_new (gconstpointer data, gsize size);
RepriseSecretValue *reprise_secret_value_new_text (const char *text);
RepriseSecretValue *reprise_secret_value_new_take (gpointer data, gsize size);
RepriseSecretValue *reprise_secret_value_new_from_fd (int fd, GError **error);
RepriseSecretValue *reprise_secret_value_ref (RepriseSecretValue *self);
void reprise_secret_value_unref (RepriseSecretValue *self);

gconstpointer reprise_secret_value_get (RepriseSecretValue *self, gsize *size);
const char *reprise_secret_value_get_text (RepriseSecretValue *self);
gboolean reprise_secret_value_equal (RepriseSecretValue *a, RepriseSecretValue *b);

void reprise_secret_wipe (gpointer data, gsize size);
void reprise_secret_forbid_core (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSecretValue, reprise_secret_value_unref)

G_END_DECLS
