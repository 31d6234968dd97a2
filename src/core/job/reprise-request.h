/* reprise-request.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-group.h"
#include "job/reprise-job.h"

G_BEGIN_DECLS

/**
 * RepriseRequest:
 * @kind: what to do
 * @service_uuid: (nullable): the service; needed by all but the verification of backups
 * @backup_ids: (nullable): the backups that it is about
 * @file: (nullable): the local archive that it is about
 * @groups: the chosen groups; %REPRISE_GROUPS_NONE for the kind's default, or all that the archive has
 * @options: (nullable) (element-type utf8 utf8): of a restore, as in --to KEY=VALUE
 * @note: (nullable): kept with a new backup
 * @origin: “manual”, “schedule” and so on
 * @depth: of a verification: “quick”, “full”, “deep”
 * @on_service: a new backup stays on the service
 * @consent: the plan was shown and agreed to
 * @no_safety_copy: restore without one
 * @job_id: (nullable): a ULID of the caller's, which becomes the job's: a request that comes twice makes one job
 * @again: it may have come before, to an agent that is gone
 * @force: go on where the job would ask (delete the last verified backup, a stale lock…)
 *
 * What a front asks for, in a form that crosses the bus. It never holds a secret.
 */
typedef struct
{
  RepriseJobKind kind;
  char *service_uuid;
  char **backup_ids;
  char *file;
  RepriseGroups groups;
  GHashTable *options;
  char *note;
  char *origin;
  char *depth;
  char *job_id;
  gboolean again;
  gboolean on_service;
  gboolean consent;
  gboolean no_safety_copy;
  gboolean force;
} RepriseRequest;

#define REPRISE_TYPE_REQUEST (reprise_request_get_type ())

GType reprise_request_get_type (void);
RepriseRequest *reprise_request_new (RepriseJobKind kind, const char *service_uuid);
RepriseRequest *reprise_request_copy (const RepriseRequest *self);
void reprise_request_free (RepriseRequest *self);
void reprise_request_set_backup (RepriseRequest *self, const char *backup_id);
void reprise_request_set_option (RepriseRequest *self, const char *key, const char *value);

GVariant *reprise_request_to_variant (const RepriseRequest *self);
RepriseRequest *reprise_request_from_variant (GVariant *variant, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseRequest, reprise_request_free)

G_END_DECLS
