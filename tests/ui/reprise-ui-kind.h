/* reprise-ui-kind.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

/**
 * RepriseUiKind:
 *
 * A kind of service for tests of the windows: it has all seven groups, settings of every type, backups on the service, rules and
 * undo, and nothing behind it. Settings of a service steer it: `pace` (milliseconds that one of the hundred steps of a job takes),
 * `fault` (“unreachable”, “sign-in”, “ask”, “fail”, “warn”, “gone”; “person”: somebody signs in), `many` (how many backups the service claims to have).
 */
#define REPRISE_TYPE_UI_KIND (reprise_ui_kind_get_type ())

G_DECLARE_FINAL_TYPE (RepriseUiKind, reprise_ui_kind, REPRISE, UI_KIND, RepriseKind)

G_END_DECLS
