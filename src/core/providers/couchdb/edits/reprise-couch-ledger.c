/* reprise-couch-ledger.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/couchdb/edits/reprise-couch-ledger.h"

RepriseCouchLedger *
reprise_couch_ledger_new (void)
{
  RepriseCouchLedger *self = g_new0 (RepriseCouchLedger, 1);

  self->written = reprise_couch_id_set_new (G_MAXUINT);
  self->refused = reprise_couch_id_set_new (G_MAXUINT);
  self->overtaken = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
reprise_couch_ledger_free (RepriseCouchLedger *self)
{
  reprise_couch_id_set_free (self->written);
  reprise_couch_id_set_free (self->refused);
  g_ptr_array_unref (self->overtaken);
  g_free (self);
}

static char *
make_key (const char *id, const char *rev)
{
  return g_strconcat (id, "\n", rev, NULL);
}

void
reprise_couch_ledger_add_written (RepriseCouchLedger *self, const char *id, const char *rev)
{
  g_autofree char *key = make_key (id, rev);

  reprise_couch_id_set_add (self->written, key);
}

void
reprise_couch_ledger_add_refused (RepriseCouchLedger *self, const char *id)
{
  reprise_couch_id_set_add (self->refused, id);
}

void
reprise_couch_ledger_add_overtaken (RepriseCouchLedger *self, const char *id)
{
  g_ptr_array_add (self->overtaken, g_strdup (id));
}

/* (transfer full) (element-type utf8): those since the last call */
GPtrArray *
reprise_couch_ledger_take_overtaken (RepriseCouchLedger *self)
{
  GPtrArray *overtaken = g_steal_pointer (&self->overtaken);

  self->overtaken = g_ptr_array_new_with_free_func (g_free);
  return overtaken;
}

/* Whether somebody else wrote the revision, of a document that the server let us write. */
gboolean
reprise_couch_ledger_is_foreign (RepriseCouchLedger *self, const char *id, const char *rev)
{
  g_autofree char *key = make_key (id, rev);

  return !reprise_couch_id_set_has (self->written, key) &&
         !reprise_couch_id_set_has (self->refused, id);
}
