/* reprise-azure-cloud.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-http.h"
#include "net/reprise-json.h"
#include "providers/azure/reprise-azure-cloud.h"

#define METADATA_VERSION "2022-09-01"

static const RepriseAzureCloud CLOUDS[] = {
  { "public", N_ ("Azure"), "https://login.microsoftonline.com", "https://management.azure.com",
    "blob.core.windows.net" },
  { "us-government", N_ ("Azure for US Government"), "https://login.microsoftonline.us",
    "https://management.usgovcloudapi.net", "blob.core.usgovcloudapi.net" },
  { "china", N_ ("Azure in China (21Vianet)"), "https://login.partner.microsoftonline.cn",
    "https://management.chinacloudapi.cn", "blob.core.chinacloudapi.cn" },
};

guint
reprise_azure_cloud_get_n (void)
{
  return G_N_ELEMENTS (CLOUDS);
}

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
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
               _ ("The address of %s must begin with https://."), g_uri_get_host (uri));
  return FALSE;
}

/* “suffixes.storage” is “core.windows.net” */
static char *
make_blob_suffix (JsonObject *root)
{
  const char *suffix = reprise_json_get_string (root, "suffixes.storage", NULL);

  return suffix != NULL ? g_strconcat ("blob.", suffix, NULL) : NULL;
}

/* The answer is one cloud, or a list of them of which the one with our address counts. */
static JsonObject *
choose_cloud (JsonNode *node, const char *arm)
{
  JsonArray *clouds = reprise_json_node_get_array (node);
  g_autoptr (GUri) address = reprise_http_parse_address (arm, NULL);

  if (clouds == NULL)
    return reprise_json_node_get_object (node);
  for (guint i = 0; i < reprise_json_array_get_length (clouds); i++)
    {
      JsonObject *cloud = reprise_json_array_get_object (clouds, i);
      const char *theirs = reprise_json_get_string (cloud, "resourceManager", NULL);
      g_autoptr (GUri) uri = theirs != NULL ? reprise_http_parse_address (theirs, NULL) : NULL;

      if (uri != NULL && address != NULL && reprise_http_same_origin (uri, address))
        return cloud;
    }
  return reprise_json_array_get_length (clouds) == 1 ? reprise_json_array_get_object (clouds, 0)
                                                     : NULL;
}

static JsonNode *
read_metadata (const char *arm, GCancellable *cancellable, GError **error)
{
  static const RepriseJsonLimits LIMITS = { .error_code = REPRISE_ERROR_PROTOCOL };
  g_autoptr (RepriseHttp) http = reprise_http_new (arm, NULL, error);
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  gconstpointer data;
  gsize size = 0;

  if (http == NULL)
    return NULL;
  request = reprise_http_request_new ("GET", "metadata/endpoints", REPRISE_HTTP_READ);
  reprise_http_request_add_query (request, "api-version", METADATA_VERSION);
  reprise_http_request_set_max_tries (request, 3);
  response = reprise_http_send (http, request, NULL, cancellable, error);
  if (response == NULL)
    return NULL;
  data = g_bytes_get_data (reprise_http_response_get_body (response), &size);
  return reprise_json_parse (data, size, &LIMITS, error);
}

/**
 * reprise_azure_cloud_discover:
 * @arm: the address of a cloud's Azure Resource Manager
 * @authority: (out) (transfer full): where one signs in to it
 * @blob_suffix: (out) (transfer full) (nullable): of the addresses of its storage
 *
 * Asks a cloud, without a sign-in, for its other addresses.
 *
 * Returns: %FALSE with %REPRISE_ERROR_PROTOCOL where it names none, or as reprise_http_send()
 */
gboolean
reprise_azure_cloud_discover (const char *arm,
                              char **authority,
                              char **blob_suffix,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *cloud;
  const char *login;

  if (!reprise_azure_check_address (arm, error))
    return FALSE;
  node = read_metadata (arm, cancellable, error);
  if (node == NULL)
    return FALSE;
  cloud = choose_cloud (node, arm);
  login = reprise_json_get_string (cloud, "authentication.loginEndpoint", NULL);
  if (login == NULL || !reprise_azure_check_address (login, NULL))
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                   _ ("%s does not say where one signs in to it."), arm);
      return FALSE;
    }
  *authority = g_strdup (login);
  *blob_suffix = make_blob_suffix (cloud);
  return TRUE;
}
