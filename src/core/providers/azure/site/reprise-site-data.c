/* reprise-site-data.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-http-error.h"
#include "providers/azure/site/reprise-site-private.h"

static const struct
{
  const char *word;
  const char *text;
  const char *help;
  RepriseBackupSign sign;
  gboolean moving;
  gboolean usable;
} STATUSES[] = {
  [REPRISE_SITE_IN_PROGRESS] = { "InProgress", N_ ("Being made"), NULL, REPRISE_BACKUP_SIGN_NONE,
                                 TRUE, FALSE },
  [REPRISE_SITE_FAILED] = { "Failed", N_ ("Failed"),
                            N_ ("It was not made. The log of the backup says why."),
                            REPRISE_BACKUP_SIGN_FAILED, FALSE, FALSE },
  [REPRISE_SITE_SUCCEEDED] = { "Succeeded", N_ ("Complete"), NULL, REPRISE_BACKUP_SIGN_NONE, FALSE,
                               TRUE },
  [REPRISE_SITE_TIMED_OUT] = { "TimedOut", N_ ("Timed out"),
                               N_ ("It took too long, and Azure cancelled it."),
                               REPRISE_BACKUP_SIGN_FAILED, FALSE, FALSE },
  [REPRISE_SITE_CREATED] = { "Created", N_ ("Queued"), N_ ("Azure has not begun with it yet."),
                             REPRISE_BACKUP_SIGN_QUEUED, TRUE, FALSE },
  [REPRISE_SITE_SKIPPED] = { "Skipped", N_ ("Not run"),
                             N_ ("Azure did not run it, because too many backups were due."),
                             REPRISE_BACKUP_SIGN_SKIPPED, FALSE, FALSE },
  [REPRISE_SITE_PARTIALLY_SUCCEEDED] = { "PartiallySucceeded", N_ ("Made, with files missing"),
                                         N_ ("Some files could not be read, mostly because they "
                                             "were locked. The log of the backup names them."),
                                         REPRISE_BACKUP_SIGN_FLAWED, FALSE, TRUE },
  [REPRISE_SITE_DELETE_IN_PROGRESS] = { "DeleteInProgress", N_ ("Being deleted"), NULL,
                                        REPRISE_BACKUP_SIGN_LEAVING, TRUE, FALSE },
  [REPRISE_SITE_DELETE_FAILED] = { "DeleteFailed", N_ ("Not deleted"),
                                   N_ ("Mostly because the shared access signature that made it "
                                       "has ended: renew it, and it is deleted."),
                                   REPRISE_BACKUP_SIGN_FLAWED, FALSE, TRUE },
  [REPRISE_SITE_DELETED] = { "Deleted", N_ ("Deleted"), NULL, REPRISE_BACKUP_SIGN_LEAVING, FALSE,
                             FALSE },
  [REPRISE_SITE_UNKNOWN] = { "Unknown", N_ ("In a state that is not known"), NULL,
                             REPRISE_BACKUP_SIGN_UNKNOWN, FALSE, FALSE },
};

const char *
reprise_site_status_to_string (RepriseSiteStatus status)
{
  return STATUSES[status].word;
}

/* For people. */
const char *
reprise_site_status_get_text (RepriseSiteStatus status)
{
  return _ (STATUSES[status].text);
}

/* (nullable): a sentence on what it means or what to do */
const char *
reprise_site_status_get_help (RepriseSiteStatus status)
{
  return STATUSES[status].help != NULL ? _ (STATUSES[status].help) : NULL;
}

/* What kind of state it is. */
RepriseBackupSign
reprise_site_status_get_sign (RepriseSiteStatus status)
{
  return STATUSES[status].sign;
}

/* Whether Azure still works on it. */
gboolean
reprise_site_status_is_moving (RepriseSiteStatus status)
{
  return STATUSES[status].moving;
}

/* Whether it can be restored. */
gboolean
reprise_site_status_is_usable (RepriseSiteStatus status)
{
  return STATUSES[status].usable;
}

RepriseSiteDatabase *
reprise_site_database_new (const char *type,
                           const char *name,
                           const char *connection_name,
                           RepriseSecretValue *connection)
{
  RepriseSiteDatabase *self = g_new0 (RepriseSiteDatabase, 1);

  self->type = g_strdup (type);
  self->name = g_strdup (name);
  self->connection_name = g_strdup (connection_name);
  self->connection = connection != NULL ? reprise_secret_value_ref (connection) : NULL;
  return self;
}

void
reprise_site_database_free (RepriseSiteDatabase *self)
{
  g_free (self->type);
  g_free (self->name);
  g_free (self->connection_name);
  g_clear_pointer (&self->connection, reprise_secret_value_unref);
  g_free (self);
}

void
reprise_site_backup_free (RepriseSiteBackup *self)
{
  g_free (self->name);
  g_free (self->blob_name);
  g_free (self->word);
  g_clear_pointer (&self->created_at, g_date_time_unref);
  g_clear_pointer (&self->finished_at, g_date_time_unref);
  g_clear_pointer (&self->restored_at, g_date_time_unref);
  g_free (self->log);
  g_free (self->correlation_id);
  g_clear_pointer (&self->databases, g_ptr_array_unref);
  g_clear_pointer (&self->storage, reprise_secret_value_unref);
  g_free (self);
}

void
reprise_site_schedule_free (RepriseSiteSchedule *self)
{
  g_free (self->name);
  g_clear_pointer (&self->start_at, g_date_time_unref);
  g_clear_pointer (&self->last_run_at, g_date_time_unref);
  g_clear_pointer (&self->databases, g_ptr_array_unref);
  g_clear_pointer (&self->storage, reprise_secret_value_unref);
  g_free (self);
}

void
reprise_site_snapshot_free (RepriseSiteSnapshot *self)
{
  g_free (self->id);
  g_free (self->time);
  g_clear_pointer (&self->at, g_date_time_unref);
  g_free (self);
}

/* (transfer full) (nullable): times come with a zone or without; without one they are UTC */
GDateTime *
reprise_site_read_time (const char *text)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, utc) : NULL;

  return time != NULL ? g_date_time_to_utc (time) : NULL;
}

static GDateTime *
read_time (JsonObject *object, const char *path)
{
  return reprise_site_read_time (reprise_json_get_string (object, path, NULL));
}

/* The current interface gives a word, the older one a number. */
static RepriseSiteStatus
read_status (JsonObject *object, char **word)
{
  const char *text = reprise_json_get_string (object, "properties.status", NULL);
  gint64 number = reprise_json_get_int (object, "properties.status", -1);

  if (text == NULL && number >= 0 && number < REPRISE_N_SITE_STATUSES)
    {
      *word = g_strdup (STATUSES[number].word);
      return (RepriseSiteStatus) number;
    }
  *word = text != NULL ? reprise_http_clean_sentence (text, -1)
                       : g_strdup_printf ("%" G_GINT64_FORMAT, number);
  for (guint i = 0; text != NULL && i < REPRISE_N_SITE_STATUSES; i++)
    if (g_ascii_strcasecmp (STATUSES[i].word, text) == 0)
      return (RepriseSiteStatus) i;
  return REPRISE_SITE_UNKNOWN;
}

static RepriseSecretValue *
read_secret (JsonObject *object, const char *path)
{
  const char *text = reprise_json_get_string (object, path, NULL);

  return text != NULL && *text != '\0' && strlen (text) < REPRISE_SECRET_MAX_BYTES
           ? reprise_secret_value_new_text (text)
           : NULL;
}

/* (transfer full) (element-type RepriseSiteDatabase) */
GPtrArray *
reprise_site_read_databases (JsonObject *object)
{
  JsonArray *array = reprise_json_get_array (object, "properties.databases");
  GPtrArray *databases =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_site_database_free);

  for (guint i = 0; i < reprise_json_array_get_length (array); i++)
    {
      JsonObject *each = reprise_json_array_get_object (array, i);
      g_autoptr (RepriseSecretValue) connection = read_secret (each, "connectionString");

      if (each != NULL)
        g_ptr_array_add (databases, reprise_site_database_new (
                                      reprise_json_get_string (each, "databaseType", ""),
                                      reprise_json_get_string (each, "name", NULL),
                                      reprise_json_get_string (each, "connectionStringName", NULL),
                                      connection));
    }
  return databases;
}

/**
 * reprise_site_backup_read:
 *
 * Returns: (transfer full): one backup, any part of which may be missing but its number; or %NULL with %REPRISE_ERROR_PROTOCOL
 */
RepriseSiteBackup *
reprise_site_backup_read (JsonObject *object, GError **error)
{
  g_autoptr (RepriseSiteBackup) self = g_new0 (RepriseSiteBackup, 1);
  const char *log = reprise_json_get_string (object, "properties.log", NULL);

  self->id = reprise_json_get_int (object, "properties.id", -1);
  if (self->id < 0)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                                 _ ("Azure described a backup without its number."));
      return NULL;
    }
  self->name = g_strdup (reprise_json_get_string (object, "properties.name", NULL));
  self->blob_name = g_strdup (reprise_json_get_string (object, "properties.blobName", NULL));
  self->status = read_status (object, &self->word);
  self->size_bytes = reprise_json_get_int (object, "properties.sizeInBytes", -1);
  self->site_bytes = reprise_json_get_int (object, "properties.websiteSizeInBytes", -1);
  self->created_at = read_time (object, "properties.created");
  self->finished_at = read_time (object, "properties.finishedTimeStamp");
  self->restored_at = read_time (object, "properties.lastRestoreTimeStamp");
  self->log = log != NULL && *log != '\0' ? reprise_http_clean_sentence (log, -1) : NULL;
  self->scheduled = reprise_json_get_boolean (object, "properties.scheduled", FALSE);
  self->correlation_id =
    g_strdup (reprise_json_get_string (object, "properties.correlationId", NULL));
  self->databases = reprise_site_read_databases (object);
  self->storage = read_secret (object, "properties.storageAccountUrl");
  return g_steal_pointer (&self);
}

/* A number, or a number as text, as the older interface took them */
static gint64
read_number (JsonObject *object, const char *path)
{
  const char *text = reprise_json_get_string (object, path, NULL);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : reprise_json_get_int (object, path, 0);
}

static gboolean
read_truth (JsonObject *object, const char *path)
{
  const char *text = reprise_json_get_string (object, path, NULL);

  return text != NULL ? g_ascii_strcasecmp (text, "true") == 0
                      : reprise_json_get_boolean (object, path, FALSE);
}

/**
 * reprise_site_schedule_read:
 *
 * Returns: (transfer full) (nullable): the schedule; %NULL without an error where there is only a storage set, and no schedule
 */
RepriseSiteSchedule *
reprise_site_schedule_read (JsonObject *object, GError **error)
{
  RepriseSiteSchedule *self;

  if (reprise_json_get_object (object, "properties.backupSchedule") == NULL)
    return NULL;
  self = g_new0 (RepriseSiteSchedule, 1);
  self->enabled = read_truth (object, "properties.enabled");
  self->name = g_strdup (reprise_json_get_string (
    object, "properties.backupName", reprise_json_get_string (object, "properties.name", NULL)));
  self->interval = read_number (object, "properties.backupSchedule.frequencyInterval");
  self->hours = g_ascii_strcasecmp (reprise_json_get_string (
                                      object, "properties.backupSchedule.frequencyUnit", "Day"),
                                    "Hour") == 0;
  self->keep_one = read_truth (object, "properties.backupSchedule.keepAtLeastOneBackup");
  self->retention_days = read_number (object, "properties.backupSchedule.retentionPeriodInDays");
  self->start_at = read_time (object, "properties.backupSchedule.startTime");
  self->last_run_at = read_time (object, "properties.backupSchedule.lastExecutionTime");
  self->databases = reprise_site_read_databases (object);
  self->storage = read_secret (object, "properties.storageAccountUrl");
  return self;
}

/* --- what somebody typed --- */

#define MAX_NAME_BYTES 60

/* Letters, digits and hyphens, as in an address */
gboolean
reprise_site_is_name (const char *text)
{
  gsize length = strlen (text);

  return length >= 1 && length <= MAX_NAME_BYTES &&
         strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-") == length && *text != '-' &&
         text[length - 1] != '-';
}

/* What Azure calls the application itself, beside its slots. */
gboolean
reprise_site_is_production (const char *slot)
{
  return g_ascii_strcasecmp (slot, "production") == 0;
}

/* Of an application */
gboolean
reprise_site_check_name (const char *value, GError **error)
{
  if (reprise_site_is_name (value))
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
    _ ("“%s” is no name of an application or a slot: it is made of letters, digits and "
       "hyphens."),
    value);
  return FALSE;
}

gboolean
reprise_site_check_slot (const char *value, GError **error)
{
  if (!reprise_site_is_production (value))
    return reprise_site_check_name (value, error);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("“%s” is no slot, but the application itself: name no slot."), value);
  return FALSE;
}
