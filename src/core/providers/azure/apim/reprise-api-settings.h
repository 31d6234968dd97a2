/* reprise-api-settings.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

/* Values of settings, and the options of a restore: --to KEY=VALUE. */

#define REPRISE_API_ACCESS_KEY    "access-key"
#define REPRISE_API_ACCESS_SYSTEM "system-identity"
#define REPRISE_API_ACCESS_USER   "user-identity"

/* into which service */
#define REPRISE_API_OPTION_SERVICE      "service"
#define REPRISE_API_OPTION_GROUP        "resource-group"
#define REPRISE_API_OPTION_SUBSCRIPTION "subscription"

/* from where */
#define REPRISE_API_OPTION_ACCOUNT       "from-account"
#define REPRISE_API_OPTION_ACCOUNT_GROUP "from-account-resource-group"
#define REPRISE_API_OPTION_CONTAINER     "from-container"
#define REPRISE_API_OPTION_ADDRESS       "from-storage-address"
#define REPRISE_API_OPTION_BLOB          "from-blob"
