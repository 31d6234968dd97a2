/* reprise-attention.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-queue.h"
#include "provider/reprise-standing.h"
#include "reprise-notifier.h"

G_BEGIN_DECLS

/* The preference that has services ask for attention by a notification: “false” where they do not. */
#define REPRISE_ATTENTION_PREFERENCE "notify-attention"

/**
 * RepriseAttention:
 *
 * Tells when somebody should look: a scheduled backup failed, or there was none for too long. One notification per service, once, until
 * it is solved; then it is withdrawn. What a person has started and seen fail is not told again. What was told is noted in the
 * history, so that the next process does not tell it anew. Belongs to the main context.
 *
 * Properties, with “notify”: `busy` (whether it is looking).
 */
#define REPRISE_TYPE_ATTENTION (reprise_attention_get_type ())

G_DECLARE_FINAL_TYPE (RepriseAttention, reprise_attention, REPRISE, ATTENTION, GObject)

RepriseAttention *reprise_attention_new (RepriseContext *context, RepriseQueue *queue);
void reprise_attention_set_notifier (RepriseAttention *self, RepriseNotifier *notifier);
void reprise_attention_look (RepriseAttention *self);
gboolean reprise_attention_is_busy (RepriseAttention *self);

/* its rule: whether the status is one to tell, and (transfer full) what tells two of them apart */
char *reprise_attention_get_matter (const RepriseStanding *standing, const RepriseStatus *status);

G_END_DECLS
