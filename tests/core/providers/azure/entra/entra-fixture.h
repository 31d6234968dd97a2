/* entra-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-error.h"
#include "providers/azure/entra/fake-entra.h"
#include "providers/azure/entra/reprise-entra-private.h"
#include "reprise-mock-keyring.h"

G_BEGIN_DECLS

/* Entra in this process, a keyring where there can be one, and a person’s account. */
typedef struct
{
  FakeEntra *server;
  RepriseMockKeyring *keyring; /* (nullable) */
  RepriseSecrets *secrets;
  RepriseEntra *account;
  char *uuid;
} EntraFixture;

void entra_fixture_init (int *argc, char ***argv);
int entra_fixture_run (void);
void entra_fixture_set_up (EntraFixture *fixture, gconstpointer data);
void entra_fixture_tear_down (EntraFixture *fixture, gconstpointer data);
RepriseEntra *entra_fixture_open (EntraFixture *fixture,
                                  RepriseEntraMethod method,
                                  const char *resource);
void entra_fixture_sign_in_before (EntraFixture *fixture);
void entra_fixture_give_secret (EntraFixture *fixture, const char *kind, const char *text);
void entra_fixture_assert_token (RepriseEntra *account, const char *expected);
void entra_fixture_assert_refused (gboolean ok,
                                   GError **error,
                                   RepriseError code,
                                   const char *words);

#define ENTRA_FIXTURE_ADD(path, function, data)                                   \
  g_test_add ("/entra/" path, EntraFixture, data, entra_fixture_set_up, function, \
              entra_fixture_tear_down)

G_END_DECLS
