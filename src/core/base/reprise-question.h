/* reprise-question.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseQuestion:
 * @id: what is asked, for fronts and policies: “overwrite-changed”, “enable-plugin”
 * @title: one line
 * @body: what it is about and what follows from each answer
 * @responses: (array zero-terminated=1): names of the possible answers: “cancel”, “continue”
 * @labels: (array zero-terminated=1): the words on the buttons, in the same order
 * @destructive: (nullable): the response that destroys something
 * @unattended: the response that is taken where nobody can be asked
 *
 * Something that a job asks in the middle of its work. Immutable.
 */
typedef struct
{
  char *id;
  char *title;
  char *body;
  char **responses;
  char **labels;
  char *destructive;
  char *unattended;
} RepriseQuestion;

#define REPRISE_TYPE_QUESTION (reprise_question_get_type ())

GType reprise_question_get_type (void);

RepriseQuestion *reprise_question_new (const char *id,
                                       const char *title,
                                       const char *body,
                                       const char *const *responses,
                                       const char *const *labels,
                                       const char *destructive,
                                       const char *unattended);
RepriseQuestion *reprise_question_copy (const RepriseQuestion *self);
void reprise_question_free (RepriseQuestion *self);

GVariant *reprise_question_to_variant (const RepriseQuestion *self);
RepriseQuestion *reprise_question_from_variant (GVariant *variant);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseQuestion, reprise_question_free)

G_END_DECLS
