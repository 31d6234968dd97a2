/* hostile-ground.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ANY     -1                       /* any outcome that harms nothing */
#define FINE    -2                       /* must be read */
#define REFUSED -3                       /* must be refused, with whichever code */
#define EVIL    "/tmp/reprise-test-evil" /* a name that leads out of any folder */

/* The ground on which archives are tried */
typedef struct
{
  char *folder;
  char *archive;
  guint n_tried;
} HostileGround;

void hostile_ground_set_up (HostileGround *ground, gconstpointer data);
void hostile_ground_tear_down (HostileGround *ground, gconstpointer data);
void hostile_ground_write (HostileGround *ground, const GByteArray *bytes);
void hostile_ground_try (HostileGround *ground,
                         const GByteArray *bytes,
                         int expected,
                         const char *label);

G_END_DECLS
