/* reprise-azure-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "providers/azure/reprise-azure-choices.h"
#include "providers/azure/reprise-azure-provider.h"
#include "providers/azure/reprise-azure-settings.h"

typedef struct
{
  RepriseAzureSession *session; /* (owned) (nullable): made when it is first needed */
} RepriseAzureProviderPrivate;

static void provider_init (RepriseProviderInterface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (RepriseAzureProvider,
                                  reprise_azure_provider,
                                  REPRISE_TYPE_PROVIDER_BASE,
                                  G_ADD_PRIVATE (RepriseAzureProvider)
                                    G_IMPLEMENT_INTERFACE (REPRISE_TYPE_PROVIDER, provider_init))

static void
reprise_azure_provider_finalize (GObject *object)
{
  RepriseAzureProviderPrivate *self =
    reprise_azure_provider_get_instance_private (REPRISE_AZURE_PROVIDER (object));

  g_clear_pointer (&self->session, reprise_azure_session_free);
  G_OBJECT_CLASS (reprise_azure_provider_parent_class)->finalize (object);
}

static void
reprise_azure_provider_class_init (RepriseAzureProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_azure_provider_finalize;
}

static void
reprise_azure_provider_init (RepriseAzureProvider *self)
{
}

/* (transfer none): or %NULL with %REPRISE_ERROR_INVALID for settings that cannot be */
RepriseAzureSession *
reprise_azure_provider_get_session (RepriseAzureProvider *self, GError **error)
{
  RepriseAzureProviderPrivate *private = reprise_azure_provider_get_instance_private (self);

  if (private->session == NULL)
  private->session = reprise_azure_session_new (REPRISE_PROVIDER_BASE (self), error);
  return private->session;
}

/* --- the sign-in --- */

static gboolean
open_address (const char *address, gpointer data, GError **error)
{
  RepriseSignInStep step = { .address = (char *) address };

  reprise_sign_in_show (data, &step);
  return TRUE;
}

static void
show_code (const RepriseEntraCode *code, gpointer data)
{
  RepriseSignInStep step = {
    .code = (char *) code->user_code,
    .address = (char *) code->address,
    .whole_address = (char *) code->whole_address,
    .message = (char *) code->message,
    .end_us = g_get_monotonic_time () + code->seconds * G_USEC_PER_SEC,
  };

  reprise_sign_in_show (data, &step);
}

static gboolean
sign_in_person (RepriseEntra *account,
                RepriseSignIn *sign_in,
                GCancellable *cancellable,
                GError **error)
{
  switch (reprise_sign_in_get_way (sign_in))
    {
    case REPRISE_SIGN_IN_BROWSER:
      return reprise_entra_sign_in_with_browser (account, open_address, sign_in, cancellable,
                                                 error);
    case REPRISE_SIGN_IN_CODE:
      return reprise_entra_sign_in_with_code (account, show_code, sign_in, cancellable, error);
    case REPRISE_SIGN_IN_NO_WAY:
    default:
      return reprise_entra_get_token (account, NULL, cancellable, error);
    }
}

static gboolean
sign_in (RepriseProvider *provider,
         RepriseSignIn *conversation,
         GCancellable *cancellable,
         GError **error)
{
  RepriseAzureSession *session =
    reprise_azure_provider_get_session (REPRISE_AZURE_PROVIDER (provider), error);

  return session != NULL && sign_in_person (reprise_azure_session_get_account (session),
                                            conversation, cancellable, error);
}

static gboolean
sign_out (RepriseProvider *provider, GCancellable *cancellable, GError **error)
{
  RepriseAzureSession *session =
    reprise_azure_provider_get_session (REPRISE_AZURE_PROVIDER (provider), error);

  return session != NULL &&
         reprise_entra_sign_out (reprise_azure_session_get_account (session), cancellable, error);
}

static GPtrArray *
list_values (RepriseProvider *provider, const char *key, GCancellable *cancellable, GError **error)
{
  RepriseAzureSession *session =
    reprise_azure_provider_get_session (REPRISE_AZURE_PROVIDER (provider), error);

  return session != NULL ? reprise_azure_list_choices (REPRISE_PROVIDER_BASE (provider), session,
                                                       key, cancellable, error)
                         : NULL;
}

static void
provider_init (RepriseProviderInterface *iface)
{
  iface->sign_in = sign_in;
  iface->sign_out = sign_out;
  iface->list_values = list_values;
}

/* --- for the kinds --- */

/* Persons sign in; a service principal and `az` need nobody. */
RepriseSignInWays
reprise_azure_get_sign_in_ways (RepriseKind *kind, GHashTable *settings)
{
  const char *how = g_hash_table_lookup (settings, REPRISE_AZURE_SETTING_SIGN_IN);

  if (how == NULL || *how == '\0' || g_str_equal (how, REPRISE_AZURE_SIGN_IN_PERSON))
    return REPRISE_SIGN_IN_BROWSER | REPRISE_SIGN_IN_CODE;
  return REPRISE_SIGN_IN_NO_WAY;
}

/* (nullable): why that way of signing in cannot be taken on this computer */
const char *
reprise_azure_explain_sign_in (const char *value)
{
  if (!g_str_equal (value, REPRISE_AZURE_SIGN_IN_AZ) || reprise_entra_az_can_run ())
    return NULL;
  return reprise_sandbox_is_active ()
           ? _ ("The session of the program “az” cannot be used: it is out of reach from inside "
                "the sandbox.")
           : _ ("The session of the program “az” cannot be used: the program is not installed.");
}

/* What a signature that somebody made is good for: as #RepriseSetting's `describe`. */
char *
reprise_azure_describe_sas (const char *secret, GPtrArray *warnings, GError **error)
{
  g_autoptr (RepriseSas) sas = reprise_sas_parse (secret, error);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GError) reason = NULL;

  if (sas == NULL)
    return NULL;
  if (!reprise_sas_check (sas, REPRISE_SAS_FOR_BACKUPS, now, NULL, warnings, &reason))
    g_ptr_array_add (warnings, g_strdup (reason->message));
  return reprise_sas_describe (sas);
}

/* Until when it is good: as #RepriseSetting's `get_end`. */
GDateTime *
reprise_azure_get_sas_end (const char *secret)
{
  g_autoptr (RepriseSas) sas = reprise_sas_parse (secret, NULL);

  return sas != NULL && sas->end != NULL ? g_date_time_ref (sas->end) : NULL;
}
