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

/* backups that the server makes by itself */
#define REPRISE_COUCH_SETTING_SERVER        "server-side"
#define REPRISE_COUCH_SETTING_SERVER_MODE   "server-mode"
#define REPRISE_COUCH_SETTING_SERVER_TARGET "server-target"
#define REPRISE_COUCH_SETTING_OTHER_ADDRESS "server-address"
#define REPRISE_COUCH_SETTING_OTHER_ACCOUNT "server-account"
#define REPRISE_COUCH_SETTING_OWN_ADDRESS   "server-own-address"

#define REPRISE_COUCH_MODE_INCREMENTS "increments"
#define REPRISE_COUCH_MODE_FULL       "full"
#define REPRISE_COUCH_TARGET_SAME     "same"
#define REPRISE_COUCH_TARGET_OTHER    "other"

#define REPRISE_COUCH_SECRET_OTHER_PASSWORD "server-password"

#define REPRISE_COUCH_SECRET_PASSWORD "password"
#define REPRISE_COUCH_SECRET_API_KEY  "api-key"

#define REPRISE_COUCH_SIGN_IN_NONE     "none"
#define REPRISE_COUCH_SIGN_IN_PASSWORD "password"
#define REPRISE_COUCH_SIGN_IN_IAM      "iam"

#define REPRISE_COUCH_OPTION_DATABASES "databases"
#define REPRISE_COUCH_OPTION_DOCUMENT  "document"
#define REPRISE_COUCH_OPTION_INTO      "into"
#define REPRISE_COUCH_OPTION_TARGET    "target"
#define REPRISE_COUCH_OPTION_AS_OF     "as-of"
#define REPRISE_COUCH_OPTION_DELETIONS "deletions"
#define REPRISE_COUCH_OPTION_OTHERS    "others"
#define REPRISE_COUCH_OPTION_LOCAL     "local-documents"

#define REPRISE_COUCH_OPTION_REVISIONS "revisions"
#define REPRISE_COUCH_OPTION_CONFLICTS "conflicts"
#define REPRISE_COUCH_OPTION_MEANWHILE "meanwhile"

#define REPRISE_COUCH_REVISIONS_AUTO "auto"
#define REPRISE_COUCH_REVISIONS_KEEP "keep"
#define REPRISE_COUCH_REVISIONS_NEW  "new"

#define REPRISE_COUCH_INTO_NEW  "new"
#define REPRISE_COUCH_INTO_SAME "same"

#define REPRISE_COUCH_OTHERS_KEEP   "keep"
#define REPRISE_COUCH_OTHERS_REMOVE "remove"

#define REPRISE_COUCH_CONFLICTS_VALUE_LEAVE "leave"
#define REPRISE_COUCH_CONFLICTS_VALUE_KEEP  "keep"
#define REPRISE_COUCH_CONFLICTS_VALUE_EXACT "exact"

#define REPRISE_COUCH_MEANWHILE_KEEP    "keep"
#define REPRISE_COUCH_MEANWHILE_REPLACE "replace"
