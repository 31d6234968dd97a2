/* reprise-zip-format.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The numbers of zip files, from PKWARE's APPNOTE.TXT 6.3.10; the comments name its sections. */

#define REPRISE_ZIP_LOCAL_MAGIC      0x04034b50u /* 4.3.7 */
#define REPRISE_ZIP_LOCAL_BYTES      30
#define REPRISE_ZIP_DESCRIPTOR_MAGIC 0x08074b50u /* 4.3.9 */
#define REPRISE_ZIP_RECORD_MAGIC     0x02014b50u /* 4.3.12 */
#define REPRISE_ZIP_RECORD_BYTES     46
#define REPRISE_ZIP_END64_MAGIC      0x06064b50u /* 4.3.14 */
#define REPRISE_ZIP_END64_BYTES      56
#define REPRISE_ZIP_LOCATOR_MAGIC    0x07064b50u /* 4.3.15 */
#define REPRISE_ZIP_LOCATOR_BYTES    20
#define REPRISE_ZIP_END_MAGIC        0x06054b50u /* 4.3.16 */
#define REPRISE_ZIP_END_BYTES        22
#define REPRISE_ZIP_EXTRA_ZIP64      0x0001 /* 4.5.3 */

#define REPRISE_ZIP_FLAG_ENCRYPTED        (1 << 0) /* 4.4.4 */
#define REPRISE_ZIP_FLAG_DESCRIPTOR       (1 << 3)
#define REPRISE_ZIP_FLAG_PATCHED          (1 << 5)
#define REPRISE_ZIP_FLAG_STRONG_ENCRYPTED (1 << 6)
#define REPRISE_ZIP_FLAG_UTF8             (1 << 11)
#define REPRISE_ZIP_FLAG_MASKED           (1 << 13)

#define REPRISE_ZIP_METHOD_STORE   0 /* 4.4.5 */
#define REPRISE_ZIP_METHOD_DEFLATE 8

#define REPRISE_ZIP_MAX16 0xffffu /* 4.4.1.4: the number stands elsewhere, in 64 bits */
#define REPRISE_ZIP_MAX32 0xffffffffu

/* Appends the lowest @width bytes of @number, the lowest first. */
static inline void
reprise_zip_append (GByteArray *to, guint64 number, int width)
{
  guint64 le = GUINT64_TO_LE (number);

  g_byte_array_append (to, (const guint8 *) &le, (guint) width);
}

G_END_DECLS
