/* reprise-error.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseError:
 * @REPRISE_ERROR_FAILED: it did not work, and trying again may
 * @REPRISE_ERROR_INVALID: what the user gave is wrong: correct it
 * @REPRISE_ERROR_NOT_SUPPORTED: this kind of service cannot do that
 * @REPRISE_ERROR_NOT_FOUND: the thing named is not there
 * @REPRISE_ERROR_EXISTS: a thing of that name is there already
 * @REPRISE_ERROR_NEEDS_SIGN_IN: credentials are missing, wrong or expired: sign in
 * @REPRISE_ERROR_NEEDS_PASSWORD: an archive is encrypted and its password is missing or wrong
 * @REPRISE_ERROR_KEYRING: the keyring is locked, absent or refused: see to it first
 * @REPRISE_ERROR_DENIED: signed in, but not allowed
 * @REPRISE_ERROR_BUSY: somebody else holds it; the message names the holder: wait
 * @REPRISE_ERROR_REFUSED: a check before the work said no; nothing was changed
 * @REPRISE_ERROR_DAMAGED: data is not what it should be
 * @REPRISE_ERROR_LIMIT: larger or deeper than is allowed
 * @REPRISE_ERROR_UNREACHABLE: no answer from the other side
 * @REPRISE_ERROR_STALLED: the other side stopped in the middle
 * @REPRISE_ERROR_PROTOCOL: the other side said something that it should not
 * @REPRISE_ERROR_BROKEN: the service no longer serves and needs its administrator
 *
 * What the caller can do about a failure. Failures of the system keep their own
 * domain (%G_IO_ERROR and others); cancelling is %G_IO_ERROR_CANCELLED.
 */
typedef enum
{
  REPRISE_ERROR_FAILED,
  REPRISE_ERROR_INVALID,
  REPRISE_ERROR_NOT_SUPPORTED,
  REPRISE_ERROR_NOT_FOUND,
  REPRISE_ERROR_EXISTS,
  REPRISE_ERROR_NEEDS_SIGN_IN,
  REPRISE_ERROR_NEEDS_PASSWORD,
  REPRISE_ERROR_KEYRING,
  REPRISE_ERROR_DENIED,
  REPRISE_ERROR_BUSY,
  REPRISE_ERROR_REFUSED,
  REPRISE_ERROR_DAMAGED,
  REPRISE_ERROR_LIMIT,
  REPRISE_ERROR_UNREACHABLE,
  REPRISE_ERROR_STALLED,
  REPRISE_ERROR_PROTOCOL,
  REPRISE_ERROR_BROKEN,
} RepriseError;

#define REPRISE_ERROR (reprise_error_quark ())

GQuark reprise_error_quark (void);

/**
 * RepriseExit:
 *
 * The exit codes of the command, an interface for scripts.
 */
typedef enum
{
  REPRISE_EXIT_DONE = 0,
  REPRISE_EXIT_FAILED = 1,
  REPRISE_EXIT_USAGE = 2,
  REPRISE_EXIT_WARNINGS = 3,
  REPRISE_EXIT_SIGN_IN = 4,
  REPRISE_EXIT_REFUSED = 5,
  REPRISE_EXIT_BUSY = 6,
  REPRISE_EXIT_DAMAGED = 7,
  REPRISE_EXIT_STOPPED = 130,
} RepriseExit;

RepriseExit reprise_error_get_exit (const GError *error);
gboolean reprise_error_needs_person (const GError *error);
const char *reprise_error_code_to_string (RepriseError code);
const char *reprise_error_get_name (const GError *error);
gboolean reprise_error_is_stop (const GError *error);
char *reprise_error_get_sentence (const GError *error);
GError *reprise_error_new_sentence (const GError *error);
const char *reprise_error_get_saying (const GError *error);

/*
 * An error of ours keeps what it says as base/reprise-saying.h has it, so that whoever reads later why a job of the background service
 * failed reads it in another language than that of the service. GLib’s own functions would keep the text alone.
 */
void reprise_error_set (GError **error, GQuark domain, int code, const char *format, ...)
  G_GNUC_PRINTF (4, 5);
void reprise_error_set_literal (GError **error, GQuark domain, int code, const char *text);
void reprise_error_prefix (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
void reprise_error_prefix_say (GError **error, const char *text);

G_END_DECLS
