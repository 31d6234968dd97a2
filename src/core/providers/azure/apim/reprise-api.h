/* reprise-api.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/reprise-arm.h"

G_BEGIN_DECLS

#define REPRISE_API_GUARANTEED_DAYS \
  30 /* for which a backup can be restored; 7 were promised in 2014 */
#define REPRISE_API_WARN_DAYS 7

/**
 * RepriseApiAccess:
 * @REPRISE_API_BY_KEY: with the access key of the storage account
 * @REPRISE_API_BY_SYSTEM_IDENTITY: with the identity that the service itself has
 * @REPRISE_API_BY_USER_IDENTITY: with an identity that was assigned to it
 *
 * How API Management gets at the storage.
 */
typedef enum
{
  REPRISE_API_BY_KEY,
  REPRISE_API_BY_SYSTEM_IDENTITY,
  REPRISE_API_BY_USER_IDENTITY,
} RepriseApiAccess;

/**
 * RepriseApiStorage:
 * @account: the storage account's name
 * @key: (nullable): with %REPRISE_API_BY_KEY
 * @client_id: (nullable): of the identity, with %REPRISE_API_BY_USER_IDENTITY
 *
 * Where a backup is, and by which right.
 */
typedef struct
{
  const char *account;
  const char *container;
  RepriseApiAccess access;
  RepriseSecretValue *key;
  const char *client_id;
} RepriseApiStorage;

/**
 * RepriseApiState:
 * @state: “Succeeded”; anything else says that Azure is at work on it
 * @identities: (nullable): the kinds of identity that it has: “SystemAssigned, UserAssigned”
 *
 * A service of API Management, as it is now.
 */
typedef struct
{
  char *name;
  char *location;
  char *tier;
  gint64 capacity;
  char *state;
  char *gateway;
  char *identities;
} RepriseApiState;

void reprise_api_state_free (RepriseApiState *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseApiState, reprise_api_state_free)

/**
 * RepriseApiReport:
 *
 * The analytics reports, which no backup holds.
 */
typedef enum
{
  REPRISE_API_REPORT_BY_API,
  REPRISE_API_REPORT_BY_USER,
  REPRISE_API_REPORT_BY_OPERATION,
  REPRISE_API_REPORT_BY_PRODUCT,
  REPRISE_API_REPORT_BY_GEO,
  REPRISE_API_REPORT_BY_SUBSCRIPTION,
  REPRISE_API_REPORT_BY_TIME,
  REPRISE_API_REPORT_BY_REQUEST,
} RepriseApiReport;

#define REPRISE_N_API_REPORTS (REPRISE_API_REPORT_BY_REQUEST + 1)

const char *reprise_api_report_to_string (RepriseApiReport report);

/**
 * RepriseApi:
 *
 * One service of Azure API Management. The calls that send block and are for workers.
 */
#define REPRISE_TYPE_API (reprise_api_get_type ())

G_DECLARE_FINAL_TYPE (RepriseApi, reprise_api, REPRISE, API, GObject)

RepriseApi *reprise_api_new (RepriseArm *arm,
                             const char *subscription,
                             const char *group,
                             const char *name,
                             const char *version);
const char *reprise_api_get_id (RepriseApi *self);
RepriseHttp *reprise_api_get_http (RepriseApi *self);
guint reprise_api_get_poll_ms (RepriseApi *self);

RepriseApiState *reprise_api_get_state (RepriseApi *self,
                                        GCancellable *cancellable,
                                        GError **error);
RepriseHttpOperation *reprise_api_back_up (RepriseApi *self,
                                           const RepriseApiStorage *storage,
                                           const char *blob_name,
                                           RepriseHttpOutcome *outcome,
                                           GCancellable *cancellable,
                                           GError **error);
RepriseHttpOperation *reprise_api_restore (RepriseApi *self,
                                           const RepriseApiStorage *storage,
                                           const char *blob_name,
                                           RepriseHttpOutcome *outcome,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_api_walk_report (RepriseApi *self,
                                  RepriseApiReport report,
                                  GDateTime *from,
                                  GDateTime *to,
                                  RepriseArmPiece piece,
                                  gpointer user_data,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean reprise_api_list_names (RepriseApi *self,
                                 const char *list,
                                 GHashTable *names,
                                 GCancellable *cancellable,
                                 GError **error);

/* no requests */
gboolean reprise_api_state_is_ready (const RepriseApiState *state);
gboolean reprise_api_check_name (const char *name, GError **error);
gboolean reprise_api_check_ready (const RepriseApiState *state,
                                  const RepriseApiStorage *storage,
                                  GError **error);
gboolean reprise_api_check_tiers (const RepriseApiState *target,
                                  const char *backed_up_tier,
                                  GError **error);
char *reprise_api_make_blob_name (const char *service, GDateTime *now);
GDateTime *reprise_api_get_end (GDateTime *created_at, int days);

G_END_DECLS
