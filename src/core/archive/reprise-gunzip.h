/* reprise-gunzip.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define REPRISE_TYPE_GUNZIP (reprise_gunzip_get_type ())

/**
 * RepriseGunzip:
 *
 * Unpacks gzip (RFC 1952) as a #GConverter, also files of several members, one after the other, which #GZlibDecompressor alone takes
 * for ended after the first.
 */
G_DECLARE_FINAL_TYPE (RepriseGunzip, reprise_gunzip, REPRISE, GUNZIP, GObject)

GConverter *reprise_gunzip_new (void);
gboolean reprise_gunzip_recognise (const void *head, gsize size);

G_END_DECLS
