/* fake-arm.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "net/reprise-http-private.h"
#include "providers/azure/fake-arm.h"

struct _FakeArm
{
  RepriseFaultServer *server;
  char *address;

  FakeArmWatch watch; /* (nullable); before anything is sent */
  gpointer watch_data;

  GMutex mutex; /* guards: */
  GPtrArray *answers;
  GPtrArray *calls;
};

typedef struct
{
  char *method;
  char *path;
  guint status;
  char *headers;
  char *body;
  gboolean used;
} Answer;

typedef struct
{
  char *line; /* “GET /path?query” */
  char *body;
} Call;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_free (answer->method);
  g_free (answer->path);
  g_free (answer->headers);
  g_free (answer->body);
  g_free (answer);
}

static void
call_free (gpointer data)
{
  Call *call = data;

  g_free (call->line);
  g_free (call->body);
  g_free (call);
}

/* With the mutex held. */
static Answer *
find (FakeArm *self, const char *method, const char *path)
{
  Answer *last = NULL;

  for (guint i = 0; i < self->answers->len; i++)
    {
      Answer *each = self->answers->pdata[i];

      if (strcmp (each->method, method) != 0 || strcmp (each->path, path) != 0)
        continue;
      last = each;
      if (!each->used)
        break;
    }
  if (last != NULL)
    last->used = TRUE;
  return last;
}

static void
note (FakeArm *self, RepriseFaultCall *call)
{
  Call *kept = g_new0 (Call, 1);
  gsize size = 0;
  gconstpointer data = call->body != NULL ? g_bytes_get_data (call->body, &size) : NULL;

  kept->line =
    g_strdup_printf ("%s %s%s%s", call->method, call->path, call->query != NULL ? "?" : "",
                     call->query != NULL ? call->query : "");
  kept->body = g_strndup (data != NULL ? data : "", size);
  if (self->watch != NULL)
    self->watch (kept->line, kept->body, self->watch_data);
  g_ptr_array_add (self->calls, kept);
}

static void
take_call (RepriseFaultCall *call, gpointer data)
{
  FakeArm *self = data;
  g_autofree char *text = NULL;
  Answer *answer;

  g_mutex_lock (&self->mutex);
  note (self, call);
  answer = find (self, call->method, call->path);
  if (answer == NULL)
    text =
      g_strdup ("HTTP/1.1 404 X\r\nContent-Type: application/json\r\nContent-Length: 65\r\n\r\n"
                "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"It is not here.\"}}");
  else if (answer->status != 0)
    text = g_strdup_printf ("HTTP/1.1 %u X\r\nContent-Type: application/json\r\n"
                            "Content-Length: %zu\r\n%s\r\n%s",
                            answer->status, strlen (answer->body), answer->headers, answer->body);
  g_mutex_unlock (&self->mutex);
  if (text != NULL)
    reprise_fault_write (call, text, strlen (text));
  else
    reprise_fault_reset (call);
}

void
fake_arm_watch (FakeArm *self, FakeArmWatch watch, gpointer user_data)
{
  self->watch = watch;
  self->watch_data = user_data;
}

FakeArm *
fake_arm_new (void)
{
  FakeArm *self = g_new0 (FakeArm, 1);

  g_mutex_init (&self->mutex);
  self->answers = g_ptr_array_new_with_free_func (answer_free);
  self->calls = g_ptr_array_new_with_free_func (call_free);
  self->server = reprise_fault_server_new (take_call, self);
  self->address = reprise_fault_server_dup_address (self->server);
  self->address[strlen (self->address) - 1] = '\0';
  return self;
}

void
fake_arm_free (FakeArm *self)
{
  reprise_fault_server_free (self->server);
  g_ptr_array_unref (self->answers);
  g_ptr_array_unref (self->calls);
  g_free (self->address);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

char *
fake_arm_dup_address (FakeArm *self)
{
  return g_strdup (self->address);
}

RepriseFaultServer *
fake_arm_get_server (FakeArm *self)
{
  return self->server;
}

/* (transfer full): without a sign-in, and impatient */
RepriseArm *
fake_arm_connect (FakeArm *self)
{
  g_autoptr (GError) error = NULL;
  RepriseArm *arm = reprise_arm_new (self->address, NULL, &error);

  g_assert_no_error (error);
  reprise_http_set_backoff (reprise_arm_get_http (arm), 1, 5);
  reprise_arm_set_poll_ms (arm, 10);
  return arm;
}

static char *
fill_in (FakeArm *self, const char *text)
{
  GString *filled = g_string_new (text);

  g_string_replace (filled, "@BASE@", self->address, 0);
  return g_string_free (filled, FALSE);
}

void
fake_arm_answer (FakeArm *self,
                 const char *method,
                 const char *path,
                 guint status,
                 const char *headers,
                 const char *body)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->method = g_strdup (method);
  answer->path = g_strdup (path);
  answer->status = status;
  answer->headers = fill_in (self, headers != NULL ? headers : "");
  answer->body = fill_in (self, body != NULL ? body : "");
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->answers, answer);
  g_mutex_unlock (&self->mutex);
}

/* No answers, no requests. */
void
fake_arm_forget (FakeArm *self)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_set_size (self->answers, 0);
  g_ptr_array_set_size (self->calls, 0);
  g_mutex_unlock (&self->mutex);
}

guint
fake_arm_get_n_calls (FakeArm *self)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->calls->len;
  g_mutex_unlock (&self->mutex);
  return n;
}

char *
fake_arm_dup_call (FakeArm *self, guint index)
{
  char *line;

  g_mutex_lock (&self->mutex);
  g_assert_cmpuint (index, <, self->calls->len);
  line = g_strdup (((Call *) self->calls->pdata[index])->line);
  g_mutex_unlock (&self->mutex);
  return line;
}

char *
fake_arm_dup_body (FakeArm *self, guint index)
{
  char *body;

  g_mutex_lock (&self->mutex);
  g_assert_cmpuint (index, <, self->calls->len);
  body = g_strdup (((Call *) self->calls->pdata[index])->body);
  g_mutex_unlock (&self->mutex);
  return body;
}

/* How many requests began so: “POST /subscriptions/…”. */
guint
fake_arm_count (FakeArm *self, const char *method_and_path)
{
  guint n = 0;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->calls->len; i++)
    n += g_str_has_prefix (((Call *) self->calls->pdata[i])->line, method_and_path) ? 1 : 0;
  g_mutex_unlock (&self->mutex);
  return n;
}
