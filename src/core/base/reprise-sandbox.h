/* reprise-sandbox.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How the command begins that gives a sandbox access to a folder; flatpak-override(1). */
#define REPRISE_SANDBOX_OVERRIDE "flatpak override --user"

/**
 * RepriseSandboxView:
 * @REPRISE_SANDBOX_SHOWN: it is the computer's own, or there is no sandbox
 * @REPRISE_SANDBOX_HIDDEN: whatever is there is the sandbox's and not the computer's; a permission would show it
 * @REPRISE_SANDBOX_NEVER: hidden, and there is no such permission
 * @REPRISE_SANDBOX_PORTAL: a portal handed it in
 *
 * What a path means in the sandbox of Flatpak.
 */
typedef enum
{
  REPRISE_SANDBOX_SHOWN,
  REPRISE_SANDBOX_HIDDEN,
  REPRISE_SANDBOX_NEVER,
  REPRISE_SANDBOX_PORTAL,
} RepriseSandboxView;

/**
 * RepriseSandboxWish:
 * @REPRISE_SANDBOX_PLACE: a folder; or a database, by its name, and what lies beside it
 * @REPRISE_SANDBOX_BESIDE: a file, and what lies beside it
 * @REPRISE_SANDBOX_NEW: a folder that may be made
 *
 * What somebody wants of a path.
 */
typedef enum
{
  REPRISE_SANDBOX_PLACE,
  REPRISE_SANDBOX_BESIDE,
  REPRISE_SANDBOX_NEW,
} RepriseSandboxWish;

/* These block: for workers. */
gboolean reprise_sandbox_check (const char *path, RepriseSandboxWish wish, GError **error);
gboolean reprise_sandbox_is_alone (const char *path);
char *reprise_sandbox_dup_host_path (const char *path);

gboolean reprise_sandbox_is_active (void);
char *reprise_sandbox_dup_override (const char *folder);

/* its parts, and for tests */
gboolean reprise_sandbox_is_portal (const char *mountinfo, const char *path);
RepriseSandboxView reprise_sandbox_view (const char *mountinfo,
                                         const char *flatpak_info,
                                         const char *path);
void reprise_sandbox_pretend (const char *mountinfo, const char *flatpak_info);

G_END_DECLS
