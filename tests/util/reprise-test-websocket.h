/* reprise-test-websocket.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-fault-server.h"

G_BEGIN_DECLS

void reprise_test_websocket_shake_hands (RepriseFaultCall *call);

G_END_DECLS
