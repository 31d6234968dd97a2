/* reprise-cli-progress.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "reprise-cli-describe.h"
#include "reprise-cli-progress.h"

#define REDRAW_MS       100
#define BAR_WIDTH       24
#define DEFAULT_COLUMNS 80

typedef enum
{
  SHOW_NOTHING,
  SHOW_BAR,
  SHOW_LINES,
  SHOW_JSON,
} Show;

struct _RepriseCliProgress
{
  RepriseCli *cli;           /* (not owned) */
  RepriseJob *job;           /* (owned) (nullable): of a job… */
  RepriseProgress *progress; /* (owned) (nullable): …or of work that is none */
  RepriseJobKind kind;
  Show show;
  guint timer;
  gboolean drawn;     /* the cursor stands in a line of ours */
  gboolean any_phase; /* @phase was shown */
  ReprisePhase phase;
  char *last; /* (owned) (nullable): the last JSON line */
};

static gboolean
has_cursor (void)
{
  return isatty (STDERR_FILENO) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

static int
get_columns (void)
{
  struct winsize size = { 0 };

  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return DEFAULT_COLUMNS;
  return size.ws_col;
}

static void
get_snapshot (RepriseCliProgress *self, RepriseProgressSnapshot *snapshot)
{
  if (self->job != NULL)
    reprise_job_get_snapshot (self->job, snapshot);
  else
    reprise_progress_get_snapshot (self->progress, snapshot);
}

/* Cuts the text to so many columns. */
static void
cut (GString *text, int columns)
{
  const char *p = text->str;
  int width = 0;

  while (*p != '\0')
    {
      gunichar c = g_utf8_get_char (p);

      width += g_unichar_iswide (c) ? 2 : g_unichar_iszerowidth (c) ? 0 : 1;
      if (width > columns)
        break;
      p = g_utf8_next_char (p);
    }
  g_string_truncate (text, (gsize) (p - text->str));
}

static void
append_bar (RepriseCliProgress *self, GString *line, double fraction)
{
  int filled = (int) (fraction * BAR_WIDTH);

  g_string_append (line, " ");
  for (int i = 0; i < BAR_WIDTH; i++)
    g_string_append (line,
                     i < filled ? (self->cli->utf8 ? "█" : "#") : (self->cli->utf8 ? "░" : "."));
}

/* Phase, bar, figures, and what is being worked on: as much as the width holds. */
static char *
make_line (RepriseCliProgress *self, const RepriseProgressSnapshot *snapshot, int columns)
{
  g_autofree char *figures = reprise_job_text_progress (snapshot);
  g_autoptr (GString) line = g_string_new (reprise_job_text_phase (self->kind, snapshot->phase));

  if (snapshot->fraction >= 0 &&
      reprise_cli_get_width (line->str) + reprise_cli_get_width (figures) + BAR_WIDTH + 4 <=
        columns)
    append_bar (self, line, snapshot->fraction);
  if (*figures != '\0')
    g_string_append_printf (line, " %s", figures);
  if (snapshot->message != NULL && *snapshot->message != '\0')
    g_string_append_printf (line, " · %s", snapshot->message);
  g_strdelimit (line->str, "\n\r\t", ' ');
  cut (line, columns - 1);
  return self->cli->utf8 ? g_strdup (line->str) : g_str_to_ascii (line->str, NULL);
}

static void
draw_bar (RepriseCliProgress *self)
{
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  g_autofree char *line = NULL;

  get_snapshot (self, &snapshot);
  line = make_line (self, &snapshot, get_columns ());
  g_printerr ("\r%s\033[K", line);
  self->drawn = TRUE;
}

static void
print_phase (RepriseCliProgress *self)
{
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };

  get_snapshot (self, &snapshot);
  if (self->any_phase && snapshot.phase == self->phase)
    return;
  self->any_phase = TRUE;
  self->phase = snapshot.phase;
  g_printerr ("%s\n", reprise_job_text_phase (self->kind, snapshot.phase));
}

/* One object a line, unless it says the same as the last. */
static void
print_json (RepriseCliProgress *self)
{
  g_autoptr (JsonBuilder) json = NULL;
  g_autoptr (JsonGenerator) generator = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  if (self->job == NULL)
    return;
  json = json_builder_new ();
  json_builder_begin_object (json);
  reprise_cli_json_job (json, self->job);
  json_builder_end_object (json);
  root = json_builder_get_root (json);
  generator = json_generator_new ();
  json_generator_set_root (generator, root);
  text = json_generator_to_data (generator, NULL);
  if (g_strcmp0 (text, self->last) == 0)
    return;
  g_printerr ("%s\n", text);
  g_free (self->last);
  self->last = g_steal_pointer (&text);
}

static gboolean
show_cb (gpointer data)
{
  RepriseCliProgress *self = data;

  if (self->show == SHOW_BAR)
    draw_bar (self);
  else if (self->show == SHOW_LINES)
    print_phase (self);
  else if (self->show == SHOW_JSON)
    print_json (self);
  return G_SOURCE_CONTINUE;
}

static Show
choose (RepriseCli *cli)
{
  switch (cli->progress)
    {
    case REPRISE_CLI_PROGRESS_JSON:
      return SHOW_JSON;
    case REPRISE_CLI_PROGRESS_NONE:
      return SHOW_NOTHING;
    case REPRISE_CLI_PROGRESS_AUTO:
    default:
      return has_cursor () ? SHOW_BAR : SHOW_LINES;
    }
}

static RepriseCliProgress *
progress_new (RepriseCli *cli, RepriseJobKind kind)
{
  RepriseCliProgress *self = g_new0 (RepriseCliProgress, 1);

  self->cli = cli;
  self->kind = kind;
  self->show = choose (cli);
  if (self->show != SHOW_NOTHING)
    self->timer = g_timeout_add (REDRAW_MS, show_cb, self);
  return self;
}

RepriseCliProgress *
reprise_cli_progress_new_for_job (RepriseCli *cli, RepriseJob *job)
{
  RepriseCliProgress *self = progress_new (cli, reprise_job_get_kind (job));

  self->job = g_object_ref (job);
  return self;
}

/* @kind: of job, for the words; a line for each phase is too much for what is only read */
RepriseCliProgress *
reprise_cli_progress_new_for_work (RepriseCli *cli, RepriseJobKind kind, RepriseProgress *progress)
{
  RepriseCliProgress *self = progress_new (cli, kind);

  self->progress = g_object_ref (progress);
  if (self->show == SHOW_LINES)
    self->show = SHOW_NOTHING;
  return self;
}

void
reprise_cli_progress_free (RepriseCliProgress *self)
{
  reprise_cli_progress_hide (self);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->job);
  g_clear_object (&self->progress);
  g_free (self->last);
  g_free (self);
}

/* Makes place for other lines on the terminal. */
void
reprise_cli_progress_hide (RepriseCliProgress *self)
{
  if (self->drawn)
    g_printerr ("\r\033[K");
  self->drawn = FALSE;
}

/* Shows the last state and nothing more. */
void
reprise_cli_progress_end (RepriseCliProgress *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->show == SHOW_LINES || self->show == SHOW_JSON)
    show_cb (self);
  reprise_cli_progress_hide (self);
}
