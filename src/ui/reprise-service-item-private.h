/* reprise-service-item-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-service-item.h"

G_BEGIN_DECLS

struct _RepriseServiceItem
{
  GObject parent_instance;

  RepriseContext *context;   /* (owned) */
  RepriseService *service;   /* (owned) */
  RepriseKind *kind;         /* (owned) (nullable): this version may not know it */
  GCancellable *cancellable; /* (owned): of what is being read */
  guint n_reading;
  gint64 asked_at; /* monotonic; when the service was asked, or 0 */

  GListStore *backups;       /* (owned) (element-type RepriseBackup): newest first */
  GPtrArray *runs;           /* (owned) (element-type RepriseRun): newest first */
  RepriseSeen *seen;         /* (owned) (nullable): of the backups on the service */
  GDateTime *access_end;     /* (owned) (nullable): until when its access to a storage is good */
  RepriseWaiting *waiting;   /* (owned) (nullable): what a backup that is due waits for */
  gboolean known;            /* backups have been read */
  gboolean runs_known;       /* the history has been read */
  gboolean was_asked;        /* the service, by itself, for its backups */
  gboolean answered;         /* it has listed its own backups, all of them */
  RepriseContents *contents; /* (owned) (nullable) */
  RepriseProbe *probe;       /* (owned) (nullable) */
  GError *error;         /* (owned) (nullable): what the last question to the service ended with */
  char *warning;         /* (owned) (nullable): why the backups on the service could not be read */
  RepriseJob *job;       /* (owned) (nullable) */
  RepriseStatus *status; /* (owned) */
};

void reprise_service_item_emit_changed (RepriseServiceItem *self);
void reprise_service_item_add_reading (RepriseServiceItem *self, int n);

G_END_DECLS
