/* json-recogniser.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "net/json-recogniser.h"

typedef struct
{
  const guint8 *at, *end;
  guint depth;
} Reader;

static gboolean read_value (Reader *reader);

static void
read_space (Reader *reader)
{
  while (reader->at < reader->end && memchr (" \t\r\n", *reader->at, 4) != NULL)
    reader->at++;
}

static gboolean
read_byte (Reader *reader, char byte)
{
  if (reader->at == reader->end || *reader->at != (guint8) byte)
    return FALSE;
  reader->at++;
  return TRUE;
}

static guint
read_digits (Reader *reader)
{
  guint n = 0;

  while (reader->at < reader->end && g_ascii_isdigit (*reader->at))
    {
      reader->at++;
      n++;
    }
  return n;
}

static gboolean
read_number (Reader *reader)
{
  read_byte (reader, '-');
  if (!read_byte (reader, '0') && read_digits (reader) == 0)
    return FALSE;
  if (read_byte (reader, '.') && read_digits (reader) == 0)
    return FALSE;
  if (read_byte (reader, 'e') || read_byte (reader, 'E'))
    {
      if (!read_byte (reader, '+'))
        read_byte (reader, '-');
      return read_digits (reader) > 0;
    }
  return TRUE;
}

static gboolean
read_escape (Reader *reader)
{
  if (!read_byte (reader, 'u'))
    {
      if (reader->at == reader->end || *reader->at == 0 ||
          strchr ("\"\\/bfnrt", *reader->at) == NULL)
        return FALSE;
      reader->at++;
      return TRUE;
    }
  for (int i = 0; i < 4; i++, reader->at++)
    if (reader->at == reader->end || !g_ascii_isxdigit (*reader->at))
      return FALSE;
  return TRUE;
}

static gboolean
read_string (Reader *reader)
{
  const guint8 *from = reader->at;

  if (!read_byte (reader, '"'))
    return FALSE;
  while (reader->at < reader->end && *reader->at != '"')
    {
      guint8 byte = *reader->at++;

      if (byte < 0x20 || (byte == '\\' && !read_escape (reader)))
        return FALSE;
    }
  return read_byte (reader, '"') &&
         g_utf8_validate_len ((const char *) from, (gsize) (reader->at - from), NULL);
}

static gboolean
read_members (Reader *reader, gboolean with_names, char close)
{
  read_space (reader);
  if (read_byte (reader, close))
    return TRUE;
  do
    {
      read_space (reader);
      if (with_names)
        {
          if (!read_string (reader))
            return FALSE;
          read_space (reader);
          if (!read_byte (reader, ':'))
            return FALSE;
        }
      if (!read_value (reader))
        return FALSE;
    }
  while (read_byte (reader, ','));
  return read_byte (reader, close);
}

static gboolean
read_word (Reader *reader, const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (reader->end - reader->at) < length || memcmp (reader->at, word, length) != 0)
    return FALSE;
  reader->at += length;
  return TRUE;
}

static gboolean
read_value (Reader *reader)
{
  gboolean ok;

  if (reader->depth++ > 100)
    return FALSE;
  read_space (reader);
  if (reader->at == reader->end)
    ok = FALSE;
  else if (*reader->at == '"')
    ok = read_string (reader);
  else if (read_byte (reader, '{'))
    ok = read_members (reader, TRUE, '}');
  else if (read_byte (reader, '['))
    ok = read_members (reader, FALSE, ']');
  else
    ok = read_word (reader, "true") || read_word (reader, "false") || read_word (reader, "null") ||
         read_number (reader);
  read_space (reader);
  reader->depth--;
  return ok;
}

gboolean
json_recogniser_accepts (const char *text, gsize size)
{
  Reader reader = { (const guint8 *) text, (const guint8 *) text + size, 0 };

  return read_value (&reader) && reader.at == reader.end;
}
