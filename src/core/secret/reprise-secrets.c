/* reprise-secrets.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-secrets"

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-scrub.h"
#include "secret/reprise-secret-wire.h"
#include "secret/reprise-secrets.h"

/* How often somebody who waits for another thread's look-up sees whether it was cancelled. */
#define WAIT_US (50 * G_TIME_SPAN_MILLISECOND)

struct _RepriseSecrets
{
  GObject parent_instance;

  char *uuid;                /* (owned); never changes */
  RepriseKeyringFlags flags; /* never change */

  GMutex mutex;       /* for what follows */
  GCond done;         /* a look-up ended */
  GHashTable *values; /* (owned) (element-type utf8 RepriseSecretValue); by kind */
  GHashTable *asked;  /* (owned) (element-type utf8); kinds that a thread is looking up */
  gboolean draft;     /* nothing goes into the keyring yet */
  RepriseProgress
    *progress; /* (owned) (nullable): through which somebody can be asked to sign in */
  GPtrArray *
    seen; /* (owned) (element-type RepriseSecretValue); all that logs must not show, to the end of the job */
};

G_DEFINE_FINAL_TYPE (RepriseSecrets, reprise_secrets, G_TYPE_OBJECT)

/* “<uuid> <kind>” → RepriseSecretValue, for the life of the process */
static GMutex overrides_mutex;
static GHashTable *overrides; /* (owned) (nullable); behind overrides_mutex */

/* Takes a reference. While it is held, logs and reports are scrubbed of the secret. */
static RepriseSecretValue *
hold (RepriseSecretValue *value)
{
  const char *text = reprise_secret_value_get_text (value);

  if (text != NULL)
    reprise_scrub_add (text);
  return reprise_secret_value_ref (value);
}

static void
let_go (RepriseSecretValue *value)
{
  const char *text = reprise_secret_value_get_text (value);

  if (text != NULL)
    reprise_scrub_remove (text);
  reprise_secret_value_unref (value);
}

static void
reprise_secrets_finalize (GObject *object)
{
  RepriseSecrets *self = REPRISE_SECRETS (object);

  g_clear_pointer (&self->values, g_hash_table_unref);
  g_clear_pointer (&self->asked, g_hash_table_unref);
  g_clear_pointer (&self->seen, g_ptr_array_unref);
  g_clear_object (&self->progress);
  g_clear_pointer (&self->uuid, g_free);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->done);

  G_OBJECT_CLASS (reprise_secrets_parent_class)->finalize (object);
}

static void
reprise_secrets_class_init (RepriseSecretsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_secrets_finalize;
}

static void
reprise_secrets_init (RepriseSecrets *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->done);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) reprise_secret_value_unref);
  self->asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->seen = g_ptr_array_new_with_free_func ((GDestroyNotify) let_go);
}

/**
 * reprise_secrets_new:
 * @flags: whether the keyring may ask somebody
 */
RepriseSecrets *
reprise_secrets_new (const char *service_uuid, RepriseKeyringFlags flags)
{
  RepriseSecrets *self = NULL;

  g_return_val_if_fail (service_uuid != NULL, NULL);

  self = g_object_new (REPRISE_TYPE_SECRETS, NULL);
  self->uuid = g_strdup (service_uuid);
  self->flags = flags;
  return self;
}

const char *
reprise_secrets_get_service_uuid (RepriseSecrets *self)
{
  g_return_val_if_fail (REPRISE_IS_SECRETS (self), NULL);

  return self->uuid;
}

/* --- overrides --- */

static char *
make_override_key (const char *uuid, const char *kind)
{
  return g_strconcat (uuid, " ", kind, NULL);
}

/**
 * reprise_secrets_override:
 * @value: (nullable): goes before the keyring's in this process; %NULL takes the last one back
 *
 * Any thread.
 */
void
reprise_secrets_override (const char *service_uuid, const char *kind, RepriseSecretValue *value)
{
  g_autofree char *key = make_override_key (service_uuid, kind);

  g_mutex_lock (&overrides_mutex);
  if (overrides == NULL)
    overrides = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) let_go);
  if (value != NULL)
    g_hash_table_replace (overrides, g_steal_pointer (&key), hold (value));
  else
    g_hash_table_remove (overrides, key);
  g_mutex_unlock (&overrides_mutex);
}

/* (transfer full) (nullable) */
static RepriseSecretValue *
dup_override (const char *uuid, const char *kind)
{
  g_autofree char *key = make_override_key (uuid, kind);
  RepriseSecretValue *value = NULL;

  g_mutex_lock (&overrides_mutex);
  if (overrides != NULL)
    value = g_hash_table_lookup (overrides, key);
  if (value != NULL)
    reprise_secret_value_ref (value);
  g_mutex_unlock (&overrides_mutex);
  return value;
}

/* Takes back all that were given to this process for a service. Any thread. */
void
reprise_secrets_forget_overrides (const char *service_uuid)
{
  g_autofree char *start = make_override_key (service_uuid, "");
  GHashTableIter iter;
  gpointer key;

  g_mutex_lock (&overrides_mutex);
  if (overrides != NULL)
    {
      g_hash_table_iter_init (&iter, overrides);
      while (g_hash_table_iter_next (&iter, &key, NULL))
        if (g_str_has_prefix (key, start))
          g_hash_table_iter_remove (&iter);
    }
  g_mutex_unlock (&overrides_mutex);
}

/* (transfer full): the kinds of secrets that were given to this process for a service */
static char **
list_overrides (const char *uuid)
{
  g_autofree char *start = make_override_key (uuid, "");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GHashTableIter iter;
  gpointer key;

  g_mutex_lock (&overrides_mutex);
  if (overrides != NULL)
    {
      g_hash_table_iter_init (&iter, overrides);
      while (g_hash_table_iter_next (&iter, &key, NULL))
        if (g_str_has_prefix (key, start))
          g_strv_builder_add (builder, (const char *) key + strlen (start));
    }
  g_mutex_unlock (&overrides_mutex);
  return g_strv_builder_end (builder);
}

/**
 * reprise_secrets_parse_option:
 * @option: “KEY=FD”, as after --secret-fd
 * @kind: (out) (transfer full): the kind of secret, KEY
 * @value: (out) (transfer full): what descriptor FD held
 *
 * Reads the descriptor to its end and closes it, so that no child gets it. Blocks: for the command line before its
 * main loop.
 *
 * Returns: whether it could; else %REPRISE_ERROR_INVALID for a wrong option and as reprise_secret_value_new_from_fd()
 */
gboolean
reprise_secrets_parse_option (const char *option,
                              char **kind,
                              RepriseSecretValue **value,
                              GError **error)
{
  const char *equals = strchr (option, '=');
  gint64 fd = 0;
  RepriseSecretValue *read = NULL;

  if (equals == NULL || equals == option ||
      !g_ascii_string_to_signed (equals + 1, 10, 0, G_MAXINT, &fd, NULL))
    {
      /* The option is not repeated: somebody may have written the secret itself there. */
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ ("“--secret-fd” takes a key and the number of a descriptor: password=3."));
      return FALSE;
    }
  read = reprise_secret_value_new_from_fd ((int) fd, error);
  if (fd > STDERR_FILENO)
    close ((int) fd);
  if (read == NULL)
    return FALSE;
  *kind = g_strndup (option, (gsize) (equals - option));
  *value = read;
  return TRUE;
}

/* --- for jobs --- */

/* The keyring's errors, said to somebody whose job needs the secret. */
static void
explain_error (GError **error, const char *kind)
{
  if (g_error_matches (*error, REPRISE_ERROR, REPRISE_ERROR_KEYRING))
    {
      g_autoptr (GError) keyring = g_steal_pointer (error);

      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_KEYRING,
        /* Translators: “Password”, “API key”…; its name for commands; a sentence about the keyring */
        _ ("“%s” (%s) is needed. %s Each command can be given it with --secret-fd."),
        reprise_secret_kind_get_title (kind), kind, reprise_error_get_saying (keyring));
      return;
    }
  if (!g_error_matches (*error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return;
  g_clear_error (error);
  if (reprise_secret_is_sandbox ())
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
      /* Translators: %s is “Password”, “API key”… */
      _ ("“%s” is not in the sandbox’s keyring for this service; what was saved outside "
         "the sandbox is not "
         "seen there. Sign in to the service."),
      reprise_secret_kind_get_title (kind));
  else
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                       /* Translators: %s is “Password”, “API key”… */
                       _ ("“%s” is not in the keyring for this service. Sign in to the service."),
                       reprise_secret_kind_get_title (kind));
}

/* Behind the mutex. Waits while another thread looks the same secret up. */
static gboolean
wait_for_turn (RepriseSecrets *self, const char *kind, GCancellable *cancellable, GError **error)
{
  while (g_hash_table_contains (self->asked, kind))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_cond_wait_until (&self->done, &self->mutex, g_get_monotonic_time () + WAIT_US);
    }
  return TRUE;
}

/* Behind the mutex. */
static void
remember (RepriseSecrets *self, const char *kind, RepriseSecretValue *value)
{
  g_hash_table_replace (self->values, g_strdup (kind), reprise_secret_value_ref (value));
  g_ptr_array_add (self->seen, hold (value));
}

static RepriseSecretValue *
fetch (RepriseSecrets *self, const char *kind, GCancellable *cancellable, GError **error)
{
  RepriseSecretValue *value = dup_override (self->uuid, kind);
  GError *failure = NULL;

  if (value != NULL)
    return value;
  value = reprise_keyring_lookup (self->uuid, kind, self->flags, cancellable, &failure);
  if (value == NULL)
    {
      explain_error (&failure, kind);
      g_propagate_error (error, failure);
    }
  return value;
}

/**
 * reprise_secrets_lookup:
 * @kind: of secret: “password”
 *
 * Returns: (transfer full): the secret, or %NULL: %REPRISE_ERROR_NEEDS_SIGN_IN where there is none,
 *   %REPRISE_ERROR_KEYRING where the keyring is locked, does not answer or refuses, %G_IO_ERROR_CANCELLED
 */
RepriseSecretValue *
reprise_secrets_lookup (RepriseSecrets *self,
                        const char *kind,
                        GCancellable *cancellable,
                        GError **error)
{
  RepriseSecretValue *value = NULL;

  g_return_val_if_fail (REPRISE_IS_SECRETS (self) && kind != NULL, NULL);

  g_mutex_lock (&self->mutex);
  if (wait_for_turn (self, kind, cancellable, error))
    {
      value = g_hash_table_lookup (self->values, kind);
      if (value != NULL)
        reprise_secret_value_ref (value);
      else
        {
          g_hash_table_add (self->asked, g_strdup (kind));
          g_mutex_unlock (&self->mutex);
          value = fetch (self, kind, cancellable, error);
          g_mutex_lock (&self->mutex);
          g_hash_table_remove (self->asked, kind);
          if (value != NULL)
            remember (self, kind, value);
          g_cond_broadcast (&self->done);
        }
    }
  g_mutex_unlock (&self->mutex);
  return value;
}

/**
 * reprise_secrets_invalidate:
 *
 * The service refused the secret (401): the next look-up asks the keyring again, where another process may have
 * put a newer one.
 */
void
reprise_secrets_invalidate (RepriseSecrets *self, const char *kind)
{
  g_return_if_fail (REPRISE_IS_SECRETS (self) && kind != NULL);

  g_mutex_lock (&self->mutex);
  g_hash_table_remove (self->values, kind);
  g_mutex_unlock (&self->mutex);
}

/**
 * reprise_secrets_store:
 *
 * Keeps a newer secret in the keyring and uses it from here on. In place of one that was given to this process
 * only, and of a service that is not saved yet, it serves this process only.
 */
gboolean
reprise_secrets_store (RepriseSecrets *self,
                       const char *kind,
                       RepriseSecretValue *value,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (RepriseSecretValue) given = NULL;
  gboolean draft;

  g_return_val_if_fail (REPRISE_IS_SECRETS (self) && kind != NULL && value != NULL, FALSE);

  g_mutex_lock (&self->mutex);
  draft = self->draft;
  g_mutex_unlock (&self->mutex);
  given = dup_override (self->uuid, kind);
  if (given != NULL || draft)
    reprise_secrets_override (self->uuid, kind, value);
  else if (!reprise_keyring_store (self->uuid, kind, value, self->flags, cancellable, error))
    return FALSE;
  g_mutex_lock (&self->mutex);
  remember (self, kind, value);
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

/**
 * reprise_secrets_keep:
 *
 * Keeps in the keyring what was given to this process only (a form that was tried out and is saved now), and takes it
 * from there from here on. Where nothing was given there is nothing to do.
 *
 * Returns: whether it is kept; on an error it goes on serving this process
 */
gboolean
reprise_secrets_keep (RepriseSecrets *self,
                      const char *kind,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (RepriseSecretValue) given = NULL;

  g_return_val_if_fail (REPRISE_IS_SECRETS (self) && kind != NULL, FALSE);

  given = dup_override (self->uuid, kind);
  if (given == NULL)
    return TRUE;
  if (!reprise_keyring_store (self->uuid, kind, given, self->flags, cancellable, error))
    return FALSE;
  reprise_secrets_override (self->uuid, kind, NULL);
  g_mutex_lock (&self->mutex);
  remember (self, kind, given);
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

/**
 * reprise_secrets_keep_all:
 *
 * The same with all that was given to this process only, and with what came of a sign-in.
 */
gboolean
reprise_secrets_keep_all (RepriseSecrets *self, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) kinds = list_overrides (self->uuid);

  for (guint i = 0; kinds[i] != NULL; i++)
    if (!reprise_secrets_keep (self, kinds[i], cancellable, error))
      return FALSE;
  return TRUE;
}

/* The service is not saved yet: what is stored serves this process, until reprise_secrets_keep_all(). */
void
reprise_secrets_set_draft (RepriseSecrets *self)
{
  g_mutex_lock (&self->mutex);
  self->draft = TRUE;
  g_mutex_unlock (&self->mutex);
}

/* --- somebody who can sign in --- */

/* @progress: (nullable): of a job that somebody watches; without it nobody is asked */
void
reprise_secrets_set_progress (RepriseSecrets *self, RepriseProgress *progress)
{
  g_mutex_lock (&self->mutex);
  g_set_object (&self->progress, progress);
  g_mutex_unlock (&self->mutex);
}

/**
 * reprise_secrets_ask_sign_in:
 * @reason: why what there is does not do any more
 *
 * Lets the job wait, with all that it has done so far, until somebody has signed in. What the keyring has is to be looked up anew then.
 * Blocks: for workers.
 *
 * Returns: whether somebody says that they have; %FALSE where nobody can be asked, or they do not want to
 */
gboolean
reprise_secrets_ask_sign_in (RepriseSecrets *self, const GError *reason, GCancellable *cancellable)
{
  static const char *const RESPONSES[] = { "cancel", REPRISE_ANSWER_SIGNED_IN, NULL };
  const char *const labels[] = { _ ("_Stop"), _ ("_Go On"), NULL };
  g_autoptr (RepriseProgress) progress = NULL;
  g_autoptr (RepriseQuestion) question = NULL;
  g_autofree char *why = reprise_scrub (reason->message);
  g_autofree char *body = NULL;
  g_autofree char *answer = NULL;

  g_mutex_lock (&self->mutex);
  g_set_object (&progress, self->progress);
  g_mutex_unlock (&self->mutex);
  if (progress == NULL)
    return FALSE;
  /* Translators: why a sign-in is needed, as a whole sentence */
  body = g_strdup_printf (_ ("%s The job waits with what it has done so far, and goes on after "
                             "the sign-in."),
                          why);
  question = reprise_question_new (REPRISE_QUESTION_SIGN_IN, _ ("Sign In to Go On?"), body,
                                   RESPONSES, labels, NULL, "cancel");
  answer = reprise_progress_ask (progress, question, cancellable, NULL);
  return g_strcmp0 (answer, REPRISE_ANSWER_SIGNED_IN) == 0;
}
