/* reprise-question.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-question.h"

G_DEFINE_BOXED_TYPE (RepriseQuestion,
                     reprise_question,
                     reprise_question_copy,
                     reprise_question_free)

RepriseQuestion *
reprise_question_new (const char *id,
                      const char *title,
                      const char *body,
                      const char *const *responses,
                      const char *const *labels,
                      const char *destructive,
                      const char *unattended)
{
  RepriseQuestion *self = g_new0 (RepriseQuestion, 1);

  self->id = g_strdup (id);
  self->title = g_strdup (title);
  self->body = g_strdup (body);
  self->responses = g_strdupv ((char **) responses);
  self->labels = g_strdupv ((char **) labels);
  self->destructive = g_strdup (destructive);
  self->unattended = g_strdup (unattended);
  return self;
}

RepriseQuestion *
reprise_question_copy (const RepriseQuestion *self)
{
  return reprise_question_new (
    self->id, self->title, self->body, (const char *const *) self->responses,
    (const char *const *) self->labels, self->destructive, self->unattended);
}

void
reprise_question_free (RepriseQuestion *self)
{
  g_free (self->id);
  g_free (self->title);
  g_free (self->body);
  g_strfreev (self->responses);
  g_strfreev (self->labels);
  g_free (self->destructive);
  g_free (self->unattended);
  g_free (self);
}

/**
 * reprise_question_to_variant:
 *
 * Returns: (transfer floating): a{sv} with the members of the structure, for the bus
 */
GVariant *
reprise_question_to_variant (const RepriseQuestion *self)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "id", "s", self->id);
  g_variant_dict_insert (&dict, "title", "s", self->title);
  g_variant_dict_insert (&dict, "body", "s", self->body);
  g_variant_dict_insert (&dict, "responses", "^as", self->responses);
  g_variant_dict_insert (&dict, "labels", "^as", self->labels);
  if (self->destructive != NULL)
    g_variant_dict_insert (&dict, "destructive", "s", self->destructive);
  g_variant_dict_insert (&dict, "unattended", "s", self->unattended);
  return g_variant_dict_end (&dict);
}

/* (transfer full) (nullable): the question, or %NULL where a member is missing */
RepriseQuestion *
reprise_question_from_variant (GVariant *variant)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (variant);
  g_autofree const char **responses = NULL;
  g_autofree const char **labels = NULL;
  const char *id, *title, *body, *unattended, *destructive = NULL;

  if (!g_variant_dict_lookup (&dict, "id", "&s", &id) ||
      !g_variant_dict_lookup (&dict, "title", "&s", &title) ||
      !g_variant_dict_lookup (&dict, "body", "&s", &body) ||
      !g_variant_dict_lookup (&dict, "responses", "^a&s", &responses) ||
      !g_variant_dict_lookup (&dict, "labels", "^a&s", &labels) ||
      !g_variant_dict_lookup (&dict, "unattended", "&s", &unattended))
    return NULL;
  g_variant_dict_lookup (&dict, "destructive", "&s", &destructive);
  return reprise_question_new (id, title, body, responses, labels, destructive, unattended);
}
