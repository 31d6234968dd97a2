/* reprise-milvus-settings.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

/* The keys of settings and secrets; those of the storage are in storage/reprise-milvus-storage.h. */

#define REPRISE_MILVUS_KIND_ID "milvus"

#define REPRISE_MILVUS_SETTING_ADDRESS        "address" /* of the backup server */
#define REPRISE_MILVUS_SETTING_PREFIX         "path-prefix"
#define REPRISE_MILVUS_SETTING_PIN            "pin-sha256"
#define REPRISE_MILVUS_SETTING_SIGN_IN        "sign-in" /* to the proxy before it: */
#define REPRISE_MILVUS_SIGN_IN_NONE           "none"
#define REPRISE_MILVUS_SIGN_IN_BASIC          "basic"
#define REPRISE_MILVUS_SIGN_IN_BEARER         "bearer"
#define REPRISE_MILVUS_SIGN_IN_HEADER         "header"
#define REPRISE_MILVUS_SETTING_USER           "user"
#define REPRISE_MILVUS_SETTING_HEADER         "header-name"
#define REPRISE_MILVUS_SETTING_MILVUS         "milvus-address"
#define REPRISE_MILVUS_SETTING_MILVUS_USER    "milvus-user"
#define REPRISE_MILVUS_SETTING_MILVUS_PIN     "milvus-pin-sha256"
#define REPRISE_MILVUS_SETTING_DATABASES      "databases"
#define REPRISE_MILVUS_SETTING_COLLECTIONS    "collections" /* empty: all */
#define REPRISE_MILVUS_SETTING_LEFT_OUT       "left-out"
#define REPRISE_MILVUS_SETTING_STRUCTURE_ONLY "structure-only"
#define REPRISE_MILVUS_SETTING_STRATEGY       "strategy"
#define REPRISE_MILVUS_SETTING_NAME           "backup-name" /* how each name begins */
#define REPRISE_MILVUS_SETTING_KEEP           "keep-on-service"

#define REPRISE_MILVUS_SETTING_LOCAL         "local-server" /* a choice: */
#define REPRISE_MILVUS_LOCAL_NO              "no"
#define REPRISE_MILVUS_LOCAL_FILE            "file" /* started with a configuration that is there */
#define REPRISE_MILVUS_LOCAL_FORM            "form" /* Reprise writes the configuration */
#define REPRISE_MILVUS_SETTING_PROGRAM       "program"
#define REPRISE_MILVUS_SETTING_CONFIGURATION "configuration"
#define REPRISE_MILVUS_SETTING_CONSENT       "write-keys"
#define REPRISE_MILVUS_SETTING_DATA_FOLDER   "data-path" /* of Milvus, where it keeps its data so */

#define REPRISE_MILVUS_SECRET_PASSWORD        "password"
#define REPRISE_MILVUS_SECRET_TOKEN           "api-key"
#define REPRISE_MILVUS_SECRET_HEADER          "header-value"
#define REPRISE_MILVUS_SECRET_MILVUS_PASSWORD "milvus-password"

/* Of --to */
#define REPRISE_MILVUS_OPTION_COLLECTIONS "collections"
#define REPRISE_MILVUS_OPTION_SUFFIX      "suffix"
#define REPRISE_MILVUS_OPTION_RENAME      "rename"
#define REPRISE_MILVUS_OPTION_DATABASE    "database"
#define REPRISE_MILVUS_OPTION_EXISTING    REPRISE_OPTION_EXISTING
#define REPRISE_MILVUS_EXISTING_REFUSE    "refuse"
#define REPRISE_MILVUS_EXISTING_REPLACE   "replace"
#define REPRISE_MILVUS_OPTION_STRUCTURE   "structure-only"
#define REPRISE_MILVUS_OPTION_INDEXES     "indexes"
#define REPRISE_MILVUS_OPTION_VERIFY      "verify"
#define REPRISE_MILVUS_OPTION_UPLOAD_AS \
  "upload-as" /* of a rehearsal: what is not on the service lies there by this name */
#define REPRISE_MILVUS_VERIFY_FULL   "full"   /* load, count, query, and release again */
#define REPRISE_MILVUS_VERIFY_KEEP   "loaded" /* the same, and leave them loaded */
#define REPRISE_MILVUS_VERIFY_REPORT "report" /* what the backup server reports */

#define REPRISE_MILVUS_RELEASES "https://github.com/zilliztech/milvus-backup/releases"
