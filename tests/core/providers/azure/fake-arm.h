/* fake-arm.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/reprise-arm.h"
#include "reprise-fault-server.h"

G_BEGIN_DECLS

/**
 * FakeArm:
 *
 * Azure as a list of answers: what a test has laid down for a method and a path is given out in that order, the last one for
 * good. It keeps the requests that came.
 */
typedef struct _FakeArm FakeArm;

FakeArm *fake_arm_new (void);
void fake_arm_free (FakeArm *self);
char *fake_arm_dup_address (FakeArm *self);
RepriseArm *fake_arm_connect (FakeArm *self);
RepriseFaultServer *fake_arm_get_server (FakeArm *self);

/* “@BASE@” in @headers and @body becomes the address; a @status of 0 cuts the connection. */
void fake_arm_answer (FakeArm *self,
                      const char *method,
                      const char *path,
                      guint status,
                      const char *headers,
                      const char *body);

/* In the thread of the server, before the answer is given. */
typedef void (*FakeArmWatch) (const char *line, const char *body, gpointer user_data);

void fake_arm_watch (FakeArm *self, FakeArmWatch watch, gpointer user_data);
void fake_arm_forget (FakeArm *self);

guint fake_arm_get_n_calls (FakeArm *self);
char *fake_arm_dup_call (FakeArm *self, guint index);
char *fake_arm_dup_body (FakeArm *self, guint index);
guint fake_arm_count (FakeArm *self, const char *method_and_path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeArm, fake_arm_free)

G_END_DECLS
