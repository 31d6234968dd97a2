/* json-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-json-scanner.h"

G_BEGIN_DECLS

gboolean json_fixture_scan (const RepriseJsonScannerOptions *options,
                            const char *text,
                            gsize size,
                            gsize first,
                            gsize piece,
                            GError **error);
void json_fixture_run_in_small_stack (gconstpointer func);

G_END_DECLS
