/* reprise-ui-states.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/azure/site/reprise-site.h"
#include "reprise-ui-states.h"

/* As App Service has them, of which there are the most. */
void
reprise_ui_states_add (GPtrArray *backups, const char *service_uuid)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 20, 2, 0, 0);

  for (guint i = 0; i <= REPRISE_SITE_UNKNOWN; i++)
    {
      RepriseSiteStatus status = (RepriseSiteStatus) i;
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autoptr (GDateTime) created = g_date_time_add_days (now, -(int) i);
      RepriseBackup *backup = reprise_backup_new (id, service_uuid, "ui");
      gboolean usable = reprise_site_status_is_usable (status);

      g_object_set (backup, "own-name", id, "created-at", created, "size-bytes",
                    usable ? (gint64) 184000000 : (gint64) -1, "state",
                    usable ? REPRISE_BACKUP_COMPLETE : REPRISE_BACKUP_PARTIAL, "own-state",
                    reprise_site_status_to_string (status), "state-text",
                    reprise_site_status_get_text (status), "sign",
                    reprise_site_status_get_sign (status), "in-progress",
                    reprise_site_status_is_moving (status), "on-service", TRUE, "groups",
                    usable ? 0x11u : 0u, NULL);
      g_ptr_array_add (backups, backup);
    }
}
