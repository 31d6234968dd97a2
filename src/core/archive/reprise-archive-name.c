/* reprise-archive-name.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "archive/reprise-archive-name.h"
#include "base/reprise-error.h"

static gboolean
has_control_character (const char *name, gsize length)
{
  for (const char *at = name; at < name + length; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return TRUE;
  return FALSE;
}

static gboolean
check_component (const char *component, gsize length, GError **error)
{
  if (length > REPRISE_ARCHIVE_MAX_NAME_BYTES)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                               _ ("A name in the archive is longer than 255 bytes"));
  else if (length == 0 || (length == 1 && component[0] == '.') ||
           (length == 2 && component[0] == '.' && component[1] == '.'))
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                               _ ("A name in the archive leads out of it, or has an empty part"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_components (const char *name, gsize length, GError **error)
{
  guint depth = 0;

  for (gsize from = 0; from < length; depth++)
    {
      const char *slash = memchr (name + from, '/', length - from);
      gsize to = slash != NULL ? (gsize) (slash - name) : length;

      if (depth == REPRISE_ARCHIVE_MAX_DEPTH)
        {
          reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                                     _ ("Folders in the archive are nested more than 64 deep"));
          return FALSE;
        }
      if (!check_component (name + from, to - from, error))
        return FALSE;
      from = to + 1;
    }
  return TRUE;
}

/**
 * reprise_archive_check_name:
 * @name: what an archive calls an entry; any bytes
 * @length: how many
 *
 * Whether a name may be used below a folder: relative, UTF-8, its parts neither empty nor “.” nor “..”, without a backslash,
 * a drive letter or a control character. A folder's name may end in one slash. The message holds nothing of the name, which
 * may be made to mislead.
 *
 * Returns: whether it may; else %REPRISE_ERROR_DAMAGED, or %REPRISE_ERROR_LIMIT for one that is too long or too deep
 */
gboolean
reprise_archive_check_name (const char *name, gsize length, GError **error)
{
  if (length == 0)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                               _ ("A name in the archive is empty"));
  else if (length > REPRISE_ARCHIVE_MAX_PATH_BYTES)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                               _ ("A name in the archive is longer than 4096 bytes"));
  else if (memchr (name, '\0', length) != NULL || !g_utf8_validate_len (name, length, NULL))
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                               _ ("A name in the archive is not text"));
  else if (name[0] == '/' || memchr (name, '\\', length) != NULL ||
           (length >= 2 && g_ascii_isalpha (name[0]) && name[1] == ':'))
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                               _ ("A name in the archive is absolute, or has a backslash"));
  else if (has_control_character (name, length))
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                               _ ("A name in the archive has a control character"));
  else
    return check_components (name, length, error);
  return FALSE;
}
