/* reprise-entra.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "net/reprise-http-auth.h"
#include "secret/reprise-secrets.h"

G_BEGIN_DECLS

/* what lies in the keyring */
#define REPRISE_ENTRA_SECRET_REFRESH     "refresh-token"
#define REPRISE_ENTRA_SECRET_CLIENT      "client-secret"
#define REPRISE_ENTRA_SECRET_CERTIFICATE "client-certificate" /* PEM: certificate and private key */

/* the scheme of a tenant that may be any */
#define REPRISE_ENTRA_ANY_TENANT "organizations"

/**
 * RepriseEntraMethod:
 * @REPRISE_ENTRA_PERSON: somebody signed in, with a browser or a device code
 * @REPRISE_ENTRA_SECRET: a service principal with a secret
 * @REPRISE_ENTRA_CERTIFICATE: a service principal with a certificate
 * @REPRISE_ENTRA_AZ: the session of the program `az` of this computer
 */
typedef enum
{
  REPRISE_ENTRA_PERSON,
  REPRISE_ENTRA_SECRET,
  REPRISE_ENTRA_CERTIFICATE,
  REPRISE_ENTRA_AZ,
} RepriseEntraMethod;

/**
 * RepriseEntraConfig:
 * @authority: “https://login.microsoftonline.com”
 * @tenant: (nullable): its id or one of its domains; %NULL for that of whoever signs in
 * @client_id: (nullable): of the registration of the application; not needed with `az`
 * @resource: what the tokens are for: “https://management.azure.com”
 */
typedef struct
{
  RepriseEntraMethod method;
  const char *authority;
  const char *tenant;
  const char *client_id;
  const char *resource;
} RepriseEntraConfig;

/**
 * RepriseEntraCode:
 * @user_code: what is typed in
 * @address: where
 * @whole_address: (nullable): where, with the code in it
 * @message: (nullable): what the server says of it, in the person's language
 * @seconds: how long it can be used
 *
 * A device code, to be shown.
 */
typedef struct
{
  const char *user_code;
  const char *address;
  const char *whole_address;
  const char *message;
  gint64 seconds;
} RepriseEntraCode;

/* In the worker that signs in. Shows the code, and again where a new one was asked for. */
typedef void (*RepriseEntraShow) (const RepriseEntraCode *code, gpointer user_data);

/* In the worker that signs in. Opens an address in the browser; %FALSE with @error where there is none. */
typedef gboolean (*RepriseEntraOpen) (const char *address, gpointer user_data, GError **error);

/**
 * RepriseEntra:
 *
 * The sign-in of one service at Microsoft Entra ID. Its access token is only in memory, its refresh token only in the
 * keyring. There is one object for each account in a process, shared by all that use it, so that a token is asked for
 * once; between processes a lock keeps refreshing apart. Any thread.
 */
#define REPRISE_TYPE_ENTRA (reprise_entra_get_type ())

G_DECLARE_FINAL_TYPE (RepriseEntra, reprise_entra, REPRISE, ENTRA, GObject)

RepriseEntra *reprise_entra_open (const RepriseEntraConfig *config,
                                  RepriseSecrets *secrets,
                                  GError **error);
RepriseHttpAuth *reprise_entra_dup_auth (RepriseEntra *self);
char *reprise_entra_dup_account (RepriseEntra *self);
gboolean reprise_entra_az_can_run (void);

/* blocking: for workers */
gboolean reprise_entra_sign_in_with_browser (RepriseEntra *self,
                                             RepriseEntraOpen open,
                                             gpointer user_data,
                                             GCancellable *cancellable,
                                             GError **error);
gboolean reprise_entra_sign_in_with_code (RepriseEntra *self,
                                          RepriseEntraShow show,
                                          gpointer user_data,
                                          GCancellable *cancellable,
                                          GError **error);
gboolean reprise_entra_get_token (RepriseEntra *self,
                                  RepriseSecretValue **token,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean reprise_entra_sign_out (RepriseEntra *self, GCancellable *cancellable, GError **error);

G_END_DECLS
