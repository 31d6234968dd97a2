/* nocobase-fake.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-fault-server.h"

G_BEGIN_DECLS

/**
 * NocobaseFakeEnd:
 * @NOCOBASE_FAKE_WORKS: it is done
 * @NOCOBASE_FAKE_REFUSES: nothing is changed, and the reason is said as that plugin says it
 * @NOCOBASE_FAKE_BREAKS: the application serves nothing any more
 * @NOCOBASE_FAKE_CUT: it is done, and the connection that asked for it is lost on the way
 * @NOCOBASE_FAKE_DIES: the process ends in the middle, and somebody starts it again
 * @NOCOBASE_FAKE_LOSES: it is done, and one collection lacks rows
 * @NOCOBASE_FAKE_GOES_BACK: the new plugin's own failure: it went back to what was before
 *
 * What comes of a restore.
 */
typedef enum
{
  NOCOBASE_FAKE_WORKS,
  NOCOBASE_FAKE_REFUSES,
  NOCOBASE_FAKE_BREAKS,
  NOCOBASE_FAKE_CUT,
  NOCOBASE_FAKE_DIES,
  NOCOBASE_FAKE_LOSES,
  NOCOBASE_FAKE_GOES_BACK,
} NocobaseFakeEnd;

typedef struct _NocobaseFake NocobaseFake;

/* Takes a call in place of the fake; @body is what the fake would have answered with, of that type. */
typedef void (*NocobaseFakeFault) (NocobaseFake *fake,
                                   RepriseFaultCall *call,
                                   GBytes *body,
                                   const char *type);

/**
 * NocobaseFake:
 * @has_old: “Backup & restore” is enabled
 * @has_new: “Backup manager” is enabled
 * @old_on_disk: it is there, enabled or not
 * @new_on_disk: likewise
 * @denied: the account has no right to backups
 * @underscored: how its database is set, in what it backs up
 * @lacks_plugin: (nullable): a package that it does not have
 * @token_life: how many requests a token serves; 0: all
 * @renews: it gives a new token before it refuses the old one
 * @create_fails: a backup that was begun vanishes
 * @read_another: it reads another archive than was uploaded
 * @encrypts: its setting for archives (nullable)
 * @damaged: its own file of the archive is cut
 * @end: of restores
 * @fault: (nullable): of requests for @fault_action, @fault_times times; -1: always
 * @other: (nullable): where a fault leads to
 *
 * A NocoBase server in this process, as the contract and the recordings of real ones show them. Members are set before it is asked.
 * It has the account “root” with the password “correct horse”, the API key “key”, the role “admin” and the sub-application “branch”.
 */
struct _NocobaseFake
{
  gboolean has_old, has_new, old_on_disk, new_on_disk, denied, underscored;
  const char *version, *dialect, *lacks_plugin, *encrypts;
  int token_life;
  gboolean renews, create_fails, read_another, damaged;
  NocobaseFakeEnd end;
  const char *fault_action;
  NocobaseFakeFault fault;
  int fault_times;
  RepriseFaultServer *other;
};

NocobaseFake *nocobase_fake_new (gboolean has_old, gboolean has_new);
void nocobase_fake_free (NocobaseFake *self);
char *nocobase_fake_dup_address (NocobaseFake *self);

void nocobase_fake_add (NocobaseFake *self, const char *name, gboolean in_progress);
void nocobase_fake_forget (NocobaseFake *self);
guint nocobase_fake_count (NocobaseFake *self, const char *pattern);
char *nocobase_fake_dup_seen (NocobaseFake *self);
char *nocobase_fake_dup_body (NocobaseFake *self);
guint nocobase_fake_get_n_writes (NocobaseFake *self);
guint nocobase_fake_get_n_restored (NocobaseFake *self);
guint nocobase_fake_get_n_uploaded (NocobaseFake *self);
GBytes *nocobase_fake_get_archive (NocobaseFake *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NocobaseFake, nocobase_fake_free)

G_END_DECLS
