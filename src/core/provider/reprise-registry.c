/* reprise-registry.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-sandbox.h"
#include "provider/reprise-first-look.h"
#include "provider/reprise-registry.h"

#define HEAD_BYTES 4096

struct _RepriseRegistry
{
  RepriseList parent_instance; /* of RepriseKind; filled at start, then only read */
};

G_DEFINE_FINAL_TYPE (RepriseRegistry, reprise_registry, REPRISE_TYPE_LIST)

static void
reprise_registry_class_init (RepriseRegistryClass *klass)
{
  REPRISE_LIST_CLASS (klass)->item_type = REPRISE_TYPE_KIND;
}

static void
reprise_registry_init (RepriseRegistry *self)
{
}

RepriseRegistry *
reprise_registry_new (void)
{
  return g_object_new (REPRISE_TYPE_REGISTRY, NULL);
}

/* Only at start, before any other thread knows the registry. */
void
reprise_registry_add (RepriseRegistry *self, GType kind)
{
  g_autoptr (RepriseKind) added = NULL;

  g_return_if_fail (g_type_is_a (kind, REPRISE_TYPE_KIND));

  added = g_object_new (kind, NULL);
  reprise_list_append (self, added);
}

/* (transfer none) (nullable) */
RepriseKind *
reprise_registry_get (RepriseRegistry *self, const char *id)
{
  GPtrArray *kinds = reprise_list_get_items (self);

  for (guint i = 0; i < kinds->len; i++)
    if (g_strcmp0 (reprise_kind_get_id (kinds->pdata[i]), id) == 0)
      return kinds->pdata[i];
  return NULL;
}

/* (transfer none): the kind, or %NULL with %REPRISE_ERROR_INVALID that names those there are */
RepriseKind *
reprise_registry_find (RepriseRegistry *self, const char *id, GError **error)
{
  GPtrArray *kinds = reprise_list_get_items (self);

  RepriseKind *kind = reprise_registry_get (self, id);
  g_autoptr (GString) names = g_string_new (NULL);

  if (kind != NULL)
    return kind;
  for (guint i = 0; i < kinds->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            reprise_kind_get_id (kinds->pdata[i]));
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("There is no kind of service “%s”: the kinds are %s"), id, names->str);
  return NULL;
}

static gboolean
read_head (const char *path, guchar *head, gsize *head_size, gint64 *size, GError **error)
{
  /* Not blocking, so that a pipe of that name is refused instead of waited for. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat info;
  gssize n;

  if (fd < 0)
    {
      int failed = errno;

      return (failed != ENOENT || reprise_sandbox_check (path, REPRISE_SANDBOX_BESIDE, error)) &&
             reprise_set_error_errno (error, failed, _ ("Could not open “%s”"), path);
    }
  *head_size = 0;
  *size = 0;
  if (fstat (fd, &info) == 0 && S_ISDIR (info.st_mode))
    {
      close (fd);
      return TRUE;
    }
  if (!S_ISREG (info.st_mode))
    {
      close (fd);
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, _ ("“%s” is not a file"),
                         path);
      return FALSE;
    }
  n = read (fd, head, HEAD_BYTES);
  close (fd);
  if (n < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), path);
  *head_size = (gsize) n;
  *size = info.st_size;
  return TRUE;
}

static RepriseKind *
recognise (RepriseRegistry *self, const char *path, gint64 *size, GError **error)
{
  GPtrArray *kinds = reprise_list_get_items (self);

  g_autofree guchar *head = g_malloc (HEAD_BYTES);
  gsize head_size = 0;

  if (!read_head (path, head, &head_size, size, error))
    return NULL;
  for (guint i = 0; i < kinds->len; i++)
    {
      RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (kinds->pdata[i]);

      if (klass->recognise != NULL &&
          klass->recognise (kinds->pdata[i], path, head, head_size, *size))
        return kinds->pdata[i];
    }
  if (*size == 0 && !g_file_test (path, G_FILE_TEST_IS_DIR))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, _ ("“%s” is empty"), path);
  else
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                       _ ("“%s” is not an archive that Reprise knows"), path);
  return NULL;
}

/* (transfer full): the archive, looked into; nothing is sent anywhere */
RepriseArchive *
reprise_registry_inspect_file (RepriseRegistry *self,
                               const char *path,
                               RepriseSecretValue *password,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  gint64 size = 0;
  RepriseKind *kind = recognise (self, path, &size, error);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GError) local_error = NULL;

  if (kind == NULL)
    return NULL;
  archive = reprise_archive_new_for_file (reprise_kind_get_id (kind), path);
  reprise_archive_set_size_bytes (archive, size);
  reprise_first_look_at_file (archive);
  if (reprise_kind_inspect (kind, archive, password, progress, cancellable, &local_error) ||
      reprise_first_look_suffices (archive, &local_error))
    return g_steal_pointer (&archive);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}
