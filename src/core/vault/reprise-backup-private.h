/* reprise-backup-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-backup.h"

G_BEGIN_DECLS

/* For the vault, which makes a hundred thousand of them at once: what is in the properties, without their cost. */
struct _RepriseBackup
{
  GObject parent_instance;

  char *id;              /* (owned) */
  char *service_uuid;    /* (owned) */
  char *kind;            /* (owned) */
  char *own_name;        /* (owned) (nullable) */
  GDateTime *created_at; /* (owned) (nullable) */
  gint64 size_bytes;
  int state;        /* a RepriseBackupState */
  char *own_state;  /* (owned) (nullable) */
  char *state_text; /* (owned) (nullable) */
  int sign;         /* a RepriseBackupSign */
  gboolean bound;
  gboolean in_progress;
  gboolean stale;
  gboolean on_service;
  gboolean in_vault;
  int origin; /* a RepriseOrigin */
  char *note; /* (owned) (nullable) */
  gboolean kept;
  int tier;                  /* a RepriseTier */
  GDateTime *leaving_at;     /* (owned) (nullable) */
  GDateTime *verified_at;    /* (owned) (nullable) */
  char *damage;              /* (owned) (nullable) */
  RepriseContents *contents; /* (owned) (nullable) */
  guint groups;              /* a RepriseGroups */
  char *folder;              /* (owned) (nullable) */
  char *parent;              /* (owned) (nullable) */
  gboolean encrypted;
  char *tool_version;    /* (owned) (nullable) */
  char *service_version; /* (owned) (nullable) */
  char *edition;         /* (owned) (nullable) */
  char *periods;         /* (owned) (nullable) */
};

G_END_DECLS
