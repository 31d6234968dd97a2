/* reprise-mock-keyring.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseMockMode:
 * @REPRISE_MOCK_OPEN: all works
 * @REPRISE_MOCK_LOCKED: shows what it has, and is locked
 * @REPRISE_MOCK_LOCKED_HIDDEN: locked, and shows nothing before it is open, as KeePassXC and KWallet
 * @REPRISE_MOCK_NO_DEFAULT: there is no keyring yet
 * @REPRISE_MOCK_DENIES: shows what it has, and refuses the rest
 * @REPRISE_MOCK_DENIES_ALL: refuses everything
 * @REPRISE_MOCK_DIES: goes when it is to read or write a secret
 * @REPRISE_MOCK_HANGS: never answers when it is to read or write a secret
 * @REPRISE_MOCK_FORGETS: says that it stored, and did not
 */
typedef enum
{
  REPRISE_MOCK_OPEN,
  REPRISE_MOCK_LOCKED,
  REPRISE_MOCK_LOCKED_HIDDEN,
  REPRISE_MOCK_NO_DEFAULT,
  REPRISE_MOCK_DENIES,
  REPRISE_MOCK_DENIES_ALL,
  REPRISE_MOCK_DIES,
  REPRISE_MOCK_HANGS,
  REPRISE_MOCK_FORGETS,
} RepriseMockMode;

/**
 * RepriseMockKeyring:
 *
 * A secret service (org.freedesktop.secrets) on a private session bus, on a thread of its own. While it is there
 * DBUS_SESSION_BUS_ADDRESS is that bus.
 */
typedef struct _RepriseMockKeyring RepriseMockKeyring;

gboolean reprise_mock_keyring_can_run (void);
RepriseMockKeyring *reprise_mock_keyring_new (RepriseMockMode mode);
void reprise_mock_keyring_free (RepriseMockKeyring *self);

void reprise_mock_keyring_set_mode (RepriseMockKeyring *self, RepriseMockMode mode);
void reprise_mock_keyring_set_accept (RepriseMockKeyring *self, gboolean accept);
void reprise_mock_keyring_add (RepriseMockKeyring *self,
                               const char *uuid,
                               const char *kind,
                               const char *value);
char *reprise_mock_keyring_dup (RepriseMockKeyring *self, const char *uuid, const char *kind);
char *reprise_mock_keyring_dup_public (RepriseMockKeyring *self);
guint reprise_mock_keyring_get_n_items (RepriseMockKeyring *self);
guint reprise_mock_keyring_get_n_prompts (RepriseMockKeyring *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMockKeyring, reprise_mock_keyring_free)

G_END_DECLS
