/* reprise-fake-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "provider/reprise-scratch.h"
#include "reprise-fake-kind.h"

static int fault;    /* (atomic) */
static int n_writes; /* (atomic): how often a service's file was written */
static int
  n_cleaned; /* (atomic): how many scratch places of rehearsals that were cut off were removed */

static int age_days =
  -1; /* (atomic): of the one backup on the service; less than 0: there is none */

/* So many days ago the service has made a backup by itself; less than 0: it has none. */
void
reprise_fake_kind_set_backup_age (int days)
{
  g_atomic_int_set (&age_days, days);
}

void
reprise_fake_kind_set_fault (RepriseFakeFault wanted)
{
  g_atomic_int_set (&fault, (int) wanted);
}

int
reprise_fake_kind_get_n_writes (void)
{
  return g_atomic_int_get (&n_writes);
}

int
reprise_fake_kind_get_n_cleaned (void)
{
  return g_atomic_int_get (&n_cleaned);
}

static gboolean
has_fault (RepriseFakeFault wanted)
{
  return g_atomic_int_get (&fault) == (int) wanted;
}

#define REPRISE_TYPE_FAKE_PROVIDER (reprise_fake_provider_get_type ())

G_DECLARE_FINAL_TYPE (RepriseFakeProvider, reprise_fake_provider, REPRISE, FAKE_PROVIDER, GObject)

struct _RepriseFakeProvider
{
  GObject parent_instance;

  char *path;
};

static void fake_provider_init (RepriseProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseFakeProvider,
                               reprise_fake_provider,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (REPRISE_TYPE_PROVIDER, fake_provider_init))

static RepriseContents *
make_contents (gint64 size)
{
  RepriseContents *contents = reprise_contents_new ();
  g_autoptr (RepriseCollection) collection = reprise_collection_new ("data", 1, size);

  reprise_contents_add (contents, REPRISE_GROUP_CUSTOM, collection);
  return contents;
}

static RepriseProbe *
probe (RepriseProvider *provider,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  RepriseProbe *result = reprise_probe_new ();

  result->version = g_strdup ("1.0");
  return result;
}

static RepriseContents *
list_groups (RepriseProvider *provider,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  return make_contents (REPRISE_NOT_REPORTED);
}

static gboolean
back_up (RepriseProvider *provider,
         RepriseGroups groups,
         RepriseVaultWriter *writer,
         RepriseBackup **made,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  static const ReprisePhaseShare plan[] = { { REPRISE_PHASE_READING, 1 } };
  RepriseFakeProvider *self = REPRISE_FAKE_PROVIDER (provider);
  g_autofree char *data = NULL;
  gsize size = 0;
  g_autoptr (GOutputStream) stream = NULL;
  g_autoptr (RepriseContents) contents = NULL;

  reprise_progress_set_plan (progress, plan, G_N_ELEMENTS (plan));
  reprise_progress_set_phase (progress, REPRISE_PHASE_READING);
  while (has_fault (REPRISE_FAKE_FAULT_HANG))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_usleep (1000);
    }
  if (has_fault (REPRISE_FAKE_FAULT_SIGN_IN))
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN, "one more proof");
      return FALSE;
    }
  if (!g_file_get_contents (self->path, &data, &size, error))
    return FALSE;
  stream = reprise_vault_writer_open (writer, "data.fake", error);
  if (stream == NULL || !g_output_stream_write_all (stream, "FAKE\n", 5, NULL, cancellable, error))
    return FALSE;
  if (has_fault (REPRISE_FAKE_FAULT_BACK_UP) || has_fault (REPRISE_FAKE_FAULT_SAFETY_COPY))
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE, "pulled away");
      return FALSE;
    }
  if (!g_output_stream_write_all (stream, data, size, NULL, cancellable, error) ||
      !g_output_stream_close (stream, cancellable, error))
    return FALSE;
  contents = make_contents ((gint64) size);
  reprise_manifest_set_contents (reprise_vault_writer_get_manifest (writer), contents);
  reprise_manifest_set_proof (reprise_vault_writer_get_manifest (writer), "length",
                              "the whole file");
  return TRUE;
}

static ReprisePlan *
plan_restore (RepriseProvider *provider,
              RepriseArchive *archive,
              RepriseGroups groups,
              GHashTable *options,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  ReprisePlan *plan = reprise_plan_new (archive, groups, options);

  reprise_plan_add_check (
    plan, "mood", has_fault (REPRISE_FAKE_FAULT_REFUSE) ? REPRISE_CHECK_REFUSED : REPRISE_CHECK_OK,
    "The service is in a mood.", NULL);
  reprise_plan_add_row (plan, REPRISE_GROUP_CUSTOM, "data", 1, 1, REPRISE_PLAN_REPLACED, NULL);
  reprise_plan_add_group_rows (plan);
  reprise_plan_set_overwrites (plan, TRUE);
  return plan;
}

static RepriseOutcome *
restore (RepriseProvider *provider,
         ReprisePlan *plan,
         RepriseJournal *journal,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  RepriseFakeProvider *self = REPRISE_FAKE_PROVIDER (provider);
  const char *path = reprise_archive_get_path (reprise_plan_get_archive (plan));
  g_autofree char *data = NULL;
  RepriseOutcome *outcome;

  reprise_progress_set_phase (progress, REPRISE_PHASE_APPLYING);
  if (has_fault (REPRISE_FAKE_FAULT_LOCKED))
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_BUSY, "It is locked.");
      return NULL;
    }
  if (!g_file_get_contents (path, &data, NULL, error) ||
      !reprise_journal_begin (journal, "data", "replace the data", error))
    return NULL;
  g_atomic_int_inc (&n_writes);
  if (!g_file_set_contents (self->path, has_fault (REPRISE_FAKE_FAULT_RESTORE) ? "half" : data + 5,
                            -1, error))
    return NULL;
  if (has_fault (REPRISE_FAKE_FAULT_RESTORE))
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_BROKEN, "It fell over.");
      return NULL;
    }
  if (!reprise_journal_end (journal, "data", error))
    return NULL;
  outcome = reprise_outcome_new ("1 written, 0 failed");
  outcome->written = 1;
  return outcome;
}

/* Into the file of the other service, by way of a scratch place with a name of its own. */
static RepriseOutcome *
rehearse (RepriseProvider *provider,
          RepriseArchive *archive,
          const RepriseRehearsal *rehearsal,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  RepriseFakeProvider *stage = REPRISE_FAKE_PROVIDER (rehearsal->stage);
  g_autofree char *data = NULL;
  RepriseOutcome *outcome;

  if (!g_file_get_contents (reprise_archive_get_path (archive), &data, NULL, error) ||
      !reprise_scratch_add (rehearsal->record, "half", error) ||
      !g_file_set_contents (stage->path, data + 5, -1, error))
    return NULL;
  if (has_fault (REPRISE_FAKE_FAULT_DIES))
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE, "It was killed.");
      return NULL;
    }
  if (!reprise_scratch_remove (rehearsal->record, "half", error))
    return NULL;
  outcome = reprise_outcome_new (has_fault (REPRISE_FAKE_FAULT_DIFFERS) ? "1 row, 1 difference"
                                                                        : "1 row, 0 differences");
  outcome->failed = has_fault (REPRISE_FAKE_FAULT_DIFFERS) ? 1 : 0;
  return outcome;
}

static gboolean
clean_up (RepriseProvider *provider,
          RepriseJournal *record,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  g_auto (GStrv) names = reprise_scratch_list (record);

  if (has_fault (REPRISE_FAKE_FAULT_DIES) || has_fault (REPRISE_FAKE_FAULT_LOCKED))
    {
      g_set_error_literal (error, REPRISE_ERROR,
                           has_fault (REPRISE_FAKE_FAULT_LOCKED) ? REPRISE_ERROR_BUSY
                                                                 : REPRISE_ERROR_DENIED,
                           "It is not let in.");
      return FALSE;
    }
  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!reprise_scratch_remove (record, names[i], error))
        return FALSE;
      g_atomic_int_inc (&n_cleaned);
    }
  return TRUE;
}

static GPtrArray *
list_backups (RepriseProvider *provider,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  GPtrArray *backups = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = g_date_time_add_days (now, -g_atomic_int_get (&age_days));
  RepriseBackup *backup;

  if (g_atomic_int_get (&age_days) < 0)
    return backups;
  backup = reprise_backup_new ("by-itself", "", "fake");
  g_object_set (backup, "created-at", then, "state", REPRISE_BACKUP_COMPLETE, "on-service", TRUE,
                NULL);
  g_ptr_array_add (backups, backup);
  return backups;
}

static void
fake_provider_init (RepriseProviderInterface *iface)
{
  iface->probe = probe;
  iface->list_groups = list_groups;
  iface->list_backups = list_backups;
  iface->back_up = back_up;
  iface->plan_restore = plan_restore;
  iface->restore = restore;
  iface->rehearse = rehearse;
  iface->clean_up = clean_up;
}

static void
reprise_fake_provider_finalize (GObject *object)
{
  g_clear_pointer (&REPRISE_FAKE_PROVIDER (object)->path, g_free);
  G_OBJECT_CLASS (reprise_fake_provider_parent_class)->finalize (object);
}

static void
reprise_fake_provider_class_init (RepriseFakeProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_fake_provider_finalize;
}

static void
reprise_fake_provider_init (RepriseFakeProvider *self)
{
}

struct _RepriseFakeKind
{
  RepriseKind parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseFakeKind, reprise_fake_kind, REPRISE_TYPE_KIND)

static gboolean
recognise (RepriseKind *kind, const char *path, const guchar *head, gsize head_size, gint64 size)
{
  return head_size >= 5 && memcmp (head, "FAKE\n", 5) == 0;
}

static gboolean
inspect (RepriseKind *kind,
         RepriseArchive *archive,
         RepriseSecretValue *password,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  g_autofree char *data = NULL;
  gsize size = 0;
  g_autoptr (RepriseContents) contents = NULL;

  if (!g_file_get_contents (reprise_archive_get_path (archive), &data, &size, error))
    return FALSE;
  if (!g_str_has_prefix (data, "FAKE\n"))
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, "It is not a fake.");
      return FALSE;
    }
  contents = make_contents ((gint64) size - 5);
  reprise_archive_set_contents (archive, contents);
  reprise_archive_set_format (archive, "Fake archive");
  return TRUE;
}

static gboolean
verify (RepriseKind *kind,
        RepriseArchive *archive,
        RepriseDepth depth,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  return inspect (kind, archive, NULL, progress, cancellable, error);
}

static char *
explain_no_rehearsal (RepriseKind *kind, RepriseService *service)
{
  return reprise_service_get_setting (service, REPRISE_KIND_SETTING_REHEARSE_ON) != NULL
           ? NULL
           : g_strdup ("No stage is named.");
}

static RepriseProvider *
create_provider (RepriseKind *kind, RepriseService *service, RepriseSecrets *secrets)
{
  RepriseFakeProvider *self = g_object_new (REPRISE_TYPE_FAKE_PROVIDER, NULL);

  self->path = g_strdup (reprise_service_get_setting (service, "path"));
  return REPRISE_PROVIDER (self);
}

static gboolean
can_follow (RepriseKind *kind, RepriseJournal *journal)
{
  return reprise_journal_get (journal, REPRISE_FAKE_FOLLOWED) != NULL;
}

static void
reprise_fake_kind_class_init (RepriseFakeKindClass *klass)
{
  static const RepriseSetting settings[] = {
    { .key = "path", .type = REPRISE_SETTING_PATH, .label = "File", .required = TRUE },
    { .key = REPRISE_KIND_SETTING_REHEARSE_ON, .type = REPRISE_SETTING_TEXT, .label = "Stage" },
    { NULL },
  };
  RepriseKindClass *kind_class = REPRISE_KIND_CLASS (klass);

  kind_class->id = "fake";
  kind_class->title = "Fake";
  kind_class->description = "For tests";
  kind_class->icon_name = "reprise-server-symbolic";
  kind_class->capabilities = REPRISE_CAN_CHOOSE_GROUPS | REPRISE_CAN_RESTORE_GROUPS |
                             REPRISE_CAN_UNDO | REPRISE_CAN_REHEARSE | REPRISE_REHEARSES_ON_OTHER |
                             REPRISE_CAN_LIST_ON_SERVICE;
  kind_class->settings = settings;
  kind_class->explain_no_rehearsal = explain_no_rehearsal;
  kind_class->recognise = recognise;
  kind_class->inspect = inspect;
  kind_class->verify = verify;
  kind_class->can_follow = can_follow;
  kind_class->create_provider = create_provider;
}

static void
reprise_fake_kind_init (RepriseFakeKind *self)
{
}
