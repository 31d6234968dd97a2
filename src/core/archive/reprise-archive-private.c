/* reprise-archive-private.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "archive/reprise-archive-private.h"
#include "base/reprise-error.h"
#include "base/reprise-file.h"

/* All of @size bytes at @offset; a file that ends before is damaged. */
gboolean
reprise_archive_pread (int fd, gpointer buffer, gsize size, guint64 offset, GError **error)
{
  for (gsize done = 0; done < size;)
    {
      gssize n = pread (fd, (guint8 *) buffer + done, size - done, (off_t) (offset + done));

      if (n > 0)
        done += (gsize) n;
      else if (n == 0)
        return reprise_archive_damaged (error, _ ("The archive ends too early"));
      else if (errno != EINTR)
        return reprise_set_error_errno (error, errno, _ ("Could not read the archive"));
    }
  return TRUE;
}

G_GNUC_PRINTF (3, 0)
static gboolean
set_error (GError **error, int code, const char *format, va_list args)
{
  g_autofree char *text = g_strdup_vprintf (format, args);

  reprise_error_set_literal (error, REPRISE_ERROR, code, text);
  return FALSE;
}

/* Returns: %FALSE, so that a failing function can return it */
gboolean
reprise_archive_damaged (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  set_error (error, REPRISE_ERROR_DAMAGED, format, args);
  va_end (args);
  return FALSE;
}

/* Returns: %FALSE, so that a failing function can return it */
gboolean
reprise_archive_limit (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  set_error (error, REPRISE_ERROR_LIMIT, format, args);
  va_end (args);
  return FALSE;
}
