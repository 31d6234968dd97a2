/* reprise-backup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-time.h"
#include "vault/reprise-backup-private.h"

static const char *const STATES[] = {
  [REPRISE_BACKUP_PARTIAL] = "partial",
  [REPRISE_BACKUP_COMPLETE] = "complete",
  [REPRISE_BACKUP_VERIFIED] = "verified",
};

static const char *const ORIGINS[] = {
  [REPRISE_ORIGIN_MANUAL] = "manual",       [REPRISE_ORIGIN_SCHEDULE] = "schedule",
  [REPRISE_ORIGIN_SAFETY] = "safety",       [REPRISE_ORIGIN_UPLOAD] = "upload",
  [REPRISE_ORIGIN_REHEARSAL] = "rehearsal",
};

/* “complete”, as in --json */
const char *
reprise_backup_state_to_string (RepriseBackupState state)
{
  g_return_val_if_fail (state < G_N_ELEMENTS (STATES), NULL);

  return STATES[state];
}

/* “manual”, as in manifests */
const char *
reprise_origin_to_string (RepriseOrigin origin)
{
  g_return_val_if_fail (origin < G_N_ELEMENTS (ORIGINS), NULL);

  return ORIGINS[origin];
}

gboolean
reprise_origin_from_string (const char *id, RepriseOrigin *origin)
{
  for (guint i = 0; i < G_N_ELEMENTS (ORIGINS); i++)
    if (g_strcmp0 (id, ORIGINS[i]) == 0)
      {
        *origin = (RepriseOrigin) i;
        return TRUE;
      }
  return FALSE;
}

G_DEFINE_FINAL_TYPE (RepriseBackup, reprise_backup, G_TYPE_OBJECT)

typedef enum
{
  PROP_ID = 1,
  PROP_SERVICE_UUID,
  PROP_KIND,
  PROP_OWN_NAME,
  PROP_CREATED_AT,
  PROP_SIZE_BYTES,
  PROP_STATE,
  PROP_OWN_STATE,
  PROP_STATE_TEXT,
  PROP_SIGN,
  PROP_BOUND,
  PROP_IN_PROGRESS,
  PROP_STALE,
  PROP_ON_SERVICE,
  PROP_IN_VAULT,
  PROP_ORIGIN,
  PROP_NOTE,
  PROP_KEPT,
  PROP_TIER,
  PROP_LEAVING_AT,
  PROP_VERIFIED_AT,
  PROP_DAMAGE,
  PROP_CONTENTS,
  PROP_GROUPS,
  PROP_FOLDER,
  PROP_PARENT,
  PROP_ENCRYPTED,
  PROP_TOOL_VERSION,
  PROP_SERVICE_VERSION,
  PROP_EDITION,
  PROP_PERIODS,
} RepriseBackupProperty;

static GParamSpec *properties[PROP_PERIODS + 1];

static void
reprise_backup_finalize (GObject *object)
{
  RepriseBackup *self = REPRISE_BACKUP (object);

  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->service_uuid, g_free);
  g_clear_pointer (&self->kind, g_free);
  g_clear_pointer (&self->own_name, g_free);
  g_clear_pointer (&self->created_at, g_date_time_unref);
  g_clear_pointer (&self->own_state, g_free);
  g_clear_pointer (&self->state_text, g_free);
  g_clear_pointer (&self->note, g_free);
  g_clear_pointer (&self->leaving_at, g_date_time_unref);
  g_clear_pointer (&self->verified_at, g_date_time_unref);
  g_clear_pointer (&self->damage, g_free);
  g_clear_object (&self->contents);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->parent, g_free);
  g_clear_pointer (&self->tool_version, g_free);
  g_clear_pointer (&self->service_version, g_free);
  g_clear_pointer (&self->edition, g_free);
  g_clear_pointer (&self->periods, g_free);
  G_OBJECT_CLASS (reprise_backup_parent_class)->finalize (object);
}

static void
reprise_backup_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseBackup *self = REPRISE_BACKUP (object);

  switch ((RepriseBackupProperty) id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_SERVICE_UUID:
      g_value_set_string (value, self->service_uuid);
      break;
    case PROP_KIND:
      g_value_set_string (value, self->kind);
      break;
    case PROP_OWN_NAME:
      g_value_set_string (value, self->own_name);
      break;
    case PROP_CREATED_AT:
      g_value_set_boxed (value, self->created_at);
      break;
    case PROP_SIZE_BYTES:
      g_value_set_int64 (value, self->size_bytes);
      break;
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_OWN_STATE:
      g_value_set_string (value, self->own_state);
      break;
    case PROP_STATE_TEXT:
      g_value_set_string (value, self->state_text);
      break;
    case PROP_SIGN:
      g_value_set_int (value, self->sign);
      break;
    case PROP_BOUND:
      g_value_set_boolean (value, self->bound);
      break;
    case PROP_IN_PROGRESS:
      g_value_set_boolean (value, self->in_progress);
      break;
    case PROP_STALE:
      g_value_set_boolean (value, self->stale);
      break;
    case PROP_ON_SERVICE:
      g_value_set_boolean (value, self->on_service);
      break;
    case PROP_IN_VAULT:
      g_value_set_boolean (value, self->in_vault);
      break;
    case PROP_ORIGIN:
      g_value_set_int (value, self->origin);
      break;
    case PROP_NOTE:
      g_value_set_string (value, self->note);
      break;
    case PROP_KEPT:
      g_value_set_boolean (value, self->kept);
      break;
    case PROP_TIER:
      g_value_set_int (value, self->tier);
      break;
    case PROP_LEAVING_AT:
      g_value_set_boxed (value, self->leaving_at);
      break;
    case PROP_VERIFIED_AT:
      g_value_set_boxed (value, self->verified_at);
      break;
    case PROP_DAMAGE:
      g_value_set_string (value, self->damage);
      break;
    case PROP_CONTENTS:
      g_value_set_object (value, self->contents);
      break;
    case PROP_GROUPS:
      g_value_set_uint (value, self->groups);
      break;
    case PROP_FOLDER:
      g_value_set_string (value, self->folder);
      break;
    case PROP_PARENT:
      g_value_set_string (value, self->parent);
      break;
    case PROP_ENCRYPTED:
      g_value_set_boolean (value, self->encrypted);
      break;
    case PROP_TOOL_VERSION:
      g_value_set_string (value, self->tool_version);
      break;
    case PROP_SERVICE_VERSION:
      g_value_set_string (value, self->service_version);
      break;
    case PROP_EDITION:
      g_value_set_string (value, self->edition);
      break;
    case PROP_PERIODS:
      g_value_set_string (value, self->periods);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_string (char **field, const GValue *value)
{
  g_free (*field);
  *field = g_value_dup_string (value);
}

static void
set_time (GDateTime **field, const GValue *value)
{
  g_clear_pointer (field, g_date_time_unref);
  *field = g_value_dup_boxed (value);
}

static void
reprise_backup_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RepriseBackup *self = REPRISE_BACKUP (object);

  switch ((RepriseBackupProperty) id)
    {
    case PROP_ID:
      set_string (&self->id, value);
      break;
    case PROP_SERVICE_UUID:
      set_string (&self->service_uuid, value);
      break;
    case PROP_KIND:
      set_string (&self->kind, value);
      break;
    case PROP_OWN_NAME:
      set_string (&self->own_name, value);
      break;
    case PROP_CREATED_AT:
      set_time (&self->created_at, value);
      break;
    case PROP_SIZE_BYTES:
      self->size_bytes = g_value_get_int64 (value);
      break;
    case PROP_STATE:
      self->state = g_value_get_int (value);
      break;
    case PROP_OWN_STATE:
      set_string (&self->own_state, value);
      break;
    case PROP_STATE_TEXT:
      set_string (&self->state_text, value);
      break;
    case PROP_SIGN:
      self->sign = g_value_get_int (value);
      break;
    case PROP_BOUND:
      self->bound = g_value_get_boolean (value);
      break;
    case PROP_IN_PROGRESS:
      self->in_progress = g_value_get_boolean (value);
      break;
    case PROP_STALE:
      self->stale = g_value_get_boolean (value);
      break;
    case PROP_ON_SERVICE:
      self->on_service = g_value_get_boolean (value);
      break;
    case PROP_IN_VAULT:
      self->in_vault = g_value_get_boolean (value);
      break;
    case PROP_ORIGIN:
      self->origin = g_value_get_int (value);
      break;
    case PROP_NOTE:
      set_string (&self->note, value);
      break;
    case PROP_KEPT:
      self->kept = g_value_get_boolean (value);
      break;
    case PROP_TIER:
      self->tier = g_value_get_int (value);
      break;
    case PROP_LEAVING_AT:
      set_time (&self->leaving_at, value);
      break;
    case PROP_VERIFIED_AT:
      set_time (&self->verified_at, value);
      break;
    case PROP_DAMAGE:
      set_string (&self->damage, value);
      break;
    case PROP_CONTENTS:
      g_set_object (&self->contents, g_value_get_object (value));
      break;
    case PROP_GROUPS:
      self->groups = g_value_get_uint (value);
      break;
    case PROP_FOLDER:
      set_string (&self->folder, value);
      break;
    case PROP_PARENT:
      set_string (&self->parent, value);
      break;
    case PROP_ENCRYPTED:
      self->encrypted = g_value_get_boolean (value);
      break;
    case PROP_TOOL_VERSION:
      set_string (&self->tool_version, value);
      break;
    case PROP_SERVICE_VERSION:
      set_string (&self->service_version, value);
      break;
    case PROP_EDITION:
      set_string (&self->edition, value);
      break;
    case PROP_PERIODS:
      set_string (&self->periods, value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_backup_class_init (RepriseBackupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = reprise_backup_finalize;
  object_class->get_property = reprise_backup_get_property;
  object_class->set_property = reprise_backup_set_property;
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_SERVICE_UUID] = g_param_spec_string ("service-uuid", NULL, NULL, NULL, flags);
  properties[PROP_KIND] = g_param_spec_string ("kind", NULL, NULL, NULL, flags);
  properties[PROP_OWN_NAME] = g_param_spec_string ("own-name", NULL, NULL, NULL, flags);
  properties[PROP_CREATED_AT] =
    g_param_spec_boxed ("created-at", NULL, NULL, G_TYPE_DATE_TIME, flags);
  properties[PROP_SIZE_BYTES] =
    g_param_spec_int64 ("size-bytes", NULL, NULL, -1, G_MAXINT64, -1, flags);
  properties[PROP_STATE] =
    g_param_spec_int ("state", NULL, NULL, REPRISE_BACKUP_PARTIAL, REPRISE_BACKUP_VERIFIED,
                      REPRISE_BACKUP_COMPLETE, flags);
  properties[PROP_OWN_STATE] = g_param_spec_string ("own-state", NULL, NULL, NULL, flags);
  properties[PROP_STATE_TEXT] = g_param_spec_string ("state-text", NULL, NULL, NULL, flags);
  properties[PROP_SIGN] =
    g_param_spec_int ("sign", NULL, NULL, REPRISE_BACKUP_SIGN_NONE, REPRISE_BACKUP_SIGN_UNKNOWN,
                      REPRISE_BACKUP_SIGN_NONE, flags);
  properties[PROP_BOUND] = g_param_spec_boolean ("bound", NULL, NULL, FALSE, flags);
  properties[PROP_IN_PROGRESS] = g_param_spec_boolean ("in-progress", NULL, NULL, FALSE, flags);
  properties[PROP_STALE] = g_param_spec_boolean ("stale", NULL, NULL, FALSE, flags);
  properties[PROP_ON_SERVICE] = g_param_spec_boolean ("on-service", NULL, NULL, FALSE, flags);
  properties[PROP_IN_VAULT] = g_param_spec_boolean ("in-vault", NULL, NULL, FALSE, flags);
  properties[PROP_ORIGIN] =
    g_param_spec_int ("origin", NULL, NULL, REPRISE_ORIGIN_MANUAL, REPRISE_ORIGIN_REHEARSAL,
                      REPRISE_ORIGIN_MANUAL, flags);
  properties[PROP_NOTE] = g_param_spec_string ("note", NULL, NULL, NULL, flags);
  properties[PROP_KEPT] = g_param_spec_boolean ("kept", NULL, NULL, FALSE, flags);
  properties[PROP_TIER] = g_param_spec_int ("tier", NULL, NULL, REPRISE_TIER_NONE,
                                            REPRISE_TIER_BASELINE, REPRISE_TIER_NONE, flags);
  properties[PROP_LEAVING_AT] =
    g_param_spec_boxed ("leaving-at", NULL, NULL, G_TYPE_DATE_TIME, flags);
  properties[PROP_VERIFIED_AT] =
    g_param_spec_boxed ("verified-at", NULL, NULL, G_TYPE_DATE_TIME, flags);
  properties[PROP_DAMAGE] = g_param_spec_string ("damage", NULL, NULL, NULL, flags);
  properties[PROP_CONTENTS] =
    g_param_spec_object ("contents", NULL, NULL, REPRISE_TYPE_CONTENTS, flags);
  properties[PROP_GROUPS] = g_param_spec_uint ("groups", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_FOLDER] = g_param_spec_string ("folder", NULL, NULL, NULL, flags);
  properties[PROP_PARENT] = g_param_spec_string ("parent", NULL, NULL, NULL, flags);
  properties[PROP_ENCRYPTED] = g_param_spec_boolean ("encrypted", NULL, NULL, FALSE, flags);
  properties[PROP_TOOL_VERSION] = g_param_spec_string ("tool-version", NULL, NULL, NULL, flags);
  properties[PROP_SERVICE_VERSION] =
    g_param_spec_string ("service-version", NULL, NULL, NULL, flags);
  properties[PROP_EDITION] = g_param_spec_string ("edition", NULL, NULL, NULL, flags);
  properties[PROP_PERIODS] = g_param_spec_string ("periods", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
reprise_backup_init (RepriseBackup *self)
{
  self->size_bytes = REPRISE_NOT_REPORTED;
  self->state = REPRISE_BACKUP_COMPLETE;
  self->origin = REPRISE_ORIGIN_MANUAL;
}

/* (transfer full): a complete backup of which no more is known yet */
RepriseBackup *
reprise_backup_new (const char *id, const char *service_uuid, const char *kind)
{
  RepriseBackup *self = g_object_new (REPRISE_TYPE_BACKUP, NULL);

  self->id = g_strdup (id);
  self->service_uuid = g_strdup (service_uuid);
  self->kind = g_strdup (kind);
  return self;
}

const char *
reprise_backup_get_id (RepriseBackup *self)
{
  return self->id;
}

const char *
reprise_backup_get_service_uuid (RepriseBackup *self)
{
  return self->service_uuid;
}

const char *
reprise_backup_get_kind (RepriseBackup *self)
{
  return self->kind;
}

const char *
reprise_backup_get_own_name (RepriseBackup *self)
{
  return self->own_name;
}

GDateTime *
reprise_backup_get_created_at (RepriseBackup *self)
{
  return self->created_at;
}

gint64
reprise_backup_get_size_bytes (RepriseBackup *self)
{
  return self->size_bytes;
}

RepriseBackupState
reprise_backup_get_state (RepriseBackup *self)
{
  return (RepriseBackupState) self->state;
}

const char *
reprise_backup_get_own_state (RepriseBackup *self)
{
  return self->own_state;
}

/* (nullable): its state in words, where the service has its own for it; shown while it is not in the vault */
const char *
reprise_backup_get_own_state_text (RepriseBackup *self)
{
  return self->in_vault ? NULL : self->state_text;
}

/* Of what is not in the vault, as its state in words is. */
RepriseBackupSign
reprise_backup_get_sign (RepriseBackup *self)
{
  return self->in_vault ? REPRISE_BACKUP_SIGN_NONE : (RepriseBackupSign) self->sign;
}

/* Whether the service keeps it where only the service gets at it. */
gboolean
reprise_backup_get_bound (RepriseBackup *self)
{
  return self->bound;
}

gboolean
reprise_backup_get_in_progress (RepriseBackup *self)
{
  return self->in_progress;
}

gboolean
reprise_backup_get_stale (RepriseBackup *self)
{
  return self->stale;
}

gboolean
reprise_backup_get_on_service (RepriseBackup *self)
{
  return self->on_service;
}

gboolean
reprise_backup_get_in_vault (RepriseBackup *self)
{
  return self->in_vault;
}

RepriseOrigin
reprise_backup_get_origin (RepriseBackup *self)
{
  return (RepriseOrigin) self->origin;
}

const char *
reprise_backup_get_note (RepriseBackup *self)
{
  return self->note;
}

gboolean
reprise_backup_get_kept (RepriseBackup *self)
{
  return self->kept;
}

RepriseTier
reprise_backup_get_tier (RepriseBackup *self)
{
  return (RepriseTier) self->tier;
}

/* (transfer none) (nullable): it is rolled up, and is deleted then; %NULL while it is kept */
GDateTime *
reprise_backup_get_leaving_at (RepriseBackup *self)
{
  return self->kept ? NULL : self->leaving_at;
}

/* (transfer full) (nullable): for people: “Daily delta”, “Daily delta: rolled up, deleted on 28 Nov 2026, 02:00” */
char *
reprise_backup_dup_tier_text (RepriseBackup *self)
{
  const char *tier = reprise_tier_get_text (reprise_backup_get_tier (self));
  GDateTime *leaving_at = reprise_backup_get_leaving_at (self);
  g_autofree char *date = leaving_at != NULL ? reprise_time_to_text (leaving_at) : NULL;

  if (date == NULL)
    return g_strdup (tier);
  if (tier == NULL)
    /* Translators: %s is a date */
    return g_strdup_printf (_ ("Rolled up, deleted on %s"), date);
  /* Translators: “Daily delta”, and a date */
  return g_strdup_printf (_ ("%s: rolled up, deleted on %s"), tier, date);
}

GDateTime *
reprise_backup_get_verified_at (RepriseBackup *self)
{
  return self->verified_at;
}

const char *
reprise_backup_get_damage (RepriseBackup *self)
{
  return self->damage;
}

RepriseContents *
reprise_backup_get_contents (RepriseBackup *self)
{
  return self->contents;
}

RepriseGroups
reprise_backup_get_groups (RepriseBackup *self)
{
  return self->groups;
}

const char *
reprise_backup_get_folder (RepriseBackup *self)
{
  return self->folder;
}

const char *
reprise_backup_get_parent (RepriseBackup *self)
{
  return self->parent;
}

gboolean
reprise_backup_get_encrypted (RepriseBackup *self)
{
  return self->encrypted;
}

const char *
reprise_backup_get_tool_version (RepriseBackup *self)
{
  return self->tool_version;
}

const char *
reprise_backup_get_service_version (RepriseBackup *self)
{
  return self->service_version;
}

const char *
reprise_backup_get_edition (RepriseBackup *self)
{
  return self->edition;
}

const char *
reprise_backup_get_periods (RepriseBackup *self)
{
  return self->periods;
}

/* What is being made will be the newest; what never became a backup has no place among the dates. */
static int
rank (RepriseBackup *self)
{
  gboolean being_made = self->in_progress && self->sign != REPRISE_BACKUP_SIGN_LEAVING;

  return being_made ? 0 : self->created_at != NULL ? 1 : 2;
}

int
reprise_backup_compare_newest (gconstpointer a, gconstpointer b)
{
  RepriseBackup *left = *(RepriseBackup *const *) a, *right = *(RepriseBackup *const *) b;

  if (rank (left) != rank (right))
    return rank (left) - rank (right);
  if (left->created_at == NULL || right->created_at == NULL)
    return (left->created_at == NULL) - (right->created_at == NULL);
  return g_date_time_compare (right->created_at, left->created_at);
}
