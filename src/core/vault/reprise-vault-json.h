/* reprise-vault-json.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The vault's small JSON files: manifests, events, VAULT.json, service.json, leases. Any thread. */

JsonObject *reprise_vault_json_parse (const char *data, gsize size, GError **error);
JsonObject *reprise_vault_json_read (const char *path, gsize max_bytes, GError **error);
char *reprise_vault_json_print (JsonObject *object, gsize *size);

/* What is not there, or of another type, is NULL, -1, FALSE. */
const char *reprise_vault_json_get_string (JsonObject *object, const char *member);
gint64 reprise_vault_json_get_int (JsonObject *object, const char *member);
gboolean reprise_vault_json_get_boolean (JsonObject *object, const char *member);
JsonObject *reprise_vault_json_get_object (JsonObject *object, const char *member);
JsonArray *reprise_vault_json_get_array (JsonObject *object, const char *member);
JsonObject *reprise_vault_json_get_element (JsonArray *array, guint index);

void reprise_vault_json_set_string (JsonObject *object, const char *member, const char *text);
void reprise_vault_json_set_count (JsonObject *object, const char *member, gint64 value);

G_END_DECLS
