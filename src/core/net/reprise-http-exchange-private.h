/* reprise-http-exchange-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "base/reprise-error.h"
#include "net/reprise-http-exchange.h"
#include "net/reprise-http-trust.h"

G_BEGIN_DECLS

/* Between the three files of an exchange: -exchange (sends, and watches over all), -answer (reads what comes), -wait (the worker's side). */

#define REPRISE_EXCHANGE_BLOCK_BYTES (512 * 1024)

/*
 * One try of one request: connect → headers out → (100 Continue) → body out → headers in → body in.
 * Each stage has its watchdog; what moves is counted; whoever ends it first wins (reprise_exchange_finish()).
 */
typedef enum
{
  REPRISE_EXCHANGE_STAGE_QUEUED,
  REPRISE_EXCHANGE_STAGE_CONNECTING,
  REPRISE_EXCHANGE_STAGE_CONTINUE,
  REPRISE_EXCHANGE_STAGE_SENDING,
  REPRISE_EXCHANGE_STAGE_WAITING,
  REPRISE_EXCHANGE_STAGE_BODY,
} RepriseExchangeStage;

typedef struct
{
  gsize size_bytes;
  guchar data[REPRISE_EXCHANGE_BLOCK_BYTES];
} RepriseExchangeBlock;

struct _RepriseExchange
{
  gatomicrefcount refs;
  RepriseExchangePlan
    plan; /* its pointers are not used after the start, except through the copies below */
  RepriseHttpBody *body;     /* (owned) (nullable) */
  char *name;                /* (owned) */
  char *pin;                 /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned); cancelled on the net thread only */

  /* on the net thread */
  SoupMessage *message;          /* (owned) (nullable): until the end */
  GInputStream *upload;          /* (owned) (nullable) */
  GInputStream *stream;          /* (owned) (nullable): the answer's body */
  GSource *tick;                 /* (owned) (nullable) */
  GSource *readable;             /* (owned) (nullable) */
  GSocket *socket;               /* (owned) (nullable): of a connection made for this exchange */
  gint64 stage_us;               /* when the stage began */
  gint64 mark_us;                /* when enough had moved for the last time */
  guint64 mark_bytes;            /* and how much it was then */
  int queued_bytes;              /* in the socket, when last seen */
  RepriseExchangeBlock *filling; /* (owned) (nullable) */
  RepriseTrustWatch trust;
  gboolean sent_headers;
  gboolean continued; /* the server said “100 Continue” */
  gboolean bodyless;  /* an answer without a body by its nature */

  GMutex mutex; /* guards all that follows; only the net thread writes it */
  GCond changed;
  RepriseExchangeStage stage;
  gboolean answered;
  gboolean over;
  gboolean streaming;
  gboolean paused; /* nothing is read, since the worker has not taken what there is */
  RepriseExchangeEnd end;
  GError *error; /* (owned) (nullable) */
  guint status;
  SoupMessageHeaders *headers; /* (owned) (nullable) */
  gint64 content_length;
  guint64 sent;
  guint64 received;
  gint64 moved_us; /* when something moved; 0 while nothing is expected to */
  GQueue full;     /* (element-type RepriseExchangeBlock) */
  GQueue empty;    /* (element-type RepriseExchangeBlock) */
  guint n_blocks;
  GByteArray *collected; /* (owned) (nullable) */

  /* of the worker */
  RepriseExchangeBlock *lent; /* (owned) (nullable) */
  guint64 reported;           /* of what was sent, to the progress */
  gboolean noticed;           /* a notice stands in the progress */
};

RepriseExchange *reprise_exchange_ref (RepriseExchange *self);

/* on the net thread */
void reprise_exchange_finish (RepriseExchange *self, RepriseExchangeEnd end, GError *error);
void reprise_exchange_finish_because (RepriseExchange *self, const GError *reason);
void reprise_exchange_finish_with (RepriseExchange *self,
                                   RepriseExchangeEnd end,
                                   RepriseError code,
                                   char *saying);
void reprise_exchange_enter_stage (RepriseExchange *self, RepriseExchangeStage stage);
void reprise_exchange_stop_source (GSource **source);
void reprise_exchange_begin_answer (RepriseExchange *self, GInputStream *stream);
gboolean reprise_exchange_resume_cb (gpointer data);

G_END_DECLS
