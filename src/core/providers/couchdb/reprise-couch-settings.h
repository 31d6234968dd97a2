/* reprise-couch-settings.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

/* The keys of settings, secrets and options, which the kinds CouchDB and Cloudant share. */

#define REPRISE_COUCH_SETTING_ADDRESS     "address"
#define REPRISE_COUCH_SETTING_SIGN_IN     "sign-in"
#define REPRISE_COUCH_SETTING_ACCOUNT     "account"
#define REPRISE_COUCH_SETTING_IAM         "iam-address"
#define REPRISE_COUCH_SETTING_DATABASES   "databases"
#define REPRISE_COUCH_SETTING_EXCEPT      "except"
#define REPRISE_COUCH_SETTING_INCLUDE_NEW "include-new"
#define REPRISE_COUCH_SETTING_LOCAL       "local-documents"
#define REPRISE_COUCH_SETTING_CONNECTIONS "connections"
#define REPRISE_COUCH_SETTING_PIN         "pin-sha256"

#define REPRISE_COUCH_SECRET_PASSWORD "password"
#define REPRISE_COUCH_SECRET_API_KEY  "api-key"

#define REPRISE_COUCH_SIGN_IN_NONE     "none"
#define REPRISE_COUCH_SIGN_IN_PASSWORD "password"
#define REPRISE_COUCH_SIGN_IN_IAM      "iam"
