/* reprise-azure-cloud.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-http.h"
#include "providers/azure/reprise-azure-cloud.h"

static const RepriseAzureCloud CLOUDS[] = {
  { "public", "https://login.microsoftonline.com", "https://management.azure.com",
    "blob.core.windows.net" },
  { "us-government", "https://login.microsoftonline.us", "https://management.usgovcloudapi.net",
    "blob.core.usgovcloudapi.net" },
  { "china", "https://login.partner.microsoftonline.cn", "https://management.chinacloudapi.cn",
    "blob.core.chinacloudapi.cn" },
};

/* (nullable): %NULL for one whose addresses are typed */
const RepriseAzureCloud *
reprise_azure_cloud_find (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (CLOUDS); i++)
    if (g_strcmp0 (CLOUDS[i].id, id) == 0)
      return &CLOUDS[i];
  return NULL;
}

/* Tokens and keys travel only encrypted, or not at all over a network. */
gboolean
reprise_azure_check_address (const char *address, GError **error)
{
  g_autoptr (GUri) uri = reprise_http_parse_address (address, error);

  if (uri == NULL)
    return FALSE;
  if (g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 || reprise_http_is_loopback (uri))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("The address of %s must begin with https://."), g_uri_get_host (uri));
  return FALSE;
}
