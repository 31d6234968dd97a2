/* reprise-entra-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-http.h"
#include "providers/azure/entra/reprise-entra.h"

G_BEGIN_DECLS

struct _RepriseEntra
{
  GObject parent_instance;

  /* none of these changes, so that any thread may read them */
  RepriseEntraMethod method;
  char *authority;   /* (owned) */
  char *tenant;      /* (owned) */
  char *client_id;   /* (owned) */
  char *resource;    /* (owned) */
  RepriseHttp *http; /* (owned) (nullable): the authority; not with `az` */
  guint second_ms;   /* of the server's seconds; tests have shorter ones */

  GMutex mutex;               /* guards all that follows */
  RepriseSecrets *secrets;    /* (owned) */
  GWeakRef auth;              /* what uses the account now */
  RepriseSecretValue *access; /* (owned) (nullable) */
  gint64 renew_us;            /* real time from which it is renewed */
  RepriseSecretValue
    *unstored;   /* (owned) (nullable): a refresh token that the keyring did not take */
  char *account; /* (owned) (nullable): who is signed in */
};

/**
 * RepriseEntraAnswer:
 * @error: (nullable): “invalid_grant”; %NULL where it went well
 * @code: the number of “AADSTS50076”, or 0
 * @sentence: (nullable): what the server says of @error, its first line
 *
 * What the server for tokens answered.
 */
typedef struct
{
  RepriseSecretValue *access;
  RepriseSecretValue *refresh; /* (nullable) */
  gint64 seconds;
  char *account; /* (nullable) */
  char *error;
  gint64 code;
  char *sentence;
} RepriseEntraAnswer;

void reprise_entra_answer_free (RepriseEntraAnswer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseEntraAnswer, reprise_entra_answer_free)

/* the wire: each form is pairs of name and value, ended by %NULL */
GBytes *reprise_entra_make_form (const char *first_name, ...) G_GNUC_NULL_TERMINATED;
RepriseHttpResponse *reprise_entra_post (RepriseEntra *self,
                                         const char *endpoint,
                                         const char *language,
                                         GBytes *form,
                                         guint max_tries,
                                         GCancellable *cancellable,
                                         GError **error);
RepriseEntraAnswer *reprise_entra_ask_token (RepriseEntra *self,
                                             GBytes *form,
                                             guint max_tries,
                                             GCancellable *cancellable,
                                             GError **error);
RepriseEntraAnswer *reprise_entra_read_answer (RepriseHttpResponse *response, GError **error);
void reprise_entra_set_error (RepriseEntra *self, const RepriseEntraAnswer *answer, GError **error);
char *reprise_entra_make_scope (RepriseEntra *self, gboolean person);
char *reprise_entra_base64url (const guint8 *data, gsize size);

/* the account */
gboolean reprise_entra_take_answer (RepriseEntra *self,
                                    RepriseEntraAnswer *answer,
                                    GCancellable *cancellable,
                                    GError **error);
void reprise_entra_set_token (RepriseEntra *self, RepriseSecretValue *token, gint64 seconds);
RepriseSecrets *reprise_entra_dup_secrets (RepriseEntra *self);
char *reprise_entra_dup_claims (RepriseEntra *self);

/* one way each of getting a token */
gboolean reprise_entra_use_az (RepriseEntra *self, GCancellable *cancellable, GError **error);
RepriseSecretValue *reprise_entra_make_assertion (const char *pem,
                                                  const char *audience,
                                                  const char *client_id,
                                                  GError **error);

/* for tests */
void reprise_entra_set_second (RepriseEntra *self, guint ms);

G_END_DECLS
