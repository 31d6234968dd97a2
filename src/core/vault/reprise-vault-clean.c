/* reprise-vault-clean.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-strv.h"
#include "vault/reprise-vault-partial.h"
#include "vault/reprise-vault-private.h"

/* Where no lock can say whether another computer still works on a partial backup, silence for so long does. */
#define SILENCE_SECONDS (24 * 60 * 60)
#define MOMENT_SECONDS  60

static gboolean
parse_id (const char *name,
          const char *prefix,
          const char *suffix,
          char id[REPRISE_ULID_LENGTH + 1])
{
  gsize length = strlen (prefix);

  if (!g_str_has_prefix (name, prefix) ||
      strlen (name) != length + REPRISE_ULID_LENGTH + strlen (suffix) ||
      !g_str_has_suffix (name, suffix))
    return FALSE;
  memcpy (id, name + length, REPRISE_ULID_LENGTH);
  id[REPRISE_ULID_LENGTH] = '\0';
  return reprise_ulid_is_valid (id);
}

/* When something was written last, in seconds since 1970: the journal, or a file or folder of the first level */
static gint64
last_sign_of_life (const char *service_folder, const char *id)
{
  g_autofree char *name = g_strconcat (REPRISE_VAULT_PARTIAL, id, NULL);
  g_autofree char *folder = g_build_filename (service_folder, name, NULL);
  g_autofree char *journal = g_strconcat (folder, REPRISE_VAULT_JOURNAL, NULL);
  g_autoptr (GPtrArray) names = reprise_vault_list_names (folder, NULL);
  struct stat info;
  gint64 last = stat (journal, &info) == 0 ? info.st_mtime : 0;

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);

      if (lstat (path, &info) == 0)
        last = MAX (last, (gint64) info.st_mtime);
    }
  return last;
}

static gboolean
has_newer_backup (GPtrArray *names, const char *id)
{
  RepriseVaultName parsed;

  for (guint i = 0; i < names->len; i++)
    if (reprise_vault_name_parse (names->pdata[i], &parsed) && strcmp (parsed.id, id) > 0)
      return TRUE;
  return FALSE;
}

/* What can be resumed stays until there is a newer backup. */
static gboolean
is_debris (ReprisePartial *partial, const char *service_folder, const char *id, GPtrArray *names)
{
  if (reprise_partial_may_be_foreign (partial) &&
      g_get_real_time () / G_USEC_PER_SEC - last_sign_of_life (service_folder, id) <
        SILENCE_SECONDS)
    return FALSE;
  return !reprise_partial_get_resumable (partial) || has_newer_backup (names, id);
}

/* The folder first: without its journal nothing would say that it is not worked on. */
static gboolean
clean_partial (const char *service_folder, const char *id, GPtrArray *names, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (ReprisePartial) partial = reprise_partial_open (service_folder, id, &local);
  g_autofree char *name = g_strconcat (REPRISE_VAULT_PARTIAL, id, NULL);
  g_autofree char *folder = g_build_filename (service_folder, name, NULL);

  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_BUSY))
    return TRUE;
  if (partial == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!is_debris (partial, service_folder, id, names))
    return TRUE;
  if (!reprise_file_remove_tree (folder, error))
    return FALSE;
  reprise_partial_remove (partial);
  return TRUE;
}

/* The second half of a deletion */
static gboolean
clean_deleted (const char *service_folder, const char *id, GPtrArray *names, GError **error)
{
  g_autofree char *dead = g_strconcat (service_folder, "/", REPRISE_VAULT_DELETED, id, NULL);
  RepriseVaultName parsed;

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *events = g_build_filename (service_folder, names->pdata[i], NULL);

      if (reprise_vault_name_parse_events (names->pdata[i], &parsed) &&
          g_str_equal (parsed.id, id) && !reprise_file_remove_tree (events, error))
        return FALSE;
    }
  return reprise_file_remove_tree (dead, error);
}

/* Small files that are there for a moment only */
void
reprise_vault_clean_up_top (const char *vault)
{
  static const char *const prefixes[] = { ".probe-", "VAULT.json.", "README.txt." };
  g_autoptr (GPtrArray) names = reprise_vault_list_names (vault, NULL);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  for (guint i = 0; names != NULL && i < names->len; i++)
    for (guint j = 0; j < G_N_ELEMENTS (prefixes); j++)
      {
        g_autofree char *path = g_build_filename (vault, names->pdata[i], NULL);
        struct stat info;

        if (g_str_has_prefix (names->pdata[i], prefixes[j]) && lstat (path, &info) == 0 &&
            now - info.st_mtime > MOMENT_SECONDS)
          unlink (path);
      }
}

gboolean
reprise_vault_clean_up_folder (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) names = reprise_vault_list_names (folder, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *path = g_build_filename (folder, name, NULL);
      char id[REPRISE_ULID_LENGTH + 1];

      if (parse_id (name, REPRISE_VAULT_PARTIAL, "", id) ||
          parse_id (name, REPRISE_VAULT_PARTIAL, REPRISE_VAULT_JOURNAL, id))
        {
          if (!clean_partial (folder, id, names, error))
            return FALSE;
        }
      else if (parse_id (name, REPRISE_VAULT_DELETED, "", id))
        {
          if (!clean_deleted (folder, id, names, error))
            return FALSE;
        }
      else if (g_str_has_prefix (name,
                                 "service.json.")) /* written half by a program that was killed */
        unlink (path);
    }
  return names != NULL;
}

/* (transfer full) (element-type utf8): partial backups that nobody works on and that can be gone on with, the oldest first */
GPtrArray *
reprise_vault_list_resumable (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) names = reprise_vault_list_names (folder, error);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      char id[REPRISE_ULID_LENGTH + 1];
      g_autoptr (ReprisePartial) partial = NULL;

      if (!parse_id (names->pdata[i], REPRISE_VAULT_PARTIAL, REPRISE_VAULT_JOURNAL, id))
        continue;
      partial = reprise_partial_open (folder, id, NULL);
      if (partial != NULL && reprise_partial_get_resumable (partial))
        g_ptr_array_add (ids, g_strdup (id));
    }
  g_ptr_array_sort (ids, reprise_strv_compare);
  return names == NULL ? NULL : g_steal_pointer (&ids);
}
