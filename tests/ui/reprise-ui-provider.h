/* reprise-ui-provider.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider.h"

G_BEGIN_DECLS

#define REPRISE_UI_HEAD "UIKIND\n" /* what an archive of the test’s kind begins with */

#define REPRISE_TYPE_UI_PROVIDER (reprise_ui_provider_get_type ())

/**
 * RepriseUiProvider:
 *
 * A service of #RepriseUiKind, which does what the settings say and has nothing behind it.
 */
G_DECLARE_FINAL_TYPE (RepriseUiProvider, reprise_ui_provider, REPRISE, UI_PROVIDER, GObject)

RepriseProvider *reprise_ui_provider_new (RepriseService *service);
RepriseContents *reprise_ui_provider_make_contents (RepriseService *service, RepriseGroups groups);

G_END_DECLS
