/* openapi.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "providers/azure/fake-arm.h"

G_BEGIN_DECLS

/* What Azure says of requests and answers: tests/data/azure-openapi. @values, everywhere: name, value, …, %NULL, for what stands in
 * braces in a path; meant are the paths in which just those names stand. */

JsonObject *openapi_read (const char *name);
char *openapi_dup_path (const char *path, const char *const *values);
JsonObject *openapi_get_example (JsonObject *document, const char *operation);
void openapi_answer (JsonObject *document, const char *const *values, FakeArm *server);
void openapi_assert_sent (JsonObject *document, const char *const *values, FakeArm *server);

G_END_DECLS
