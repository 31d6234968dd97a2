/* bench-http.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-hash.h"
#include "net/reprise-http.h"
#include "reprise-fault-server.h"

/*
 * bench-http [--size MIB] [--rate BYTES_PER_SECOND] [--runs N] [--folder FOLDER] [--alone] [download|upload|form]…
 *
 * Moves a file over loopback with our own code and with what one would use instead, in turns, every second time in the other
 * order, against the same server in a process of its own: download + SHA-256 + write beside “curl -o” and then “sha256sum”; upload
 * beside “curl -T” and “curl -F”. Prints for each run and at the end
 *
 *   pair NAME ours SECONDS curl SECONDS
 *   NAME ours SECONDS curl SECONDS ratio RATIO MiB/s RATE
 *   peak memory SIZE MiB
 *
 * where the seconds of the second line are the medians of all runs, and the memory is our own. With --alone curl is left out.
 */

#define CHUNK_BYTES (1024 * 1024)

static int opt_size_mib = 1024;
static gint64 opt_rate;
static int opt_runs = 5;
static char *opt_folder;
static gboolean opt_alone;

static const GOptionEntry options[] = {
  { "size", 0, 0, G_OPTION_ARG_INT, &opt_size_mib, "of the file", "MIB" },
  { "rate", 0, 0, G_OPTION_ARG_INT64, &opt_rate, "holds the link to it", "BYTES_PER_SECOND" },
  { "runs", 0, 0, G_OPTION_ARG_INT, &opt_runs, "of each", "N" },
  { "folder", 0, 0, G_OPTION_ARG_FILENAME, &opt_folder, "for files", "FOLDER" },
  { "alone", 0, 0, G_OPTION_ARG_NONE, &opt_alone, "without what one would use instead", NULL },
  { NULL },
};

static guint64
size_bytes (void)
{
  return (guint64) opt_size_mib * 1024 * 1024;
}

static void
serve_file (RepriseFaultCall *call)
{
  g_autofree guchar *chunk = g_malloc (CHUNK_BYTES);
  guint64 left = size_bytes ();
  gint64 start_us = g_get_monotonic_time ();

  for (gsize i = 0; i < CHUNK_BYTES; i++)
    chunk[i] = (guchar) (i * 2654435761u >> 13);
  reprise_fault_print (call,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                       "Content-Length: %" G_GUINT64_FORMAT "\r\n\r\n",
                       left);
  while (left > 0 && reprise_fault_write (call, chunk, CHUNK_BYTES))
    {
      left -= CHUNK_BYTES;
      reprise_fault_throttle (call, start_us, size_bytes () - left);
    }
}

static void
handle (RepriseFaultCall *call, gpointer data)
{
  if (g_strcmp0 (call->method, "GET") == 0)
    serve_file (call);
  else
    reprise_fault_answer (call, 200, "application/json", "{}");
}

/* The server in a process of its own, which ends with ours. */
static pid_t
start_server (char **address)
{
  int pipe_fds[2];
  char text[64] = "";
  pid_t pid;

  if (pipe (pipe_fds) != 0)
    g_error ("pipe: %s", g_strerror (errno));
  pid = fork ();
  if (pid == 0)
    {
      RepriseFaultServer *server;

      prctl (PR_SET_PDEATHSIG, SIGKILL);
      server = reprise_fault_server_new (handle, NULL);
      reprise_fault_server_set_rate (server, (guint64) opt_rate);
      *address = reprise_fault_server_dup_address (server);
      if (write (pipe_fds[1], *address, strlen (*address)) < 0)
        _exit (1);
      close (pipe_fds[1]);
      for (;;)
        pause ();
    }
  close (pipe_fds[1]);
  if (read (pipe_fds[0], text, sizeof text - 1) <= 0)
    g_error ("the server did not start");
  close (pipe_fds[0]);
  *address = g_strdup (text);
  return pid;
}

typedef struct
{
  RepriseHash *hash;
  GOutputStream *out;
} Sink;

static gboolean
sink_write (gconstpointer data,
            gsize size,
            gpointer user_data,
            GCancellable *cancellable,
            GError **error)
{
  Sink *sink = user_data;

  reprise_hash_update (sink->hash, data, size);
  return g_output_stream_write_all (sink->out, data, size, NULL, cancellable, error);
}

static void
download_ours (RepriseHttp *http, const char *path)
{
  static const RepriseHttpSink funcs = { .write = sink_write };
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  g_autoptr (GFileOutputStream) out =
    g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, &error);
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("GET", "file", REPRISE_HTTP_READ);
  g_autofree char *hex = NULL;
  Sink sink = { hash, G_OUTPUT_STREAM (out) };

  if (out == NULL ||
      !reprise_http_download (http, request, &funcs, &sink, NULL, NULL, NULL, &error) ||
      !g_output_stream_close (G_OUTPUT_STREAM (out), NULL, &error))
    g_error ("%s", error->message);
  hex = reprise_hash_finish (hash);
}

static GInputStream *
open_file (gpointer file, GCancellable *cancellable, GError **error)
{
  return G_INPUT_STREAM (g_file_read (file, cancellable, error));
}

static guint64
get_size (const char *path)
{
  GStatBuf info;

  if (g_stat (path, &info) != 0)
    g_error ("%s: %s", path, g_strerror (errno));
  return (guint64) info.st_size;
}

static void
upload_ours (RepriseHttp *http, const char *path, gboolean form)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new (form ? "POST" : "PUT", "file", REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;

  if (form)
    reprise_http_request_add_part_file (request, "file", "file", "application/octet-stream", file,
                                        &error);
  else
    reprise_http_request_set_body_stream (request, "application/octet-stream", get_size (path),
                                          open_file, file, NULL);
  response = error == NULL ? reprise_http_send (http, request, NULL, NULL, &error) : NULL;
  if (response == NULL)
    g_error ("%s", error->message);
}

static void
run_shell (char *command)
{
  g_autofree char *owned = command;
  int status = system (owned);

  if (status != 0)
    g_error ("%s: %d", owned, status);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static double
median (double *times)
{
  qsort (times, (size_t) opt_runs, sizeof *times, compare);
  return times[opt_runs / 2];
}

static double
seconds_since (gint64 start_us)
{
  return (double) (g_get_monotonic_time () - start_us) / G_USEC_PER_SEC;
}

typedef struct
{
  const char *name;
  RepriseHttp *http;
  const char *address;
  const char *path;
} Bench;

static double
run_ours (const Bench *self)
{
  gboolean download = g_str_equal (self->name, "download");
  gint64 start_us;

  if (download)
    g_unlink (self->path);
  start_us = g_get_monotonic_time ();
  if (download)
    download_ours (self->http, self->path);
  else
    upload_ours (self->http, self->path, g_str_equal (self->name, "form"));
  return seconds_since (start_us);
}

static double
run_theirs (const Bench *self)
{
  gboolean download = g_str_equal (self->name, "download");
  gint64 start_us;

  if (opt_alone)
    return 0;
  if (download)
    g_unlink (self->path);
  start_us = g_get_monotonic_time ();
  if (download)
    run_shell (g_strdup_printf ("curl -sf -o '%s' '%sfile' && sha256sum '%s' > /dev/null",
                                self->path, self->address, self->path));
  else if (g_str_equal (self->name, "form"))
    run_shell (
      g_strdup_printf ("curl -sf -F 'file=@%s' '%sfile' > /dev/null", self->path, self->address));
  else
    run_shell (
      g_strdup_printf ("curl -sf -T '%s' '%sfile' > /dev/null", self->path, self->address));
  return seconds_since (start_us);
}

static void
bench (const Bench *self)
{
  g_autofree double *ours = g_new (double, opt_runs);
  g_autofree double *theirs = g_new (double, opt_runs);

  for (int i = 0; i < opt_runs; i++)
    {
      sync (); /* what was written before is nobody's to wait for */
      if (i % 2 == 0)
        ours[i] = run_ours (self);
      sync ();
      theirs[i] = run_theirs (self);
      sync ();
      if (i % 2 == 1)
        ours[i] = run_ours (self);
      g_print ("pair %s ours %.4f curl %.4f\n", self->name, ours[i], theirs[i]);
    }
  g_print ("%s ours %.3f curl %.3f ratio %.2f MiB/s %.0f\n", self->name, median (ours),
           median (theirs), median (ours) / median (theirs), opt_size_mib / median (ours));
}

static void
make_file (const char *path)
{
  g_autofree guchar *chunk = g_malloc (CHUNK_BYTES);
  FILE *file = g_fopen (path, "w");

  memset (chunk, 0x5a, CHUNK_BYTES);
  for (int i = 0; i < opt_size_mib; i++)
    if (fwrite (chunk, 1, CHUNK_BYTES, file) != CHUNK_BYTES)
      g_error ("%s: %s", path, g_strerror (errno));
  fclose (file);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GOptionContext) context = g_option_context_new ("[download|upload|form]…");
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttp) http = NULL;
  g_autofree char *address = NULL;
  g_autofree char *path = NULL;
  static const char *const all[] = { "download", "upload", "form", NULL };
  const char *const *names;
  struct rusage usage;
  pid_t server;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  names = argc > 1 ? (const char *const *) argv + 1 : all;
  server = start_server (&address);
  path = g_strdup_printf ("%s/bench-http-%d", opt_folder != NULL ? opt_folder : g_get_tmp_dir (),
                          getpid ());
  http = reprise_http_new (address, NULL, &error);
  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!g_str_equal (names[i], "download"))
        make_file (path);
      bench (&(Bench){ names[i], http, address, path });
      g_unlink (path);
    }
  getrusage (RUSAGE_SELF, &usage);
  g_print ("peak memory %ld MiB\n", usage.ru_maxrss / 1024);
  kill (server, SIGKILL);
  waitpid (server, NULL, 0);
  return 0;
}
