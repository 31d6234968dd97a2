/* reprise-saying.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-saying.h"

/* Begins a saying; no text for people does. */
#define MARK      '\x1e'
#define SIZE      "size "
#define TYPE      "(sstas)"
#define MAX_DEPTH 8
#define MAX_FILLED \
  256 /* arguments in one text, with those of its arguments: it may come from a server */

/* One directive of a text: “%s”, “%2$ld”. */
typedef struct
{
  guint position;  /* from 1; 0: the next one */
  guint n_longs;   /* how many “l” */
  char conversion; /* ‘%’ for the sign itself; 0 where it is none that is known */
} Directive;

/* @at: behind the “%”. Returns: behind the directive */
static const char *
read_directive (const char *at, Directive *directive)
{
  gsize n = strspn (at, "0123456789");

  *directive = (Directive){ 0 };
  if (n > 0 && at[n] == '$')
    {
      directive->position = (guint) g_ascii_strtoull (at, NULL, 10);
      at += n + 1;
    }
  for (; *at == 'l'; at++)
    directive->n_longs++;
  if (*at == '\0' || strchr ("sdu%", *at) == NULL)
    return at;
  directive->conversion = *at;
  return at + 1;
}

static char *
take_text (const char *text)
{
  return g_utf8_make_valid (text != NULL ? text : "", -1);
}

static char *
take_number (const Directive *directive, va_list *args)
{
  if (directive->n_longs > 1)
    return g_strdup_printf ("%lld", va_arg (*args, long long));
  if (directive->n_longs == 1 && directive->conversion == 'u')
    return g_strdup_printf ("%lu", va_arg (*args, unsigned long));
  if (directive->n_longs == 1)
    return g_strdup_printf ("%ld", va_arg (*args, long));
  return directive->conversion == 'u' ? g_strdup_printf ("%u", va_arg (*args, guint))
                                      : g_strdup_printf ("%d", va_arg (*args, int));
}

/* Whether @text can be that of a saying. */
gboolean
reprise_saying_understands (const char *text)
{
  Directive directive;

  for (const char *at = strchr (text, '%'); at != NULL; at = strchr (at, '%'))
    {
      at = read_directive (at + 1, &directive);
      if (directive.conversion == 0 || directive.position > 0)
        return FALSE;
    }
  return TRUE;
}

/* (transfer full): the arguments of a text, in its order */
static char **
take_args (const char *text, va_list *args)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (const char *at = strchr (text, '%'); at != NULL; at = strchr (at, '%'))
    {
      Directive directive;
      g_autofree char *arg = NULL;

      at = read_directive (at + 1, &directive);
      if (directive.conversion == '%')
        continue;
      g_return_val_if_fail (directive.conversion != 0 && directive.position == 0, NULL);
      if (directive.conversion == 's')
        arg = take_text (va_arg (*args, const char *));
      else
        arg = take_number (&directive, args);
      g_strv_builder_add (builder, arg);
    }
  return g_strv_builder_end (builder);
}

static char *
encode (const char *singular, const char *plural, guint64 n, char **args)
{
  g_autoptr (GVariant) variant =
    g_variant_ref_sink (g_variant_new ("(sst^as)", singular, plural, n, args));
  g_autofree char *text = g_variant_print (variant, FALSE);

  return g_strdup_printf ("%c%s", MARK, text);
}

char *
reprise_say_valist (const char *text, va_list args)
{
  g_auto (GStrv) strings = NULL;
  va_list copy;

  va_copy (copy, args);
  strings = take_args (text, &copy);
  va_end (copy);
  return encode (text, "", 0, strings);
}

char *
reprise_say_n_valist (const char *singular, const char *plural, guint64 n, va_list args)
{
  g_auto (GStrv) strings = NULL;
  va_list copy;

  va_copy (copy, args);
  strings = take_args (plural, &copy);
  va_end (copy);
  return encode (singular, plural, n, strings);
}

/**
 * reprise_say:
 * @text: not translated
 *
 * Returns: (transfer full): a saying
 */
char *
reprise_say (const char *text, ...)
{
  va_list args;
  char *saying;

  va_start (args, text);
  saying = reprise_say_valist (text, args);
  va_end (args);
  return saying;
}

/* (transfer full): a saying in one of two forms, by @n, which is not an argument by itself */
char *
reprise_say_n (const char *singular, const char *plural, guint64 n, ...)
{
  va_list args;
  char *saying;

  va_start (args, n);
  saying = reprise_say_n_valist (singular, plural, n, args);
  va_end (args);
  return saying;
}

/* (transfer full): an amount of data */
char *
reprise_say_size (gint64 bytes)
{
  return g_strdup_printf ("%c" SIZE "%" G_GINT64_FORMAT, MARK, bytes);
}

/* --- saying it --- */

static char *to_text (const char *saying, guint depth, guint *budget);

/* The arguments of what was kept may be fewer than a translation of another version wants. */
static char *
fill (const char *format, char **args, guint depth, guint *budget)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = g_strv_length (args), next = 0;
  const char *at = format;

  for (const char *sign = strchr (at, '%'); sign != NULL; sign = strchr (at, '%'))
    {
      Directive directive;
      guint position;

      g_string_append_len (text, at, sign - at);
      at = read_directive (sign + 1, &directive);
      if (directive.conversion == '%' || directive.conversion == 0)
        {
          g_string_append_c (text, '%');
          continue;
        }
      position = directive.position > 0 ? directive.position - 1 : next++;
      if (position<n && * budget> 0)
        {
          g_autofree char *arg = NULL;

          (*budget)--;
          arg = to_text (args[position], depth + 1, budget);
          g_string_append (text, arg);
        }
    }
  g_string_append (text, at);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
decode (const char *encoded, guint depth, guint *budget)
{
  g_autoptr (GVariant) variant = g_variant_parse (G_VARIANT_TYPE (TYPE), encoded, NULL, NULL, NULL);
  g_autofree const char **args = NULL;
  const char *singular, *plural;
  guint64 n;

  if (variant == NULL)
    return g_strdup (encoded);
  g_variant_get (variant, "(&s&st^a&s)", &singular, &plural, &n, &args);
  if (*singular == '\0') /* gettext would tell about the translation itself */
    return g_strdup ("");
  return fill (*plural == '\0' ? g_dgettext (GETTEXT_PACKAGE, singular)
                               : g_dngettext (GETTEXT_PACKAGE, singular, plural, (gulong) n),
               (char **) args, depth, budget);
}

static char *
to_text (const char *saying, guint depth, guint *budget)
{
  if (saying[0] != MARK || depth > MAX_DEPTH)
    return g_strdup (saying);
  saying++;
  if (g_str_has_prefix (saying, SIZE))
    return g_format_size (g_ascii_strtoull (saying + strlen (SIZE), NULL, 10));
  return decode (saying, depth, budget);
}

/**
 * reprise_saying_to_text:
 * @saying: (nullable): a saying, or any other text, which is given back as it is
 *
 * Returns: (transfer full) (nullable): in the language of this process
 */
char *
reprise_saying_to_text (const char *saying)
{
  guint budget = MAX_FILLED;

  return saying != NULL ? to_text (saying, 0, &budget) : NULL;
}

/**
 * reprise_saying_lines_to_text:
 * @lines: (nullable): in each a saying, or any other text
 *
 * Returns: (transfer full) (nullable): in the language of this process
 */
char *
reprise_saying_lines_to_text (const char *lines)
{
  g_auto (GStrv) parts = lines != NULL ? g_strsplit (lines, "\n", -1) : NULL;

  if (parts == NULL)
    return NULL;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *text = reprise_saying_to_text (parts[i]);

      g_free (parts[i]);
      parts[i] = text;
    }
  return g_strjoinv ("\n", parts);
}

/* (transfer none): the language that this process speaks, in two or three letters: “fr”; “en” for the C locale */
const char *
reprise_saying_get_language (void)
{
  static char *language; /* once found */

  if (g_once_init_enter (&language))
    {
      const char *name = g_get_language_names ()[0];
      char *found =
        g_str_equal (name, "C") || g_str_equal (name, "POSIX") || g_str_has_prefix (name, "C.")
          ? g_strdup ("en")
          : g_strndup (name, strcspn (name, "_.@"));

      g_once_init_leave (&language, found);
    }
  return language;
}
