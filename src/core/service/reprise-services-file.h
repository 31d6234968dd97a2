/* reprise-services-file.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "service/reprise-service.h"

G_BEGIN_DECLS

/**
 * RepriseServicesReading:
 * @services: (owned) (element-type RepriseService): in no order
 * @serial: of two readings of one process the one with the higher serial is not older
 *
 * What lay in the key file at one moment.
 */
typedef struct
{
  GPtrArray *services;
  guint serial;
} RepriseServicesReading;

/* For workers. */

RepriseServicesReading *reprise_services_file_read (const char *path, GError **error);
RepriseServicesReading *reprise_services_file_change (const char *path,
                                                      RepriseService *save,
                                                      const char *remove_uuid,
                                                      GError **error);
void reprise_services_reading_free (RepriseServicesReading *self);

gboolean reprise_services_check_name_in (GPtrArray *services,
                                         const char *name,
                                         const char *but_uuid,
                                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseServicesReading, reprise_services_reading_free)

G_END_DECLS
