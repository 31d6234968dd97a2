/* reprise-api-compare.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-saying.h"
#include "base/reprise-strv.h"
#include "providers/azure/apim/reprise-api-compare.h"

#define MAX_SHOWN 10

/*
 * What a backup holds is listed by both services, of each thing only its name: neither keys nor values are looked at. Of people and what
 * they subscribed to not even the names are told, only how many there are.
 */

enum
{
  APIS,
  PRODUCTS,
  SUBSCRIPTIONS,
  NAMED_VALUES,
  BACKENDS,
  USERS,
  N_LISTS
};

static const struct
{
  const char *list;
  const char *title;
  gboolean named;
} LISTS[N_LISTS] = {
  [APIS] = { "apis", N_ ("Interfaces"), TRUE },
  [PRODUCTS] = { "products", N_ ("Products"), TRUE },
  [SUBSCRIPTIONS] = { "subscriptions", N_ ("Subscriptions"), FALSE },
  [NAMED_VALUES] = { "namedValues", N_ ("Named values"), TRUE },
  [BACKENDS] = { "backends", N_ ("Backends"), TRUE },
  [USERS] = { "users", N_ ("Users"), FALSE },
};

/* (transfer full) (element-type utf8 utf8): names as a set; Azure does not tell capitals apart */
static GHashTable *
list (RepriseApi *api, guint index, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return reprise_api_list_names (api, LISTS[index].list, names, cancellable, error)
           ? g_steal_pointer (&names)
           : NULL;
}

/* (transfer container): those of @names that @others lacks, sorted */
static GPtrArray *
find_missing (GHashTable *names, GHashTable *others)
{
  GPtrArray *missing = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key, name;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &key, &name))
    if (!g_hash_table_contains (others, key))
      g_ptr_array_add (missing, name);
  g_ptr_array_sort (missing, reprise_strv_compare);
  return missing;
}

static void
warn (guint index,
      GHashTable *here,
      GHashTable *there,
      GPtrArray *only_here,
      GPtrArray *only_there,
      RepriseProgress *progress)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *here_names = reprise_strv_join_some (only_here, MAX_SHOWN);
  g_autofree char *there_names = reprise_strv_join_some (only_there, MAX_SHOWN);

  /* Translators: a heading: “Interfaces”, and two numbers */
  g_string_append_printf (text, _ ("%s: %u in the service as it is now, %u in the standby."),
                          _ (LISTS[index].title), g_hash_table_size (here),
                          g_hash_table_size (there));
  if (LISTS[index].named && only_here->len > 0)
    g_string_append_printf (g_string_append_c (text, ' '), _ ("Only in the service: %s."),
                            here_names);
  if (LISTS[index].named && only_there->len > 0)
    g_string_append_printf (g_string_append_c (text, ' '), _ ("Only in the standby: %s."),
                            there_names);
  reprise_progress_warn_saying (progress, text->str);
}

/* Returns: in how many things they differ */
static guint
compare (guint index, GHashTable *here, GHashTable *there, RepriseProgress *progress)
{
  g_autoptr (GPtrArray) only_here = find_missing (here, there);
  g_autoptr (GPtrArray) only_there = find_missing (there, here);

  if (only_here->len + only_there->len > 0)
    warn (index, here, there, only_here, only_there, progress);
  return only_here->len + only_there->len;
}

/**
 * reprise_api_compare:
 * @service: as it is now, which may have been changed since the backup: what differs is a warning, and no failure
 * @standby: into which the backup was restored
 *
 * Returns: (transfer full): how many there are of each in @standby, and in how many they differ, as base/reprise-saying.h has it; %NULL
 *   where one of them does not tell
 */
char *
reprise_api_compare (RepriseApi *service,
                     RepriseApi *standby,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (GPtrArray) here = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  g_autoptr (GPtrArray) there =
    g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  guint n[N_LISTS], n_different = 0;
  g_autofree char *held = NULL;
  g_autofree char *different = NULL;

  for (guint i = 0; i < N_LISTS; i++)
    {
      GHashTable *names = list (service, i, cancellable, error);
      GHashTable *others = names != NULL ? list (standby, i, cancellable, error) : NULL;

      if (names != NULL)
        g_ptr_array_add (here, names);
      if (others == NULL)
        return NULL;
      g_ptr_array_add (there, others);
      n[i] = g_hash_table_size (others);
    }
  for (guint i = 0; i < N_LISTS; i++)
    n_different += compare (i, here->pdata[i], there->pdata[i], progress);
  held =
    reprise_say ("interfaces: %u, products: %u, subscriptions: %u, named values: %u, "
                 "backends: %u, users: %u",
                 n[APIS], n[PRODUCTS], n[SUBSCRIPTIONS], n[NAMED_VALUES], n[BACKENDS], n[USERS]);
  different =
    reprise_say_n ("%u difference from the service as it is now",
                   "%u differences from the service as it is now", n_different, n_different);
  return reprise_say ("%s; %s", held, different);
}
