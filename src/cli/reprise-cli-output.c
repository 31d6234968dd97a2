/* reprise-cli-output.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/reprise-sandbox.h"
#include "base/reprise-scrub.h"
#include "base/reprise-time.h"
#include "reprise-cli-output.h"

/* Columns that a cell takes of all rows where they do not fit a line. */
#define MAX_ALIGNED 60
/* Columns of a line that goes elsewhere than to a terminal. */
#define USUAL_COLUMNS 120

/* --- text --- */

static gboolean
has_colours (void)
{
  const char *no_color = g_getenv ("NO_COLOR");

  return isatty (STDOUT_FILENO) && (no_color == NULL || *no_color == '\0') &&
         g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

/* (transfer full): the text, coloured where standard output is a terminal that wants it */
char *
reprise_cli_style (RepriseCliStyle style, const char *text)
{
  static const char *const codes[] = { "", "1", "32", "33", "31", "2" };

  if (style == REPRISE_CLI_PLAIN || !has_colours ())
    return g_strdup (text);
  return g_strdup_printf ("\033[%sm%s\033[0m", codes[style], text);
}

/* How many columns of a terminal it takes. */
int
reprise_cli_get_width (const char *text)
{
  int width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_iszerowidth (c))
        width += g_unichar_iswide (c) ? 2 : 1;
    }
  return width;
}

/* Also marks of direction: what they enclose may be shown in another order than it has. */
static gboolean
is_control (gunichar c)
{
  return g_unichar_iscntrl (c) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/**
 * reprise_cli_escape:
 *
 * What a service calls a thing is shown so that no name moves the cursor, writes over what was said, or fakes a line of its own.
 *
 * Returns: (transfer full): one line, with “\\n” where it had several
 */
char *
reprise_cli_escape (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *escaped = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!is_control (c))
        g_string_append_unichar (escaped, c);
      else if (c == '\n' || c == '\t')
        g_string_append (escaped, c == '\n' ? "\\n" : "\\t");
      else
        g_string_append_printf (escaped, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
    }
  return g_string_free (escaped, FALSE);
}

/**
 * reprise_cli_escape_sentence:
 *
 * The same of what is told. In a sandbox a sentence may end with the command that gives access to a folder: that stays on a line of
 * its own, to be copied.
 */
char *
reprise_cli_escape_sentence (const char *text)
{
  const char *command =
    reprise_sandbox_is_active () ? strstr (text, "\n" REPRISE_SANDBOX_OVERRIDE " ") : NULL;
  g_autofree char *start = NULL;
  g_autofree char *said = NULL;
  g_autofree char *typed = NULL;

  if (command == NULL)
    return reprise_cli_escape (text);
  start = g_strndup (text, (gsize) (command - text));
  said = reprise_cli_escape (start);
  typed = reprise_cli_escape (command + 1);
  return g_strconcat (said, "\n", typed, NULL);
}

/* (transfer full): a number, or “–” where nobody says */
char *
reprise_cli_count (gint64 n)
{
  return n < 0 ? g_strdup ("–") : g_strdup_printf ("%'" G_GINT64_FORMAT, n);
}

/* (transfer full): a size for people, or “–” where nobody says */
char *
reprise_cli_size (gint64 size_bytes)
{
  return size_bytes < 0 ? g_strdup ("–") : g_format_size ((guint64) size_bytes);
}

/* (transfer full): the name of a service as it is typed in a command that somebody may copy */
char *
reprise_cli_quote (const char *name)
{
  const char *at = name;

  while (g_unichar_isalnum (g_utf8_get_char (at)) || (*at != '\0' && strchr ("_-.+@", *at) != NULL))
    at = g_utf8_next_char (at);
  return *at == '\0' && *name != '\0' && *name != '-' ? g_strdup (name) : g_shell_quote (name);
}

/* One line on standard error. */
void
reprise_cli_warn (const char *format, ...)
{
  g_autofree char *said = NULL;
  g_autofree char *scrubbed = NULL;
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  said = g_strdup_vprintf (format, args);
  va_end (args);
  scrubbed = reprise_scrub (said); /* what a service said may repeat a secret */
  text = reprise_cli_escape_sentence (scrubbed);
  /* Translators: the name of the program, and a sentence */
  g_printerr (_ ("reprise: Warning: %s\n"), text);
}

/* --- tables --- */

struct _RepriseCliTable
{
  GPtrArray *rows; /* (element-type GStrv); the first is the head */
  GArray *styles;  /* (element-type RepriseCliStyle): of each cell, row by row */
  guint n_columns;
  guint at_end; /* bit 1 << column: aligned at the end */
  gboolean has_head;
};

/* @head: (array zero-terminated=1): one for each column; the empty text for a column without */
RepriseCliTable *
reprise_cli_table_new (const char *const *head)
{
  RepriseCliTable *self = g_new0 (RepriseCliTable, 1);

  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  self->styles = g_array_new (FALSE, TRUE, sizeof (RepriseCliStyle));
  self->n_columns = g_strv_length ((char **) head);
  for (guint i = 0; i < self->n_columns; i++)
    self->has_head |= *head[i] != '\0';
  g_ptr_array_add (self->rows, g_strdupv ((char **) head));
  g_array_set_size (self->styles, self->n_columns);
  for (guint i = 0; i < self->n_columns; i++)
    reprise_cli_table_set_style (self, i, REPRISE_CLI_BOLD);
  return self;
}

void
reprise_cli_table_free (RepriseCliTable *self)
{
  g_ptr_array_unref (self->rows);
  g_array_unref (self->styles);
  g_free (self);
}

void
reprise_cli_table_align_end (RepriseCliTable *self, guint column)
{
  self->at_end |= 1u << column;
}

/* One text for each column, then %NULL. */
void
reprise_cli_table_add (RepriseCliTable *self, const char *first, ...)
{
  char **row = g_new0 (char *, self->n_columns + 1);
  const char *cell = first;
  va_list args;

  va_start (args, first);
  for (guint i = 0; i < self->n_columns; i++)
    {
      row[i] = reprise_cli_escape (cell != NULL ? cell : "");
      if (cell != NULL)
        cell = va_arg (args, const char *);
    }
  va_end (args);
  g_ptr_array_add (self->rows, row);
  g_array_set_size (self->styles, self->rows->len * self->n_columns);
}

/* Of a cell of the row that was added last. */
void
reprise_cli_table_set_style (RepriseCliTable *self, guint column, RepriseCliStyle style)
{
  g_array_index (self->styles, RepriseCliStyle, (self->rows->len - 1) * self->n_columns + column) =
    style;
}

/* How many columns there are for a line. */
static int
get_columns (void)
{
  struct winsize size = { 0 };

  return isatty (STDOUT_FILENO) && ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
           ? size.ws_col
           : USUAL_COLUMNS;
}

/* Where there is no room for all, one long name does not push the others aside: its own row goes out of line instead. */
static void
measure (RepriseCliTable *self, int *widths)
{
  int total = 0;

  for (guint i = 0; i < self->rows->len; i++)
    for (guint j = 0; j < self->n_columns; j++)
      widths[j] = MAX (widths[j], reprise_cli_get_width (((char **) self->rows->pdata[i])[j]));
  for (guint j = 0; j + 1 < self->n_columns; j++) /* the last one ends where it ends */
    total += widths[j] + 2;
  for (guint j = 0; total > get_columns () && j < self->n_columns; j++)
    widths[j] = MIN (widths[j], MAX_ALIGNED);
}

static void
append_cell (RepriseCliTable *self, GString *line, guint row, guint column, int width)
{
  const char *text = ((char **) self->rows->pdata[row])[column];
  g_autofree char *styled = reprise_cli_style (
    g_array_index (self->styles, RepriseCliStyle, row * self->n_columns + column), text);
  int fill = MAX (width - reprise_cli_get_width (text), 0);
  gboolean at_end = (self->at_end & (1u << column)) != 0;

  if (width == 0)
    return; /* nothing in the whole column */
  if (line->len > 0)
    g_string_append (line, "  ");
  g_string_append_printf (line, "%*s%s", at_end ? fill : 0, "", styled);
  if (!at_end && column + 1 < self->n_columns)
    g_string_append_printf (line, "%*s", fill, "");
}

void
reprise_cli_table_print (RepriseCliTable *self)
{
  g_autofree int *widths = g_new0 (int, self->n_columns);
  g_autoptr (GString) line = g_string_new (NULL);

  measure (self, widths);
  for (guint i = self->has_head ? 0 : 1; i < self->rows->len; i++)
    {
      g_string_truncate (line, 0);
      for (guint j = 0; j < self->n_columns; j++)
        append_cell (self, line, i, j, widths[j]);
      g_print ("%s\n", g_strchomp (line->str));
    }
}

/* --- JSON --- */

void
reprise_cli_json_string (JsonBuilder *json, const char *member, const char *value)
{
  /* The name of a file may be any bytes. */
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  json_builder_set_member_name (json, member);
  if (valid != NULL)
    json_builder_add_string_value (json, valid);
  else
    json_builder_add_null_value (json);
}

void
reprise_cli_json_boolean (JsonBuilder *json, const char *member, gboolean value)
{
  json_builder_set_member_name (json, member);
  json_builder_add_boolean_value (json, value);
}

/* A count or size; a negative one is not known. */
void
reprise_cli_json_count (JsonBuilder *json, const char *member, gint64 value)
{
  json_builder_set_member_name (json, member);
  if (value >= 0)
    json_builder_add_int_value (json, value);
  else
    json_builder_add_null_value (json);
}

/* @value: (nullable) */
void
reprise_cli_json_time (JsonBuilder *json, const char *member, GDateTime *value)
{
  g_autofree char *text = value != NULL ? reprise_time_to_string (value) : NULL;

  reprise_cli_json_string (json, member, text);
}

/* @values: (nullable): %NULL is the empty list */
void
reprise_cli_json_strings (JsonBuilder *json, const char *member, const char *const *values)
{
  json_builder_set_member_name (json, member);
  json_builder_begin_array (json);
  for (guint i = 0; values != NULL && values[i] != NULL; i++)
    json_builder_add_string_value (json, values[i]);
  json_builder_end_array (json);
}

void
reprise_cli_json_groups (JsonBuilder *json, const char *member, RepriseGroups groups)
{
  g_auto (GStrv) names = reprise_groups_to_strv (groups);

  reprise_cli_json_strings (json, member, (const char *const *) names);
}

/* Prints the document on standard output. */
void
reprise_cli_json_print (JsonBuilder *json)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  g_autofree char *text = NULL;

  json_generator_set_pretty (generator, TRUE);
  json_generator_set_root (generator, root);
  text = json_generator_to_data (generator, NULL);
  g_print ("%s\n", text);
}
