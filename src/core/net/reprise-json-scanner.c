/* reprise-json-scanner.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json-scanner.h"

/* What is expected, or being read. */
typedef enum
{
  /* between values: RFC 8259, sections 2 to 5 */
  STATE_VALUE,         /* one value */
  STATE_LINE,          /* one value, or no more lines */
  STATE_FIRST_ELEMENT, /* after [ */
  STATE_FIRST_KEY,     /* after { */
  STATE_KEY,           /* after , in an object */
  STATE_COLON,
  STATE_COMMA, /* after an element or member */
  STATE_DONE,  /* after the one value, or the one of the line */

  /* inside a string: section 7 */
  STATE_STRING,
  STATE_ESCAPE, /* after \ */
  STATE_HEX,    /* after \u */
  STATE_UTF8,   /* inside a character */

  STATE_LITERAL, /* inside true, false, null: section 3 */

  /* inside a number: section 6; in the order of NUMBER_STEPS */
  STATE_MINUS,
  STATE_ZERO,
  STATE_INTEGER,
  STATE_POINT,
  STATE_FRACTION,
  STATE_E,
  STATE_E_SIGN,
  STATE_EXPONENT,
} State;

/* Kinds of bytes in a number. */
enum
{
  BYTE_OTHER,
  BYTE_ZERO,
  BYTE_DIGIT,
  BYTE_POINT,
  BYTE_E,
  BYTE_PLUS,
  BYTE_MINUS,
  N_BYTES,
};

#define STOP  0xff /* the number has ended before this byte */
#define WRONG 0xfe

/* From each state of a number, by the kind of the next byte. */
static const guint8 NUMBER_STEPS[][N_BYTES] = {
  /* other, 0, 1 to 9, ., e, +, - */
  { WRONG, STATE_ZERO, STATE_INTEGER, WRONG, WRONG, WRONG, WRONG },
  { STOP, WRONG, WRONG, STATE_POINT, STATE_E, WRONG, WRONG },
  { STOP, STATE_INTEGER, STATE_INTEGER, STATE_POINT, STATE_E, WRONG, WRONG },
  { WRONG, STATE_FRACTION, STATE_FRACTION, WRONG, WRONG, WRONG, WRONG },
  { STOP, STATE_FRACTION, STATE_FRACTION, WRONG, STATE_E, WRONG, WRONG },
  { WRONG, STATE_EXPONENT, STATE_EXPONENT, WRONG, WRONG, STATE_E_SIGN, STATE_E_SIGN },
  { WRONG, STATE_EXPONENT, STATE_EXPONENT, WRONG, WRONG, WRONG, WRONG },
  { STOP, STATE_EXPONENT, STATE_EXPONENT, WRONG, WRONG, WRONG, WRONG },
};

static const guint8 NUMBER_BYTES[256] = {
  ['0'] = BYTE_ZERO,  ['1'] = BYTE_DIGIT, ['2'] = BYTE_DIGIT, ['3'] = BYTE_DIGIT,
  ['4'] = BYTE_DIGIT, ['5'] = BYTE_DIGIT, ['6'] = BYTE_DIGIT, ['7'] = BYTE_DIGIT,
  ['8'] = BYTE_DIGIT, ['9'] = BYTE_DIGIT, ['.'] = BYTE_POINT, ['e'] = BYTE_E,
  ['E'] = BYTE_E,     ['+'] = BYTE_PLUS,  ['-'] = BYTE_MINUS,
};

/* What may follow a backslash. */
static const guint8 ESCAPES[256] = {
  ['"'] = 1, ['\\'] = 1, ['/'] = 1, ['b'] = 1, ['f'] = 1,
  ['n'] = 1, ['r'] = 1,  ['t'] = 1, ['u'] = 2,
};

#define FRAME_OBJECT 1 /* the lowest bit of a frame; the others count its children */
#define FRAME_CHILD  2

struct _RepriseJsonScanner
{
  RepriseJsonScannerOptions options;
  guint64 offset;    /* of the first byte of the next push */
  const guint8 *now; /* the bytes being pushed */
  GError *error;     /* (owned) (nullable): it takes no more */

  State state;
  guint64 *frames; /* (owned) (array length=max_depth): the arrays and objects around */
  guint depth;     /* of them */

  gboolean in_key;            /* the string is one */
  RepriseJsonKind kind;       /* of the value being read, where that is no array or object */
  const char *literal;        /* what is left of the literal */
  guint n_hex;                /* digits read */
  guint code;                 /* of them */
  gboolean high;              /* the last thing in the string was a high surrogate */
  guint n_tail;               /* bytes of the character still to come */
  guint8 tail_low, tail_high; /* between which the next one is */

  guint64 n_top;     /* values at depth 0 that have ended */
  guint64 n_members; /* begun, at any depth */
  gboolean has_nul;
  gboolean has_lone_surrogate;
};

/**
 * reprise_json_scanner_new:
 * @options: (nullable): copied
 */
RepriseJsonScanner *
reprise_json_scanner_new (const RepriseJsonScannerOptions *options)
{
  RepriseJsonScanner *self = g_new0 (RepriseJsonScanner, 1);

  if (options != NULL)
    self->options = *options;
  if (self->options.max_depth == 0)
    self->options.max_depth = REPRISE_JSON_SCANNER_MAX_DEPTH;
  self->frames = g_new (guint64, self->options.max_depth);
  self->state = self->options.lines ? STATE_LINE : STATE_VALUE;
  return self;
}

void
reprise_json_scanner_free (RepriseJsonScanner *self)
{
  g_free (self->frames);
  g_clear_error (&self->error);
  g_free (self);
}

static guint64
offset_of (RepriseJsonScanner *self, const guint8 *at)
{
  return self->offset + (guint64) (at - self->now);
}

/* (nullable): %NULL, which every scan_…() returns when something is wrong */
static const guint8 *
fail (RepriseJsonScanner *self, const guint8 *at, int code, const char *reason)
{
  g_autofree char *byte = g_strdup_printf ("%" G_GUINT64_FORMAT, offset_of (self, at) + 1);
  g_autofree char *line =
    g_strdup_printf ("%" G_GUINT64_FORMAT, self->n_top + (self->state == STATE_DONE ? 0 : 1));

  if (self->options.lines)
    reprise_error_set (&self->error, REPRISE_ERROR, code,
                       _ ("The JSON is wrong at byte %s, in line %s: %s"), byte, line, reason);
  else
    reprise_error_set (&self->error, REPRISE_ERROR, code, _ ("The JSON is wrong at byte %s: %s"),
                       byte, reason);
  return NULL;
}

static const guint8 *
damaged (RepriseJsonScanner *self, const guint8 *at, const char *reason)
{
  return fail (self, at, REPRISE_ERROR_DAMAGED, reason);
}

static gboolean
emit (RepriseJsonScanner *self,
      RepriseJsonEventType type,
      RepriseJsonKind kind,
      const guint8 *at,
      guint64 n_children)
{
  RepriseJsonEvent event = { type, kind, self->depth, offset_of (self, at), n_children };

  return self->options.func (&event, self->options.user_data, &self->error);
}

/* Whether to go on. */
static inline gboolean
tell (RepriseJsonScanner *self,
      RepriseJsonEventType type,
      RepriseJsonKind kind,
      const guint8 *at,
      guint64 n_children)
{
  return G_LIKELY (self->depth > self->options.event_depth || self->options.func == NULL) ||
         emit (self, type, kind, at, n_children);
}

static inline const guint8 *
begin_value (RepriseJsonScanner *self, RepriseJsonKind kind, State state, const guint8 *at)
{
  if (self->depth > 0)
    self->frames[self->depth - 1] += FRAME_CHILD;
  self->kind = kind;
  self->state = state;
  return tell (self, REPRISE_JSON_BEGIN, kind, at, 0) ? at + 1 : NULL;
}

/* @at is after the value. */
static inline const guint8 *
end_value (RepriseJsonScanner *self, RepriseJsonKind kind, const guint8 *at, guint64 n_children)
{
  self->state = STATE_COMMA;
  if (self->depth == 0)
    {
      self->state = STATE_DONE;
      self->n_top++;
    }
  return tell (self, REPRISE_JSON_END, kind, at, n_children) ? at : NULL;
}

static const guint8 *
open_container (RepriseJsonScanner *self, RepriseJsonKind kind, const guint8 *at)
{
  if (self->depth == self->options.max_depth)
    return fail (self, at, REPRISE_ERROR_LIMIT, _ ("it is nested too deep"));
  at = begin_value (self, kind, kind == REPRISE_JSON_OBJECT ? STATE_FIRST_KEY : STATE_FIRST_ELEMENT,
                    at);
  self->frames[self->depth++] = kind == REPRISE_JSON_OBJECT ? FRAME_OBJECT : 0;
  return at;
}

static const guint8 *
close_container (RepriseJsonScanner *self, const guint8 *at)
{
  guint64 frame = self->frames[self->depth - 1];
  gboolean is_object = (frame & FRAME_OBJECT) != 0;

  if ((*at == '}') != is_object)
    return damaged (self, at, _ ("a bracket is closed by another kind"));
  self->depth--;
  return end_value (self, is_object ? REPRISE_JSON_OBJECT : REPRISE_JSON_ARRAY, at + 1,
                    frame / FRAME_CHILD);
}

static const guint8 *
begin_literal (RepriseJsonScanner *self, RepriseJsonKind kind, const char *rest, const guint8 *at)
{
  self->literal = rest;
  return begin_value (self, kind, STATE_LITERAL, at);
}

static const guint8 *
scan_value (RepriseJsonScanner *self, const guint8 *at)
{
  switch (*at)
    {
    case '"':
      self->in_key = FALSE;
      return begin_value (self, REPRISE_JSON_STRING, STATE_STRING, at);
    case '{':
      return open_container (self, REPRISE_JSON_OBJECT, at);
    case '[':
      return open_container (self, REPRISE_JSON_ARRAY, at);
    case 't':
      return begin_literal (self, REPRISE_JSON_TRUE, "rue", at);
    case 'f':
      return begin_literal (self, REPRISE_JSON_FALSE, "alse", at);
    case 'n':
      return begin_literal (self, REPRISE_JSON_NULL, "ull", at);
    case '-':
      return begin_value (self, REPRISE_JSON_NUMBER, STATE_MINUS, at);
    case '0':
      return begin_value (self, REPRISE_JSON_NUMBER, STATE_ZERO, at);
    default:
      if (NUMBER_BYTES[*at] == BYTE_DIGIT)
        return begin_value (self, REPRISE_JSON_NUMBER, STATE_INTEGER, at);
      return damaged (self, at, _ ("there should be a value"));
    }
}

static const guint8 *
scan_key (RepriseJsonScanner *self, const guint8 *at)
{
  if (*at != '"')
    return damaged (self, at, _ ("there should be the name of a member"));
  self->n_members++;
  self->in_key = TRUE;
  self->state = STATE_STRING;
  return tell (self, REPRISE_JSON_KEY_BEGIN, REPRISE_JSON_STRING, at, 0) ? at + 1 : NULL;
}

static const guint8 *
scan_comma (RepriseJsonScanner *self, const guint8 *at)
{
  if (*at == ']' || *at == '}')
    return close_container (self, at);
  if (*at != ',')
    return damaged (self, at, _ ("there should be a comma or a closing bracket"));
  self->state = (self->frames[self->depth - 1] & FRAME_OBJECT) != 0 ? STATE_KEY : STATE_VALUE;
  return at + 1;
}

/* White space, and in a file of lines the end of one. */
static const guint8 *
scan_space (RepriseJsonScanner *self, const guint8 *at)
{
  if (*at != '\n' || !self->options.lines)
    return at + 1;
  if (self->state != STATE_DONE)
    return damaged (self, at,
                    self->state == STATE_LINE ? _ ("the line is empty")
                                              : _ ("the line ends too early"));
  self->state = STATE_LINE;
  return at + 1;
}

/* One byte between values. */
static inline const guint8 *
scan_between (RepriseJsonScanner *self, const guint8 *at)
{
  if (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')
    return scan_space (self, at);
  switch ((int) self->state)
    {
    case STATE_COMMA:
      return scan_comma (self, at);
    case STATE_FIRST_KEY:
      return *at == '}' ? close_container (self, at) : scan_key (self, at);
    case STATE_KEY:
      return scan_key (self, at);
    case STATE_COLON:
      self->state = STATE_VALUE;
      return *at == ':' ? at + 1 : damaged (self, at, _ ("there should be a colon"));
    case STATE_FIRST_ELEMENT:
      return *at == ']' ? close_container (self, at) : scan_value (self, at);
    case STATE_DONE:
      return damaged (self, at, _ ("something follows the value"));
    default:
      return scan_value (self, at);
    }
}

#define EACH(byte) (G_GUINT64_CONSTANT (0x0101010101010101) * (byte))

/* Passes over what is itself in a string: eight bytes at a time while none of them is a quotation mark, a backslash, a control
 * character or beyond ASCII. A subtraction may borrow from the next byte and stop one too early, never too late. */
static inline const guint8 *
skip_plain (const guint8 *at, const guint8 *end)
{
  while (end - at >= 8)
    {
      guint64 bytes;

      memcpy (&bytes, at, 8);
      if (((bytes | (bytes - EACH (0x20)) | ((bytes ^ EACH ('"')) - EACH (1)) |
            ((bytes ^ EACH ('\\')) - EACH (1))) &
           EACH (0x80)) != 0)
        break;
      at += 8;
    }
  while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\')
    at++;
  return at;
}

/* RFC 3629, section 4: how many bytes follow, and between which the first of them is. */
static const guint8 *
begin_character (RepriseJsonScanner *self, const guint8 *at)
{
  guint8 lead = *at;

  self->tail_low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  self->tail_high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf)
    self->n_tail = 1;
  else if (lead >= 0xe0 && lead <= 0xef)
    self->n_tail = 2;
  else if (lead >= 0xf0 && lead <= 0xf4)
    self->n_tail = 3;
  else
    return damaged (self, at, _ ("that is not UTF-8"));
  self->state = STATE_UTF8;
  return at + 1;
}

static const guint8 *
scan_utf8 (RepriseJsonScanner *self, const guint8 *at, const guint8 *end)
{
  for (; at < end && self->n_tail > 0; at++, self->n_tail--)
    {
      if (*at < self->tail_low || *at > self->tail_high)
        return damaged (self, at, _ ("that is not UTF-8"));
      self->tail_low = 0x80;
      self->tail_high = 0xbf;
    }
  if (self->n_tail == 0)
    self->state = STATE_STRING;
  return at;
}

static const guint8 *
end_string (RepriseJsonScanner *self, const guint8 *at)
{
  if (!self->in_key)
    return end_value (self, REPRISE_JSON_STRING, at, 0);
  self->state = STATE_COLON;
  return tell (self, REPRISE_JSON_KEY_END, REPRISE_JSON_STRING, at, 0) ? at : NULL;
}

static inline void
note_lone_surrogate (RepriseJsonScanner *self)
{
  self->has_lone_surrogate |= self->high;
  self->high = FALSE;
}

static inline const guint8 *
scan_string (RepriseJsonScanner *self, const guint8 *at, const guint8 *end)
{
  if (G_UNLIKELY (self->high) && *at != '\\')
    note_lone_surrogate (self);
  at = skip_plain (at, end);
  if (at == end)
    return at;
  if (*at == '"')
    return end_string (self, at + 1);
  if (*at >= 0x80)
    {
      at = begin_character (self, at);
      return at != NULL ? scan_utf8 (self, at, end) : NULL;
    }
  if (*at != '\\')
    return damaged (self, at, _ ("a control character in a string"));
  self->state = STATE_ESCAPE;
  return at + 1;
}

static const guint8 *
scan_escape (RepriseJsonScanner *self, const guint8 *at)
{
  if (ESCAPES[*at] == 0)
    return damaged (self, at, _ ("that cannot follow a backslash"));
  self->state = STATE_STRING;
  if (ESCAPES[*at] == 2)
    {
      self->state = STATE_HEX;
      self->n_hex = 0;
      self->code = 0;
    }
  else
    note_lone_surrogate (self);
  return at + 1;
}

/* Surrogates stand in pairs (section 7); the grammar allows one alone (section 8.2), which is no character. */
static void
end_hex (RepriseJsonScanner *self)
{
  gboolean is_low = self->code >= 0xdc00 && self->code <= 0xdfff;

  if (self->high != is_low)
    self->has_lone_surrogate = TRUE;
  self->high = self->code >= 0xd800 && self->code <= 0xdbff;
  self->has_nul |= self->code == 0;
  self->state = STATE_STRING;
}

static const guint8 *
scan_hex (RepriseJsonScanner *self, const guint8 *at)
{
  int digit = g_ascii_xdigit_value ((char) *at);

  if (digit < 0)
    return damaged (self, at, _ ("four hexadecimal digits should follow \\u"));
  self->code = self->code * 16 + (guint) digit;
  if (++self->n_hex == 4)
    end_hex (self);
  return at + 1;
}

static const guint8 *
scan_literal (RepriseJsonScanner *self, const guint8 *at, const guint8 *end)
{
  while (at < end && *self->literal != '\0')
    {
      if (*at != (guint8) *self->literal)
        return damaged (self, at, _ ("that is no value"));
      self->literal++;
      at++;
    }
  return *self->literal == '\0' ? end_value (self, self->kind, at, 0) : at;
}

static inline const guint8 *
scan_number (RepriseJsonScanner *self, const guint8 *at, const guint8 *end)
{
  guint state = self->state;

  for (; at < end; at++)
    {
      guint next = NUMBER_STEPS[state - STATE_MINUS][NUMBER_BYTES[*at]];

      if (next == STOP)
        return end_value (self, REPRISE_JSON_NUMBER, at, 0);
      if (next == WRONG)
        return damaged (self, at, _ ("a number cannot be written so"));
      state = next;
    }
  self->state = (State) state;
  return at;
}

/* From @at as far as one state goes. */
static inline const guint8 *
scan_some (RepriseJsonScanner *self, const guint8 *at, const guint8 *end)
{
  if (self->state < STATE_STRING)
    return scan_between (self, at);
  if (self->state >= STATE_MINUS)
    return scan_number (self, at, end);
  switch ((int) self->state)
    {
    case STATE_STRING:
      return scan_string (self, at, end);
    case STATE_ESCAPE:
      return scan_escape (self, at);
    case STATE_HEX:
      return scan_hex (self, at);
    case STATE_UTF8:
      return scan_utf8 (self, at, end);
    default:
      return scan_literal (self, at, end);
    }
}

static gboolean
give_error (RepriseJsonScanner *self, GError **error)
{
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

/**
 * reprise_json_scanner_push:
 *
 * The next bytes, as many as there are.
 *
 * Returns: whether they can be part of JSON; after the first %FALSE it stays so
 */
gboolean
reprise_json_scanner_push (RepriseJsonScanner *self, const char *data, gsize size, GError **error)
{
  const guint8 *at = (const guint8 *) data, *end = at + size;

  if (self->error != NULL)
    return give_error (self, error);
  self->now = at;
  while (at < end)
    {
      at = scan_some (self, at, end);
      if (at == NULL)
        return give_error (self, error);
    }
  self->offset += size;
  self->now = NULL;
  return TRUE;
}

/* A number that nothing follows has ended all the same. */
static gboolean
end_number (RepriseJsonScanner *self)
{
  return self->state < STATE_MINUS || NUMBER_STEPS[self->state - STATE_MINUS][BYTE_OTHER] != STOP ||
         self->depth > 0 || end_value (self, REPRISE_JSON_NUMBER, self->now, 0) != NULL;
}

/**
 * reprise_json_scanner_finish:
 *
 * There are no more bytes.
 *
 * Returns: whether that was one value, or one on each line
 */
gboolean
reprise_json_scanner_finish (RepriseJsonScanner *self, GError **error)
{
  static const guint8 nothing[1];

  if (self->error != NULL)
    return give_error (self, error);
  self->now = nothing;
  if (!end_number (self))
    return give_error (self, error);
  if (self->state == STATE_DONE || self->state == STATE_LINE)
    return TRUE;
  damaged (self, nothing, _ ("it ends too early"));
  return give_error (self, error);
}

/* How many bytes were pushed. */
guint64
reprise_json_scanner_get_offset (const RepriseJsonScanner *self)
{
  return self->offset;
}

/* How many values, or lines, have ended. */
guint64
reprise_json_scanner_get_n_top (const RepriseJsonScanner *self)
{
  return self->n_top;
}

/* How many members of objects have begun at all depths. */
guint64
reprise_json_scanner_get_n_members (const RepriseJsonScanner *self)
{
  return self->n_members;
}

/* Whether a string has held \u0000, which C does not. */
gboolean
reprise_json_scanner_has_nul (const RepriseJsonScanner *self)
{
  return self->has_nul;
}

/* Whether a string has held half of a pair of surrogates, which UTF-8 cannot. */
gboolean
reprise_json_scanner_has_lone_surrogate (const RepriseJsonScanner *self)
{
  return self->has_lone_surrogate;
}
