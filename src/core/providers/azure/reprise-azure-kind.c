/* reprise-azure-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/azure/reprise-azure-kind.h"

#define MAX_DOMAIN_BYTES    253
#define MIN_ACCOUNT_BYTES   3
#define MAX_ACCOUNT_BYTES   24
#define MIN_CONTAINER_BYTES 3
#define MAX_CONTAINER_BYTES 63

const char *const reprise_azure_clouds[] = { "public", "us-government", "china",
                                             REPRISE_AZURE_CLOUD_OTHER, NULL };
const char *const reprise_azure_cloud_labels[] = { N_ ("Azure"), N_ ("Azure for US Government"),
                                                   N_ ("Azure in China (21Vianet)"),
                                                   N_ ("Another one"), NULL };
const char *const reprise_azure_sign_ins[] = { REPRISE_AZURE_SIGN_IN_PERSON,
                                               REPRISE_AZURE_SIGN_IN_SECRET,
                                               REPRISE_AZURE_SIGN_IN_CERTIFICATE,
                                               REPRISE_AZURE_SIGN_IN_AZ, NULL };
const char *const reprise_azure_sign_in_labels[] = { N_ ("Your account"),
                                                     N_ ("A service principal and its secret"),
                                                     N_ ("A service principal and its certificate"),
                                                     N_ ("The session of the program “az”"), NULL };

/* --- what cannot be --- */

gboolean
reprise_azure_check_subscription (const char *value, GError **error)
{
  if (g_uuid_string_is_valid (value))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("“%s” is no ID of a subscription, which looks like "
                        "00001111-2222-3333-4444-555566667777."),
                     value);
  return FALSE;
}

static gboolean
is_domain (const char *text)
{
  g_auto (GStrv) labels = g_strsplit (text, ".", -1);

  if (labels[0] == NULL || labels[1] == NULL || strlen (text) > MAX_DOMAIN_BYTES)
    return FALSE;
  for (guint i = 0; labels[i] != NULL; i++)
    {
      gsize length = strlen (labels[i]);

      if (length == 0 || strspn (labels[i], G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-") < length ||
          labels[i][0] == '-' || labels[i][length - 1] == '-')
        return FALSE;
    }
  return TRUE;
}

/* Its ID, one of its domains, or the words of Entra for accounts of any tenant */
gboolean
reprise_azure_check_tenant (const char *value, GError **error)
{
  if (g_uuid_string_is_valid (value) || is_domain (value) || strcmp (value, "organizations") == 0 ||
      strcmp (value, "common") == 0)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("“%s” is no tenant: give its ID, which looks like "
                        "00001111-2222-3333-4444-555566667777, or one of its domains."),
                     value);
  return FALSE;
}

gboolean
reprise_azure_check_account (const char *value, GError **error)
{
  gsize length = strlen (value);

  if (length >= MIN_ACCOUNT_BYTES && length <= MAX_ACCOUNT_BYTES &&
      strspn (value, G_CSET_a_2_z G_CSET_DIGITS) == length)
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
    _ ("“%s” is no name of a storage account: it is made of 3 to 24 small letters and "
       "digits."),
    value);
  return FALSE;
}

/* Two have names of Azure’s own. */
gboolean
reprise_azure_check_container (const char *value, GError **error)
{
  gsize length = strlen (value);

  if (strcmp (value, "$root") == 0 || strcmp (value, "$web") == 0 ||
      (length >= MIN_CONTAINER_BYTES && length <= MAX_CONTAINER_BYTES &&
       strspn (value, G_CSET_a_2_z G_CSET_DIGITS "-") == length && value[0] != '-' &&
       value[length - 1] != '-' && strstr (value, "--") == NULL))
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
    _ ("“%s” is no name of a container: it is made of 3 to 63 small letters, digits and "
       "single hyphens between them."),
    value);
  return FALSE;
}
