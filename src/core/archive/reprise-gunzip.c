/* reprise-gunzip.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "archive/reprise-gunzip.h"
#include "base/reprise-error.h"

struct _RepriseGunzip
{
  GObject parent_instance;

  GConverter *member; /* (owned) */
  gboolean between;   /* one has ended */
};

static void converter_init (GConverterIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseGunzip,
                               reprise_gunzip,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_CONVERTER, converter_init))

/* What follows the last member is another one, or nothing at all. */
static GConverterResult
convert (GConverter *converter,
         const void *in,
         gsize in_size,
         void *out,
         gsize out_size,
         GConverterFlags flags,
         gsize *n_read,
         gsize *n_written,
         GError **error)
{
  RepriseGunzip *self = REPRISE_GUNZIP (converter);
  GConverterResult result;
  GError *local = NULL;

  *n_read = *n_written = 0;
  if (self->between && in_size == 0 && (flags & G_CONVERTER_INPUT_AT_END) != 0)
    return G_CONVERTER_FINISHED;
  if (self->between && in_size == 0)
    {
      reprise_error_set_literal (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                                 "between two members");
      return G_CONVERTER_ERROR;
    }
  self->between = FALSE;
  result = g_converter_convert (self->member, in, in_size, out, out_size, flags, n_read, n_written,
                                &local);
  if (result == G_CONVERTER_FINISHED)
    {
      g_converter_reset (self->member);
      self->between = TRUE;
      return G_CONVERTER_CONVERTED;
    }
  if (result != G_CONVERTER_ERROR)
    return result;
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NO_SPACE) ||
      (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) &&
       (flags & G_CONVERTER_INPUT_AT_END) == 0))
    {
      g_propagate_error (error, local);
      return G_CONVERTER_ERROR;
    }
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("The compressed file is damaged or cut off: %s"), local->message);
  g_error_free (local);
  return G_CONVERTER_ERROR;
}

static void
reset (GConverter *converter)
{
  RepriseGunzip *self = REPRISE_GUNZIP (converter);

  g_converter_reset (self->member);
  self->between = FALSE;
}

static void
converter_init (GConverterIface *iface)
{
  iface->convert = convert;
  iface->reset = reset;
}

static void
reprise_gunzip_finalize (GObject *object)
{
  g_clear_object (&REPRISE_GUNZIP (object)->member);
  G_OBJECT_CLASS (reprise_gunzip_parent_class)->finalize (object);
}

static void
reprise_gunzip_class_init (RepriseGunzipClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_gunzip_finalize;
}

static void
reprise_gunzip_init (RepriseGunzip *self)
{
  self->member = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
}

GConverter *
reprise_gunzip_new (void)
{
  return g_object_new (REPRISE_TYPE_GUNZIP, NULL);
}

gboolean
reprise_gunzip_recognise (const void *head, gsize size)
{
  const guchar *bytes = head;

  return size >= 3 && bytes[0] == 0x1f && bytes[1] == 0x8b && bytes[2] == 8;
}
