/* reprise-toy-kind.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

/**
 * RepriseToyKind:
 *
 * A kind of service for tests that drive whole programs: it can all that a kind can, and its settings tell how it behaves. The data
 * of a service is one file (`path`), its own backups are files of a folder (`keep`), an archive is that data behind the line “TOY”.
 * `delay-ms` makes backups and restores slow, `ask` makes a backup ask, `warn` makes it warn, `refuse` makes plans say no,
 * `safe` makes work that must not be cut off, and `locked` makes it want the secret `password`, which is “open sesame”; what goes wrong
 * then tells the secret, so that a test sees whether anybody hides it.
 */
#define REPRISE_TYPE_TOY_KIND (reprise_toy_kind_get_type ())

G_DECLARE_FINAL_TYPE (RepriseToyKind, reprise_toy_kind, REPRISE, TOY_KIND, RepriseKind)

G_END_DECLS
