/* reprise-tier-policy.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-tier-policy.h"

#define KEEP_ALL             "all"
#define DAYS_OF_A_MONTH      28 /* at least */
#define MONTHS_OF_A_YEAR     12
#define MAX_DAYS_A_WEEKLY    366
#define MAX_MONTHS_A_MONTHLY 120
#define MAX_YEARS_A_YEARLY   100

/* One number of a policy, and what it is called */
typedef struct
{
  const char *word;    /* in rules and on the command line */
  const char *setting; /* of the service */
  guint offset;        /* in the structure */
  guint minimum;
  guint maximum;
  gboolean may_be_all;
} Member;

#define KEEP(tier)  G_STRUCT_OFFSET (RepriseTierPolicy, keep[tier])
#define EVERY(tier) G_STRUCT_OFFSET (RepriseTierPolicy, every[tier])

static const Member MEMBERS[] = {
  { "daily", REPRISE_TIER_SETTING_KEEP_DAILY, KEEP (REPRISE_TIER_DAILY), 0, REPRISE_TIER_MAX_KEEP,
    TRUE },
  { "weekly", REPRISE_TIER_SETTING_KEEP_WEEKLY, KEEP (REPRISE_TIER_WEEKLY), 0,
    REPRISE_TIER_MAX_KEEP, TRUE },
  { "monthly", REPRISE_TIER_SETTING_KEEP_MONTHLY, KEEP (REPRISE_TIER_MONTHLY), 0,
    REPRISE_TIER_MAX_KEEP, TRUE },
  { "yearly", REPRISE_TIER_SETTING_KEEP_YEARLY, KEEP (REPRISE_TIER_YEARLY), 0,
    REPRISE_TIER_MAX_KEEP, TRUE },
  { "weekly-days", REPRISE_TIER_SETTING_WEEKLY_DAYS, EVERY (REPRISE_TIER_WEEKLY), 1,
    MAX_DAYS_A_WEEKLY, FALSE },
  { "monthly-months", REPRISE_TIER_SETTING_MONTHLY_MONTHS, EVERY (REPRISE_TIER_MONTHLY), 1,
    MAX_MONTHS_A_MONTHLY, FALSE },
  { "yearly-years", REPRISE_TIER_SETTING_YEARLY_YEARS, EVERY (REPRISE_TIER_YEARLY), 1,
    MAX_YEARS_A_YEARLY, FALSE },
  { "clean-up-days", REPRISE_TIER_SETTING_DELAY, G_STRUCT_OFFSET (RepriseTierPolicy, delay_days), 0,
    REPRISE_TIER_MAX_DELAY, FALSE },
};

/* Seven days and four weeks are offered first; twelve months and all years cost little. */
void
reprise_tier_policy_init (RepriseTierPolicy *self)
{
  *self = (RepriseTierPolicy){ 0 };
  self->keep[REPRISE_TIER_DAILY] = 7;
  self->keep[REPRISE_TIER_WEEKLY] = 4;
  self->keep[REPRISE_TIER_MONTHLY] = 12;
  self->keep[REPRISE_TIER_YEARLY] = REPRISE_TIER_KEEP_ALL;
  self->every[REPRISE_TIER_DAILY] = 1;
  self->every[REPRISE_TIER_WEEKLY] = 7;
  self->every[REPRISE_TIER_MONTHLY] = 1;
  self->every[REPRISE_TIER_YEARLY] = 1;
  self->every[REPRISE_TIER_BASELINE] = 1;
  self->delay_days = 7;
}

static guint *
get_member (RepriseTierPolicy *self, const Member *member)
{
  return (guint *) G_STRUCT_MEMBER_P (self, member->offset);
}

static guint
get_value (const RepriseTierPolicy *self, const Member *member)
{
  return *(const guint *) G_STRUCT_MEMBER_P (self, member->offset);
}

static gboolean
read_value (const Member *member, const char *text, guint *value)
{
  guint64 number;

  if (member->may_be_all && g_str_equal (text, KEEP_ALL))
    {
      *value = REPRISE_TIER_KEEP_ALL;
      return TRUE;
    }
  if (!g_ascii_string_to_unsigned (text, 10, member->minimum, member->maximum, &number, NULL))
    return FALSE;
  *value = (guint) number;
  return TRUE;
}

static char *
print_value (guint value)
{
  return value == REPRISE_TIER_KEEP_ALL ? g_strdup (KEEP_ALL) : g_strdup_printf ("%u", value);
}

static gboolean
refuse (const Member *member, const char *text, GError **error)
{
  if (member->may_be_all)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      /* Translators: a word of the command line, what was given, and two numbers */
      _ ("“%s” cannot be “%s”: it is a whole number from %u to %u, or “all”"), member->word, text,
      member->minimum, member->maximum);
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      /* Translators: a word of the command line, what was given, and two numbers */
      _ ("“%s” cannot be “%s”: it is a whole number from %u to %u"), member->word, text,
      member->minimum, member->maximum);
  return FALSE;
}

/**
 * reprise_tier_policy_check:
 *
 * Returns: whether the numbers make sense, also together; else %REPRISE_ERROR_INVALID with a whole sentence
 */
gboolean
reprise_tier_policy_check (const RepriseTierPolicy *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      guint ignored;
      g_autofree char *text = print_value (get_value (self, &MEMBERS[i]));

      if (!read_value (&MEMBERS[i], text, &ignored))
        return refuse (&MEMBERS[i], text, error);
    }
  if (self->every[REPRISE_TIER_WEEKLY] > DAYS_OF_A_MONTH * self->every[REPRISE_TIER_MONTHLY])
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                               _ ("A weekly roll-up cannot take in more than a monthly one"));
  else if (self->every[REPRISE_TIER_MONTHLY] > MONTHS_OF_A_YEAR * self->every[REPRISE_TIER_YEARLY])
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                               _ ("A monthly roll-up cannot take in more than a yearly one"));
  else
    return TRUE;
  return FALSE;
}

static const Member *
find_member (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    if (g_str_equal (MEMBERS[i].word, word))
      return &MEMBERS[i];
  return NULL;
}

static gboolean
parse_word (RepriseTierPolicy *self, const char *text, GError **error)
{
  const char *equals = strchr (text, '=');
  g_autofree char *word = equals != NULL ? g_strndup (text, (gsize) (equals - text)) : NULL;
  const Member *member = word != NULL ? find_member (word) : NULL;

  if (member != NULL)
    return read_value (member, equals + 1, get_member (self, member)) ||
           refuse (member, equals + 1, error);
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
    /* Translators: what was typed */
    _ ("“%s” is no rule of tiers: write daily, weekly, monthly, yearly, weekly-days, "
       "monthly-months, yearly-years or clean-up-days, “=” and a number"),
    text);
  return FALSE;
}

/**
 * reprise_tier_policy_parse:
 * @self: changed by what @words say, also where one of them is wrong
 * @words: “daily=14 weekly=8”
 *
 * Returns: whether they make sense; else %REPRISE_ERROR_INVALID with a whole sentence
 */
gboolean
reprise_tier_policy_parse (RepriseTierPolicy *self, const char *words, GError **error)
{
  g_auto (GStrv) all = g_strsplit_set (words, ", \t\r\n", -1);

  for (guint i = 0; all[i] != NULL; i++)
    if (*all[i] != '\0' && !parse_word (self, all[i], error))
      return FALSE;
  return reprise_tier_policy_check (self, error);
}

/* (transfer full): all of it, as reprise_tier_policy_parse() reads it */
char *
reprise_tier_policy_to_string (const RepriseTierPolicy *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      g_autofree char *value = print_value (get_value (self, &MEMBERS[i]));

      g_string_append_printf (text, "%s%s=%s", i > 0 ? " " : "", MEMBERS[i].word, value);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* (transfer full): only where it differs from @other, “” where it does not */
static char *
print_difference (const RepriseTierPolicy *self, const RepriseTierPolicy *other)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      guint value = get_value (self, &MEMBERS[i]);
      g_autofree char *printed = print_value (value);

      if (value != get_value (other, &MEMBERS[i]))
        g_string_append_printf (text, "%s%s=%s", text->len > 0 ? " " : "", MEMBERS[i].word,
                                printed);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* --- rules --- */

typedef struct
{
  char *pattern;
  char *words;
} Rule;

static void
free_rule (gpointer data)
{
  Rule *rule = data;

  g_free (rule->pattern);
  g_free (rule->words);
  g_free (rule);
}

/* (transfer full) (element-type Rule); @wrong: (out) (optional) (nullable): the first text that is none */
static GPtrArray *
split_rules (const char *text, char **wrong)
{
  GPtrArray *rules = g_ptr_array_new_with_free_func (free_rule);
  g_auto (GStrv) all = g_strsplit_set (text != NULL ? text : "", ";\n", -1);

  for (guint i = 0; all[i] != NULL; i++)
    {
      char *colon = strchr (g_strstrip (all[i]), ':');
      Rule *rule;

      if (*all[i] == '\0')
        continue;
      if (colon == NULL || colon == all[i])
        {
          if (wrong != NULL && *wrong == NULL)
            *wrong = g_strdup (all[i]);
          continue;
        }
      rule = g_new0 (Rule, 1);
      rule->pattern = g_strchomp (g_strndup (all[i], (gsize) (colon - all[i])));
      rule->words = g_strstrip (g_strdup (colon + 1));
      g_ptr_array_add (rules, rule);
    }
  return rules;
}

static char *
join_rules (GPtrArray *rules)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < rules->len; i++)
    {
      const Rule *rule = rules->pdata[i];

      g_string_append_printf (text, "%s%s: %s", i > 0 ? "; " : "", rule->pattern, rule->words);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static const Rule *
find_rule (GPtrArray *rules, const char *collection)
{
  for (guint i = 0; i < rules->len; i++)
    if (g_str_equal (((Rule *) rules->pdata[i])->pattern, collection))
      return rules->pdata[i];
  for (guint i = 0; i < rules->len; i++)
    if (g_pattern_match_simple (((Rule *) rules->pdata[i])->pattern, collection))
      return rules->pdata[i];
  return NULL;
}

/* What is not set, or is no number, leaves what is offered first. */
static void
read_settings (RepriseService *service, RepriseTierPolicy *policy)
{
  reprise_tier_policy_init (policy);
  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      const char *text = reprise_service_get_setting (service, MEMBERS[i].setting);

      if (text != NULL)
        read_value (&MEMBERS[i], text, get_member (policy, &MEMBERS[i]));
    }
  if (!reprise_tier_policy_check (policy, NULL))
    {
      RepriseTierPolicy offered;

      reprise_tier_policy_init (&offered);
      memcpy (policy->every, offered.every, sizeof policy->every);
    }
}

static GPtrArray *
read_rules (RepriseService *service)
{
  return split_rules (reprise_service_get_setting (service, REPRISE_TIER_SETTING_RULES), NULL);
}

/**
 * reprise_tier_policy_read:
 * @collection: (nullable): a database, or a pattern that there is a rule for; %NULL for what the service says of all
 * @policy: (out)
 */
void
reprise_tier_policy_read (RepriseService *service,
                          const char *collection,
                          RepriseTierPolicy *policy)
{
  g_autoptr (GPtrArray) rules = read_rules (service);
  const Rule *rule = collection != NULL ? find_rule (rules, collection) : NULL;
  RepriseTierPolicy changed;

  read_settings (service, policy);
  changed = *policy;
  if (rule != NULL && reprise_tier_policy_parse (&changed, rule->words, NULL))
    *policy = changed;
}

/* (transfer full) (nullable): the name or pattern of the rule that decides of a collection */
char *
reprise_tier_policy_dup_rule (RepriseService *service, const char *collection)
{
  g_autoptr (GPtrArray) rules = read_rules (service);
  const Rule *rule = find_rule (rules, collection);

  return rule != NULL ? g_strdup (rule->pattern) : NULL;
}

/* (transfer full): the names and patterns that there are rules for */
char **
reprise_tier_policy_list_rules (RepriseService *service)
{
  g_autoptr (GPtrArray) rules = read_rules (service);
  g_autoptr (GStrvBuilder) patterns = g_strv_builder_new ();

  for (guint i = 0; i < rules->len; i++)
    g_strv_builder_add (patterns, ((Rule *) rules->pdata[i])->pattern);
  return g_strv_builder_end (patterns);
}

static gboolean
check_pattern (const char *pattern, GError **error)
{
  if (*pattern != '\0' && strpbrk (pattern, ":; \t\r\n") == NULL)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("“%s” is no name or pattern of a database"), pattern);
  return FALSE;
}

static void
set_settings (RepriseService *service, const RepriseTierPolicy *policy)
{
  RepriseTierPolicy offered;

  reprise_tier_policy_init (&offered);
  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      guint value = get_value (policy != NULL ? policy : &offered, &MEMBERS[i]);
      g_autofree char *text = print_value (value);

      reprise_service_set_setting (service, MEMBERS[i].setting,
                                   value == get_value (&offered, &MEMBERS[i]) ? NULL : text);
    }
}

/* Takes @words, %NULL to take the rule away. */
static gboolean
set_rule (RepriseService *service, const char *pattern, char *words, GError **error)
{
  g_autoptr (GPtrArray) rules = read_rules (service);
  g_autofree char *owned = words, *text = NULL;
  guint i = 0;

  if (!check_pattern (pattern, error))
    return FALSE;
  while (i < rules->len && !g_str_equal (((Rule *) rules->pdata[i])->pattern, pattern))
    i++;
  if (words == NULL && i < rules->len)
    g_ptr_array_remove_index (rules, i);
  else if (words != NULL)
    {
      Rule *rule = i < rules->len ? rules->pdata[i] : g_new0 (Rule, 1);

      if (i == rules->len)
        {
          rule->pattern = g_strdup (pattern);
          g_ptr_array_add (rules, rule);
        }
      g_free (rule->words);
      rule->words = g_steal_pointer (&owned);
    }
  text = join_rules (rules);
  reprise_service_set_setting (service, REPRISE_TIER_SETTING_RULES, *text != '\0' ? text : NULL);
  return TRUE;
}

/**
 * reprise_tier_policy_set:
 * @pattern: (nullable): a name or a pattern, whose rule it becomes; %NULL for all that have no rule
 * @policy: (nullable): %NULL takes the rule away, or goes back to what is offered first. Of a rule what differs from all others is kept:
 *   the rest goes on following them
 *
 * Changes the settings of @service; saving it is the caller's.
 *
 * Returns: whether it makes sense; else %REPRISE_ERROR_INVALID with a whole sentence, and nothing is changed
 */
gboolean
reprise_tier_policy_set (RepriseService *service,
                         const char *pattern,
                         const RepriseTierPolicy *policy,
                         GError **error)
{
  RepriseTierPolicy all;

  if (policy != NULL && !reprise_tier_policy_check (policy, error))
    return FALSE;
  if (pattern == NULL)
    {
      set_settings (service, policy);
      return TRUE;
    }
  read_settings (service, &all);
  return set_rule (service, pattern, policy != NULL ? print_difference (policy, &all) : NULL,
                   error);
}

/* The words of @text as they are; one that comes again counts as it comes last. */
static char *
merge_words (const char *text)
{
  g_auto (GStrv) all = g_strsplit_set (text, ", \t\r\n", -1);
  g_autoptr (GString) merged = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      const char *last = NULL;

      for (guint j = 0; all[j] != NULL; j++)
        if (g_str_has_prefix (all[j], MEMBERS[i].word) && all[j][strlen (MEMBERS[i].word)] == '=')
          last = all[j];
      if (last != NULL)
        g_string_append_printf (merged, "%s%s", merged->len > 0 ? " " : "", last);
    }
  return g_string_free (g_steal_pointer (&merged), FALSE);
}

/**
 * reprise_tier_policy_change:
 * @pattern: a name or a pattern
 * @words: “daily=14”
 *
 * As reprise_tier_policy_set(), of exactly what @words say: with what its rule says already, or the one that it had to follow till now, and
 * nothing else.
 */
gboolean
reprise_tier_policy_change (RepriseService *service,
                            const char *pattern,
                            const char *words,
                            GError **error)
{
  g_autoptr (GPtrArray) rules = read_rules (service);
  const Rule *before = find_rule (rules, pattern);
  g_autofree char *both = g_strdup_printf ("%s %s", before != NULL ? before->words : "", words);
  RepriseTierPolicy policy;

  reprise_tier_policy_read (service, pattern, &policy);
  return reprise_tier_policy_parse (&policy, words, error) &&
         set_rule (service, pattern, merge_words (both), error);
}

/**
 * reprise_tier_policy_check_rules:
 * @rules: a value of the setting `tier-rules`
 *
 * Returns: whether it makes sense; else %REPRISE_ERROR_INVALID with a whole sentence
 */
gboolean
reprise_tier_policy_check_rules (const char *rules, GError **error)
{
  g_autofree char *wrong = NULL;
  g_autoptr (GPtrArray) all = split_rules (rules, &wrong);

  if (wrong != NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                         _ ("“%s” is no rule: write “NAME: daily=7 weekly=4”"), wrong);
      return FALSE;
    }
  for (guint i = 0; i < all->len; i++)
    {
      const Rule *rule = all->pdata[i];
      RepriseTierPolicy policy;

      reprise_tier_policy_init (&policy);
      if (!check_pattern (rule->pattern, error))
        return FALSE;
      if (!reprise_tier_policy_parse (&policy, rule->words, error))
        {
          reprise_error_prefix (error, "%s: ", rule->pattern);
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * reprise_tier_policy_check_service:
 *
 * Returns: whether all that the settings say of tiers makes sense, also together; else %REPRISE_ERROR_INVALID with a whole sentence
 */
gboolean
reprise_tier_policy_check_service (RepriseService *service, GError **error)
{
  const char *rules = reprise_service_get_setting (service, REPRISE_TIER_SETTING_RULES);
  RepriseTierPolicy policy;

  reprise_tier_policy_init (&policy);
  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      const char *text = reprise_service_get_setting (service, MEMBERS[i].setting);

      if (text != NULL && *text != '\0' &&
          !read_value (&MEMBERS[i], text, get_member (&policy, &MEMBERS[i])))
        return refuse (&MEMBERS[i], text, error);
    }
  return reprise_tier_policy_check (&policy, error) &&
         (rules == NULL || reprise_tier_policy_check_rules (rules, error));
}
