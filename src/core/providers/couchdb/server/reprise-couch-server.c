/* reprise-couch-server.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "provider/reprise-coverage.h"
#include "providers/couchdb/reprise-couch-choice.h"
#include "providers/couchdb/backup/reprise-couch-roll-up.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "providers/couchdb/server/reprise-couch-server.h"

#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

static gboolean
has_value (RepriseKind *kind, RepriseService *service, const char *key, const char *value)
{
  return g_strcmp0 (reprise_kind_get_value (kind, service, key), value) == 0;
}

gboolean
reprise_couch_server_is_on (RepriseKind *kind, RepriseService *service)
{
  return has_value (kind, service, REPRISE_COUCH_SETTING_SERVER, "true");
}

/* What was made is there and of use also where the settings want no more such backups. */
RepriseCouchServer *
reprise_couch_server_new (RepriseKind *kind,
                          RepriseService *service,
                          RepriseSecrets *secrets,
                          RepriseCouchClient *home,
                          GError **error)
{
  RepriseCouchClient *away;
  RepriseCouchServer *self;
  gboolean is_other =
    has_value (kind, service, REPRISE_COUCH_SETTING_SERVER_TARGET, REPRISE_COUCH_TARGET_OTHER);

  away =
    is_other ? reprise_couch_client_new_other (kind, service, secrets, error) : g_object_ref (home);
  if (away == NULL)
    return NULL;
  self = g_new0 (RepriseCouchServer, 1);
  self->kind = g_object_ref (kind);
  self->service = g_object_ref (service);
  self->home = g_object_ref (home);
  self->away = away;
  self->home_address = reprise_kind_get_value (kind, service, REPRISE_COUCH_SETTING_OWN_ADDRESS);
  self->away_address = is_other ? NULL : self->home_address;
  self->is_full =
    has_value (kind, service, REPRISE_COUCH_SETTING_SERVER_MODE, REPRISE_COUCH_MODE_FULL);
  return self;
}

void
reprise_couch_server_free (RepriseCouchServer *self)
{
  g_object_unref (self->kind);
  g_object_unref (self->service);
  g_object_unref (self->home);
  g_object_unref (self->away);
  g_free (self);
}

const char *
reprise_couch_server_get_uuid (RepriseCouchServer *self)
{
  return reprise_service_get_uuid (self->service);
}

/* Whether new ones may be made, as the settings say. */
gboolean
reprise_couch_server_check_on (RepriseCouchServer *self, GError **error)
{
  if (reprise_couch_server_is_on (self->kind, self->service))
    return TRUE;
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                             _ ("Backups on the server are switched off: turn on “Backups on the "
                                "Server” in the settings of the service"));
  return FALSE;
}

GPtrArray *
reprise_couch_server_list_deltas (RepriseCouchServer *self,
                                  GCancellable *cancellable,
                                  GError **error)
{
  return reprise_couch_deltas_list (self->away, reprise_couch_server_get_uuid (self), cancellable,
                                    error);
}

/* ---- as backups ---- */

typedef struct
{
  RepriseCouchTier tier; /* the finest of those that stay */
  gboolean stays;        /* not all are rolled up */
  gint64 leaving_at;     /* when the last that is rolled up is deleted, or 0 */
  const char *reason;    /* (nullable): why it is not whole */
} Summary;

static gint64
get_leaving (RepriseCouchServer *self, const RepriseCouchDelta *delta)
{
  RepriseCouchRetention retention;

  reprise_couch_read_retention (self->service, delta->source, &retention);
  return delta->rolled_at > 0 ? delta->rolled_at + retention.delay_days * DAY_MS : 0;
}

static void
summarise (RepriseCouchServer *self, GPtrArray *deltas, gint64 at, Summary *summary)
{
  *summary = (Summary){ .tier = REPRISE_COUCH_BASELINE };
  for (guint i = 0; i < deltas->len; i++)
    {
      const RepriseCouchDelta *delta = deltas->pdata[i];
      gboolean rolled = reprise_couch_deltas_find_roll_up (deltas, delta) != NULL;

      if (delta->to != at)
        continue;
      if (delta->reason != NULL)
        summary->reason = delta->reason;
      if (rolled)
        summary->leaving_at = MAX (summary->leaving_at, get_leaving (self, delta));
      if (!rolled || !summary->stays)
        summary->tier =
          MIN (summary->stays == !rolled ? summary->tier : REPRISE_COUCH_BASELINE, delta->tier);
      summary->stays |= !rolled;
    }
}

static void
add_collection (RepriseCouchServer *self, RepriseContents *contents, const RepriseCouchDelta *delta)
{
  g_autoptr (RepriseCollection) collection =
    reprise_collection_new (delta->source, delta->doc_count, delta->size_bytes);
  RepriseGroup group = reprise_couch_rules_get_group (self->service, delta->source, NULL);

  if (reprise_contents_find (contents, delta->source, NULL) != NULL)
    return; /* rolled up, and what it was rolled into */
  reprise_collection_set_title (collection, delta->source);
  if (delta->reason != NULL)
    reprise_collection_set_reason (collection, delta->reason);
  reprise_contents_add (contents, group, collection);
  reprise_couch_choices_add_design (contents, self->service, delta->source);
}

/* (transfer full): the deltas of one point in time as one backup */
RepriseBackup *
reprise_couch_server_make_backup (RepriseCouchServer *self, GPtrArray *deltas, gint64 at)
{
  g_autofree char *id = reprise_couch_delta_dup_stamp (at);
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (at / 1000);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (GDateTime) leaving = NULL;
  Summary summary;
  gint64 size_bytes = 0;
  RepriseBackup *backup =
    reprise_backup_new (id, reprise_couch_server_get_uuid (self), reprise_kind_get_id (self->kind));

  for (guint i = 0; i < deltas->len; i++)
    {
      const RepriseCouchDelta *delta = deltas->pdata[i];

      if (delta->to != at)
        continue;
      add_collection (self, contents, delta);
      size_bytes += MAX (delta->size_bytes, 0);
    }
  summarise (self, deltas, at, &summary);
  if (!summary.stays && summary.leaving_at > 0)
    leaving = g_date_time_new_from_unix_utc (summary.leaving_at / 1000);
  g_object_set (backup, "own-name", id, "created-at", time, "size-bytes", size_bytes, "on-service",
                TRUE,
                /* the first is the server's own word */
                "own-state",
                summary.reason != NULL ? summary.reason
                : !summary.stays       ? _ ("rolled up, no longer a point of its own")
                : reprise_couch_server_is_on (self->kind, self->service)
                  ? "completed"
                  : _ ("completed; no more are made, as the settings say"),
                "state", summary.reason == NULL ? REPRISE_BACKUP_COMPLETE : REPRISE_BACKUP_PARTIAL,
                "tier", reprise_couch_tier_to_tier (summary.tier), "leaving-at", leaving,
                "contents", contents, "groups", reprise_contents_get_groups (contents), NULL);
  return backup;
}

/* (transfer full) (element-type RepriseBackup): the newest first */
GPtrArray *
reprise_couch_server_list (RepriseCouchServer *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) deltas = reprise_couch_server_list_deltas (self, cancellable, error);
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 at = -1;

  if (deltas == NULL)
    return NULL;
  for (guint i = deltas->len; i > 0; i--)
    {
      const RepriseCouchDelta *delta = deltas->pdata[i - 1];

      if (delta->to == at)
        continue;
      at = delta->to;
      g_ptr_array_add (backups, reprise_couch_server_make_backup (self, deltas, at));
    }
  return g_steal_pointer (&backups);
}

/* The last of a database, in words: its date, or what is wrong with it */
static void
cover (RepriseCoverage *coverage, GPtrArray *deltas)
{
  const RepriseCouchDelta *last = NULL;

  for (guint i = 0; i < deltas->len; i++)
    if (strcmp (((RepriseCouchDelta *) deltas->pdata[i])->source, coverage->name) == 0)
      last = deltas->pdata[i];
  g_free (coverage->own_state);
  coverage->own_state = NULL;
  if (last == NULL)
    {
      coverage->own_state = g_strdup (_ ("Never completed"));
      return;
    }
  g_clear_pointer (&coverage->own_at, g_date_time_unref);
  coverage->own_at = g_date_time_new_from_unix_utc (last->to / 1000);
  coverage->own_state = reprise_time_to_text (coverage->own_at);
  if (last->reason != NULL)
    {
      g_autofree char *date = coverage->own_state;

      /* Translators: a date, and why a backup is not whole */
      coverage->own_state = g_strdup_printf (_ ("%s, not whole: %s"), date, last->reason);
    }
}

/**
 * reprise_couch_server_add_coverage:
 * @coverages: (element-type RepriseCoverage)
 *
 * Says of each database how the last backup on the server ended. Where they cannot be asked for, that is said: the list is shown all
 * the same.
 */
void
reprise_couch_server_add_coverage (RepriseCouchServer *self,
                                   GPtrArray *coverages,
                                   GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) deltas = reprise_couch_server_list_deltas (self, cancellable, &error);

  for (guint i = 0; i < coverages->len; i++)
    {
      RepriseCoverage *coverage = coverages->pdata[i];

      if (deltas != NULL)
        cover (coverage, deltas);
      else
        {
          g_free (coverage->own_state);
          coverage->own_state = reprise_error_get_sentence (error);
        }
    }
}

/* The point in time of a backup that reprise_couch_server_list() gave. */
gint64
reprise_couch_server_get_point (RepriseBackup *backup)
{
  return g_date_time_to_unix (reprise_backup_get_created_at (backup)) * 1000;
}

/* Deletes the deltas of a backup, unless a later point would be lost with them. */
gboolean
reprise_couch_server_delete (RepriseCouchServer *self,
                             RepriseBackup *backup,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (GPtrArray) deltas = reprise_couch_server_list_deltas (self, cancellable, error);
  gint64 at = reprise_couch_server_get_point (backup);

  for (guint i = 0; deltas != NULL && i < deltas->len; i++)
    {
      const RepriseCouchDelta *delta = deltas->pdata[i];

      if (delta->to == at && reprise_couch_deltas_are_needed (deltas, delta))
        {
          reprise_error_set (
            error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
            _ ("Later backups go on from “%s”: delete those first, or have it rolled up"),
            delta->name);
          return FALSE;
        }
    }
  for (guint i = 0; deltas != NULL && i < deltas->len; i++)
    {
      const RepriseCouchDelta *delta = deltas->pdata[i];

      if (delta->to != at)
        continue;
      if (!reprise_couch_client_delete_database (self->away, delta->name, cancellable, error))
        return FALSE;
      reprise_progress_log (progress, "%s deleted", delta->name);
    }
  return deltas != NULL;
}
