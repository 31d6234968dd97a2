/* reprise-test-error.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-error.h"

G_BEGIN_DECLS

void reprise_test_assert_says (const GError *error, int code, const char *words);
void reprise_test_assert_error (GError **error, int code, const char *words);

G_END_DECLS
