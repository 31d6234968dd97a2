/* reprise-secret-value-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "secret/reprise-secret-value.h"

G_BEGIN_DECLS

RepriseSecretValue *reprise_secret_value_new_buffer (gsize size, gpointer *buffer);

G_END_DECLS
