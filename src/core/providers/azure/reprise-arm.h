/* reprise-arm.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-http-operation.h"
#include "net/reprise-json-cutter.h"
#include "net/reprise-json.h"
#include "secret/reprise-secret-value.h"

G_BEGIN_DECLS

/* versions of the interfaces that are spoken */
#define REPRISE_ARM_VERSION_WEB           "2025-05-01"
#define REPRISE_ARM_VERSION_WEB_DELETED   "2022-09-01"
#define REPRISE_ARM_VERSION_API           "2024-05-01"
#define REPRISE_ARM_VERSION_API_REPORTS   "2022-08-01"
#define REPRISE_ARM_VERSION_STORAGE       "2022-09-01"
#define REPRISE_ARM_VERSION_SUBSCRIPTIONS "2022-12-01"
#define REPRISE_ARM_VERSION_GROUPS        "2022-09-01"

/**
 * RepriseArmList:
 * @REPRISE_ARM_TENANTS: of whoever is signed in; no scope
 * @REPRISE_ARM_SUBSCRIPTIONS: of the token's tenant; no scope
 * @REPRISE_ARM_GROUPS: of a subscription
 * @REPRISE_ARM_SITES: applications of App Service, of a subscription or a group
 * @REPRISE_ARM_SLOTS: of an application
 * @REPRISE_ARM_DELETED_SITES: applications that were deleted, of a subscription
 * @REPRISE_ARM_APIS: services of API Management, of a subscription or a group
 * @REPRISE_ARM_STORAGES: storage accounts, of a subscription
 * @REPRISE_ARM_CONTAINERS: of a storage account
 *
 * What a person chooses from. The scope is a resource ID: “/subscriptions/…”.
 */
typedef enum
{
  REPRISE_ARM_TENANTS,
  REPRISE_ARM_SUBSCRIPTIONS,
  REPRISE_ARM_GROUPS,
  REPRISE_ARM_SITES,
  REPRISE_ARM_SLOTS,
  REPRISE_ARM_DELETED_SITES,
  REPRISE_ARM_APIS,
  REPRISE_ARM_STORAGES,
  REPRISE_ARM_CONTAINERS,
} RepriseArmList;

/**
 * RepriseArmItem:
 * @id: the resource's ID; of a subscription or tenant its own
 * @name: by which it is asked for
 * @title: for people
 * @group: (nullable): the resource group that it is in
 * @location: (nullable): the region
 * @state: (nullable): the service's own word: “Running”, “Enabled”
 * @address: (nullable): the host of an application, the address of a storage account's blobs
 * @tier: (nullable): of a service of API Management
 */
typedef struct
{
  char *id;
  char *name;
  char *title;
  char *group;
  char *location;
  char *state;
  char *address;
  char *tier;
} RepriseArmItem;

void reprise_arm_item_free (RepriseArmItem *self);

/* In the worker that lists: the items of a list as the bytes that came. %FALSE with @error ends the list. */
typedef RepriseJsonPieceFunc RepriseArmPiece;

/* In the worker that lists. %FALSE with @error ends the list. */
typedef gboolean (*RepriseArmEach) (JsonObject *item, gpointer user_data, GError **error);

/**
 * RepriseArm:
 *
 * Azure Resource Manager: how all of Azure is managed. The calls that send block and are for workers, any number of them at a
 * time.
 */
#define REPRISE_TYPE_ARM (reprise_arm_get_type ())

G_DECLARE_FINAL_TYPE (RepriseArm, reprise_arm, REPRISE, ARM, GObject)

RepriseArm *reprise_arm_new (const char *address, RepriseHttpAuth *auth, GError **error);
RepriseHttp *reprise_arm_get_http (RepriseArm *self);
guint reprise_arm_get_poll_ms (RepriseArm *self);
void reprise_arm_set_poll_ms (RepriseArm *self, guint ms);

JsonObject *reprise_arm_get (RepriseArm *self,
                             const char *path,
                             const char *version,
                             GCancellable *cancellable,
                             GError **error);
JsonObject *reprise_arm_send (RepriseArm *self,
                              const char *method,
                              const char *path,
                              const char *version,
                              GBytes *body,
                              RepriseHttpEffect effect,
                              RepriseHttpOutcome *outcome,
                              GCancellable *cancellable,
                              GError **error);
gboolean reprise_arm_delete (RepriseArm *self,
                             const char *path,
                             const char *version,
                             const char *query,
                             GCancellable *cancellable,
                             GError **error);
RepriseHttpOperation *reprise_arm_start (RepriseArm *self,
                                         const char *path,
                                         const char *version,
                                         GBytes *body,
                                         RepriseHttpOutcome *outcome,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean reprise_arm_walk (RepriseArm *self,
                           const char *path,
                           const char *version,
                           const char *query,
                           RepriseArmEach each,
                           gpointer user_data,
                           GCancellable *cancellable,
                           GError **error);
gboolean reprise_arm_walk_bytes (RepriseArm *self,
                                 const char *path,
                                 const char *version,
                                 const char *query,
                                 RepriseArmPiece piece,
                                 gpointer user_data,
                                 guint64 *n_items,
                                 gint64 *count,
                                 GCancellable *cancellable,
                                 GError **error);
GPtrArray *reprise_arm_list (RepriseArm *self,
                             RepriseArmList what,
                             const char *scope,
                             GCancellable *cancellable,
                             GError **error);

/* of storage accounts, by their resource IDs */
RepriseSecretValue *reprise_arm_get_storage_key (RepriseArm *self,
                                                 const char *account,
                                                 GCancellable *cancellable,
                                                 GError **error);
RepriseSecretValue *reprise_arm_make_sas (RepriseArm *self,
                                          const char *account,
                                          const char *container,
                                          const char *permissions,
                                          GDateTime *end,
                                          GCancellable *cancellable,
                                          GError **error);
gboolean reprise_arm_make_container (RepriseArm *self,
                                     const char *account,
                                     const char *container,
                                     GCancellable *cancellable,
                                     GError **error);

/* no requests */
char *reprise_arm_explain (RepriseHttpResponse *response, gpointer unused);
char *reprise_arm_id_get (const char *id, const char *segment);
void reprise_arm_explain_missing (const char *id, GError **error);
char *reprise_arm_path (const char *first, ...) G_GNUC_NULL_TERMINATED;

/* a body, in which there may be secrets: JSON that is wiped at its end */
GString *reprise_arm_body_new (void);
void reprise_arm_body_open (GString *body, const char *name, char bracket);
void reprise_arm_body_close (GString *body, char bracket);
void reprise_arm_body_add (GString *body, const char *name, const char *text);
void reprise_arm_body_add_int (GString *body, const char *name, gint64 value);
void reprise_arm_body_add_boolean (GString *body, const char *name, gboolean value);
GBytes *reprise_arm_body_finish (GString *body);

G_END_DECLS
