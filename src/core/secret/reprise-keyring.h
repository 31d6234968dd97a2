/* reprise-keyring.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "secret/reprise-secret-value.h"

G_BEGIN_DECLS

/**
 * RepriseKeyringState:
 * @REPRISE_KEYRING_THERE: the secret is there and can be read; of the keyring: it is open
 * @REPRISE_KEYRING_LOCKED: nothing can be said until somebody unlocks it
 * @REPRISE_KEYRING_NO_SERVICE: nobody answers
 * @REPRISE_KEYRING_DENIED: it is there and does not let us
 * @REPRISE_KEYRING_NOT_FOUND: it is open and has no such secret
 */
typedef enum
{
  REPRISE_KEYRING_THERE,
  REPRISE_KEYRING_LOCKED,
  REPRISE_KEYRING_NO_SERVICE,
  REPRISE_KEYRING_DENIED,
  REPRISE_KEYRING_NOT_FOUND,
} RepriseKeyringState;

#define REPRISE_N_KEYRING_STATES (REPRISE_KEYRING_NOT_FOUND + 1)

/**
 * RepriseKeyringFlags:
 * @REPRISE_KEYRING_UNATTENDED: nobody can be asked; a keyring that would ask is locked
 * @REPRISE_KEYRING_MAY_PROMPT: the keyring may show its own window to be unlocked
 */
typedef enum
{
  REPRISE_KEYRING_UNATTENDED = 0,
  REPRISE_KEYRING_MAY_PROMPT = 1 << 0,
} RepriseKeyringFlags;

/*
 * Secrets are kept under the UUID of a service and a kind of secret: “password”, “api-key”, “client-secret”, “sas”,
 * “access-key”, “archive-password”, or what else a provider names. Nothing more is told to the keyring, because
 * every program can read it. All of it happens in the helper program reprise-secret, started for one call, so that a
 * library that aborts over a damaged keyring file is an error here.
 *
 * Each call fails with %REPRISE_ERROR_KEYRING where the keyring is locked, does not answer or refuses, with the
 * sentence of that state; with %G_IO_ERROR_CANCELLED; and where it says so with %REPRISE_ERROR_NOT_FOUND.
 */

const char *reprise_keyring_state_get_text (RepriseKeyringState state);
const char *reprise_secret_kind_get_title (const char *kind);

/* blocking: for workers, and for the command line before its main loop */
gboolean reprise_keyring_get_state (const char *uuid,
                                    const char *kind,
                                    RepriseKeyringState *state,
                                    GCancellable *cancellable,
                                    GError **error);
RepriseSecretValue *reprise_keyring_lookup (const char *uuid,
                                            const char *kind,
                                            RepriseKeyringFlags flags,
                                            GCancellable *cancellable,
                                            GError **error);
gboolean reprise_keyring_store (const char *uuid,
                                const char *kind,
                                RepriseSecretValue *value,
                                RepriseKeyringFlags flags,
                                GCancellable *cancellable,
                                GError **error);
gboolean reprise_keyring_delete (const char *uuid,
                                 const char *kind,
                                 RepriseKeyringFlags flags,
                                 GCancellable *cancellable,
                                 GError **error);
char **reprise_keyring_list (const char *uuid,
                             RepriseKeyringFlags flags,
                             GCancellable *cancellable,
                             GError **error);

/* the same, not blocking */
void reprise_keyring_get_state_async (const char *uuid,
                                      const char *kind,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean reprise_keyring_get_state_finish (GAsyncResult *result,
                                           RepriseKeyringState *state,
                                           GError **error);
void reprise_keyring_delete_async (const char *uuid,
                                   const char *kind,
                                   RepriseKeyringFlags flags,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean reprise_keyring_delete_finish (GAsyncResult *result, GError **error);
void reprise_keyring_unlock_async (GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean reprise_keyring_unlock_finish (GAsyncResult *result, GError **error);

G_END_DECLS
