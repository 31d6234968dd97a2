/* reprise-scratch.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"

G_BEGIN_DECLS

/*
 * What a rehearsal makes and removes again is written down before it is made: in a journal of its own for each service, beside that of
 * restores. What a process that died left behind is found there by the next one, which removes exactly that, and nothing that only
 * looks like it.
 *
 * Under the service's lock only. They block, and are for workers.
 */
RepriseJournal *reprise_scratch_open (const char *service_uuid, GError **error);
RepriseJournal *reprise_scratch_open_left (const char *service_uuid, GError **error);
gboolean reprise_scratch_add (RepriseJournal *record, const char *name, GError **error);
gboolean reprise_scratch_remove (RepriseJournal *record, const char *name, GError **error);
char **reprise_scratch_list (RepriseJournal *record);
gboolean reprise_scratch_close (RepriseJournal *record, GError **error);

/* a folder of this computer */
char *reprise_scratch_make_folder (RepriseJournal *record, GError **error);
gboolean reprise_scratch_remove_folder (RepriseJournal *record, const char *path, GError **error);

char *reprise_scratch_dup_suffix (void);

G_END_DECLS
