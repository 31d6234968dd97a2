/* fake-entra.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-fault-server.h"

G_BEGIN_DECLS

#define FAKE_ENTRA_CLIENT "a11ce000-0000-4000-8000-000000000001"
#define FAKE_ENTRA_TENANT "contoso.example"
#define FAKE_ENTRA_SECRET "canary-client-secret+/="

/**
 * FakeEntra:
 * @script: (nullable): what the next polls of a device code answer: an error of the protocol, “!” for a cut connection,
 *   “ok”; separated by spaces, the last one for good
 * @error: (nullable): what the token endpoint answers to everything: a whole JSON object
 * @seconds: how long tokens are good
 * @device_seconds: how long device codes are
 *
 * Microsoft Entra ID as far as a sign-in needs it. Refresh tokens are rotated, and using an old one ends the sign-in.
 */
typedef struct
{
  RepriseFaultServer *server;
  const char *script;
  const char *error;
  int seconds;
  int device_seconds;
  guint delay_ms; /* until a refresh is answered */

  GMutex mutex; /* guards: */
  guint n_polls;
  guint n_refreshed;
  guint n_tokens;
  guint n_revoked;
  gboolean family_ended;
  char *refresh;    /* (nullable): the one that is good */
  char *challenge;  /* (nullable): of the code that was given out */
  GHashTable *form; /* the last one */
  char *query;      /* (nullable): of the last device code */
} FakeEntra;

FakeEntra *fake_entra_new (void);
void fake_entra_free (FakeEntra *self);
char *fake_entra_dup_address (FakeEntra *self);
char *fake_entra_dup_field (FakeEntra *self, const char *name);
gboolean fake_entra_is_good (FakeEntra *self, const char *authorization);

/* what the browser of a person does with the address that is opened in it */
typedef enum
{
  FAKE_BROWSER_SIGNS_IN,
  FAKE_BROWSER_DECLINES,
  FAKE_BROWSER_IS_STRANGE, /* icons, connections that are not used, a wrong state, and at last a sign-in */
} FakeBrowser;

void fake_entra_browse (FakeEntra *self, const char *address, FakeBrowser how);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeEntra, fake_entra_free)

G_END_DECLS
