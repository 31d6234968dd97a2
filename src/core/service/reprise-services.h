/* reprise-services.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-list.h"
#include "service/reprise-service.h"

G_BEGIN_DECLS

/**
 * RepriseServices:
 *
 * All configured services: a #GListModel of #RepriseService, in the order of their names. Kept in one key file, which is
 * written atomically and holds no secret. Other processes may write it too: every change is made to a fresh reading of the
 * file under a lock, and a watch brings what others changed.
 */
#define REPRISE_TYPE_SERVICES (reprise_services_get_type ())

G_DECLARE_FINAL_TYPE (RepriseServices, reprise_services, REPRISE, SERVICES, RepriseList)

RepriseServices *reprise_services_new (const char *path);
char *reprise_services_dup_default_path (void);

RepriseService *reprise_services_get (RepriseServices *self, const char *uuid);
RepriseService *reprise_services_find (RepriseServices *self, const char *name, GError **error);
gboolean reprise_services_check_name (RepriseServices *self,
                                      const char *name,
                                      const char *but_uuid,
                                      GError **error);

/* blocking: for the command line before its main loop */
gboolean reprise_services_load (RepriseServices *self, GError **error);
gboolean reprise_services_save (RepriseServices *self, RepriseService *service, GError **error);
gboolean reprise_services_remove (RepriseServices *self, const char *uuid, GError **error);

/* the same, not blocking */
void reprise_services_load_async (RepriseServices *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean reprise_services_load_finish (RepriseServices *self, GAsyncResult *result, GError **error);
void reprise_services_save_async (RepriseServices *self,
                                  RepriseService *service,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean reprise_services_save_finish (RepriseServices *self, GAsyncResult *result, GError **error);
void reprise_services_remove_async (RepriseServices *self,
                                    const char *uuid,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean reprise_services_remove_finish (RepriseServices *self,
                                         GAsyncResult *result,
                                         GError **error);
void reprise_services_watch (RepriseServices *self);

G_END_DECLS
