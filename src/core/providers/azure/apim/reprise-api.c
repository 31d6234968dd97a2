/* reprise-api.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/apim/reprise-api.h"

#define MAX_NAME_CHARS 50
#define TIME_INTERVAL  "PT15M" /* the finest that there is */
#define PAGE_ITEMS     1000

struct _RepriseApi
{
  GObject parent_instance;

  RepriseArm *arm; /* (owned) */
  char *id;        /* (owned): the resource ID */
  char *version;   /* (owned): of the interface */
};

G_DEFINE_FINAL_TYPE (RepriseApi, reprise_api, G_TYPE_OBJECT)

static const char *const REPORTS[] = { "byApi", "byUser",         "byOperation", "byProduct",
                                       "byGeo", "bySubscription", "byTime",      "byRequest" };

static void
reprise_api_finalize (GObject *object)
{
  RepriseApi *self = REPRISE_API (object);

  g_clear_object (&self->arm);
  g_free (self->id);
  g_free (self->version);
  G_OBJECT_CLASS (reprise_api_parent_class)->finalize (object);
}

static void
reprise_api_class_init (RepriseApiClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_api_finalize;
}

static void
reprise_api_init (RepriseApi *self)
{
}

void
reprise_api_state_free (RepriseApiState *self)
{
  g_free (self->name);
  g_free (self->location);
  g_free (self->tier);
  g_free (self->state);
  g_free (self->gateway);
  g_free (self->identities);
  g_free (self);
}

const char *
reprise_api_report_to_string (RepriseApiReport report)
{
  return REPORTS[report];
}

/* (transfer full). @version (nullable): of the interface, where another one is wanted */
RepriseApi *
reprise_api_new (RepriseArm *arm,
                 const char *subscription,
                 const char *group,
                 const char *name,
                 const char *version)
{
  RepriseApi *self = g_object_new (REPRISE_TYPE_API, NULL);

  self->arm = g_object_ref (arm);
  self->id = reprise_arm_path ("subscriptions", subscription, "resourceGroups", group, "providers",
                               "Microsoft.ApiManagement", "service", name, NULL);
  self->version =
    g_strdup (version != NULL && *version != '\0' ? version : REPRISE_ARM_VERSION_API);
  return self;
}

/* Its resource ID. */
const char *
reprise_api_get_id (RepriseApi *self)
{
  return self->id;
}

/* (transfer none) */
RepriseHttp *
reprise_api_get_http (RepriseApi *self)
{
  return reprise_arm_get_http (self->arm);
}

/* How long to wait between two looks at it. */
guint
reprise_api_get_poll_ms (RepriseApi *self)
{
  return reprise_arm_get_poll_ms (self->arm);
}

RepriseApiState *
reprise_api_get_state (RepriseApi *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (JsonObject) root =
    reprise_arm_get (self->arm, self->id, self->version, cancellable, error);
  RepriseApiState *state;

  if (root == NULL)
    {
      reprise_arm_explain_missing (self->id, error);
      return NULL;
    }
  state = g_new0 (RepriseApiState, 1);
  state->name = g_strdup (reprise_json_get_string (root, "name", NULL));
  state->location = g_strdup (reprise_json_get_string (root, "location", NULL));
  state->tier = g_strdup (reprise_json_get_string (root, "sku.name", ""));
  state->capacity = reprise_json_get_int (root, "sku.capacity", -1);
  state->state = g_strdup (reprise_json_get_string (root, "properties.provisioningState", ""));
  state->gateway = g_strdup (reprise_json_get_string (root, "properties.gatewayUrl", NULL));
  state->identities = g_strdup (reprise_json_get_string (root, "identity.type", NULL));
  return state;
}

/* --- checks --- */

/* Whether Azure is not at work on it. */
gboolean
reprise_api_state_is_ready (const RepriseApiState *state)
{
  return g_ascii_strcasecmp (state->state, "Succeeded") == 0;
}

gboolean
reprise_api_check_name (const char *name, GError **error)
{
  gsize length = strlen (name);
  gboolean good =
    length >= 1 && length <= MAX_NAME_CHARS && g_ascii_isalpha (name[0]) && name[length - 1] != '-';

  for (gsize i = 0; i < length; i++)
    good &= g_ascii_isalnum (name[i]) || name[i] == '-';
  if (!good)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      _ ("“%s” is no name of a service of API Management: up to 50 letters, digits and "
         "hyphens, of which the first is a letter and the last is no hyphen."),
      name);
  return good;
}

static gboolean
has_tier (const char *tier)
{
  static const char *const TIERS[] = { "Developer", "Basic", "Standard", "Premium", NULL };

  for (guint i = 0; TIERS[i] != NULL; i++)
    if (g_ascii_strcasecmp (TIERS[i], tier) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
has_identity (const RepriseApiState *state, RepriseApiAccess access)
{
  const char *wanted = access == REPRISE_API_BY_SYSTEM_IDENTITY ? "SystemAssigned" : "UserAssigned";

  return access == REPRISE_API_BY_KEY ||
         (state->identities != NULL && strstr (state->identities, wanted) != NULL);
}

/**
 * reprise_api_check_ready:
 *
 * Whether a backup or a restore of the service can be begun.
 *
 * Returns: %FALSE with %REPRISE_ERROR_NOT_SUPPORTED for a tier without backups, %REPRISE_ERROR_BUSY while Azure works on it, and
 *   %REPRISE_ERROR_REFUSED where it has not the identity that is to be used
 */
gboolean
reprise_api_check_ready (const RepriseApiState *state,
                         const RepriseApiStorage *storage,
                         GError **error)
{
  if (!has_tier (state->tier))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
      _ ("API Management has no backups in the tier “%s”, only in Developer, Basic, "
         "Standard and Premium."),
      state->tier);
  else if (!reprise_api_state_is_ready (state))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                       _ ("Azure is at work on “%s” (%s). Try again when it is done."), state->name,
                       state->state);
  else if (!has_identity (state, storage->access))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      _ ("“%s” has no managed identity of the kind that is set. Switch it on in Azure, "
         "and give it the role Storage Blob Data Contributor on the container."),
      state->name);
  else
    return TRUE;
  return FALSE;
}

/* A restore needs the tier of the service that was backed up. @backed_up_tier (nullable): where it is not known, Azure finds out */
gboolean
reprise_api_check_tiers (const RepriseApiState *target, const char *backed_up_tier, GError **error)
{
  if (backed_up_tier == NULL || *backed_up_tier == '\0' ||
      g_ascii_strcasecmp (target->tier, backed_up_tier) == 0)
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("The backup is of the tier “%s”, and “%s” is of the tier “%s”. They must be the "
       "same."),
    backed_up_tier, target->name, target->tier);
  return FALSE;
}

/* (transfer full): a blob's name that is not used twice */
char *
reprise_api_make_blob_name (const char *service, GDateTime *now)
{
  g_autoptr (GDateTime) utc = g_date_time_to_utc (now);
  g_autofree char *stamp = g_date_time_format (utc, "%Y%m%d-%H%M%S");

  return g_strdup_printf ("%s-%s.apimbackup", service, stamp);
}

/* (transfer full): until when a backup can be restored */
GDateTime *
reprise_api_get_end (GDateTime *created_at, int days)
{
  return g_date_time_add_days (created_at, days > 0 ? days : REPRISE_API_GUARANTEED_DAYS);
}

/* --- backup and restore --- */

/* Flat, and with an access key it says no more than the oldest interface knows. */
static GBytes *
make_body (const RepriseApiStorage *storage, const char *blob_name)
{
  GString *body = reprise_arm_body_new ();

  reprise_arm_body_add (body, "storageAccount", storage->account);
  reprise_arm_body_add (body, "containerName", storage->container);
  reprise_arm_body_add (body, "backupName", blob_name);
  switch (storage->access)
    {
    case REPRISE_API_BY_SYSTEM_IDENTITY:
      reprise_arm_body_add (body, "accessType", "SystemAssignedManagedIdentity");
      break;
    case REPRISE_API_BY_USER_IDENTITY:
      reprise_arm_body_add (body, "accessType", "UserAssignedManagedIdentity");
      reprise_arm_body_add (body, "clientId", storage->client_id);
      break;
    case REPRISE_API_BY_KEY:
    default:
      reprise_arm_body_add (body, "accessKey", reprise_secret_value_get_text (storage->key));
      break;
    }
  return reprise_arm_body_finish (body);
}

static gboolean
check_storage (const RepriseApiStorage *storage, GError **error)
{
  if (storage->access == REPRISE_API_BY_KEY && storage->key == NULL)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                               _ ("The access key of the storage account is missing."));
  else if (storage->access == REPRISE_API_BY_USER_IDENTITY &&
           (storage->client_id == NULL || *storage->client_id == '\0'))
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                               _ ("Give the client ID of the managed identity."));
  else
    return TRUE;
  return FALSE;
}

static RepriseHttpOperation *
start (RepriseApi *self,
       const char *below,
       const RepriseApiStorage *storage,
       const char *blob_name,
       RepriseHttpOutcome *outcome,
       GCancellable *cancellable,
       GError **error)
{
  g_autofree char *path = g_strconcat (self->id, below, NULL);
  g_autoptr (GBytes) body = NULL;

  if (!check_storage (storage, error))
    return NULL;
  body = make_body (storage, blob_name);
  return reprise_arm_start (self->arm, path, self->version, body, outcome, cancellable, error);
}

/**
 * reprise_api_back_up:
 * @storage: its container must exist
 * @blob_name: which is overwritten where it exists
 *
 * Returns: (transfer full): the operation, to be followed. Until its end nothing may be changed on the service
 */
RepriseHttpOperation *
reprise_api_back_up (RepriseApi *self,
                     const RepriseApiStorage *storage,
                     const char *blob_name,
                     RepriseHttpOutcome *outcome,
                     GCancellable *cancellable,
                     GError **error)
{
  return start (self, "/backup", storage, blob_name, outcome, cancellable, error);
}

/* Replaces the whole service; it lasts half an hour or more. */
RepriseHttpOperation *
reprise_api_restore (RepriseApi *self,
                     const RepriseApiStorage *storage,
                     const char *blob_name,
                     RepriseHttpOutcome *outcome,
                     GCancellable *cancellable,
                     GError **error)
{
  return start (self, "/restore", storage, blob_name, outcome, cancellable, error);
}

/* --- reports --- */

static char *
make_query (RepriseApiReport report, GDateTime *from, GDateTime *to, guint64 skip)
{
  g_autoptr (GDateTime) from_utc = g_date_time_to_utc (from);
  g_autoptr (GDateTime) to_utc = g_date_time_to_utc (to);
  g_autofree char *first = g_date_time_format (from_utc, "%Y-%m-%dT%H:%M:%S");
  g_autofree char *end = g_date_time_format (to_utc, "%Y-%m-%dT%H:%M:%S");
  g_autofree char *rest = NULL;

  if (report == REPRISE_API_REPORT_BY_REQUEST)
    rest = g_strdup_printf ("&$top=%d&$skip=%" G_GUINT64_FORMAT, PAGE_ITEMS, skip);
  return g_strdup_printf ("$filter=timestamp ge datetime'%s' and timestamp lt datetime'%s'%s",
                          first, end,
                          report == REPRISE_API_REPORT_BY_TIME      ? "&interval=" TIME_INTERVAL
                          : report == REPRISE_API_REPORT_BY_REQUEST ? rest
                                                                    : "");
}

/* The list of all requests has no links from page to page: it is asked for again, with more passed over. */
static gboolean
is_over (guint64 n_items, guint64 n_all, gint64 count)
{
  return n_items == 0 || (count >= 0 ? n_all >= (guint64) count : n_items < PAGE_ITEMS);
}

/**
 * reprise_api_walk_report:
 * @from: from when on
 * @to: until before when, so that the next report can begin with it and nothing is counted twice
 * @piece: is given the rows, in pieces, exactly as they came
 *
 * Reads a report to its end.
 */
gboolean
reprise_api_walk_report (RepriseApi *self,
                         RepriseApiReport report,
                         GDateTime *from,
                         GDateTime *to,
                         RepriseArmPiece piece,
                         gpointer user_data,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autofree char *path = g_strconcat (self->id, "/reports/", REPORTS[report], NULL);
  guint64 n_all = 0, n_items = 0;
  gint64 count = -1;

  do
    {
      g_autofree char *query = make_query (report, from, to, n_all);

      if (!reprise_arm_walk_bytes (self->arm, path, REPRISE_ARM_VERSION_API_REPORTS, query, piece,
                                   user_data, &n_items, &count, cancellable, error))
        return FALSE;
      n_all += n_items;
    }
  while (report == REPRISE_API_REPORT_BY_REQUEST && !is_over (n_items, n_all, count));
  return TRUE;
}

/* --- what is in it --- */

static gboolean
take_name (JsonObject *item, gpointer data, GError **error)
{
  const char *name = reprise_json_get_string (item, "name", NULL);

  if (name != NULL)
    g_hash_table_insert (data, g_ascii_strdown (name, -1), g_strdup (name));
  return TRUE;
}

/**
 * reprise_api_list_names:
 * @list: of the service: “apis”, “products”; https://learn.microsoft.com/rest/api/apimanagement/apis/list-by-service and beside it
 * @names: (element-type utf8 utf8): gets the name of each under the same in small letters, and nothing else of it
 *
 * Reads a list to its end.
 */
gboolean
reprise_api_list_names (RepriseApi *self,
                        const char *list,
                        GHashTable *names,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *path = g_strconcat (self->id, "/", list, NULL);

  return reprise_arm_walk (self->arm, path, self->version, NULL, take_name, names, cancellable,
                           error);
}
