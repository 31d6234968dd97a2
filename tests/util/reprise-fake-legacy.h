/* reprise-fake-legacy.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-fake-couch.h"

G_BEGIN_DECLS

/**
 * RepriseFakeLegacyForm:
 *
 * How “monitor” answers, of which nobody has written down the form.
 */
typedef enum
{
  REPRISE_FAKE_LEGACY_ROWS,  /* {"rows":[{"db","date","frequency","doc"}]} */
  REPRISE_FAKE_LEGACY_KEYED, /* {"DATABASE":DOC} */
  REPRISE_FAKE_LEGACY_ARRAY, /* [{"database","timestamp","frequency","doc"}] */
  REPRISE_FAKE_LEGACY_NAMES, /* ["DATABASE"] */
} RepriseFakeLegacyForm;

/**
 * RepriseFakeLegacy:
 *
 * Cloudant's own backup, of a server in this process: `/_api/v2/backup/`. A restore replaces the document in the server's database.
 */
typedef struct _RepriseFakeLegacy RepriseFakeLegacy;

RepriseFakeLegacy *reprise_fake_legacy_new (RepriseFakeCouch *server);
void reprise_fake_legacy_free (RepriseFakeLegacy *self);
void reprise_fake_legacy_add_task (RepriseFakeLegacy *self,
                                   const char *task,
                                   const char *database,
                                   const char *latest);
void reprise_fake_legacy_add_kept (RepriseFakeLegacy *self,
                                   const char *task,
                                   const char *document,
                                   const char *frequency,
                                   const char *date,
                                   const char *rev,
                                   const char *members);
void reprise_fake_legacy_set_form (RepriseFakeLegacy *self, RepriseFakeLegacyForm form);
void reprise_fake_legacy_set_idle (RepriseFakeLegacy *self, gboolean idle);
void reprise_fake_legacy_set_mute (RepriseFakeLegacy *self, gboolean mute);
char *reprise_fake_legacy_dup_requests (RepriseFakeLegacy *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseFakeLegacy, reprise_fake_legacy_free)

G_END_DECLS
