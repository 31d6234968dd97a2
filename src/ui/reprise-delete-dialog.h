/* reprise-delete-dialog.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-session.h"

G_BEGIN_DECLS

/* Asks before something is lost, and does it when the answer is yes. The dialogs are presented and (transfer none). */
AdwMessageDialog *reprise_delete_backups_dialog (GtkWindow *parent,
                                                 RepriseSession *session,
                                                 RepriseServiceItem *item,
                                                 GPtrArray *backups);
AdwMessageDialog *reprise_remove_service_dialog (GtkWindow *parent,
                                                 RepriseSession *session,
                                                 RepriseServiceItem *item);

G_END_DECLS
