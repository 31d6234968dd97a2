/* fuzz.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

/* What libFuzzer calls with each input: https://llvm.org/docs/LibFuzzer.html. It must come back, whatever it is given. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
