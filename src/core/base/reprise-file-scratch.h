/* reprise-file-scratch.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-file.h"

G_BEGIN_DECLS

/* What belongs to reprise_file_make_scratch(). Blocks: for workers. */
void reprise_file_remove_left_scratch (void);

G_END_DECLS
