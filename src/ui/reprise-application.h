/* reprise-application.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "provider/reprise-registry.h"

G_BEGIN_DECLS

/**
 * RepriseApplication:
 *
 * The desktop program: one window, the actions of the menu, and what others start by D-Bus (the actions of the desktop file,
 * notifications, opened archives).
 */
#define REPRISE_TYPE_APPLICATION (reprise_application_get_type ())

G_DECLARE_FINAL_TYPE (RepriseApplication, reprise_application, REPRISE, APPLICATION, AdwApplication)

RepriseApplication *reprise_application_new (RepriseRegistry *registry);

G_END_DECLS
