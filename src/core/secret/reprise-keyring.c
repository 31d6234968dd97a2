/* reprise-keyring.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-keyring"

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-program.h"
#include "base/reprise-thread.h"
#include "secret/reprise-keyring.h"
#include "secret/reprise-secret-value-private.h"
#include "secret/reprise-secret-wire.h"

/* A helper that asks nobody is done long before; D-Bus gives up a call after 25 s. */
#define HELPER_TIMEOUT_MS (60 * 1000)

/* One call, as its worker needs it. */
typedef struct
{
  RepriseSecretOperation operation;
  RepriseKeyringFlags flags;
  char *uuid;                /* (owned) */
  char *kind;                /* (owned); "" for none */
  RepriseSecretValue *value; /* (owned) (nullable) */
} Call;

typedef struct
{
  guint32 state;
  char *text;                /* (owned) */
  RepriseSecretValue *value; /* (owned) (nullable) */
} Answer;

static void
call_free (Call *self)
{
  g_free (self->uuid);
  g_free (self->kind);
  g_clear_pointer (&self->value, reprise_secret_value_unref);
  g_free (self);
}

static void
answer_free (Answer *self)
{
  g_free (self->text);
  g_clear_pointer (&self->value, reprise_secret_value_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answer, answer_free)

static Call *
call_new (RepriseSecretOperation operation,
          RepriseKeyringFlags flags,
          const char *uuid,
          const char *kind,
          RepriseSecretValue *value)
{
  Call *self = g_new0 (Call, 1);

  self->operation = operation;
  self->flags = flags;
  self->uuid = g_strdup (uuid != NULL ? uuid : "");
  self->kind = g_strdup (kind != NULL ? kind : "");
  self->value = value != NULL ? reprise_secret_value_ref (value) : NULL;
  return self;
}

/**
 * reprise_keyring_state_get_text:
 *
 * Returns: what the state is and what to do, in whole sentences
 */
const char *
reprise_keyring_state_get_text (RepriseKeyringState state)
{
  switch (state)
    {
    case REPRISE_KEYRING_THERE:
      return _ ("The keyring is open, and the secret is in it.");
    case REPRISE_KEYRING_LOCKED:
      return _ ("The keyring is locked. Unlock it, for example by signing in to the desktop, and "
                "try again.");
    case REPRISE_KEYRING_NO_SERVICE:
      if (reprise_secret_is_sandbox ())
        return _ (
          "The desktop gives this sandbox no keyring. Install its secret portal (GNOME Keyring or "
          "KWallet), and try again.");
      return _ (
        "No keyring answers in this session. Start one (GNOME Keyring, KWallet or KeePassXC), and "
        "try again.");
    case REPRISE_KEYRING_DENIED:
      return _ (
        "The keyring refused access. Allow it in the keyring’s own program, and try again.");
    case REPRISE_KEYRING_NOT_FOUND:
      if (reprise_secret_is_sandbox ())
        return _ ("The sandbox’s keyring has no such secret for this service. Secrets that were "
                  "saved outside the "
                  "sandbox are not in it. Sign in to the service to save it here.");
      return _ (
        "The keyring has no such secret for this service. Sign in to the service to save it.");
    default:
      g_return_val_if_reached ("");
    }
}

/**
 * reprise_secret_kind_get_title:
 *
 * Returns: a name for people of a kind of secret; the kind itself where there is none
 */
const char *
reprise_secret_kind_get_title (const char *kind)
{
  static const struct
  {
    const char *kind;
    const char *title;
  } titles[] = {
    { "password", N_ ("Password") },           { "api-key", N_ ("API key") },
    { "client-secret", N_ ("Client secret") }, { "sas", N_ ("Shared access signature") },
    { "access-key", N_ ("Access key") },       { "archive-password", N_ ("Archive password") },
    { "refresh-token", N_ ("Sign-in") },       { "client-certificate", N_ ("Certificate and key") },
    { "webhook", N_ ("Webhook address") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    if (g_str_equal (titles[i].kind, kind))
      return _ (titles[i].title);
  return kind;
}

static void
set_state_error (RepriseKeyringState state, GError **error)
{
  reprise_error_set_literal (error, REPRISE_ERROR,
                             state == REPRISE_KEYRING_NOT_FOUND ? REPRISE_ERROR_NOT_FOUND
                                                                : REPRISE_ERROR_KEYRING,
                             reprise_keyring_state_get_text (state));
}

/* --- the helper --- */

/* Starts the helper with one end of a socket pair as its standard input. Gives the other end in @fd. */
static GSubprocess *
start_helper (int *fd, GError **error)
{
  g_autofree char *path = reprise_program_find ("reprise-secret");
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GError) failure = NULL;
  GSubprocess *helper = NULL;
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_KEYRING,
        _ ("The keyring could not be asked: no connection to its helper could be made (%s)."),
        g_strerror (errno));
      return NULL;
    }
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
                                        G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_subprocess_launcher_take_stdin_fd (launcher, ends[1]);
  helper = g_subprocess_launcher_spawn (launcher, &failure, path, NULL);
  if (helper == NULL)
    {
      close (ends[0]);
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_KEYRING,
        _ ("The keyring could not be asked: its helper program could not be started (%s)."),
        failure->message);
      return NULL;
    }
  *fd = ends[0];
  return helper;
}

/* Waits until there is something to read. */
static gboolean
wait_for_helper (int fd, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  GPollFD polled[2] = { { .fd = fd, .events = G_IO_IN } };
  gboolean watched = g_cancellable_make_pollfd (cancellable, &polled[1]);
  int ready = 0;

  do
    {
      gint64 left_us = deadline_us - g_get_monotonic_time ();

      if (g_cancellable_is_cancelled (cancellable))
        break;
      ready = g_poll (polled, watched ? 2 : 1,
                      deadline_us == G_MAXINT64 ? -1 : (int) MAX (0, left_us / 1000 + 1));
    }
  while (ready < 0 && errno == EINTR);
  if (watched)
    g_cancellable_release_fd (cancellable);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (ready > 0)
    return TRUE;
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_KEYRING,
    _ ("The keyring did not answer within a minute. See whether its service hangs, and try "
       "again."));
  return FALSE;
}

/* Reads exactly @size bytes; %FALSE without an error where the helper ended before. */
static gboolean
read_all (int fd,
          gpointer data,
          gsize size,
          gint64 deadline_us,
          GCancellable *cancellable,
          GError **error)
{
  gsize have = 0;

  while (have < size)
    {
      gssize got = 0;

      if (!wait_for_helper (fd, deadline_us, cancellable, error))
        return FALSE;
      got = recv (fd, (char *) data + have, size - have, MSG_DONTWAIT);
      if (got < 0 && (errno == EINTR || errno == EAGAIN))
        continue;
      if (got <= 0)
        return FALSE;
      have += (gsize) got;
    }
  return TRUE;
}

/* A request is smaller than a socket's buffer, so that this does not wait. A helper that is gone shows when reading. */
static void
write_all (int fd, gconstpointer data, gsize size)
{
  gsize done = 0;

  while (done < size)
    {
      gssize put = send (fd, (const char *) data + done, size - done, MSG_NOSIGNAL);

      if (put < 0 && errno == EINTR)
        continue;
      if (put <= 0)
        return;
      done += (gsize) put;
    }
}

static void
write_request (int fd, Call *call)
{
  /* Translators: how a secret is called in the list of the keyring's own program. %s is “Password”, “API key”… */
  g_autofree char *label =
    g_strdup_printf (_ ("Reprise: %s"), reprise_secret_kind_get_title (call->kind));
  RepriseSecretRequest head = {
    .magic = REPRISE_SECRET_MAGIC,
    .operation = call->operation,
    .may_prompt = (call->flags & REPRISE_KEYRING_MAY_PROMPT) != 0,
    .uuid_bytes = (guint32) strlen (call->uuid),
    .kind_bytes = (guint32) strlen (call->kind),
    .label_bytes = (guint32) strlen (label),
  };
  gconstpointer value = NULL;
  gsize value_bytes = 0;

  if (call->value != NULL)
    value = reprise_secret_value_get (call->value, &value_bytes);
  head.value_bytes = (guint32) value_bytes;
  write_all (fd, &head, sizeof head);
  write_all (fd, call->uuid, head.uuid_bytes);
  write_all (fd, call->kind, head.kind_bytes);
  write_all (fd, label, head.label_bytes);
  write_all (fd, value, value_bytes);
}

static Answer *
read_answer (int fd, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  g_autoptr (Answer) answer = g_new0 (Answer, 1);
  RepriseSecretReply head;
  gpointer buffer = NULL;

  if (!read_all (fd, &head, sizeof head, deadline_us, cancellable, error))
    return NULL;
  if (head.magic != REPRISE_SECRET_MAGIC || head.text_bytes > REPRISE_SECRET_TEXT_MAX_BYTES ||
      head.value_bytes > REPRISE_SECRET_MAX_BYTES)
    return NULL;
  answer->state = head.state;
  answer->text = g_malloc0 (head.text_bytes + 1);
  if (!read_all (fd, answer->text, head.text_bytes, deadline_us, cancellable, error))
    return NULL;
  if (head.value_bytes > 0)
    {
      answer->value = reprise_secret_value_new_buffer (head.value_bytes, &buffer);
      if (!read_all (fd, buffer, head.value_bytes, deadline_us, cancellable, error))
        return NULL;
    }
  return g_steal_pointer (&answer);
}

static void
set_damaged_error (GError **error)
{
  if (reprise_secret_is_sandbox ())
    {
      g_autofree char *path =
        g_build_filename (g_get_user_data_dir (), "keyrings", "default.keyring", NULL);

      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_KEYRING,
        _ ("The sandbox’s keyring is damaged and cannot be read; nothing was changed in "
           "it. Bring back the "
           "file “%s” from a copy, or move it away and sign in to the services again."),
        path);
      return;
    }
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_KEYRING,
    _ ("The keyring is damaged and cannot be read; nothing was changed in it. Bring back its file "
       "from a copy, or move it away and sign in to the services again."));
}

/* The helper ended without an answer: it aborted over a damaged file, or was killed. */
static void
set_ended_error (GSubprocess *helper, GError **error)
{
  if (g_subprocess_wait (helper, NULL, NULL) && g_subprocess_get_if_signaled (helper) &&
      g_subprocess_get_term_sig (helper) == SIGABRT)
    {
      set_damaged_error (error);
      return;
    }
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_KEYRING,
    _ ("The keyring could not be asked: its helper program ended before it answered. Try again."));
}

static gboolean
check_answer (Answer *answer, GError **error)
{
  if (answer->state < REPRISE_N_KEYRING_STATES)
    return TRUE;
  if (answer->state == REPRISE_SECRET_REPLY_DAMAGED)
    set_damaged_error (error);
  else
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING, _ ("The keyring failed: %s"),
                       answer->text);
  return FALSE;
}

/* Starts a helper, asks it and waits for it. Blocks. */
static Answer *
run_call (Call *call, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSubprocess) helper = NULL;
  g_autoptr (Answer) answer = NULL;
  g_autoptr (GError) failure = NULL;
  gint64 deadline_us = g_get_monotonic_time () + HELPER_TIMEOUT_MS * G_TIME_SPAN_MILLISECOND;
  int fd = -1;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  reprise_secret_forbid_core ();
  helper = start_helper (&fd, error);
  if (helper == NULL)
    return NULL;
  if (call->flags & REPRISE_KEYRING_MAY_PROMPT)
    deadline_us = G_MAXINT64; /* somebody looks for a password */
  write_request (fd, call);
  answer = read_answer (fd, deadline_us, cancellable, &failure);
  close (fd); /* and the helper ends */
  if (failure != NULL)
    {
      g_subprocess_force_exit (helper);
      g_propagate_error (error, g_steal_pointer (&failure));
    }
  else if (answer == NULL)
    set_ended_error (helper, error);
  g_subprocess_wait (helper, NULL, NULL);
  return answer != NULL && check_answer (answer, error) ? g_steal_pointer (&answer) : NULL;
}

/* As run_call(), where every state but “there” is an error. */
static Answer *
run_strict_call (Call *call, GCancellable *cancellable, GError **error)
{
  g_autoptr (Answer) answer = run_call (call, cancellable, error);

  if (answer == NULL)
    return NULL;
  if (answer->state == REPRISE_KEYRING_THERE)
    return g_steal_pointer (&answer);
  if (answer->state == REPRISE_KEYRING_NOT_FOUND &&
      (call->operation == REPRISE_SECRET_OPERATION_DELETE ||
       call->operation == REPRISE_SECRET_OPERATION_LIST))
    return g_steal_pointer (&answer);
  set_state_error (answer->state, error);
  return NULL;
}

static Answer *
run_any_call (Call *call, GCancellable *cancellable, GError **error)
{
  if (call->operation == REPRISE_SECRET_OPERATION_GET_STATE)
    return run_call (call, cancellable, error);
  return run_strict_call (call, cancellable, error);
}

/* --- what an answer means: each takes it, %NULL where there was an error --- */

static gboolean
take_state (Answer *answer, RepriseKeyringState *state)
{
  if (answer == NULL)
    return FALSE;
  *state = answer->state;
  answer_free (answer);
  return TRUE;
}

static gboolean
take_success (Answer *answer)
{
  if (answer == NULL)
    return FALSE;
  answer_free (answer);
  return TRUE;
}

static RepriseSecretValue *
take_value (Answer *answer)
{
  RepriseSecretValue *value = NULL;

  if (answer == NULL)
    return NULL;
  value = g_steal_pointer (&answer->value);
  answer_free (answer);
  return value != NULL ? value : reprise_secret_value_new ("", 0);
}

static char **
take_list (Answer *answer)
{
  char **kinds = NULL;

  if (answer == NULL)
    return NULL;
  kinds = g_strsplit (answer->text, "\n", -1); /* of "" none */
  answer_free (answer);
  return kinds;
}

/* --- blocking --- */

static Answer *
run (RepriseSecretOperation operation,
     RepriseKeyringFlags flags,
     const char *uuid,
     const char *kind,
     RepriseSecretValue *value,
     GCancellable *cancellable,
     GError **error)
{
  g_autoptr (Call) call = call_new (operation, flags, uuid, kind, value);

  return run_any_call (call, cancellable, error);
}

/**
 * reprise_keyring_get_state:
 * @uuid: (nullable): of a service, or %NULL for the state of the keyring itself
 * @kind: (nullable): of secret; given if and only if @uuid is
 * @state: (out): the state
 *
 * Never asks anybody and does not fetch the secret.
 */
gboolean
reprise_keyring_get_state (const char *uuid,
                           const char *kind,
                           RepriseKeyringState *state,
                           GCancellable *cancellable,
                           GError **error)
{
  g_return_val_if_fail ((uuid == NULL) == (kind == NULL), FALSE);

  return take_state (run (REPRISE_SECRET_OPERATION_GET_STATE, REPRISE_KEYRING_UNATTENDED, uuid,
                          kind, NULL, cancellable, error),
                     state);
}

/**
 * reprise_keyring_lookup:
 *
 * Returns: (transfer full): the secret; %NULL with %REPRISE_ERROR_NOT_FOUND where an open keyring has none.
 *   Not found is no reason to store anything again.
 */
RepriseSecretValue *
reprise_keyring_lookup (const char *uuid,
                        const char *kind,
                        RepriseKeyringFlags flags,
                        GCancellable *cancellable,
                        GError **error)
{
  g_return_val_if_fail (uuid != NULL && kind != NULL, NULL);

  return take_value (
    run (REPRISE_SECRET_OPERATION_LOOKUP, flags, uuid, kind, NULL, cancellable, error));
}

/**
 * reprise_keyring_store:
 *
 * Keeps @value in place of what was there, and reads it back. On an error what was there is still there.
 */
gboolean
reprise_keyring_store (const char *uuid,
                       const char *kind,
                       RepriseSecretValue *value,
                       RepriseKeyringFlags flags,
                       GCancellable *cancellable,
                       GError **error)
{
  g_return_val_if_fail (uuid != NULL && kind != NULL && value != NULL, FALSE);

  return take_success (
    run (REPRISE_SECRET_OPERATION_STORE, flags, uuid, kind, value, cancellable, error));
}

/**
 * reprise_keyring_delete:
 * @kind: (nullable): of secret, or %NULL for all of the service
 *
 * Returns: whether it is not there any more; that it never was is no error
 */
gboolean
reprise_keyring_delete (const char *uuid,
                        const char *kind,
                        RepriseKeyringFlags flags,
                        GCancellable *cancellable,
                        GError **error)
{
  g_return_val_if_fail (uuid != NULL, FALSE);

  return take_success (
    run (REPRISE_SECRET_OPERATION_DELETE, flags, uuid, kind, NULL, cancellable, error));
}

/**
 * reprise_keyring_list:
 *
 * Returns: (transfer full) (array zero-terminated=1): the kinds of secret that a service has, sorted
 */
char **
reprise_keyring_list (const char *uuid,
                      RepriseKeyringFlags flags,
                      GCancellable *cancellable,
                      GError **error)
{
  g_return_val_if_fail (uuid != NULL, NULL);

  return take_list (
    run (REPRISE_SECRET_OPERATION_LIST, flags, uuid, NULL, NULL, cancellable, error));
}

/* --- not blocking --- */

static void
call_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  Answer *answer = run_any_call (task_data, cancellable, &error);

  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) answer_free);
  else
    g_task_return_error (task, error);
}

static void
start (Call *call,
       gpointer tag,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, call, (GDestroyNotify) call_free);
  reprise_task_run_in_own_thread (task, call_worker);
}

static Answer *
finish (GAsyncResult *result, gpointer tag, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == tag, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
reprise_keyring_get_state_async (const char *uuid,
                                 const char *kind,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_return_if_fail ((uuid == NULL) == (kind == NULL));

  start (
    call_new (REPRISE_SECRET_OPERATION_GET_STATE, REPRISE_KEYRING_UNATTENDED, uuid, kind, NULL),
    reprise_keyring_get_state_async, cancellable, callback, user_data);
}

gboolean
reprise_keyring_get_state_finish (GAsyncResult *result, RepriseKeyringState *state, GError **error)
{
  return take_state (finish (result, reprise_keyring_get_state_async, error), state);
}

void
reprise_keyring_delete_async (const char *uuid,
                              const char *kind,
                              RepriseKeyringFlags flags,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_return_if_fail (uuid != NULL);

  start (call_new (REPRISE_SECRET_OPERATION_DELETE, flags, uuid, kind, NULL),
         reprise_keyring_delete_async, cancellable, callback, user_data);
}

gboolean
reprise_keyring_delete_finish (GAsyncResult *result, GError **error)
{
  return take_success (finish (result, reprise_keyring_delete_async, error));
}

/* Has the keyring ask for its password. Only where a window is there. */
void
reprise_keyring_unlock_async (GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  start (call_new (REPRISE_SECRET_OPERATION_UNLOCK, REPRISE_KEYRING_MAY_PROMPT, NULL, NULL, NULL),
         reprise_keyring_unlock_async, cancellable, callback, user_data);
}

gboolean
reprise_keyring_unlock_finish (GAsyncResult *result, GError **error)
{
  return take_success (finish (result, reprise_keyring_unlock_async, error));
}
