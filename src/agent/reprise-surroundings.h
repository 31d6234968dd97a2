/* reprise-surroundings.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-gate.h"

G_BEGIN_DECLS

/**
 * RepriseSurroundings:
 *
 * How things stand around the computer for what runs by itself: network, metered connection, power saver. Belongs to the main
 * context.
 *
 * Signals: “changed”.
 */
#define REPRISE_TYPE_SURROUNDINGS (reprise_surroundings_get_type ())

G_DECLARE_FINAL_TYPE (RepriseSurroundings, reprise_surroundings, REPRISE, SURROUNDINGS, GObject)

RepriseSurroundings *reprise_surroundings_new (void);
void reprise_surroundings_get (RepriseSurroundings *self, RepriseConditions *conditions);

/* for tests */
void reprise_surroundings_pretend (RepriseSurroundings *self, const RepriseConditions *conditions);

G_END_DECLS
