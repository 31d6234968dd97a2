/* reprise-couch-json.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/couchdb/client/reprise-couch-json.h"

#define NUL "\xc0\x80" /* how U+0000 is held in text, which nothing else is written as */

/* All of this walks over text that a strict scanner has passed, so it only has to find its way, and never reads past the end. */

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *
skip_space (const char *at, const char *end)
{
  while (at < end && is_space (*at))
    at++;
  return at;
}

/* @at: a quotation mark. Returns: behind the one that closes */
static const char *
skip_string (const char *at, const char *end)
{
  for (at++; at < end; at++)
    {
      const char *quote = memchr (at, '"', (gsize) (end - at));
      const char *back;

      if (quote == NULL)
        return end;
      for (back = quote; back > at && back[-1] == '\\'; back--)
        ;
      at = quote;
      if ((quote - back) % 2 == 0)
        return quote + 1;
    }
  return end;
}

static const char *
skip_nested (const char *at, const char *end)
{
  gsize depth = 0;

  while (at < end)
    {
      if (*at == '"')
        {
          at = skip_string (at, end);
          continue;
        }
      if (*at == '{' || *at == '[')
        depth++;
      else if ((*at == '}' || *at == ']') && --depth == 0)
        return at + 1;
      at++;
    }
  return end;
}

static const char *
skip_value (const char *at, const char *end)
{
  if (at >= end)
    return end;
  if (*at == '"')
    return skip_string (at, end);
  if (*at == '{' || *at == '[')
    return skip_nested (at, end);
  while (at < end && !is_space (*at) && *at != ',' && *at != '}' && *at != ']')
    at++;
  return at;
}

RepriseCouchWalk
reprise_couch_walk (RepriseCouchSpan value)
{
  RepriseCouchWalk self = { value.data, value.data != NULL ? value.data + value.size : NULL };

  if (self.at < self.end && (*self.at == '{' || *self.at == '['))
    {
      self.at++;
      self.end--; /* what closes it */
    }
  else
    self.at = self.end;
  return self;
}

static gboolean
next_value (RepriseCouchWalk *self, RepriseCouchSpan *value)
{
  self->at = skip_space (self->at, self->end);
  if (self->at >= self->end)
    return FALSE;
  value->data = self->at;
  self->at = skip_value (self->at, self->end);
  value->size = (gsize) (self->at - value->data);
  self->at = skip_space (self->at, self->end);
  return value->size > 0;
}

/* @key: with its quotation marks */
gboolean
reprise_couch_walk_next_member (RepriseCouchWalk *self,
                                RepriseCouchSpan *key,
                                RepriseCouchSpan *value)
{
  if (!next_value (self, key))
    return FALSE;
  if (self->at < self->end && *self->at == ':')
    self->at++;
  if (!next_value (self, value))
    return FALSE;
  if (self->at < self->end && *self->at == ',')
    self->at++;
  return TRUE;
}

gboolean
reprise_couch_walk_next_element (RepriseCouchWalk *self, RepriseCouchSpan *value)
{
  if (!next_value (self, value))
    return FALSE;
  if (self->at < self->end && *self->at == ',')
    self->at++;
  return TRUE;
}

/* Whether the value is written as @text: “true”, “\"_id\"” */
gboolean
reprise_couch_span_is (RepriseCouchSpan self, const char *text)
{
  return self.size == strlen (text) && memcmp (self.data, text, self.size) == 0;
}

/* A member by its name, which is in plain letters. */
RepriseCouchSpan
reprise_couch_span_get (RepriseCouchSpan self, const char *name)
{
  RepriseCouchWalk cursor = reprise_couch_walk (self);
  RepriseCouchSpan key, value;
  gsize length = strlen (name);

  if (self.size > 0 && *self.data != '{')
    return (RepriseCouchSpan){ NULL, 0 };
  while (reprise_couch_walk_next_member (&cursor, &key, &value))
    if (key.size == length + 2 && memcmp (key.data + 1, name, length) == 0)
      return value;
  return (RepriseCouchSpan){ NULL, 0 };
}

/* How many elements an array has. */
guint
reprise_couch_span_count (RepriseCouchSpan self)
{
  RepriseCouchWalk cursor = reprise_couch_walk (self);
  RepriseCouchSpan value;
  guint n = 0;

  while (reprise_couch_walk_next_element (&cursor, &value))
    n++;
  return n;
}

static int
read_hex (const char *at)
{
  int value = 0;

  for (guint i = 0; i < 4; i++)
    value = value * 16 + MAX (g_ascii_xdigit_value (at[i]), 0);
  return value;
}

/* @at: behind “\u”. Returns: how many bytes were taken, or 0 where it is no character that text can hold */
static gsize
append_escaped (GString *text, const char *at, const char *end)
{
  gunichar c, low;

  if (end - at < 4)
    return 0;
  c = (gunichar) read_hex (at);
  if (c >= 0xdc00 && c <= 0xdfff)
    return 0;
  if (c == 0)
    {
      g_string_append (text, NUL);
      return 4;
    }
  if (c < 0xd800 || c > 0xdfff)
    {
      g_string_append_unichar (text, c);
      return 4;
    }
  if (end - at < 10 || at[4] != '\\' || at[5] != 'u')
    return 0;
  low = (gunichar) read_hex (at + 6);
  if (low < 0xdc00 || low > 0xdfff)
    return 0;
  g_string_append_unichar (text, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
  return 10;
}

/* (transfer full) (nullable): the text of a string, or %NULL where it is none or holds half a pair of surrogates */
char *
reprise_couch_span_dup_string (RepriseCouchSpan self)
{
  static const char FROM[] = "\"\\/bfnrt", TO[] = "\"\\/\b\f\n\r\t";
  g_autoptr (GString) text = NULL;
  const char *at, *end;

  if (self.size < 2 || *self.data != '"')
    return NULL;
  at = self.data + 1;
  end = self.data + self.size - 1;
  if (memchr (at, '\\', (gsize) (end - at)) == NULL)
    return g_strndup (at, (gsize) (end - at));
  text = g_string_sized_new (self.size);
  while (at < end)
    {
      const char *found;
      gsize taken;

      if (*at != '\\' || at + 1 >= end)
        {
          g_string_append_c (text, *at++);
          continue;
        }
      at++;
      if (*at == 'u')
        {
          taken = append_escaped (text, at + 1, end);
          if (taken == 0)
            return NULL;
          at += taken + 1;
          continue;
        }
      found = strchr (FROM, *at++);
      if (found == NULL || *found == '\0')
        return NULL;
      g_string_append_c (text, TO[found - FROM]);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* (transfer full) (nullable): the value as it is written, for sequences, which are nobody's business */
char *
reprise_couch_span_dup_text (RepriseCouchSpan self)
{
  return self.data != NULL ? g_strndup (self.data, self.size) : NULL;
}

gint64
reprise_couch_span_get_int (RepriseCouchSpan self, gint64 fallback)
{
  g_autofree char *text = reprise_couch_span_dup_text (self);
  gint64 value;

  return text != NULL && g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &value, NULL)
           ? value
           : fallback;
}

/* In quotation marks, as JSON has it: what reprise_couch_span_dup_string() gave. */
void
reprise_couch_append_string (GString *json, const char *text)
{
  const char *from = text;

  g_string_append_c (json, '"');
  for (; *text != '\0'; text++)
    {
      if (*text != '"' && *text != '\\' && (guchar) *text >= 0x20 && *text != NUL[0])
        continue;
      g_string_append_len (json, from, text - from);
      from = text + 1;
      if (*text == NUL[0])
        {
          g_string_append (json, "\\u0000");
          from = ++text + 1;
          continue;
        }
      if ((guchar) *text < 0x20)
        g_string_append_printf (json, "\\u%04x", (guint) (guchar) *text);
      else
        g_string_append_printf (json, "\\%c", *text);
    }
  g_string_append_len (json, from, text - from);
  g_string_append_c (json, '"');
}

/* One pass over the document's own members. */
void
reprise_couch_head_read (RepriseCouchHead *self, RepriseCouchSpan document)
{
  RepriseCouchWalk cursor = reprise_couch_walk (document);
  RepriseCouchSpan key, value;

  *self = (RepriseCouchHead){ NULL };
  while (reprise_couch_walk_next_member (&cursor, &key, &value))
    {
      if (key.size < 5 || key.data[1] != '_')
        continue;
      if (reprise_couch_span_is (key, "\"_id\"") && self->id == NULL)
        self->id = reprise_couch_span_dup_string (value);
      else if (reprise_couch_span_is (key, "\"_rev\"") && self->rev == NULL)
        self->rev = reprise_couch_span_dup_string (value);
      else if (reprise_couch_span_is (key, "\"_deleted\""))
        self->deleted = reprise_couch_span_is (value, "true");
      else if (reprise_couch_span_is (key, "\"_revisions\""))
        self->revisions = value;
      else if (reprise_couch_span_is (key, "\"_attachments\""))
        self->attachments = value;
    }
}

void
reprise_couch_head_clear (RepriseCouchHead *self)
{
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->rev, g_free);
}
