/* reprise-preferences.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ReprisePreferences:
 *
 * What is set for all services and must be the same for window, command line and agent: a key file in the configuration
 * folder, written atomically and under a lock, key by key. Blocking: for workers, and for the command line before its main loop.
 *
 * Keys: `vault-folder` (a path; empty: the default), `safety-copy-days` (30), `max-upload-bytes-per-second` (0: no limit).
 */
#define REPRISE_TYPE_PREFERENCES (reprise_preferences_get_type ())

G_DECLARE_FINAL_TYPE (ReprisePreferences, reprise_preferences, REPRISE, PREFERENCES, GObject)

ReprisePreferences *reprise_preferences_new (const char *path);
char *reprise_preferences_dup_default_path (void);
gboolean reprise_preferences_load (ReprisePreferences *self, GError **error);
gboolean reprise_preferences_save (ReprisePreferences *self, GError **error);
char *reprise_preferences_dup_string (ReprisePreferences *self, const char *key);
void reprise_preferences_set_string (ReprisePreferences *self, const char *key, const char *value);
gint64 reprise_preferences_get_integer (ReprisePreferences *self, const char *key, gint64 fallback);
void reprise_preferences_set_integer (ReprisePreferences *self, const char *key, gint64 value);

G_END_DECLS
