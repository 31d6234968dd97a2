/* reprise-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-provider.h"

G_DEFINE_INTERFACE (RepriseProvider, reprise_provider, G_TYPE_OBJECT)

static void
reprise_provider_default_init (RepriseProviderInterface *iface)
{
}

G_DEFINE_BOXED_TYPE (RepriseProbe, reprise_probe, reprise_probe_copy, reprise_probe_free)

static void
free_fact (gpointer data)
{
  RepriseFact *fact = data;

  g_free (fact->label);
  g_free (fact->value);
  g_free (fact);
}

RepriseProbe *
reprise_probe_new (void)
{
  RepriseProbe *self = g_new0 (RepriseProbe, 1);

  self->latency_ms = -1;
  self->facts = g_ptr_array_new_with_free_func (free_fact);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  return self;
}

RepriseProbe *
reprise_probe_copy (const RepriseProbe *self)
{
  RepriseProbe *copy = reprise_probe_new ();

  copy->version = g_strdup (self->version);
  copy->identity = g_strdup (self->identity);
  copy->latency_ms = self->latency_ms;
  for (guint i = 0; i < self->facts->len; i++)
    {
      const RepriseFact *fact = self->facts->pdata[i];

      reprise_probe_add_fact (copy, fact->label, fact->value);
    }
  for (guint i = 0; i < self->warnings->len; i++)
    reprise_probe_add_warning (copy, self->warnings->pdata[i]);
  return copy;
}

void
reprise_probe_free (RepriseProbe *self)
{
  g_free (self->version);
  g_free (self->identity);
  g_ptr_array_unref (self->facts);
  g_ptr_array_unref (self->warnings);
  g_free (self);
}

void
reprise_probe_add_fact (RepriseProbe *self, const char *label, const char *value)
{
  RepriseFact *fact = g_new0 (RepriseFact, 1);

  fact->label = g_strdup (label);
  fact->value = g_strdup (value);
  g_ptr_array_add (self->facts, fact);
}

void
reprise_probe_add_warning (RepriseProbe *self, const char *text)
{
  g_ptr_array_add (self->warnings, g_strdup (text));
}

static gboolean
not_supported (GError **error)
{
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                             _ ("This kind of service cannot do that"));
  return FALSE;
}

RepriseProbe *
reprise_provider_probe (RepriseProvider *self,
                        RepriseProgress *progress,
                        GCancellable *cancellable,
                        GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->probe != NULL)
    return iface->probe (self, progress, cancellable, error);
  not_supported (error);
  return NULL;
}

RepriseContents *
reprise_provider_list_groups (RepriseProvider *self,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->list_groups != NULL)
    return iface->list_groups (self, progress, cancellable, error);
  not_supported (error);
  return NULL;
}

/* (transfer full) (element-type RepriseBackup): empty for a kind that keeps none on the service */
GPtrArray *
reprise_provider_list_backups (RepriseProvider *self,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->list_backups != NULL)
    return iface->list_backups (self, progress, cancellable, error);
  return g_ptr_array_new_with_free_func (g_object_unref);
}

/* (transfer full) (nullable): see the interface */
RepriseBackup *
reprise_provider_find_backup (RepriseProvider *self,
                              const char *id,
                              GCancellable *cancellable,
                              GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  return iface->find_backup != NULL ? iface->find_backup (self, id, cancellable, error) : NULL;
}

RepriseArchive *
reprise_provider_open_backup (RepriseProvider *self,
                              RepriseBackup *backup,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->open_backup != NULL)
    return iface->open_backup (self, backup, progress, cancellable, error);
  not_supported (error);
  return NULL;
}

gboolean
reprise_provider_back_up (RepriseProvider *self,
                          RepriseGroups groups,
                          RepriseVaultWriter *writer,
                          RepriseBackup **made,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->back_up != NULL)
    return iface->back_up (self, groups, writer, made, progress, cancellable, error);
  return not_supported (error);
}

gboolean
reprise_provider_has_aside (RepriseProvider *self)
{
  return REPRISE_PROVIDER_GET_IFACE (self)->keep_aside != NULL;
}

gboolean
reprise_provider_keep_aside (RepriseProvider *self,
                             RepriseBackup *made,
                             RepriseVaultWriter *writer,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->keep_aside != NULL)
    return iface->keep_aside (self, made, writer, progress, cancellable, error);
  return not_supported (error);
}

void
reprise_provider_let_go (RepriseProvider *self,
                         RepriseProgress *progress,
                         GCancellable *cancellable)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->let_go != NULL)
    iface->let_go (self, progress, cancellable);
}

gboolean
reprise_provider_download (RepriseProvider *self,
                           RepriseBackup *backup,
                           RepriseVaultWriter *writer,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->download != NULL)
    return iface->download (self, backup, writer, progress, cancellable, error);
  return not_supported (error);
}

RepriseBackup *
reprise_provider_upload (RepriseProvider *self,
                         RepriseArchive *archive,
                         RepriseProgress *progress,
                         GCancellable *cancellable,
                         GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->upload != NULL)
    return iface->upload (self, archive, progress, cancellable, error);
  not_supported (error);
  return NULL;
}

gboolean
reprise_provider_delete_backup (RepriseProvider *self,
                                RepriseBackup *backup,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->delete_backup != NULL)
    return iface->delete_backup (self, backup, progress, cancellable, error);
  return not_supported (error);
}

/**
 * reprise_provider_check_same:
 * @archive: a backup of the vault
 *
 * Where names can be used again: is what the service keeps under the name of that backup still that backup?
 *
 * Returns: %FALSE with %REPRISE_ERROR_NOT_FOUND where it is another one, or why that cannot be told
 */
gboolean
reprise_provider_check_same (RepriseProvider *self,
                             RepriseArchive *archive,
                             GCancellable *cancellable,
                             GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  return iface->check_same == NULL || iface->check_same (self, archive, cancellable, error);
}

ReprisePlan *
reprise_provider_plan_restore (RepriseProvider *self,
                               RepriseArchive *archive,
                               RepriseGroups groups,
                               GHashTable *options,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->plan_restore != NULL)
    return iface->plan_restore (self, archive, groups, options, progress, cancellable, error);
  not_supported (error);
  return NULL;
}

/* By default a backup of the plan's safety groups. */
gboolean
reprise_provider_prepare_safety_copy (RepriseProvider *self,
                                      ReprisePlan *plan,
                                      RepriseVaultWriter *writer,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->prepare_safety_copy != NULL)
    return iface->prepare_safety_copy (self, plan, writer, progress, cancellable, error);
  return reprise_provider_back_up (self, reprise_plan_get_safety_groups (plan), writer, NULL,
                                   progress, cancellable, error);
}

RepriseOutcome *
reprise_provider_restore (RepriseProvider *self,
                          ReprisePlan *plan,
                          RepriseJournal *journal,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->restore != NULL)
    return iface->restore (self, plan, journal, progress, cancellable, error);
  not_supported (error);
  return NULL;
}

/* By default the plan of a restore of all that the safety copy holds. */
ReprisePlan *
reprise_provider_plan_undo (RepriseProvider *self,
                            RepriseArchive *safety_copy,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->plan_undo != NULL)
    return iface->plan_undo (self, safety_copy, progress, cancellable, error);
  return reprise_provider_plan_restore (self, safety_copy, REPRISE_GROUPS_NONE, NULL, progress,
                                        cancellable, error);
}

/* By default a restore by the plan of reprise_provider_plan_undo(). */
RepriseOutcome *
reprise_provider_undo (RepriseProvider *self,
                       ReprisePlan *plan,
                       RepriseJournal *journal,
                       RepriseProgress *progress,
                       GCancellable *cancellable,
                       GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->undo != NULL)
    return iface->undo (self, plan, journal, progress, cancellable, error);
  return reprise_provider_restore (self, plan, journal, progress, cancellable, error);
}

RepriseOutcome *
reprise_provider_rehearse (RepriseProvider *self,
                           RepriseArchive *archive,
                           const RepriseRehearsal *rehearsal,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->rehearse != NULL)
    return iface->rehearse (self, archive, rehearsal, progress, cancellable, error);
  not_supported (error);
  return NULL;
}

/* @record: reprise_scratch_open_left() of the service */
gboolean
reprise_provider_clean_up (RepriseProvider *self,
                           RepriseJournal *record,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  return iface->clean_up == NULL || iface->clean_up (self, record, progress, cancellable, error);
}

/* (transfer full) (element-type RepriseCoverage): those of the service and those that are only in backups, by name */
GPtrArray *
reprise_provider_list_collections (RepriseProvider *self,
                                   RepriseVault *vault,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->list_collections != NULL)
    return iface->list_collections (self, vault, progress, cancellable, error);
  not_supported (error);
  return NULL;
}

RepriseCompactPlan *
reprise_provider_plan_compact (RepriseProvider *self,
                               RepriseVault *vault,
                               GCancellable *cancellable,
                               GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->plan_compact != NULL)
    return iface->plan_compact (self, vault, cancellable, error);
  not_supported (error);
  return NULL;
}

RepriseOutcome *
reprise_provider_compact (RepriseProvider *self,
                          RepriseVault *vault,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->compact != NULL)
    return iface->compact (self, vault, progress, cancellable, error);
  not_supported (error);
  return NULL;
}

/* %NULL without an error where there is nothing to take up. */
RepriseOutcome *
reprise_provider_resume_operation (RepriseProvider *self,
                                   RepriseJournal *journal,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->resume_operation != NULL)
    return iface->resume_operation (self, journal, progress, cancellable, error);
  return NULL;
}

/* @sign_in: its way decides; see #RepriseSignIn */
gboolean
reprise_provider_sign_in (RepriseProvider *self,
                          RepriseSignIn *sign_in,
                          GCancellable *cancellable,
                          GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  return iface->sign_in != NULL ? iface->sign_in (self, sign_in, cancellable, error)
                                : not_supported (error);
}

/* Forgets who is signed in, here and where possible on the service; the secrets of the settings stay. */
gboolean
reprise_provider_sign_out (RepriseProvider *self, GCancellable *cancellable, GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  return iface->sign_out != NULL ? iface->sign_out (self, cancellable, error)
                                 : not_supported (error);
}

/* (transfer full) (element-type RepriseChoice): what the setting may be */
GPtrArray *
reprise_provider_list_values (RepriseProvider *self,
                              const char *key,
                              GCancellable *cancellable,
                              GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->list_values != NULL)
    return iface->list_values (self, key, cancellable, error);
  not_supported (error);
  return NULL;
}

/* @backup: (nullable): %NULL for all of the service that is about to end */
gboolean
reprise_provider_renew_access (RepriseProvider *self,
                               RepriseBackup *backup,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->renew_access != NULL)
    return iface->renew_access (self, backup, progress, cancellable, error);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                             _ ("Nothing of this kind of service expires, so there is nothing to "
                                "renew."));
  return FALSE;
}

/* (transfer full) (nullable): %NULL without an error where the service has none */
JsonNode *
reprise_provider_get_schedule (RepriseProvider *self, GCancellable *cancellable, GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->get_schedule != NULL)
    return iface->get_schedule (self, cancellable, error);
  not_supported (error);
  return NULL;
}

/* @schedule: (nullable): %NULL removes it */
gboolean
reprise_provider_set_schedule (RepriseProvider *self,
                               JsonNode *schedule,
                               GCancellable *cancellable,
                               GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  return iface->set_schedule != NULL ? iface->set_schedule (self, schedule, cancellable, error)
                                     : not_supported (error);
}

/* --- what is secret of a backup --- */

RepriseReveal *
reprise_reveal_new (const char *label, RepriseSecretValue *value)
{
  RepriseReveal *self = g_new0 (RepriseReveal, 1);

  self->label = g_strdup (label);
  self->value = reprise_secret_value_ref (value);
  return self;
}

void
reprise_reveal_free (RepriseReveal *self)
{
  g_free (self->label);
  reprise_secret_value_unref (self->value);
  g_free (self);
}

/* (transfer full) (element-type RepriseReveal) */
GPtrArray *
reprise_provider_reveal (RepriseProvider *self,
                         RepriseBackup *backup,
                         GCancellable *cancellable,
                         GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (iface->reveal != NULL)
    return iface->reveal (self, backup, cancellable, error);
  not_supported (error);
  return NULL;
}
