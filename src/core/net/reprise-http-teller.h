/* reprise-http-teller.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"

G_BEGIN_DECLS

/* Where it is said that a service does not answer, while a request of this thread waits that has no progress of its own: that of the job
 * which runs here. Nothing is counted on it. */

void reprise_http_set_teller (RepriseProgress *progress);
RepriseProgress *reprise_http_get_teller (void);

G_END_DECLS
