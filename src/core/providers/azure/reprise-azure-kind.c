/* reprise-azure-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/azure/reprise-azure-kind.h"

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
