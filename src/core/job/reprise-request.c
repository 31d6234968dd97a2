/* reprise-request.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-ulid.h"
#include "job/reprise-request.h"

G_DEFINE_BOXED_TYPE (RepriseRequest, reprise_request, reprise_request_copy, reprise_request_free)

RepriseRequest *
reprise_request_new (RepriseJobKind kind, const char *service_uuid)
{
  RepriseRequest *self = g_new0 (RepriseRequest, 1);

  self->kind = kind;
  self->service_uuid = g_strdup (service_uuid);
  self->origin = g_strdup ("manual");
  self->depth = g_strdup ("full");
  self->options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

RepriseRequest *
reprise_request_copy (const RepriseRequest *self)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (reprise_request_to_variant (self));

  return reprise_request_from_variant (variant, NULL);
}

void
reprise_request_free (RepriseRequest *self)
{
  g_free (self->service_uuid);
  g_strfreev (self->backup_ids);
  g_free (self->file);
  g_hash_table_unref (self->options);
  g_free (self->note);
  g_free (self->origin);
  g_free (self->depth);
  g_free (self->job_id);
  g_free (self);
}

void
reprise_request_set_backup (RepriseRequest *self, const char *backup_id)
{
  const char *ids[] = { backup_id, NULL };

  g_strfreev (self->backup_ids);
  self->backup_ids = g_strdupv ((char **) ids);
}

void
reprise_request_set_option (RepriseRequest *self, const char *key, const char *value)
{
  g_hash_table_insert (self->options, g_strdup (key), g_strdup (value));
}

static GVariant *
options_to_variant (GHashTable *options)
{
  GVariantBuilder builder;
  GHashTableIter iter;
  gpointer key, value;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  g_hash_table_iter_init (&iter, options);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_variant_builder_add (&builder, "{ss}", key, value);
  return g_variant_builder_end (&builder);
}

static void
insert_string (GVariantDict *dict, const char *key, const char *value)
{
  if (value != NULL)
    g_variant_dict_insert (dict, key, "s", value);
}

/**
 * reprise_request_to_variant:
 *
 * Returns: (transfer floating): a{sv}, with the names of the members and dashes
 */
GVariant *
reprise_request_to_variant (const RepriseRequest *self)
{
  g_auto (GStrv) groups = reprise_groups_to_strv (self->groups);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  insert_string (&dict, "kind", reprise_job_kind_to_string (self->kind));
  insert_string (&dict, "service-uuid", self->service_uuid);
  insert_string (&dict, "note", self->note);
  insert_string (&dict, "origin", self->origin);
  insert_string (&dict, "depth", self->depth);
  insert_string (&dict, "job-id", self->job_id);
  g_variant_dict_insert (&dict, "again", "b", self->again);
  if (self->file != NULL) /* any bytes, as names of files are */
    g_variant_dict_insert (&dict, "file", "^ay", self->file);
  if (self->backup_ids != NULL)
    g_variant_dict_insert (&dict, "backup-ids", "^as", self->backup_ids);
  g_variant_dict_insert (&dict, "groups", "^as", groups);
  g_variant_dict_insert_value (&dict, "options", options_to_variant (self->options));
  g_variant_dict_insert (&dict, "on-service", "b", self->on_service);
  g_variant_dict_insert (&dict, "consent", "b", self->consent);
  g_variant_dict_insert (&dict, "no-safety-copy", "b", self->no_safety_copy);
  g_variant_dict_insert (&dict, "force", "b", self->force);
  return g_variant_dict_end (&dict);
}

static void
take_string (GVariantDict *dict, const char *key, char **value)
{
  char *text;

  if (!g_variant_dict_lookup (dict, key, "s", &text))
    return;
  g_free (*value);
  *value = text;
}

/**
 * reprise_request_from_variant:
 * @variant: a{sv}; members that are not known are passed over
 *
 * Returns: (transfer full): the request, or %NULL with %REPRISE_ERROR_INVALID
 */
RepriseRequest *
reprise_request_from_variant (GVariant *variant, GError **error)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (variant);
  g_autoptr (RepriseRequest) self = NULL;
  g_autoptr (GVariantIter) options = NULL;
  g_autofree const char **groups = NULL;
  const char *kind_id = NULL;
  const char *key, *value;
  RepriseJobKind kind;

  if (!g_variant_dict_lookup (&dict, "kind", "&s", &kind_id) ||
      !reprise_job_kind_from_string (kind_id, &kind))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                         _ ("There is no kind of job “%s”"), kind_id != NULL ? kind_id : "");
      return NULL;
    }
  self = reprise_request_new (kind, NULL);
  take_string (&dict, "service-uuid", &self->service_uuid);
  g_variant_dict_lookup (&dict, "file", "^ay", &self->file);
  take_string (&dict, "note", &self->note);
  take_string (&dict, "origin", &self->origin);
  take_string (&dict, "depth", &self->depth);
  take_string (&dict, "job-id", &self->job_id);
  g_variant_dict_lookup (&dict, "again", "b", &self->again);
  if (self->job_id != NULL && !reprise_ulid_is_valid (self->job_id))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                         _ ("“%s” is no identifier of a job"), self->job_id);
      return NULL;
    }
  g_variant_dict_lookup (&dict, "backup-ids", "^as", &self->backup_ids);
  if (g_variant_dict_lookup (&dict, "groups", "^a&s", &groups) &&
      !reprise_groups_from_strv (groups, &self->groups, error))
    return NULL;
  if (g_variant_dict_lookup (&dict, "options", "a{ss}", &options))
    while (g_variant_iter_next (options, "{&s&s}", &key, &value))
      reprise_request_set_option (self, key, value);
  g_variant_dict_lookup (&dict, "on-service", "b", &self->on_service);
  g_variant_dict_lookup (&dict, "consent", "b", &self->consent);
  g_variant_dict_lookup (&dict, "no-safety-copy", "b", &self->no_safety_copy);
  g_variant_dict_lookup (&dict, "force", "b", &self->force);
  return g_steal_pointer (&self);
}
