/* reprise-gate.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-context.h"
#include "provider/reprise-scheduler.h"

G_BEGIN_DECLS

/* Preferences: “true” where schedules also run over a metered connection, and while the computer saves power. */
#define REPRISE_GATE_PREFERENCE_METERED     "run-on-metered"
#define REPRISE_GATE_PREFERENCE_POWER_SAVER "run-on-power-saver"

/**
 * RepriseConditions:
 * @network: whether there is a network
 * @metered: whether what goes over it may cost something
 * @power_saver: whether the computer saves power
 *
 * How things stand for what runs by itself.
 */
typedef struct
{
  gboolean network;
  gboolean metered;
  gboolean power_saver;
} RepriseConditions;

/**
 * RepriseWait:
 *
 * What something that is due waits for.
 */
typedef enum
{
  REPRISE_WAIT_NOTHING,
  REPRISE_WAIT_NETWORK,
  REPRISE_WAIT_METERED,
  REPRISE_WAIT_POWER_SAVER,
  REPRISE_WAIT_KEYRING,
  REPRISE_WAIT_HOLDER, /* another job works on the service */
} RepriseWait;

#define REPRISE_N_WAITS (REPRISE_WAIT_HOLDER + 1)

const char *reprise_wait_to_string (RepriseWait wait);
const char *reprise_wait_get_text (RepriseWait wait);

gboolean reprise_gate_needs_network (RepriseKind *kind, RepriseService *service);
RepriseWait reprise_gate_check (const RepriseConditions *conditions,
                                gboolean needs_network,
                                gboolean run_on_metered,
                                gboolean run_on_power_saver);

/* blocking: for workers */
gboolean reprise_gate_check_keyring (RepriseKind *kind,
                                     RepriseService *service,
                                     RepriseSecrets *secrets,
                                     GCancellable *cancellable,
                                     GError **error);
RepriseWait reprise_gate_check_ready (RepriseKind *kind,
                                      RepriseService *service,
                                      RepriseSecrets *secrets,
                                      GCancellable *cancellable);

G_END_DECLS
