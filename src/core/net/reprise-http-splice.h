/* reprise-http-splice.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean reprise_http_splice_install (void);

G_END_DECLS
