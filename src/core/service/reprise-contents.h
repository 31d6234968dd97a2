/* reprise-contents.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/reprise-group.h"
#include "base/reprise-list.h"

G_BEGIN_DECLS

#define REPRISE_NOT_REPORTED ((gint64) -1)

/**
 * RepriseCollection:
 *
 * The smallest named thing in a group: a table, a database, a site part. It is filled by whoever makes it and then only read.
 *
 * Properties: `name` (unique within its contents), `title` (nullable, for people), `rows` and `size-bytes`
 * (%REPRISE_NOT_REPORTED where nobody says), `reason` (nullable: why it is skipped, or which rule put it in its group).
 */
#define REPRISE_TYPE_COLLECTION (reprise_collection_get_type ())

G_DECLARE_FINAL_TYPE (RepriseCollection, reprise_collection, REPRISE, COLLECTION, GObject)

RepriseCollection *reprise_collection_new (const char *name, gint64 rows, gint64 size_bytes);
const char *reprise_collection_get_name (RepriseCollection *self);
const char *reprise_collection_get_title (RepriseCollection *self);
gint64 reprise_collection_get_rows (RepriseCollection *self);
gint64 reprise_collection_get_size_bytes (RepriseCollection *self);
const char *reprise_collection_get_reason (RepriseCollection *self);
const char *const *reprise_collection_get_files (RepriseCollection *self);
const char *reprise_collection_get_own_group (RepriseCollection *self);
gboolean reprise_collection_get_placeholder (RepriseCollection *self);

void reprise_collection_set_title (RepriseCollection *self, const char *title);
void reprise_collection_set_rows (RepriseCollection *self, gint64 rows);
void reprise_collection_set_size_bytes (RepriseCollection *self, gint64 size_bytes);
void reprise_collection_set_reason (RepriseCollection *self, const char *reason);
void reprise_collection_set_files (RepriseCollection *self, const char *const *files);
void reprise_collection_set_own_group (RepriseCollection *self, const char *own_group);
void reprise_collection_set_placeholder (RepriseCollection *self, gboolean placeholder);

/**
 * RepriseDataGroup:
 *
 * One of the seven groups with its collections: a #GListModel of #RepriseCollection.
 */
#define REPRISE_TYPE_DATA_GROUP (reprise_data_group_get_type ())

G_DECLARE_FINAL_TYPE (RepriseDataGroup, reprise_data_group, REPRISE, DATA_GROUP, RepriseList)

RepriseGroup reprise_data_group_get_group (RepriseDataGroup *self);
gint64 reprise_data_group_get_n_collections (RepriseDataGroup *self);
gint64 reprise_data_group_get_rows (RepriseDataGroup *self);
gint64 reprise_data_group_get_size_bytes (RepriseDataGroup *self);

/**
 * RepriseContents:
 *
 * What is in which group, of a service or of an archive: a #GListModel of the #RepriseDataGroup that have members, in
 * the order of #RepriseGroup. A worker fills it and hands it over; afterwards it is only read.
 */
#define REPRISE_TYPE_CONTENTS (reprise_contents_get_type ())

G_DECLARE_FINAL_TYPE (RepriseContents, reprise_contents, REPRISE, CONTENTS, GObject)

RepriseContents *reprise_contents_new (void);
void reprise_contents_add (RepriseContents *self,
                           RepriseGroup group,
                           RepriseCollection *collection);
RepriseDataGroup *reprise_contents_get_group (RepriseContents *self, RepriseGroup group);
RepriseCollection *reprise_contents_find (RepriseContents *self,
                                          const char *name,
                                          RepriseGroup *group);
RepriseGroups reprise_contents_get_groups (RepriseContents *self);
gint64 reprise_contents_get_size_bytes (RepriseContents *self, RepriseGroups groups);
gint64 reprise_contents_get_rows (RepriseContents *self, RepriseGroups groups);
const char *reprise_contents_get_locked (RepriseContents *self);
void reprise_contents_set_locked (RepriseContents *self, const char *reason);

G_END_DECLS
