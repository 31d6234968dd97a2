/* reprise-sqlite-rules.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-rules"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/sqlite/reprise-sqlite-rules.h"

/* One rule that was set. */
typedef struct
{
  char *collection;      /* (owned): as it was written */
  char *folded;          /* (owned): for comparison */
  GPatternSpec *pattern; /* (owned) (nullable): where it has * or ? */
  RepriseGroup group;
} Rule;

/* A built-in rule */
typedef struct
{
  const char *word;   /* in lower case and the singular */
  RepriseGroup group; /* of the collections that are named so */
} Word;

struct _RepriseSqliteRules
{
  GPtrArray *rules; /* (owned) (element-type Rule): in the order in which they were set */
};

/* The last word of a name that stands here decides: “user_settings” are settings. */
static const Word WORDS[] = {
  { "migration", REPRISE_GROUP_REQUIRED },
  { "setting", REPRISE_GROUP_REQUIRED },
  { "config", REPRISE_GROUP_REQUIRED },
  { "configuration", REPRISE_GROUP_REQUIRED },
  { "option", REPRISE_GROUP_REQUIRED },
  { "preference", REPRISE_GROUP_REQUIRED },
  { "schema", REPRISE_GROUP_REQUIRED },
  { "alembic", REPRISE_GROUP_REQUIRED },
  { "flyway", REPRISE_GROUP_REQUIRED },
  { "user", REPRISE_GROUP_USER },
  { "role", REPRISE_GROUP_USER },
  { "session", REPRISE_GROUP_USER },
  { "account", REPRISE_GROUP_USER },
  { "permission", REPRISE_GROUP_USER },
  { "login", REPRISE_GROUP_USER },
  { "log", REPRISE_GROUP_LOG },
  { "audit", REPRISE_GROUP_LOG },
  { "event", REPRISE_GROUP_LOG },
  { "history", REPRISE_GROUP_LOG },
  { "token", REPRISE_GROUP_THIRD_PARTY },
  { "credential", REPRISE_GROUP_THIRD_PARTY },
  { "storage", REPRISE_GROUP_THIRD_PARTY },
  { "provider", REPRISE_GROUP_THIRD_PARTY },
  { "integration", REPRISE_GROUP_THIRD_PARTY },
  { "webhook", REPRISE_GROUP_THIRD_PARTY },
  { "cache", REPRISE_GROUP_SKIPPED },
  { "tmp", REPRISE_GROUP_SKIPPED },
  { "temp", REPRISE_GROUP_SKIPPED },
};

/* Decides wherever it stands: an application that forgets its migrations does not start. */
#define FIRST_WORD "migration"

static void
rule_free (gpointer data)
{
  Rule *self = data;

  g_free (self->collection);
  g_free (self->folded);
  g_clear_pointer (&self->pattern, g_pattern_spec_free);
  g_free (self);
}

void
reprise_sqlite_verdict_clear (RepriseSqliteVerdict *self)
{
  g_clear_pointer (&self->rule, g_free);
}

/**
 * reprise_sqlite_verdict_to_text:
 *
 * Returns: (transfer full): for people, a sentence without its end
 */
char *
reprise_sqlite_verdict_to_text (const RepriseSqliteVerdict *self)
{
  switch (self->origin)
    {
    case REPRISE_SQLITE_ORIGIN_USER:
      /* Translators: %s is a rule as it was typed: users=custom */
      return g_strdup_printf (_ ("Your rule “%s”"), self->rule);
    case REPRISE_SQLITE_ORIGIN_BUILT_IN:
      /* Translators: %s is a word of the table's name, in English: session */
      return g_strdup_printf (_ ("Built-in rule for “%s”"), self->rule);
    case REPRISE_SQLITE_ORIGIN_FOLLOWS:
      return g_strdup_printf (_ ("Belongs to “%s”"), self->rule);
    case REPRISE_SQLITE_ORIGIN_NONE:
    default:
      return g_strdup (_ ("No rule"));
    }
}

/* Names of SQLite are the same without case, but only that of ASCII. */
static char *
fold (const char *name)
{
  return g_ascii_strdown (name, -1);
}

/**
 * reprise_sqlite_rules_new:
 * @rules: (nullable) (array zero-terminated=1): as reprise_sqlite_rules_set() takes them
 *
 * Returns: (transfer full): the rules, or %NULL with %REPRISE_ERROR_INVALID where one of them is none
 */
RepriseSqliteRules *
reprise_sqlite_rules_new (const char *const *rules, GError **error)
{
  g_autoptr (RepriseSqliteRules) self = g_new0 (RepriseSqliteRules, 1);

  self->rules = g_ptr_array_new_with_free_func (rule_free);
  for (; rules != NULL && *rules != NULL; rules++)
    if (!reprise_sqlite_rules_set (self, *rules, error))
      return NULL;
  return g_steal_pointer (&self);
}

void
reprise_sqlite_rules_free (RepriseSqliteRules *self)
{
  g_ptr_array_unref (self->rules);
  g_free (self);
}

static gboolean
refuse_rule (const char *rule, GError **error)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("“%s” is not a rule: write COLLECTION=GROUP, as in “users=custom”"), rule);
  return FALSE;
}

/* Takes the rule for @collection back, where there is one. */
static void
unset_rule (RepriseSqliteRules *self, const char *collection)
{
  g_autofree char *folded = fold (collection);

  for (guint i = 0; i < self->rules->len; i++)
    {
      const Rule *rule = g_ptr_array_index (self->rules, i);

      if (g_str_equal (rule->folded, folded))
        {
          g_ptr_array_remove_index (self->rules, i);
          return;
        }
    }
}

static Rule *
add_rule (RepriseSqliteRules *self, const char *collection, RepriseGroup group)
{
  Rule *made;

  unset_rule (self, collection);
  made = g_new0 (Rule, 1);
  made->folded = fold (collection);
  made->collection = g_strdup (collection);
  made->group = group;
  g_ptr_array_add (self->rules, made);
  return made;
}

/* For exactly the collection of that name, with its spaces, and whatever * and ? are in it. */
void
reprise_sqlite_rules_set_exactly (RepriseSqliteRules *self,
                                  const char *collection,
                                  RepriseGroup group)
{
  add_rule (self, collection, group);
}

/**
 * reprise_sqlite_rules_set:
 * @rule: “COLLECTION=GROUP”; it replaces the one for the same COLLECTION
 *
 * Returns: whether it is a rule; else %REPRISE_ERROR_INVALID
 */
gboolean
reprise_sqlite_rules_set (RepriseSqliteRules *self, const char *rule, GError **error)
{
  const char *equals = strrchr (rule, '='); /* a table may have one in its name, a group has none */
  g_autofree char *name = NULL, *id = NULL;
  const char *ids[] = { NULL, NULL };
  RepriseGroups groups;
  Rule *made;
  RepriseGroup group = REPRISE_GROUP_UNKNOWN;

  if (equals == NULL || equals == rule || !g_utf8_validate (rule, -1, NULL))
    return refuse_rule (rule, error);
  name = g_strstrip (g_strndup (rule, (gsize) (equals - rule)));
  id = g_strstrip (g_ascii_strdown (equals + 1, -1));
  ids[0] = id;
  if (name[0] == '\0')
    return refuse_rule (rule, error);
  if (!g_str_equal (id, reprise_group_to_string (REPRISE_GROUP_SKIPPED)) &&
      !reprise_groups_from_strv (ids, &groups, error))
    return FALSE;
  reprise_group_from_string (id, &group);
  made = add_rule (self, name, group);
  if (strpbrk (name, "*?") != NULL)
    made->pattern = g_pattern_spec_new (made->folded);
  return TRUE;
}

static char *
rule_to_string (const Rule *rule)
{
  return g_strdup_printf ("%s=%s", rule->collection, reprise_group_to_string (rule->group));
}

/* How exactly a rule speaks of a collection: 0 for not at all. */
static guint
match (const Rule *rule, const char *full, const char *bare)
{
  if (full != NULL && g_str_equal (rule->folded, full))
    return 4;
  if (g_str_equal (rule->folded, bare))
    return 3;
  if (rule->pattern == NULL)
    return 0;
  if (full != NULL && g_pattern_spec_match_string (rule->pattern, full))
    return 2;
  return g_pattern_spec_match_string (rule->pattern, bare) ? 1 : 0;
}

/*
 * @database: (nullable): the name of the database, %NULL for a folder
 * @collection: the table, or the folder with its “/”
 * @verdict: (out): set only on success
 *
 * Returns: whether a rule of the service's own speaks of it
 */
static gboolean
find_set (const RepriseSqliteRules *self,
          const char *database,
          const char *collection,
          RepriseSqliteVerdict *verdict)
{
  g_autofree char *bare = fold (collection);
  g_autofree char *folded_database = database != NULL ? fold (database) : NULL;
  g_autofree char *full = database != NULL ? g_strconcat (folded_database, "/", bare, NULL) : NULL;
  const Rule *best = NULL;
  guint best_match = 0;

  for (guint i = 0; i < self->rules->len; i++)
    {
      const Rule *rule = g_ptr_array_index (self->rules, i);
      guint this_match = match (rule, full, bare);

      if (this_match > 0 && this_match >= best_match)
        {
          best = rule;
          best_match = this_match;
        }
    }
  if (best == NULL)
    return FALSE;
  *verdict =
    (RepriseSqliteVerdict){ best->group, REPRISE_SQLITE_ORIGIN_USER, rule_to_string (best) };
  return TRUE;
}

static gboolean
ends_word (const char *name, gsize at)
{
  char this = name[at], next = name[at + 1];

  if (!g_ascii_isalnum (next))
    return TRUE;
  if (g_ascii_isalpha (this) != g_ascii_isalpha (next))
    return TRUE;
  if (g_ascii_islower (this) && g_ascii_isupper (next))
    return TRUE;
  /* the last capital of “EFMigrations” begins the next word */
  return g_ascii_isupper (this) && g_ascii_isupper (next) && g_ascii_islower (name[at + 2]);
}

/* (transfer full) (element-type utf8): the words of “__EFMigrationsHistory”: ef, migrations, history */
static GPtrArray *
split (const char *name)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  gsize start = 0;

  for (gsize i = 0; name[i] != '\0'; i++)
    {
      if (!g_ascii_isalnum (name[i]))
        start = i + 1;
      else if (ends_word (name, i))
        {
          g_ptr_array_add (words, g_ascii_strdown (name + start, (gssize) (i + 1 - start)));
          start = i + 1;
        }
    }
  return words;
}

/* Whether @text is @word, or several of them. */
static gboolean
is_word (const char *text, const char *word)
{
  gsize length = strlen (word);

  if (strncmp (text, word, length) == 0)
    return g_str_equal (text + length, "") || g_str_equal (text + length, "s") ||
           g_str_equal (text + length, "es");
  /* history, histories */
  return word[length - 1] == 'y' && strncmp (text, word, length - 1) == 0 &&
         g_str_equal (text + length - 1, "ies");
}

static const Word *
find_word (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (WORDS); i++)
    if (is_word (text, WORDS[i].word))
      return &WORDS[i];
  return NULL;
}

static const Word *
find_built_in (const char *name)
{
  g_autoptr (GPtrArray) words = split (name);
  const Word *found = NULL;

  for (guint i = 0; i < words->len; i++)
    if (is_word (g_ptr_array_index (words, i), FIRST_WORD))
      return find_word (FIRST_WORD);
  for (guint i = words->len; i-- > 0 && found == NULL;)
    found = find_word (g_ptr_array_index (words, i));
  return found;
}

/**
 * reprise_sqlite_rules_find:
 * @database: (nullable): the name of the database, %NULL for a folder
 * @collection: the table, or the folder with its “/”
 * @verdict: (out): what the rules say
 */
void
reprise_sqlite_rules_find (const RepriseSqliteRules *self,
                           const char *database,
                           const char *collection,
                           RepriseSqliteVerdict *verdict)
{
  const Word *word;

  if (find_set (self, database, collection, verdict))
    return;
  word = find_built_in (collection);
  if (word != NULL)
    *verdict =
      (RepriseSqliteVerdict){ word->group, REPRISE_SQLITE_ORIGIN_BUILT_IN, g_strdup (word->word) };
  else
    *verdict = (RepriseSqliteVerdict){ REPRISE_GROUP_UNKNOWN, REPRISE_SQLITE_ORIGIN_NONE, NULL };
}
