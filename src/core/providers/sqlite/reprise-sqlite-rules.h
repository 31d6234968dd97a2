/* reprise-sqlite-rules.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/reprise-group.h"

G_BEGIN_DECLS

/**
 * RepriseSqliteOrigin:
 * @REPRISE_SQLITE_ORIGIN_NONE: no rule: the group is unknown
 * @REPRISE_SQLITE_ORIGIN_BUILT_IN: a word of the name
 * @REPRISE_SQLITE_ORIGIN_USER: a rule that was set for this service
 * @REPRISE_SQLITE_ORIGIN_FOLLOWS: it belongs to another collection, as a search index does to what it searches
 *
 * Where it comes from that a collection is in its group.
 */
typedef enum
{
  REPRISE_SQLITE_ORIGIN_NONE,
  REPRISE_SQLITE_ORIGIN_BUILT_IN,
  REPRISE_SQLITE_ORIGIN_USER,
  REPRISE_SQLITE_ORIGIN_FOLLOWS,
} RepriseSqliteOrigin;

/**
 * RepriseSqliteVerdict:
 * @group: the group
 * @origin: where it comes from
 * @rule: (nullable): the word, the rule as it was set (“app.db/users=custom”), or the name that is followed
 *
 * What the rules say of one collection.
 */
typedef struct
{
  RepriseGroup group;
  RepriseSqliteOrigin origin;
  char *rule;
} RepriseSqliteVerdict;

void reprise_sqlite_verdict_clear (RepriseSqliteVerdict *self);
char *reprise_sqlite_verdict_to_text (const RepriseSqliteVerdict *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseSqliteVerdict, reprise_sqlite_verdict_clear)

/**
 * RepriseSqliteRules:
 *
 * Which collection is in which group: the rules that were set for the service, and behind them the built-in ones by name.
 * A rule is `COLLECTION=GROUP`. COLLECTION is a table (“users”), a table of one database (“app.db/users”), a folder (“uploads/”) or
 * a pattern of those with * and ?. The more exact rule wins, and among equals the later. Not to be changed while a worker uses it.
 */
typedef struct _RepriseSqliteRules RepriseSqliteRules;

RepriseSqliteRules *reprise_sqlite_rules_new (const char *const *rules, GError **error);
void reprise_sqlite_rules_free (RepriseSqliteRules *self);

gboolean reprise_sqlite_rules_set (RepriseSqliteRules *self, const char *rule, GError **error);
void reprise_sqlite_rules_set_exactly (RepriseSqliteRules *self,
                                       const char *collection,
                                       RepriseGroup group);

void reprise_sqlite_rules_find (const RepriseSqliteRules *self,
                                const char *database,
                                const char *collection,
                                RepriseSqliteVerdict *verdict);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSqliteRules, reprise_sqlite_rules_free)

G_END_DECLS
