/* reprise-azure-settings.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

/* The keys of settings and secrets, which the kinds of Azure share. */

#define REPRISE_AZURE_SETTING_CLOUD         "cloud"
#define REPRISE_AZURE_SETTING_ARM           "management-address"
#define REPRISE_AZURE_SETTING_AUTHORITY     "sign-in-address"
#define REPRISE_AZURE_SETTING_AUDIENCE      "token-audience"
#define REPRISE_AZURE_SETTING_SIGN_IN       "sign-in"
#define REPRISE_AZURE_SETTING_TENANT        "tenant"
#define REPRISE_AZURE_SETTING_CLIENT_ID     "client-id"
#define REPRISE_AZURE_SETTING_SUBSCRIPTION  "subscription"
#define REPRISE_AZURE_SETTING_GROUP         "resource-group"
#define REPRISE_AZURE_SETTING_APPLICATION   "application"
#define REPRISE_AZURE_SETTING_SLOT          "slot"
#define REPRISE_AZURE_SETTING_SERVICE       "service"
#define REPRISE_AZURE_SETTING_VERSION       "api-version"
#define REPRISE_AZURE_SETTING_ACCESS        "access"
#define REPRISE_AZURE_SETTING_IDENTITY      "identity-client-id"
#define REPRISE_AZURE_SETTING_EXPIRY_DAYS   "restorable-days"
#define REPRISE_AZURE_SETTING_STANDBY       "standby"
#define REPRISE_AZURE_SETTING_REPORTS       "reports"
#define REPRISE_AZURE_SETTING_REPORT_DAYS   "first-report-days"
#define REPRISE_AZURE_SETTING_STORAGE       "storage"
#define REPRISE_AZURE_SETTING_ACCOUNT       "account"
#define REPRISE_AZURE_SETTING_ACCOUNT_GROUP "account-resource-group"
#define REPRISE_AZURE_SETTING_CONTAINER     "container"
#define REPRISE_AZURE_SETTING_ENDPOINT      "storage-address"
#define REPRISE_AZURE_SETTING_DATABASES     "databases"
#define REPRISE_AZURE_SETTING_SNAPSHOTS     "automatic-backups"
#define REPRISE_AZURE_SETTING_SIGNED_DAYS   "signature-days"

#define REPRISE_AZURE_SECRET_SAS         "sas"
#define REPRISE_AZURE_SECRET_KEY         "access-key"
#define REPRISE_AZURE_SECRET_CONNECTIONS "connection-strings"

#define REPRISE_AZURE_CLOUD_OTHER "other"

#define REPRISE_AZURE_SIGN_IN_PERSON      "person"
#define REPRISE_AZURE_SIGN_IN_SECRET      "client-secret"
#define REPRISE_AZURE_SIGN_IN_CERTIFICATE "client-certificate"
#define REPRISE_AZURE_SIGN_IN_AZ          "az"

#define REPRISE_AZURE_STORAGE_SAS   "sas"        /* somebody made a signature */
#define REPRISE_AZURE_STORAGE_KEY   "access-key" /* we make them with the key of the account */
#define REPRISE_AZURE_STORAGE_AZURE "azure"      /* Azure makes them for whoever is signed in */
