/* reprise-scrub.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-scrub.h"

#define MIN_SECRET_BYTES 4 /* what is shorter would be found in any text */
#define REPLACEMENT      "•••"
#define PRIME            G_GUINT64_CONSTANT (0x1fffffffffffffff) /* 2^61 - 1, a prime */

/*
 * Of a secret nothing is kept but the lengths of its forms and a hash of each, taken with a multiplier that is chosen at
 * random for the process. The hash can be rolled along a text (Karp and Rabin, 1987), so that a text is searched for
 * all forms of one length in one pass.
 */
typedef struct
{
  guint64 hash;
  guint64 power; /* of the multiplier, for the byte that leaves the window */
  gsize size;
  guint uses; /* how often it was added */
} Form;

static GMutex forms_mutex;
static GArray *forms;      /* (owned) (element-type Form), by size; guarded by the mutex */
static guint64 multiplier; /* likewise */

static guint64
multiply (guint64 a, guint64 b)
{
  __uint128_t product = (__uint128_t) a * b;
  guint64 sum = (guint64) (product & PRIME) + (guint64) (product >> 61);

  return sum >= PRIME ? sum - PRIME : sum;
}

/* The hash of a window that moves one byte on. */
static guint64
roll (guint64 hash, guint64 power, guchar leaving, guchar entering)
{
  guint64 gone = multiply (power, (guint64) leaving + 1);

  hash = hash >= gone ? hash - gone : hash + PRIME - gone;
  hash = multiply (hash, multiplier) + entering + 1;
  return hash >= PRIME ? hash - PRIME : hash;
}

/* With the mutex held */
static void
hash_form (const char *text, gsize size, Form *form)
{
  *form = (Form){ 0, 1, size, 1 };
  for (gsize i = 0; i < size; i++)
    {
      form->hash = (multiply (form->hash, multiplier) + (guchar) text[i] + 1) % PRIME;
      if (i > 0)
        form->power = multiply (form->power, multiplier);
    }
}

/* With the mutex held */
static void
add_form (const char *text, gsize size, gboolean remove)
{
  Form form;
  guint at = 0;

  if (size < MIN_SECRET_BYTES)
    return;
  hash_form (text, size, &form);
  while (at < forms->len && g_array_index (forms, Form, at).size > size)
    at++;
  for (guint i = at; i < forms->len && g_array_index (forms, Form, i).size == size; i++)
    {
      Form *same = &g_array_index (forms, Form, i);

      if (same->hash != form.hash)
        continue;
      same->uses += remove ? -1 : 1;
      if (same->uses == 0)
        g_array_remove_index (forms, i);
      return;
    }
  if (!remove)
    g_array_insert_val (forms, at, form);
}

static void
wipe_free (char *text)
{
  explicit_bzero (text, strlen (text));
  g_free (text);
}

static void
add_text (char *text, gboolean remove)
{
  add_form (text, strlen (text), remove);
  wipe_free (text);
}

/* The digits that a secret always gives, wherever it stands in what is encoded: three alignments, two alphabets. */
static void
add_base64 (const char *secret, gsize size, gboolean remove)
{
  for (gsize shift = 0; shift < 3; shift++)
    {
      g_autofree guchar *shifted = g_malloc0 (shift + size + 1);
      gsize first = (8 * shift + 5) / 6;
      gsize last = 8 * (shift + size) / 6;
      char *digits;

      memcpy (shifted + shift, secret, size);
      digits = g_base64_encode (shifted, shift + size);
      add_form (digits + first, last - first, remove);
      g_strdelimit (digits, "+", '-');
      g_strdelimit (digits, "/", '_');
      add_form (digits + first, last - first, remove);
      explicit_bzero (shifted, shift + size);
      wipe_free (digits);
    }
}

static void
add_hex (const char *secret, gsize size, gboolean remove)
{
  GString *lower = g_string_sized_new (2 * size + 1);
  char *upper;

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (lower, "%02x", (guchar) secret[i]);
  upper = g_ascii_strup (lower->str, -1);
  add_text (g_string_free (lower, FALSE), remove);
  add_text (upper, remove);
}

/* Percent-encoding with capitals or without, and as forms have it */
static void
add_url (const char *secret, gboolean remove)
{
  char *upper = g_uri_escape_string (secret, NULL, FALSE);
  char *lower = g_strdup (upper);
  GString *form = g_string_new (upper);

  for (char *c = lower; *c != '\0'; c++)
    if (*c == '%' && c[1] != '\0' && c[2] != '\0')
      {
        c[1] = g_ascii_tolower (c[1]);
        c[2] = g_ascii_tolower (c[2]);
        c += 2;
      }
  g_string_replace (form, "%20", "+", 0);
  add_text (upper, remove);
  add_text (lower, remove);
  add_text (g_string_free (form, FALSE), remove);
  add_text (g_uri_escape_string (secret, "!$&'()*+,;=:@/", TRUE), remove);
}

/* As a JSON string has it: with as few escapes as may be, and with all beyond ASCII escaped */
static void
add_json (const char *secret, gboolean ascii, gboolean slash, gboolean remove)
{
  GString *text = g_string_new (NULL);

  if (!g_utf8_validate (secret, -1, NULL))
    ascii = FALSE;
  for (const char *c = secret; *c != '\0'; c = ascii ? g_utf8_next_char (c) : c + 1)
    if (*c == '"' || *c == '\\' || (*c == '/' && slash))
      g_string_append_printf (text, "\\%c", *c);
    else if (*c == '\n')
      g_string_append (text, "\\n");
    else if (*c == '\t')
      g_string_append (text, "\\t");
    else if ((guchar) *c < 0x20)
      g_string_append_printf (text, "\\u%04x", (guint) (guchar) *c);
    else if ((guchar) *c >= 0x80 && ascii)
      {
        g_autofree gunichar2 *units =
          g_utf8_to_utf16 (c, g_utf8_next_char (c) - c, NULL, NULL, NULL);

        for (gsize i = 0; units != NULL && units[i] != 0; i++)
          g_string_append_printf (text, "\\u%04x", (guint) units[i]);
      }
    else
      g_string_append_c (text, *c);
  add_text (g_string_free (text, FALSE), remove);
}

static void
change (const char *secret, gboolean remove)
{
  gsize size = strlen (secret);

  if (size < MIN_SECRET_BYTES)
    return;
  g_mutex_lock (&forms_mutex);
  if (forms == NULL)
    {
      forms = g_array_new (FALSE, FALSE, sizeof (Form));
      multiplier = ((guint64) g_random_int () << 28 ^ g_random_int ()) | 1;
    }
  add_form (secret, size, remove);
  add_base64 (secret, size, remove);
  add_hex (secret, size, remove);
  add_url (secret, remove);
  for (int i = 0; i < 4; i++)
    add_json (secret, (i & 1) != 0, (i & 2) != 0, remove);
  g_mutex_unlock (&forms_mutex);
}

/**
 * reprise_scrub_add:
 * @secret: a password, key or token
 *
 * From now on @secret is taken out of all that is scrubbed: as it is, in base64, hexadecimal, percent-encoded and as
 * JSON. The secret itself is not kept. One of fewer than four bytes is not searched for.
 */
void
reprise_scrub_add (const char *secret)
{
  change (secret, FALSE);
}

/* No longer searches for @secret, once this was called as often as reprise_scrub_add(). */
void
reprise_scrub_remove (const char *secret)
{
  change (secret, TRUE);
}

/* With the mutex held: marks what @form's window finds in @text. */
static void
mark_form (const Form *form, const char *text, gsize size, guchar *marks)
{
  Form window;

  if (size < form->size)
    return;
  hash_form (text, form->size, &window);
  for (gsize at = 0;; at++)
    {
      if (window.hash == form->hash)
        memset (marks + at, 1, form->size);
      if (at + form->size == size)
        return;
      window.hash =
        roll (window.hash, form->power, (guchar) text[at], (guchar) text[at + form->size]);
    }
}

static char *
replace_marked (const char *text, gsize size, const guchar *marks)
{
  GString *clean = g_string_sized_new (size + 1);

  for (gsize i = 0; i < size; i++)
    if (!marks[i])
      g_string_append_c (clean, text[i]);
    else if (i == 0 || !marks[i - 1])
      g_string_append (clean, REPLACEMENT);
  return g_string_free (clean, FALSE);
}

static char *
scrub_values (const char *text)
{
  gsize size = strlen (text);
  g_autofree guchar *marks = g_malloc0 (size + 1);

  g_mutex_lock (&forms_mutex);
  for (guint i = 0; forms != NULL && i < forms->len; i++)
    mark_form (&g_array_index (forms, Form, i), text, size, marks);
  g_mutex_unlock (&forms_mutex);
  return replace_marked (text, size, marks);
}

/* What looks like a secret, whoever's it is: what stands before it stays, the rest goes. */
static const char SHAPES[] =
  /* Authorization: Bearer …, Basic …, SharedKey … */
  "(\\b(?:Bearer|Basic|SharedKey(?:Lite)?)\\s+)[A-Za-z0-9._~+/=:-]{6,}"
  /* user:password@ in an address */
  "|(://)[^\\s/@:\"']*:[^\\s/@\"']+(?=@)"
  /* a JSON web token */
  "|(\\b)eyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]{5,}(?:\\.[A-Za-z0-9_-]*)?"
  /* name=value in a query, a form or a connection string */
  "|((?:\\b|_)(?:sig|AccountKey|SharedAccessSignature|SharedAccessKey|password|passwd|pwd|api_?key|"
  "access_?key|"
  "client_secret|secret|token|refresh_token|access_token|id_token|device_code|code_verifier|"
  "assertion|AuthSession)"
  "=)[^&;\\s\"'<>]+"
  /* "name": "value" in JSON */
  "|(\"(?:[a-z_]*password|[a-z_]*secret|[a-z_]*token|api_?key|accessKey|storageAccountUrl|"
  "connectionString|device_code|"
  "serviceSasToken)\"\\s*:\\s*\")(?:[^\"\\\\]|\\\\.)+";

static gboolean
replace_cb (const GMatchInfo *match, GString *result, gpointer data)
{
  for (int group = 1; group <= 5; group++)
    {
      g_autofree char *kept = g_match_info_fetch (match, group);

      if (kept != NULL)
        g_string_append (result, kept);
    }
  g_string_append (result, REPLACEMENT);
  return FALSE;
}

static char *
scrub_shapes (const char *text)
{
  static GRegex *regex;
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  if (g_once_init_enter (&regex))
    {
      GRegex *made = g_regex_new (SHAPES, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);

      g_assert (made != NULL);
      g_once_init_leave (&regex, made);
    }
  return g_regex_replace_eval (regex, valid, -1, 0, 0, replace_cb, NULL, NULL);
}

/**
 * reprise_scrub:
 *
 * Returns: (transfer full): @text without the secrets that were added, and without what looks like one; valid UTF-8
 */
char *
reprise_scrub (const char *text)
{
  g_autofree char *without_values = scrub_values (text);
  char *clean = scrub_shapes (without_values);

  return clean != NULL ? clean : g_strdup (REPLACEMENT);
}
