/* reprise-secret-wire.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What goes over the socket pair between a process and its helper reprise-secret: one request, one reply, each a
 * head in the machine's own byte order and behind it the parts whose sizes it gives, in the order of its members.
 * The helper finds the socket as its standard input, answers once and ends; where the other side hangs up, it ends at
 * once. Both come from one build, so the format has no version.
 */

#define REPRISE_SECRET_MAGIC          0x52505331u
#define REPRISE_SECRET_TEXT_MAX_BYTES 4096

typedef enum
{
  REPRISE_SECRET_OPERATION_GET_STATE, /* of one secret, or with no kind of the keyring */
  REPRISE_SECRET_OPERATION_LOOKUP,
  REPRISE_SECRET_OPERATION_STORE,
  REPRISE_SECRET_OPERATION_DELETE, /* with no kind: all of the service */
  REPRISE_SECRET_OPERATION_UNLOCK,
  REPRISE_SECRET_OPERATION_LIST, /* the reply's text: kinds, one per line */
} RepriseSecretOperation;

typedef struct
{
  guint32 magic;
  guint32 operation;
  guint32 may_prompt;
  guint32 uuid_bytes;
  guint32 kind_bytes;
  guint32 label_bytes;
  guint32 value_bytes;
} RepriseSecretRequest;

/* Beyond the states of RepriseKeyringState: it went wrong, and the text is the library's own word for it. */
#define REPRISE_SECRET_REPLY_FAILED  100
#define REPRISE_SECRET_REPLY_DAMAGED 101

typedef struct
{
  guint32 magic;
  guint32 state;
  guint32 text_bytes;
  guint32 value_bytes;
} RepriseSecretReply;

/* In a sandbox the keyring is one file, whose key the portal gives; elsewhere it is the session's secret service. */
static inline gboolean
reprise_secret_is_sandbox (void)
{
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) || g_getenv ("SNAP") != NULL;
}

G_END_DECLS
