/* reprise-name-set.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RepriseNameSet:
 *
 * Which names were seen, and as which entry. It keeps 16 bytes of each name's SHA-256, so that a million long names take 40 MiB and
 * nobody can make two names meet. One thread at a time.
 */
typedef struct _RepriseNameSet RepriseNameSet;

RepriseNameSet *reprise_name_set_new (void);
void reprise_name_set_free (RepriseNameSet *self);

gboolean reprise_name_set_add (RepriseNameSet *self, const char *name, gsize length, guint index);
gint64 reprise_name_set_find (const RepriseNameSet *self, const char *name, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseNameSet, reprise_name_set_free)

G_END_DECLS
