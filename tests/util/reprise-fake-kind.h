/* reprise-fake-kind.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

/**
 * RepriseFakeKind:
 *
 * A kind of service for tests of what is around providers: its data is one file, the service's `path`, and an archive is a copy of
 * it behind the line “FAKE”. A restore is rehearsed on another such service. The service says that it has made a backup by itself where
 * reprise_fake_kind_set_backup_age() says so. What goes wrong is told by reprise_fake_kind_set_fault().
 */
#define REPRISE_TYPE_FAKE_KIND (reprise_fake_kind_get_type ())

G_DECLARE_FINAL_TYPE (RepriseFakeKind, reprise_fake_kind, REPRISE, FAKE_KIND, RepriseKind)

typedef enum
{
  REPRISE_FAKE_FAULT_NONE,
  REPRISE_FAKE_FAULT_REFUSE,      /* a check of the plan says no */
  REPRISE_FAKE_FAULT_SAFETY_COPY, /* the safety copy fails half way */
  REPRISE_FAKE_FAULT_BACK_UP,     /* the backup fails half way */
  REPRISE_FAKE_FAULT_SIGN_IN,     /* the backup needs somebody to sign in */
  REPRISE_FAKE_FAULT_RESTORE,     /* the restore fails after it changed something */
  REPRISE_FAKE_FAULT_LOCKED,      /* the restore fails before it changed anything */
  REPRISE_FAKE_FAULT_HANG,        /* the backup never ends by itself */
  REPRISE_FAKE_FAULT_DIFFERS,     /* what a rehearsal restores is not what was backed up */
  REPRISE_FAKE_FAULT_DIES,        /* a rehearsal is cut off in the middle, as by a kill */
} RepriseFakeFault;

#define REPRISE_FAKE_FOLLOWED "followed" /* in a journal: the service goes on with it */

void reprise_fake_kind_set_fault (RepriseFakeFault fault);
void reprise_fake_kind_set_backup_age (int days);
int reprise_fake_kind_get_n_writes (void);
int reprise_fake_kind_get_n_cleaned (void);

G_END_DECLS
