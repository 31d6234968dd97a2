/* reprise-sign-in.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseSignInWays:
 * @REPRISE_SIGN_IN_NO_WAY: nobody signs in: the secrets of the settings are all that is needed
 * @REPRISE_SIGN_IN_BROWSER: in the browser of this computer
 * @REPRISE_SIGN_IN_CODE: with a code that is typed in on any device
 *
 * How a person can sign in to a service.
 */
typedef enum
{
  REPRISE_SIGN_IN_NO_WAY = 0,
  REPRISE_SIGN_IN_BROWSER = 1 << 0,
  REPRISE_SIGN_IN_CODE = 1 << 1,
} RepriseSignInWays;

/**
 * RepriseSignInStep:
 * @code: (nullable): what is typed in; %NULL in the browser, where nothing is
 * @address: where the person goes
 * @whole_address: (nullable): the same with the code in it
 * @message: (nullable): what the service says of it, in the person's language
 * @end_us: of the monotonic clock: when the code can no longer be used; 0 where that is not said
 *
 * What a person does now to sign in.
 */
typedef struct
{
  char *code;
  char *address;
  char *whole_address;
  char *message;
  gint64 end_us;
} RepriseSignInStep;

/**
 * RepriseSignIn:
 *
 * What a front and the worker that signs somebody in have in common: the way that the person chose, and what they are to do. It
 * belongs to the main context; the worker calls reprise_sign_in_show().
 *
 * Signal: “step” when there is something to do, for the first time or anew.
 */
#define REPRISE_TYPE_SIGN_IN (reprise_sign_in_get_type ())

G_DECLARE_FINAL_TYPE (RepriseSignIn, reprise_sign_in, REPRISE, SIGN_IN, GObject)

RepriseSignIn *reprise_sign_in_new (RepriseSignInWays way);
RepriseSignInWays reprise_sign_in_get_way (RepriseSignIn *self);
const RepriseSignInStep *reprise_sign_in_get_step (RepriseSignIn *self);

/* for the worker */
void reprise_sign_in_show (RepriseSignIn *self, const RepriseSignInStep *step);

G_END_DECLS
