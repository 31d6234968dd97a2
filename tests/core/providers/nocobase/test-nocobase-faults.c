/* test-nocobase-faults.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "net/reprise-http-private.h"
#include "providers/nocobase/nocobase-fake.h"
#include "providers/nocobase/nocobase-fixture.h"
#include "reprise-test.h"

typedef enum
{
  LISTING,
  DOWNLOAD,
  UPLOAD,
  RESTORE,
} Operation;

static const char *const ACTIONS[] = { "backupFiles:list", "backupFiles:download",
                                       "backupFiles:upload", "backupFiles:restore" };

static void
print_head (RepriseFaultCall *call, const char *type, const char *headers)
{
  reprise_fault_print (call, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%s\r\n", type, headers);
}

static void
write_half (RepriseFaultCall *call, GBytes *body)
{
  reprise_fault_write (call, g_bytes_get_data (body, NULL), g_bytes_get_size (body) / 2);
}

/* H1 */
static void
cut_between_chunks (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  print_head (call, type, "Transfer-Encoding: chunked\r\n");
  reprise_fault_print (call, "%zx\r\n", g_bytes_get_size (body) / 2);
  write_half (call, body);
  reprise_fault_print (call, "\r\n");
  reprise_fault_close (call);
}

static void
bad_chunk_size (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  print_head (call, type, "Transfer-Encoding: chunked\r\n");
  reprise_fault_print (call, "%zx\r\n", g_bytes_get_size (body) / 2);
  write_half (call, body);
  reprise_fault_print (call, "\r\nzz\r\nabc\r\n0\r\n\r\n");
  reprise_fault_close (call);
}

static void
without_length (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  print_head (call, type, "Connection: close\r\n");
  write_half (call, body);
  reprise_fault_close (call);
}

/* A whole answer by its own word, and only half of the archive. */
static void
half_in_chunks (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  print_head (call, type, "Transfer-Encoding: chunked\r\n");
  reprise_fault_print (call, "%zx\r\n", g_bytes_get_size (body) / 2);
  write_half (call, body);
  reprise_fault_print (call, "\r\n0\r\n\r\n");
}

/* H2 */
static void
gzipped (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  print_head (call, type, "Content-Encoding: gzip\r\nContent-Length: 20\r\n");
  reprise_fault_write (call, "\037\213\010\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0", 20);
}

/* H3: a kept connection that is gone when it is used */
static void
dead_connection (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  reprise_fault_reset (call);
}

static void
empty_reply (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  reprise_fault_close (call);
}

/* H4 */
static void
redirected (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  g_autofree char *address = reprise_fault_server_dup_address (fake->other);

  reprise_fault_print (call, "HTTP/1.1 302 X\r\nLocation: %sstolen\r\nContent-Length: 0\r\n\r\n",
                       address);
}

/* H7 */
static void
sign_in_page (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  reprise_fault_answer (call, 200, "text/html; charset=utf-8",
                        "<!DOCTYPE html><title>Sign in</title>");
}

static void
disguised_page (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  reprise_fault_answer (call, 200, type, "<html>Welcome to the proxy</html>");
}

static void
bad_gateway (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  reprise_fault_answer (call, 502, "text/html", "<html>Bad Gateway</html>");
}

static void
not_authorised (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  reprise_fault_answer (
    call, 401, "application/json",
    "{\"errors\":[{\"message\":\"Your session has expired\",\"code\":\"EXPIRED_SESSION\"}]}");
}

typedef struct
{
  const char *name;
  NocobaseFakeFault make;
  gboolean passes; /* once, in what is read: it is got over */
} Fault;

static const Fault FAULTS[] = {
  { "cut-between-chunks", cut_between_chunks, TRUE },
  { "bad-chunk-size", bad_chunk_size, TRUE },
  { "without-length", without_length, TRUE },
  { "half-in-chunks", half_in_chunks, TRUE },
  { "gzipped", gzipped, FALSE },
  { "dead-connection", dead_connection, TRUE },
  { "empty-reply", empty_reply, TRUE },
  { "redirected", redirected, FALSE },
  { "sign-in-page", sign_in_page, FALSE },
  { "disguised-page", disguised_page, FALSE },
  { "bad-gateway", bad_gateway, TRUE },
  { "not-authorised", not_authorised, TRUE },
};

static void
handle_stolen (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 200, "application/json", "{}");
}

/* Carries the operation out. What claims to have gone well is proven. */
static gboolean
operate (NocobaseFixture *self, Operation operation, GError **error)
{
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (RepriseBackup) made = NULL;

  switch (operation)
    {
    case LISTING:
      list = reprise_provider_list_backups (self->provider, self->progress, NULL, error);
      g_assert_true (list == NULL || list->len == 1);
      return list != NULL;
    case DOWNLOAD:
      writer = nocobase_fixture_begin (self);
      if (!nocobase_fixture_download (self, OLD_NAME, writer, error))
        return FALSE;
      nocobase_fixture_assert_same_bytes (self, writer, OLD_NAME);
      return TRUE;
    case UPLOAD:
      archive = nocobase_fixture_open_sample (self, "all-groups.nbdump");
      made = reprise_provider_upload (self->provider, archive, self->progress, NULL, error);
      g_assert_true (made == NULL || nocobase_fake_get_n_uploaded (self->fake) > 0);
      return made != NULL;
    case RESTORE:
    default:
      outcome = nocobase_fixture_restore (self, "all-groups.nbdump", error);
      g_assert_true (outcome == NULL || nocobase_fake_get_n_restored (self->fake) == 1);
      return outcome != NULL;
    }
}

/* Once, then always: proof, a clean retry, or a clean failure. What writes is never sent again by itself. */
static void
play (NocobaseFixture *self, const Fault *fault, Operation operation, int times)
{
  g_autoptr (RepriseFaultServer) other = reprise_fault_server_new (handle_stolen, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *heads = NULL;
  gboolean done;

  self->fake->other = other;
  self->fake->fault = fault->make;
  self->fake->fault_action = ACTIONS[operation];
  self->fake->fault_times = times;
  nocobase_fake_forget (self->fake);
  nocobase_fixture_renew (self);
  done = operate (self, operation, &error);
  g_test_message ("%s of %s, %d times: %s", fault->name, ACTIONS[operation], times,
                  done ? "done" : error->message);
  if (done == (error != NULL) || (done && times < 0))
    g_error ("%s of %s, %d times: %s", fault->name, ACTIONS[operation], times,
             done ? "it went well, which cannot be" : "no reason");
  if (times == 1 && operation <= DOWNLOAD && fault->passes)
    g_assert_true (done);
  if (!done)
    {
      g_assert_cmpint (strlen (error->message), >, 15);
      nocobase_fixture_assert_discreet (self, error->message);
    }
  /* a 401 was answered before anything was done: then, and only then, once more */
  if (operation >= UPLOAD)
    g_assert_cmpuint (nocobase_fake_count (self->fake, ACTIONS[operation]), <=,
                      fault->make == not_authorised ? 2 : 1);
  heads = reprise_fault_server_dup_heads (other);
  g_assert_null (strstr (heads, "Bearer"));
  self->fake->fault = NULL;
}

static void
play_all (NocobaseFixture *self, Operation operation)
{
  nocobase_fake_add (self->fake, OLD_NAME, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (FAULTS); i++)
    {
      play (self, &FAULTS[i], operation, 1);
      if (operation <= DOWNLOAD)
        play (self, &FAULTS[i], operation, -1);
    }
}

static void
test_faults_list (NocobaseFixture *self, gconstpointer data)
{
  play_all (self, LISTING);
}

static void
test_faults_download (NocobaseFixture *self, gconstpointer data)
{
  play_all (self, DOWNLOAD);
}

static void
test_faults_upload (NocobaseFixture *self, gconstpointer data)
{
  play_all (self, UPLOAD);
}

/* Those that differ in what may have become of it. */
static void
test_faults_restore (NocobaseFixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (FAULTS); i++)
    if (FAULTS[i].make == cut_between_chunks || FAULTS[i].make == empty_reply ||
        FAULTS[i].make == sign_in_page || FAULTS[i].make == bad_gateway ||
        FAULTS[i].make == redirected || FAULTS[i].make == not_authorised)
      play (self, &FAULTS[i], RESTORE, 1);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  reprise_http_set_default_backoff (2, 10);
#define ADD(name, plugins, func)                                                              \
  g_test_add ("/nocobase-provider/" name, NocobaseFixture, &plugins, nocobase_fixture_set_up, \
              func, nocobase_fixture_tear_down)
  ADD ("faults/list", OLD, test_faults_list);
  ADD ("faults/download", OLD, test_faults_download);
  ADD ("faults/upload", OLD, test_faults_upload);
  ADD ("faults/restore", OLD, test_faults_restore);
  return g_test_run ();
}
