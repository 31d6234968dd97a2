/* reprise-manifest-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-manifest.h"

G_BEGIN_DECLS

/* The JSON is the truth, so that members which this version does not know stay in it. */
struct _RepriseManifest
{
  GObject parent_instance;

  JsonObject *root;          /* (owned) */
  GDateTime *created_at;     /* (owned) */
  RepriseContents *contents; /* (owned); the same as in the JSON */
  JsonArray *files;          /* (owned by root) */
};

gboolean reprise_manifest_is_sha256 (const char *text);

G_END_DECLS
