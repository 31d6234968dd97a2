/* reprise-azure-cloud.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseAzureCloud:
 * @id: “public”, “us-government”, “china”; “other” of one that was typed
 * @authority: where one signs in
 * @arm: Azure Resource Manager: all requests go there, and tokens are asked for it
 * @blob_suffix: (nullable): what follows the account in the address of a storage
 *
 * One of the clouds that Microsoft runs, or runs software for.
 */
typedef struct
{
  const char *id;
  const char *authority;
  const char *arm;
  const char *blob_suffix;
} RepriseAzureCloud;

const RepriseAzureCloud *reprise_azure_cloud_find (const char *id);

gboolean reprise_azure_check_address (const char *address, GError **error);

G_END_DECLS
