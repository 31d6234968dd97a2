/* reprise-notifier.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseNotifier:
 *
 * Notifications in the name of the application, from a process that shows nothing itself and may be gone when somebody clicks: the
 * desktop then starts the window. In a sandbox by the portal; else as GNOME takes them, or by the specification that all desktops
 * know. By that only who has shown one hears of a click and can take it back, so then it should stay. Where nobody takes them nothing
 * happens. Belongs to the main context.
 *
 * Properties, with “notify”: `busy` (whether it should stay for what is shown).
 */
#define REPRISE_TYPE_NOTIFIER (reprise_notifier_get_type ())

G_DECLARE_FINAL_TYPE (RepriseNotifier, reprise_notifier, REPRISE, NOTIFIER, GObject)

RepriseNotifier *reprise_notifier_new (GDBusConnection *bus, gboolean in_sandbox);
void reprise_notifier_send (RepriseNotifier *self,
                            const char *service_uuid,
                            const char *title,
                            const char *body);
void reprise_notifier_withdraw (RepriseNotifier *self, const char *service_uuid);
gboolean reprise_notifier_is_busy (RepriseNotifier *self);

G_END_DECLS
