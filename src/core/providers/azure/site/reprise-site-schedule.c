/* reprise-site-schedule.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/reprise-site-provider-private.h"
#include "providers/azure/site/reprise-site-schedule.h"

#define HOURS_OF_DAY 24

/* --- telling of it --- */

static void
add_text (JsonBuilder *json, const char *name, const char *value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, value != NULL ? value : "");
}

static void
add_int (JsonBuilder *json, const char *name, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  add_text (json, name, text);
}

static void
add_boolean (JsonBuilder *json, const char *name, gboolean value)
{
  add_text (json, name, value ? "true" : "false");
}

/* By the clock of this computer, as it is given: “2026-11-21T02:00:00+01:00”. */
static void
add_time (JsonBuilder *json, const char *name, GDateTime *time)
{
  g_autoptr (GDateTime) local = time != NULL ? g_date_time_to_local (time) : NULL;
  g_autofree char *text = local != NULL ? g_date_time_format_iso8601 (local) : NULL;

  add_text (json, name, text);
}

static void
add_fact (JsonBuilder *json, const char *label, const char *value)
{
  json_builder_begin_object (json);
  add_text (json, "label", label);
  add_text (json, "value", value);
  json_builder_end_object (json);
}

/* (transfer full): until when Azure needs the signature: to make the next backup, and to delete it when its time has come */
static GDateTime *
make_needed_until (const RepriseSiteSchedule *schedule)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  gint64 hours = schedule->interval * (schedule->hours ? 1 : HOURS_OF_DAY);

  return g_date_time_add_hours (
    now, (gint) MIN (hours + schedule->retention_days * HOURS_OF_DAY, G_MAXINT / 2));
}

/* (transfer full) (nullable): of the signature that the schedule has. @warnings: what is wrong with it */
static char *
describe_storage (const RepriseSiteSchedule *schedule, GPtrArray *warnings)
{
  g_autoptr (RepriseSas) sas =
    schedule->storage != NULL
      ? reprise_sas_parse (reprise_secret_value_get_text (schedule->storage), NULL)
      : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) until = make_needed_until (schedule);
  g_autoptr (GError) reason = NULL;

  if (sas == NULL)
    return NULL;
  if (!reprise_sas_check (sas, REPRISE_SAS_FOR_BACKUPS, now, until, warnings, &reason))
    g_ptr_array_add (warnings, g_strdup (reason->message));
  return reprise_sas_describe (sas);
}

static void
add_facts (JsonBuilder *json, const RepriseSiteSchedule *schedule, GPtrArray *warnings)
{
  g_autofree char *storage = describe_storage (schedule, warnings);
  g_autofree char *last =
    schedule->last_run_at != NULL ? reprise_time_to_text (schedule->last_run_at) : NULL;

  json_builder_set_member_name (json, REPRISE_SCHEDULE_FACTS);
  json_builder_begin_array (json);
  add_fact (json, _ ("Last Run"), last != NULL ? last : _ ("not reported"));
  if (storage != NULL)
    add_fact (json, _ ("Storage"), storage);
  for (guint i = 0; i < schedule->databases->len; i++)
    {
      const RepriseSiteDatabase *each = schedule->databases->pdata[i];

      add_fact (json, _ ("Linked Database"), each->name != NULL ? each->name : each->type);
    }
  json_builder_end_array (json);
}

/* @has_databases: whether the service names any; where neither it nor the schedule has one, there is nothing to say of them */
static JsonNode *
describe (const RepriseSiteSchedule *schedule, gboolean has_databases)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  json_builder_begin_object (json);
  add_boolean (json, REPRISE_SCHEDULE_ENABLED, schedule->enabled);
  add_int (json, REPRISE_SITE_SCHEDULE_EVERY, schedule->interval);
  add_text (json, REPRISE_SITE_SCHEDULE_UNIT, schedule->hours ? "hour" : "day");
  add_time (json, REPRISE_SITE_SCHEDULE_START, schedule->start_at);
  add_int (json, REPRISE_SITE_SCHEDULE_RETENTION, schedule->retention_days);
  add_boolean (json, REPRISE_SITE_SCHEDULE_KEEP_ONE, schedule->keep_one);
  add_text (json, REPRISE_SITE_SCHEDULE_NAME, schedule->name);
  if (has_databases || schedule->databases->len > 0)
    add_boolean (json, REPRISE_SITE_SCHEDULE_DATABASES, schedule->databases->len > 0);
  add_facts (json, schedule, warnings);
  json_builder_set_member_name (json, REPRISE_SCHEDULE_WARNINGS);
  json_builder_begin_array (json);
  for (guint i = 0; i < warnings->len; i++)
    json_builder_add_string_value (json, warnings->pdata[i]);
  json_builder_end_array (json);
  json_builder_end_object (json);
  return json_builder_get_root (json);
}

/* The schedule that Azure has for the application; its signature is judged, and not told. */
JsonNode *
reprise_site_schedule_get (RepriseProvider *provider, GCancellable *cancellable, GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  RepriseSite *site = reprise_site_provider_get_site (self, error);
  const char *databases = reprise_site_provider_get_setting (self, REPRISE_AZURE_SETTING_DATABASES);
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseSiteSchedule) schedule =
    site != NULL ? reprise_site_get_schedule (site, cancellable, &local) : NULL;

  if (schedule != NULL)
    return describe (schedule, *databases != '\0');
  if (local != NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* --- setting it --- */

static gboolean
is_true (JsonObject *values, const char *name, gboolean fallback)
{
  return strcmp (reprise_json_get_string (values, name, fallback ? "true" : "false"), "true") == 0;
}

static gint64
get_int (JsonObject *values, const char *name, gint64 fallback)
{
  const char *text = reprise_json_get_string (values, name, "");

  return *text != '\0' ? g_ascii_strtoll (text, NULL, 10) : fallback;
}

/* (transfer full): what a time or a day stands for, by the zone of this computer where it names none */
static gboolean
read_start (JsonObject *values, GDateTime **start, GError **error)
{
  const char *text = reprise_json_get_string (values, REPRISE_SITE_SCHEDULE_START, "");

  *start = *text != '\0' ? reprise_setting_read_time (text) : NULL;
  if (*text == '\0' || *start != NULL)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("“%s” is no time: give one as 2026-11-21T02:00:00Z."), text);
  return FALSE;
}

/* (transfer full): which the schedule is given from now on. It is refused where Azure could not write with it */
static RepriseSecretValue *
open_storage (RepriseSiteProvider *self, GCancellable *cancellable, GError **error)
{
  RepriseAzureSession *session = reprise_site_provider_get_session (self, error);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseBlob) blob = NULL;
  g_autoptr (RepriseSas) sas =
    session != NULL ? reprise_azure_session_open_storage (session, cancellable, error) : NULL;

  if (sas == NULL || !reprise_sas_check (sas, REPRISE_SAS_FOR_BACKUPS, now, NULL, warnings, error))
    return NULL;
  if (!reprise_sas_may (sas, "w"))
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, warnings->pdata[0]);
      return NULL;
    }
  if (reprise_sas_may (sas, "l"))
    {
      blob = reprise_blob_new_for_sas (sas, error);
      if (blob == NULL || !reprise_blob_check_container (blob, cancellable, error))
        return NULL;
    }
  return reprise_sas_dup_address (sas);
}

/* Those that the service names. Where it names none, those that the schedule has already stay: somebody chose them elsewhere. */
static gboolean
take_databases (RepriseSiteProvider *self,
                RepriseSiteSchedule *schedule,
                GCancellable *cancellable,
                GError **error)
{
  RepriseSite *site = reprise_site_provider_get_site (self, error);
  g_autoptr (RepriseSiteSchedule) present = NULL;
  g_autoptr (GError) local = NULL;

  schedule->databases = reprise_site_provider_read_databases (self, cancellable, error);
  if (site == NULL || schedule->databases == NULL)
    return FALSE;
  if (schedule->databases->len > 0)
    return TRUE;
  present = reprise_site_get_schedule (site, cancellable, &local);
  if (local != NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (present != NULL)
    {
      g_ptr_array_unref (schedule->databases);
      schedule->databases = g_ptr_array_ref (present->databases);
    }
  return TRUE;
}

/* (transfer full): as the values have it, with a signature and the databases of the service */
static RepriseSiteSchedule *
make (RepriseSiteProvider *self, JsonObject *values, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseSiteSchedule) schedule = g_new0 (RepriseSiteSchedule, 1);
  const char *name = reprise_json_get_string (values, REPRISE_SITE_SCHEDULE_NAME, "");

  schedule->enabled = is_true (values, REPRISE_SCHEDULE_ENABLED, TRUE);
  schedule->interval = get_int (values, REPRISE_SITE_SCHEDULE_EVERY, 1);
  schedule->hours =
    strcmp (reprise_json_get_string (values, REPRISE_SITE_SCHEDULE_UNIT, "day"), "hour") == 0;
  schedule->retention_days = get_int (values, REPRISE_SITE_SCHEDULE_RETENTION, 30);
  schedule->keep_one = is_true (values, REPRISE_SITE_SCHEDULE_KEEP_ONE, TRUE);
  schedule->name = *name != '\0' ? g_strdup (name) : NULL;
  if (!read_start (values, &schedule->start_at, error))
    return NULL;
  schedule->storage = open_storage (self, cancellable, error);
  if (schedule->storage == NULL || (is_true (values, REPRISE_SITE_SCHEDULE_DATABASES, TRUE) &&
                                    !take_databases (self, schedule, cancellable, error)))
    return NULL;
  return g_steal_pointer (&schedule);
}

/* @values: (nullable): with %NULL it is removed */
gboolean
reprise_site_schedule_set (RepriseProvider *provider,
                           JsonNode *values,
                           GCancellable *cancellable,
                           GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  RepriseSite *site = reprise_site_provider_get_site (self, error);
  g_autoptr (RepriseSiteSchedule) schedule = NULL;

  if (site == NULL)
    return FALSE;
  if (values == NULL)
    return reprise_site_remove_schedule (site, cancellable, error);
  schedule = make (self, reprise_json_node_get_object (values), cancellable, error);
  return schedule != NULL && reprise_site_set_schedule (site, schedule, cancellable, error);
}
