/* reprise-undo-dialog.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-session.h"

G_BEGIN_DECLS

/* Finds out what an undo of the last restore would do, asks, and does it. The dialog is presented and (transfer none). */
AdwMessageDialog *reprise_undo_dialog (GtkWindow *parent,
                                       RepriseSession *session,
                                       RepriseServiceItem *item);

G_END_DECLS
