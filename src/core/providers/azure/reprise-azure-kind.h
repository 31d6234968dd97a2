/* reprise-azure-kind.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib/gi18n-lib.h>

#include "providers/azure/reprise-azure-cloud.h"
#include "providers/azure/reprise-azure-provider.h"
#include "providers/azure/reprise-azure-settings.h"

G_BEGIN_DECLS

/* Settings that the kinds of Azure share, each list of them to be put into the list of a kind. */

extern const char *const reprise_azure_clouds[];
extern const char *const reprise_azure_cloud_labels[];
extern const char *const reprise_azure_sign_ins[];
extern const char *const reprise_azure_sign_in_labels[];

gboolean reprise_azure_check_subscription (const char *value, GError **error);
gboolean reprise_azure_check_tenant (const char *value, GError **error);
gboolean reprise_azure_check_account (const char *value, GError **error);
gboolean reprise_azure_check_container (const char *value, GError **error);

#define REPRISE_AZURE_SHOWN(name, value) .shown_if_key = name, .shown_if_value = value

/* where it is: both are chosen from lists of Azure's, and needed */
#define REPRISE_AZURE_PLACE_SETTINGS                                  \
  { .key = REPRISE_AZURE_SETTING_SUBSCRIPTION,                        \
    .type = REPRISE_SETTING_TEXT,                                     \
    .label = N_ ("Subscription"),                                     \
    .help = N_ ("Its ID."),                                           \
    .required = TRUE,                                                 \
    .listed = TRUE,                                                   \
    .depends_on = REPRISE_AZURE_SETTING_TENANT,                       \
    .check = reprise_azure_check_subscription },                      \
  {                                                                   \
    .key = REPRISE_AZURE_SETTING_GROUP, .type = REPRISE_SETTING_TEXT, \
    .label = N_ ("Resource Group"), .required = TRUE, .listed = TRUE, \
    .depends_on = REPRISE_AZURE_SETTING_SUBSCRIPTION                  \
  }

/* the two secrets by which a container is reached */
#define REPRISE_AZURE_KEY_SETTING                                                                \
  {                                                                                              \
    .key = REPRISE_AZURE_SECRET_KEY, .type = REPRISE_SETTING_SECRET, .label = N_ ("Access Key"), \
    .required = TRUE,                                                                            \
    REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_STORAGE, REPRISE_AZURE_STORAGE_KEY)               \
  }
#define REPRISE_AZURE_SAS_SETTING                                                        \
  {                                                                                      \
    .key = REPRISE_AZURE_SECRET_SAS, .type = REPRISE_SETTING_SECRET,                     \
    .label = N_ ("Shared Access Signature"),                                             \
    .help = N_ ("The whole address of the container, with the permissions read, write, " \
                "delete and list."),                                                     \
    .required = TRUE, .describe = reprise_azure_describe_sas,                            \
    .get_end = reprise_azure_get_sas_end,                                                \
    REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_STORAGE, REPRISE_AZURE_STORAGE_SAS)       \
  }

/* who signs in, and where */
#define REPRISE_AZURE_SIGN_IN_SETTINGS                                                            \
  { .key = REPRISE_AZURE_SETTING_SIGN_IN,                                                         \
    .type = REPRISE_SETTING_CHOICE,                                                               \
    .label = N_ ("Sign In With"),                                                                 \
    .default_value = REPRISE_AZURE_SIGN_IN_PERSON,                                                \
    .choices = reprise_azure_sign_ins,                                                            \
    .choice_labels = reprise_azure_sign_in_labels,                                                \
    .explain_choice = reprise_azure_explain_sign_in },                                            \
    { .key = REPRISE_AZURE_SETTING_TENANT,                                                        \
      .type = REPRISE_SETTING_TEXT,                                                               \
      .label = N_ ("Tenant"),                                                                     \
      .help = N_ ("Its ID or one of its domains; empty for that of your account."),               \
      .check = reprise_azure_check_tenant,                                                        \
      .listed = TRUE },                                                                           \
    { .key = REPRISE_AZURE_SETTING_CLIENT_ID,                                                     \
      .type = REPRISE_SETTING_TEXT,                                                               \
      .label = N_ ("Client ID"),                                                                  \
      .help = N_ ("Of the registration of the application in Entra ID."),                         \
      .placeholder = "00000000-0000-0000-0000-000000000000",                                      \
      .required = TRUE,                                                                           \
      .of_sign_in = TRUE,                                                                         \
      REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_SIGN_IN,                                         \
                           REPRISE_AZURE_SIGN_IN_PERSON "|" REPRISE_AZURE_SIGN_IN_SECRET          \
                                                        "|" REPRISE_AZURE_SIGN_IN_CERTIFICATE) }, \
    { .key = REPRISE_ENTRA_SECRET_CLIENT,                                                         \
      .type = REPRISE_SETTING_SECRET,                                                             \
      .label = N_ ("Client Secret"),                                                              \
      .required = TRUE,                                                                           \
      REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_SIGN_IN, REPRISE_AZURE_SIGN_IN_SECRET) },        \
  {                                                                                               \
    .key = REPRISE_ENTRA_SECRET_CERTIFICATE, .type = REPRISE_SETTING_SECRET,                      \
    .label = N_ ("Certificate and Key"), .help = N_ ("As PEM, not encrypted."), .required = TRUE, \
    REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_SIGN_IN, REPRISE_AZURE_SIGN_IN_CERTIFICATE),       \
    .sign_in_follows = TRUE                                                                       \
  }

/* where all of it is, if not at the public cloud */
#define REPRISE_AZURE_CLOUD_SETTINGS                                                  \
  { .key = REPRISE_AZURE_SETTING_CLOUD,                                               \
    .type = REPRISE_SETTING_CHOICE,                                                   \
    .label = N_ ("Cloud"),                                                            \
    .default_value = "public",                                                        \
    .choices = reprise_azure_clouds,                                                  \
    .choice_labels = reprise_azure_cloud_labels,                                      \
    .advanced = TRUE },                                                               \
    { .key = REPRISE_AZURE_SETTING_ARM,                                               \
      .type = REPRISE_SETTING_ADDRESS,                                                \
      .label = N_ ("Address of Azure Resource Manager"),                              \
      .check = reprise_azure_check_address,                                           \
      .required = TRUE,                                                               \
      .of_sign_in = TRUE,                                                             \
      .advanced = TRUE,                                                               \
      REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_CLOUD, REPRISE_AZURE_CLOUD_OTHER) }, \
    { .key = REPRISE_AZURE_SETTING_AUTHORITY,                                         \
      .type = REPRISE_SETTING_ADDRESS,                                                \
      .label = N_ ("Address of the Sign-In"),                                         \
      .check = reprise_azure_check_address,                                           \
      .required = TRUE,                                                               \
      .of_sign_in = TRUE,                                                             \
      .advanced = TRUE,                                                               \
      REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_CLOUD, REPRISE_AZURE_CLOUD_OTHER) }, \
    { .key = REPRISE_AZURE_SETTING_AUDIENCE,                                          \
      .type = REPRISE_SETTING_TEXT,                                                   \
      .label = N_ ("Audience of Tokens"),                                             \
      .help = N_ ("Where it is not the address of Azure Resource Manager."),          \
      .advanced = TRUE,                                                               \
      REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_CLOUD, REPRISE_AZURE_CLOUD_OTHER) }, \
  {                                                                                   \
    .key = REPRISE_AZURE_SETTING_ENDPOINT, .type = REPRISE_SETTING_ADDRESS,           \
    .label = N_ ("Address of the Storage Account"),                                   \
    .help = N_ ("Where it is not the usual one of the cloud."), .advanced = TRUE,     \
    .depends_on = REPRISE_AZURE_SETTING_ACCOUNT, .check = reprise_azure_check_address \
  }

G_END_DECLS
