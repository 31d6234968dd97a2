/* reprise-archive-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <string.h>

#include <gio/gio.h>

G_BEGIN_DECLS

#define REPRISE_ARCHIVE_FREE_BYTES (64 * 1024 * 1024) /* what may be unpacked at any ratio */

/* Numbers as zip stores them: the lowest byte first, at any address. */

static inline guint16
reprise_get_le16 (const guint8 *at)
{
  return (guint16) (at[0] | at[1] << 8);
}

static inline guint32
reprise_get_le32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_LE (value);
}

static inline guint64
reprise_get_le64 (const guint8 *at)
{
  guint64 value;

  memcpy (&value, at, sizeof value);
  return GUINT64_FROM_LE (value);
}

gboolean reprise_archive_pread (int fd,
                                gpointer buffer,
                                gsize size,
                                guint64 offset,
                                GError **error);
gboolean reprise_archive_damaged (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
gboolean reprise_archive_limit (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
