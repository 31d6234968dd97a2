/* reprise-consent.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "provider/reprise-plan.h"
#include "service/reprise-service.h"

G_BEGIN_DECLS

#define REPRISE_CONSENT_REPLACE "replace"

AdwMessageDialog *reprise_consent_dialog_new (GtkWindow *parent,
                                              RepriseService *service,
                                              ReprisePlan *plan,
                                              gboolean safety_copy);

G_END_DECLS
