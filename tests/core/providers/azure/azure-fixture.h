/* azure-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/entra/fake-entra.h"
#include "providers/azure/fake-arm.h"
#include "providers/azure/reprise-azure-provider.h"

G_BEGIN_DECLS

/* What the tests of the services of Azure share. */

void azure_fixture_set_access (RepriseService *service, FakeArm *azure, FakeEntra *entra);
RepriseProvider *azure_fixture_connect (RepriseKind *kind, RepriseService *service);
char *azure_fixture_dup_last_post (FakeArm *azure, const char *path);

G_END_DECLS
