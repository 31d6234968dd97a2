/* reprise-restore-window-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-archive-view.h"
#include "reprise-file-row.h"
#include "reprise-restore-window.h"
#include "reprise-settings-form.h"

G_BEGIN_DECLS

struct _RepriseRestoreWindow
{
  RepriseStepWindow parent_instance;

  RepriseStep *source_step;
  AdwPreferencesGroup *target_group;
  AdwComboRow *service_row;
  AdwPreferencesGroup *file_group;
  RepriseFileRow *file_row;
  GtkCheckButton *file_check;
  AdwPreferencesGroup *password_group;
  AdwPasswordEntryRow *password_row;
  AdwPreferencesGroup *backups_group;
  RepriseStep *what_step;
  AdwPreferencesGroup *groups;
  GtkExpander *archive_expander;
  RepriseArchiveView *archive_view;
  RepriseStep *where_step;
  AdwPreferencesGroup *where_group;
  RepriseSettingsForm *where_form;
  AdwPreferencesGroup *nearest_group;
  AdwPreferencesGroup *server_group;
  AdwComboRow *server_row;
  AdwPreferencesGroup *conflict_group;
  AdwActionRow *conflict_row;
  RepriseStep *review_step;
  AdwPreferencesGroup *checks_group;
  AdwPreferencesGroup *plan_group;
  AdwPreferencesGroup *losses_group;
  AdwPreferencesGroup *safety_group;
  AdwActionRow *safety_row;
  GtkCheckButton *safety_check;

  RepriseContext *context;   /* (owned) */
  RepriseAgentClient *agent; /* (owned) */
  RepriseService *service;   /* (owned) (nullable) */
  RepriseBackup *backup;     /* (owned) (nullable): the chosen one */
  RepriseArchive *archive;   /* (owned) (nullable): looked into */
  ReprisePlan *plan;         /* (owned) (nullable) */
  GPtrArray *points;      /* (owned) (nullable) (element-type RepriseBackup): all that there are */
  GHashTable *options;    /* (owned) (nullable): known beforehand, key → value */
  char *wanted;           /* (owned) (nullable): the key of what is listed */
  char *backup_id;        /* (owned) (nullable): of the one to be found */
  GDateTime *version_at;  /* (owned) (nullable): of the document that is restored */
  GPtrArray *backup_rows; /* (owned) (element-type GtkWidget) */
  GPtrArray *group_rows;  /* (owned) (element-type RepriseGroupRow) */
};

RepriseKind *reprise_restore_window_get_kind (RepriseRestoreWindow *self);

/* the step “Source” */
void reprise_restore_window_prepare_source (RepriseRestoreWindow *self, const char *path);
void reprise_restore_window_list_backups (RepriseRestoreWindow *self);

/* the step “Where” */
RepriseService *reprise_restore_window_get_target (RepriseRestoreWindow *self);
void reprise_restore_window_prepare_where (RepriseRestoreWindow *self);

G_END_DECLS
