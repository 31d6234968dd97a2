/* keyring-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "secret/reprise-keyring.h"

G_BEGIN_DECLS

#define KEYRING_UUID   "11f1a5ee-3bd8-4b5c-8f6c-0a1f3bb2a001"
#define KEYRING_OTHER  "11f1a5ee-3bd8-4b5c-8f6c-0a1f3bb2a002"
#define KEYRING_CANARY "canary-5d1f-password"

typedef enum
{
  KEYRING_GET_STATE,
  KEYRING_LOOK_UP,
  KEYRING_STORE,
  KEYRING_DELETE,
  KEYRING_LIST,
  N_KEYRING_OPERATIONS,
} KeyringOperation;

#define KEYRING_DONE 1000 /* beside the states: it worked */

gboolean keyring_fixture_operate (KeyringOperation operation,
                                  RepriseKeyringFlags flags,
                                  RepriseKeyringState *state,
                                  GError **error);
void keyring_fixture_check (KeyringOperation operation, int expected);
void keyring_fixture_assert_state_error (const GError *error, RepriseKeyringState state);
RepriseKeyringState keyring_fixture_get_state (void);
gboolean keyring_fixture_store (const char *kind, const char *text, GError **error);

G_END_DECLS
