/* reprise-http-auth.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-private.h"

#define FAILED_SECONDS 10

struct _RepriseHttpAuth
{
  GObject parent_instance;

  RepriseHttpAuthFuncs funcs; /* never change, like the two below */
  gpointer user_data;
  GDestroyNotify destroy;

  GMutex mutex; /* guards all that follows */
  GCond changed;
  guint generation; /* of the credential: one more with each renewal */
  guint accepted;   /* one more than the last generation that a server has accepted */
  gboolean renewing;
  GError *error;    /* (owned) (nullable): why the last renewal failed, if it did */
  gint64 failed_us; /* when that was */
};

G_DEFINE_FINAL_TYPE (RepriseHttpAuth, reprise_http_auth, G_TYPE_OBJECT)

static void
wipe (const char *name, const char *value, gpointer data)
{
  explicit_bzero ((char *) value, strlen (value));
}

RepriseHttpGrant *
reprise_http_grant_new (void)
{
  RepriseHttpGrant *self = g_new0 (RepriseHttpGrant, 1);

  self->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  return self;
}

void
reprise_http_grant_free (RepriseHttpGrant *self)
{
  soup_message_headers_foreach (self->headers, wipe, NULL);
  soup_message_headers_unref (self->headers);
  if (self->query != NULL)
    wipe (NULL, self->query, NULL);
  g_free (self->query);
  g_free (self);
}

/* A header with a credential in it. */
void
reprise_http_grant_set_header (RepriseHttpGrant *self, const char *name, const char *value)
{
  soup_message_headers_replace (self->headers, name, value);
}

/* A part of the query with a credential in it, escaped and exactly as it is to be sent, such as a SAS. */
void
reprise_http_grant_set_query (RepriseHttpGrant *self, const char *query)
{
  g_free (self->query);
  self->query = g_strdup (query);
}

static void
reprise_http_auth_finalize (GObject *object)
{
  RepriseHttpAuth *self = REPRISE_HTTP_AUTH (object);

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_clear_error (&self->error);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  G_OBJECT_CLASS (reprise_http_auth_parent_class)->finalize (object);
}

static void
reprise_http_auth_class_init (RepriseHttpAuthClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_http_auth_finalize;
}

static void
reprise_http_auth_init (RepriseHttpAuth *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
}

/**
 * reprise_http_auth_new:
 * @destroy: (nullable): frees @user_data; in any thread
 */
RepriseHttpAuth *
reprise_http_auth_new (const RepriseHttpAuthFuncs *funcs,
                       gpointer user_data,
                       GDestroyNotify destroy)
{
  RepriseHttpAuth *self = g_object_new (REPRISE_TYPE_HTTP_AUTH, NULL);

  self->funcs = *funcs;
  self->user_data = user_data;
  self->destroy = destroy;
  return self;
}

static void
cancelled_cb (GCancellable *cancellable, RepriseHttpAuth *self)
{
  g_mutex_lock (&self->mutex);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

/* With the mutex held: until nobody renews. */
static gboolean
wait_for_renewal (RepriseHttpAuth *self, GCancellable *cancellable, GError **error)
{
  gulong handler = 0;

  if (!self->renewing)
    return TRUE;
  g_mutex_unlock (&self->mutex);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
  g_mutex_lock (&self->mutex);
  while (self->renewing && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->changed, &self->mutex);
  g_mutex_unlock (&self->mutex);
  g_cancellable_disconnect (cancellable, handler);
  g_mutex_lock (&self->mutex);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

gboolean
reprise_http_auth_can_renew (RepriseHttpAuth *self)
{
  return self->funcs.renew != NULL;
}

/* With the mutex held: whether the sign-in failed so lately that it is not tried again. Servers lock accounts for less. */
static gboolean
has_just_failed (RepriseHttpAuth *self)
{
  return self->error != NULL &&
         g_get_monotonic_time () - self->failed_us < FAILED_SECONDS * G_USEC_PER_SEC;
}

/* With the mutex held, which is let go meanwhile: the renewal itself. */
static gboolean
renew_now (RepriseHttpAuth *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) reason = NULL;
  gboolean ok;

  self->renewing = TRUE;
  g_mutex_unlock (&self->mutex);
  ok = self->funcs.renew (self->user_data, cancellable, &reason);
  g_mutex_lock (&self->mutex);
  self->renewing = FALSE;
  g_clear_error (&self->error);
  if (ok)
    self->generation++;
  else if (g_error_matches (reason, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN))
    {
      self->error = g_error_copy (reason);
      self->failed_us = g_get_monotonic_time ();
    }
  g_cond_broadcast (&self->changed);
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&reason));
  return ok;
}

/**
 * reprise_http_auth_renew:
 * @generation: of the credential that the server did not accept
 *
 * Renews the credential, unless somebody has done so since. At most one renewal runs at a time, and those who come
 * meanwhile, or soon after it failed, share its outcome. Blocks.
 */
gboolean
reprise_http_auth_renew (RepriseHttpAuth *self,
                         guint generation,
                         GCancellable *cancellable,
                         GError **error)
{
  gboolean ok;

  if (self->funcs.renew == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                                 _ ("Sign in again."));
      return FALSE;
    }
  g_mutex_lock (&self->mutex);
  ok = wait_for_renewal (self, cancellable, error);
  if (ok && self->generation == generation)
    {
      ok = !has_just_failed (self) && renew_now (self, cancellable, error);
      if (!ok && error != NULL && *error == NULL)
        *error = g_error_copy (self->error);
    }
  g_mutex_unlock (&self->mutex);
  return ok;
}

/* A server has accepted the credential of @generation: a 401 for it later means that it has ended. */
void
reprise_http_auth_note_accepted (RepriseHttpAuth *self, guint generation)
{
  g_mutex_lock (&self->mutex);
  self->accepted = MAX (self->accepted, generation + 1);
  g_mutex_unlock (&self->mutex);
}

gboolean
reprise_http_auth_was_accepted (RepriseHttpAuth *self, guint generation)
{
  gboolean accepted;

  g_mutex_lock (&self->mutex);
  accepted = self->accepted > generation;
  g_mutex_unlock (&self->mutex);
  return accepted;
}

static gboolean
apply_once (RepriseHttpAuth *self,
            RepriseHttpRequest *request,
            RepriseHttpGrant *grant,
            guint *generation,
            GCancellable *cancellable,
            GError **error)
{
  gboolean ok;

  g_mutex_lock (&self->mutex);
  ok = wait_for_renewal (self, cancellable, error);
  *generation = self->generation;
  g_mutex_unlock (&self->mutex);
  return ok && self->funcs.apply (request, grant, self->user_data, cancellable, error);
}

/**
 * reprise_http_auth_apply:
 * @generation: (out): of the credential, for reprise_http_auth_renew()
 *
 * Puts the credential into @grant, renewed first where it is known to be out of date. Blocks while it is renewed.
 */
gboolean
reprise_http_auth_apply (RepriseHttpAuth *self,
                         RepriseHttpRequest *request,
                         RepriseHttpGrant *grant,
                         guint *generation,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (apply_once (self, request, grant, generation, cancellable, &reason))
    return TRUE;
  if (self->funcs.renew == NULL ||
      !g_error_matches (reason, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  return reprise_http_auth_renew (self, *generation, cancellable, error) &&
         apply_once (self, request, grant, generation, cancellable, error);
}

void
reprise_http_auth_observe (RepriseHttpAuth *self, RepriseHttpResponse *response)
{
  if (self->funcs.observe != NULL)
    self->funcs.observe (response, self->user_data);
}
