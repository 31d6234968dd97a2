/* reprise-milvus-target.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-strv.h"
#include "providers/milvus/reprise-milvus-name.h"
#include "providers/milvus/reprise-milvus-session.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "providers/milvus/reprise-milvus-target.h"

struct _RepriseMilvusTarget
{
  RepriseProviderBase *base; /* (unowned): it owns this */
  RepriseMilvusPace pace;
  RepriseMilvusClient *client; /* (owned) */
  RepriseMilvusRest *rest; /* (owned) (nullable): made when it is first needed, like what follows */
  RepriseMilvusStorage *storage; /* (owned) (nullable) */
  RepriseMilvusLocal *local;     /* (unowned) (nullable): where Reprise starts the server */
};

/* (transfer full): for @base, which must live as long */
RepriseMilvusTarget *
reprise_milvus_target_new (RepriseProviderBase *base, const RepriseMilvusPace *pace, GError **error)
{
  g_autoptr (RepriseHttp) http = reprise_milvus_session_open_server (base, error);
  RepriseMilvusTarget *self;

  if (http == NULL)
    return NULL;
  self = g_new0 (RepriseMilvusTarget, 1);
  self->base = base;
  self->pace = *pace;
  self->client = reprise_milvus_client_new (http);
  return self;
}

void
reprise_milvus_target_free (RepriseMilvusTarget *self)
{
  reprise_milvus_client_free (self->client);
  g_clear_pointer (&self->rest, reprise_milvus_rest_free);
  g_clear_object (&self->storage);
  g_free (self);
}

/* @local: (nullable): it must live as long */
void
reprise_milvus_target_set_local (RepriseMilvusTarget *self, RepriseMilvusLocal *local)
{
  self->local = local;
}

/* A server that Reprise started is not stopped before that is over. @what: see reprise_milvus_local_add_work() */
void
reprise_milvus_target_begin_work (RepriseMilvusTarget *self, const char *what, const char *id)
{
  if (self->local != NULL)
    reprise_milvus_local_add_work (self->local, what, id);
}

/* @error: (nullable): why it is not followed any more: then the server may go on with it */
void
reprise_milvus_target_end_work (RepriseMilvusTarget *self, const char *id, const GError *error)
{
  gboolean may_go_on =
    error != NULL && (reprise_error_is_stop (error) ||
                      g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_STALLED) ||
                      g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE));

  if (self->local != NULL && !may_go_on)
    reprise_milvus_local_remove_work (self->local, id);
}

/* (transfer none) */
RepriseMilvusClient *
reprise_milvus_target_get_client (RepriseMilvusTarget *self)
{
  return self->client;
}

const RepriseMilvusPace *
reprise_milvus_target_get_pace (RepriseMilvusTarget *self)
{
  return &self->pace;
}

const char *
reprise_milvus_target_get_uuid (RepriseMilvusTarget *self)
{
  return reprise_service_get_uuid (reprise_provider_base_get_service (self->base));
}

/* Never %NULL */
const char *
reprise_milvus_target_get_setting (RepriseMilvusTarget *self, const char *key)
{
  return reprise_provider_base_get_setting (self->base, key);
}

gboolean
reprise_milvus_target_has_milvus (RepriseMilvusTarget *self)
{
  return reprise_milvus_session_has_milvus (self->base);
}

/* (transfer none): Milvus itself; %REPRISE_ERROR_NOT_FOUND where its address is not set */
RepriseMilvusRest *
reprise_milvus_target_get_rest (RepriseMilvusTarget *self, GError **error)
{
  g_autoptr (RepriseHttp) http = NULL;

  if (self->rest != NULL)
    return self->rest;
  if (!reprise_milvus_target_has_milvus (self))
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                                 _ ("The address of Milvus itself is not set."));
      return NULL;
    }
  http = reprise_milvus_session_open_milvus (self->base, error);
  if (http != NULL)
    self->rest = reprise_milvus_rest_new (http);
  return self->rest;
}

gboolean
reprise_milvus_target_has_storage (RepriseMilvusTarget *self)
{
  return reprise_milvus_storage_is_set (reprise_provider_base_get_service (self->base));
}

/* (transfer none): where the backups lie; %REPRISE_ERROR_REFUSED where that is not set */
RepriseMilvusStorage *
reprise_milvus_target_get_storage (RepriseMilvusTarget *self,
                                   GCancellable *cancellable,
                                   GError **error)
{
  if (self->storage == NULL && !reprise_milvus_target_has_storage (self))
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      _ ("The backup server hands out no files. Set the object storage in the "
         "settings of the service to bring its backups into the vault, or let "
         "them stay on the service."));
  else if (self->storage == NULL)
    self->storage = reprise_milvus_storage_open (reprise_provider_base_get_service (self->base),
                                                 reprise_provider_base_get_secrets (self->base),
                                                 cancellable, error);
  return self->storage;
}

/* --- the check, in words --- */

static gboolean
has_any (const char *text, const char *const *words)
{
  for (; *words != NULL; words++)
    if (strstr (text, *words) != NULL)
      return TRUE;
  return FALSE;
}

static const char *
explain_failure (const char *text)
{
  static const char *const KEYS[] = { "signature",        "Access Denied", "AccessDenied",
                                      "InvalidAccessKey", "Access Key",    NULL };
  static const char *const BUCKETS[] = { "bucket does not exist", "NoSuchBucket", NULL };
  static const char *const STORAGES[] = { "storage", "bucket", "minio", NULL };

  if (has_any (text, KEYS))
    return _ ("The object storage does not accept the keys that stand in backup.yaml.");
  if (has_any (text, BUCKETS))
    return _ ("The bucket that is named in backup.yaml does not exist. With Docker Compose it is "
              "mostly “a-bucket”, with Helm or Milvus Operator “milvus-bucket”.");
  if (strstr (text, "connect to server") != NULL)
    return _ (
      "The backup server cannot reach Milvus: look whether it runs, and whether its address "
      "in backup.yaml is right.");
  if (has_any (text, STORAGES))
    return _ (
      "The backup server cannot reach the object storage: look whether it runs, and whether "
      "its address in backup.yaml is right.");
  return _ ("The backup server cannot reach Milvus or the object storage.");
}

/* (transfer full) (nullable): what differs from the settings of the service */
static char *
explain_difference (RepriseMilvusTarget *self, const RepriseMilvusCheck *check)
{
  const char *preset = reprise_milvus_target_get_setting (self, REPRISE_MILVUS_SETTING_PRESET);
  const char *bucket = reprise_milvus_target_get_setting (self, REPRISE_MILVUS_SETTING_BUCKET);

  if (check->backup_bucket == NULL ||
      !g_str_equal (reprise_milvus_target_get_setting (self, REPRISE_MILVUS_SETTING_STORAGE),
                    REPRISE_MILVUS_STORAGE_S3))
    return NULL;
  if (*bucket == '\0')
    bucket = reprise_milvus_storage_get_preset (preset, REPRISE_MILVUS_SETTING_BUCKET);
  if (bucket == NULL || g_str_equal (bucket, check->backup_bucket))
    return NULL;
  return g_strdup_printf (_ ("The backup server keeps its backups in the bucket “%s”, and the "
                             "settings of the service say “%s”."),
                          check->backup_bucket, bucket);
}

/* (transfer full) (nullable): whole sentences, or %NULL where all is well */
char *
reprise_milvus_target_explain_check (RepriseMilvusTarget *self, const RepriseMilvusCheck *check)
{
  const char *text = check->text != NULL ? check->text : "";

  if (!check->ok)
    return g_strdup_printf (_ ("%s It says: %s"), explain_failure (text), text);
  if (check->empty)
    return g_strdup_printf (
      _ ("The backup server finds nothing of Milvus in the bucket “%s” under “%s”: the bucket or "
         "the "
         "root path in backup.yaml is probably wrong. With Docker Compose they are mostly "
         "“a-bucket” "
         "and “files”, with Helm or Milvus Operator “milvus-bucket” and “file”."),
      check->milvus_bucket != NULL ? check->milvus_bucket : _ ("not reported"),
      check->milvus_root != NULL ? check->milvus_root : _ ("not reported"));
  return explain_difference (self, check);
}

/**
 * reprise_milvus_target_check:
 * @milvus_version: (out) (nullable) (transfer full)
 *
 * Before a backup or a restore: whether the server reaches everything. What is only suspicious is a warning.
 */
gboolean
reprise_milvus_target_check (RepriseMilvusTarget *self,
                             char **milvus_version,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  GError *local = NULL;
  g_autoptr (RepriseMilvusCheck) check =
    reprise_milvus_client_check (self->client, cancellable, &local);
  g_autofree char *text = NULL;

  *milvus_version = NULL;
  if (check == NULL && local == NULL)
    {
      reprise_progress_log (progress, "this server is older than its check of the connections");
      return TRUE;
    }
  if (check == NULL)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  *milvus_version = g_strdup (check->milvus_version);
  text = reprise_milvus_target_explain_check (self, check);
  if (text != NULL && !check->ok)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, text);
  else if (text != NULL)
    reprise_progress_warn_saying (progress, text);
  return check->ok;
}

/* Users, roles and grants can be saved since Milvus 2.4.10. */
gboolean
reprise_milvus_version_has_roles (const char *version)
{
  int major = 0, minor = 0, patch = 0;

  if (version == NULL ||
      sscanf (*version == 'v' ? version + 1 : version, "%d.%d.%d", &major, &minor, &patch) < 2)
    return FALSE;
  return major > 2 || (major == 2 && (minor > 4 || (minor == 4 && patch >= 10)));
}

/* --- collections --- */

static gboolean
add_database (RepriseMilvusRest *rest,
              const char *database,
              GPtrArray *names,
              GCancellable *cancellable,
              GError **error)
{
  g_auto (GStrv) collections =
    reprise_milvus_rest_list_collections (rest, database, cancellable, error);

  for (guint i = 0; collections != NULL && collections[i] != NULL; i++)
    g_ptr_array_add (names, reprise_milvus_name_join (database, collections[i]));
  return collections != NULL;
}

/* (transfer full) (element-type utf8): complete names of all that Milvus has, in all databases that are known */
GPtrArray *
reprise_milvus_target_list_collections (RepriseMilvusTarget *self,
                                        GCancellable *cancellable,
                                        GError **error)
{
  RepriseMilvusRest *rest = reprise_milvus_target_get_rest (self, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) databases = NULL;
  GError *local = NULL;

  if (rest == NULL)
    return NULL;
  databases = reprise_milvus_rest_list_databases (rest, cancellable, &local);
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return NULL;
    }
  if (databases == NULL)
    databases = g_strsplit_set (
      reprise_milvus_target_get_setting (self, REPRISE_MILVUS_SETTING_DATABASES), ", ", -1);
  for (guint i = 0; databases[i] != NULL; i++)
    if (*databases[i] != '\0' && !add_database (rest, databases[i], names, cancellable, error))
      return NULL;
  g_ptr_array_sort (names, reprise_strv_compare);
  return g_steal_pointer (&names);
}

static gboolean
is_in (const char *list, const char *full_name)
{
  g_autoptr (GPtrArray) names = reprise_milvus_name_read_list (list);

  return g_ptr_array_find_with_equal_func (names, full_name, g_str_equal, NULL);
}

/* Whether the settings leave the collection out of backups. */
gboolean
reprise_milvus_target_is_left_out (RepriseMilvusTarget *self, const char *full_name)
{
  const char *chosen = reprise_milvus_target_get_setting (self, REPRISE_MILVUS_SETTING_COLLECTIONS);
  const char *left_out = reprise_milvus_target_get_setting (self, REPRISE_MILVUS_SETTING_LEFT_OUT);

  return is_in (left_out, full_name) ||
         (strspn (chosen, ", ") < strlen (chosen) && !is_in (chosen, full_name));
}
