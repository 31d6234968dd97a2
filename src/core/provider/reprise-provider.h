/* reprise-provider.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-outcome.h"
#include "provider/reprise-choice.h"
#include "provider/reprise-compact-plan.h"
#include "provider/reprise-coverage.h"
#include "provider/reprise-plan.h"
#include "provider/reprise-sign-in.h"
#include "secret/reprise-secret-value.h"

G_BEGIN_DECLS

/**
 * RepriseProbe:
 * @version: (nullable): of the service
 * @identity: (nullable): a UUID or resource id that tells this installation from any other
 * @latency_ms: of one request, or -1 where there is none
 * @facts: (element-type RepriseFact): more for people, in order
 * @warnings: (element-type utf8): whole sentences
 *
 * What a service said of itself.
 */
typedef struct
{
  char *version;
  char *identity;
  gint64 latency_ms;
  GPtrArray *facts;
  GPtrArray *warnings;
} RepriseProbe;

#define REPRISE_TYPE_PROBE (reprise_probe_get_type ())

GType reprise_probe_get_type (void);
RepriseProbe *reprise_probe_new (void);
RepriseProbe *reprise_probe_copy (const RepriseProbe *self);
void reprise_probe_free (RepriseProbe *self);
void reprise_probe_add_fact (RepriseProbe *self, const char *label, const char *value);
void reprise_probe_add_warning (RepriseProbe *self, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseProbe, reprise_probe_free)

/**
 * RepriseDocumentState:
 * @REPRISE_DOCUMENT_SAVED: a backup has it as it is now
 * @REPRISE_DOCUMENT_CHANGED: it was changed since the last backup
 * @REPRISE_DOCUMENT_DELETED: it is only in backups
 * @REPRISE_DOCUMENT_NOT_COVERED: it is only on the service
 * @REPRISE_DOCUMENT_UNKNOWN: a backup has it; what the service has is not known, as it does not answer
 */
typedef enum
{
  REPRISE_DOCUMENT_SAVED,
  REPRISE_DOCUMENT_CHANGED,
  REPRISE_DOCUMENT_DELETED,
  REPRISE_DOCUMENT_NOT_COVERED,
  REPRISE_DOCUMENT_UNKNOWN,
} RepriseDocumentState;

const char *reprise_document_state_to_string (RepriseDocumentState state);
const char *reprise_document_state_get_text (RepriseDocumentState state);

typedef struct
{
  char *id;
  RepriseDocumentState state;
} RepriseDocument;

void reprise_document_free (RepriseDocument *self);

/**
 * RepriseVersion:
 * @version: its name: a revision
 * @at: the point in time of the backup that holds it; %NULL of the one that is on the service now
 * @backup_id: (nullable): of that backup
 * @tier: (nullable): baseline, daily, weekly, monthly, yearly
 * @leaving_at: (nullable): its backup is rolled up, and is deleted then
 * @origin: (nullable): who keeps that backup, where that is the service itself: “cloudant”
 * @deleted: whether the document was deleted with it
 * @conflict: whether it was one of several at that point, and not the one that is shown
 * @size_bytes: or %REPRISE_NOT_REPORTED
 *
 * One version of a document.
 */
typedef struct
{
  char *version;
  GDateTime *at;
  char *backup_id;
  char *tier;
  GDateTime *leaving_at;
  char *origin;
  gboolean deleted;
  gboolean conflict;
  gint64 size_bytes;
} RepriseVersion;

void reprise_version_free (RepriseVersion *self);

/**
 * RepriseDifference:
 * @path: of a member: “address.city”, “lines[2]”
 * @before: (nullable): its value, as JSON
 * @after: (nullable): likewise
 */
typedef struct
{
  char *path;
  char *before;
  char *after;
} RepriseDifference;

void reprise_difference_free (RepriseDifference *self);

/* of the service's own schedule: “enabled”, a setting that every kind has; and what is told beside the settings: an array of objects
 * with “label” and “value”, and one of sentences */
#define REPRISE_SCHEDULE_ENABLED  "enabled"
#define REPRISE_SCHEDULE_FACTS    "facts"
#define REPRISE_SCHEDULE_WARNINGS "warnings"

/**
 * RepriseReveal:
 * @label: what it is, translated
 * @value: the secret
 */
typedef struct
{
  char *label;
  RepriseSecretValue *value;
} RepriseReveal;

RepriseReveal *reprise_reveal_new (const char *label, RepriseSecretValue *value);
void reprise_reveal_free (RepriseReveal *self);

/**
 * RepriseProvider:
 *
 * One service, spoken to by the code for its kind. Made by the kind for one job or one reading, used by one worker at a time.
 *
 * An implementation writes the blocking functions below: straight-line code that runs in a worker, says how far it is through
 * @progress and heeds @cancellable. Fronts and jobs call the `_async` and `_finish` pairs, or, being workers, the functions
 * themselves. What is not implemented reports %REPRISE_ERROR_NOT_SUPPORTED with the kind's own sentence.
 *
 * `restore` and `undo` are called with a plan without refusals, after consent, and after the safety copy was verified. They
 * write every step that changes the service to the journal before it and after it.
 */
#define REPRISE_TYPE_PROVIDER (reprise_provider_get_type ())

G_DECLARE_INTERFACE (RepriseProvider, reprise_provider, REPRISE, PROVIDER, GObject)

typedef struct _RepriseJournal RepriseJournal;

/**
 * RepriseRehearsal:
 * @options: (nullable) (element-type utf8 utf8): of --to
 * @stage: (nullable): the other service into which it restores, with %REPRISE_REHEARSES_ON_OTHER; nobody else writes to it meanwhile
 * @record: where a scratch place is written down before it is made: reprise_scratch_add()
 *
 * How a restore is rehearsed.
 */
typedef struct
{
  GHashTable *options;
  RepriseProvider *stage;
  RepriseJournal *record;
} RepriseRehearsal;

struct _RepriseProviderInterface
{
  GTypeInterface parent_iface;

  RepriseProbe *(*probe) (RepriseProvider *self,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error);
  RepriseContents *(*list_groups) (RepriseProvider *self,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error);
  GPtrArray *(*list_backups) (RepriseProvider *self,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error);
  /* One on the service by a name that is in no list, as of a version of a document; %NULL without an error: there is none. May be
   * left out. */
  RepriseBackup *(*find_backup) (RepriseProvider *self,
                                 const char *id,
                                 GCancellable *cancellable,
                                 GError **error);
  RepriseArchive *(*open_backup) (RepriseProvider *self,
                                  RepriseBackup *backup,
                                  RepriseProgress *progress,
                                  GCancellable *cancellable,
                                  GError **error);

  /* With a @writer into the vault; without one it stays on the service, and @made is what it is called there. */
  gboolean (*back_up) (RepriseProvider *self,
                       RepriseGroups groups,
                       RepriseVaultWriter *writer,
                       RepriseBackup **made,
                       RepriseProgress *progress,
                       GCancellable *cancellable,
                       GError **error);
  /* Into the vault, what of @made, which stays on the service, cannot stay there; with %REPRISE_HAS_REPORTS what has happened on the
   * service since it was asked for last, without @made; %REPRISE_ERROR_REFUSED where the settings leave it out. Left out where there is no such thing; %FALSE without an error where there is
   * nothing this time. */
  gboolean (*keep_aside) (RepriseProvider *self,
                          RepriseBackup *made,
                          RepriseVaultWriter *writer,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error);
  /* What back_up() wrote is committed and read back: what the service need not keep of it may go. Left out where there is nothing. */
  void (*let_go) (RepriseProvider *self, RepriseProgress *progress, GCancellable *cancellable);
  gboolean (*download) (RepriseProvider *self,
                        RepriseBackup *backup,
                        RepriseVaultWriter *writer,
                        RepriseProgress *progress,
                        GCancellable *cancellable,
                        GError **error);
  RepriseBackup *(*upload) (RepriseProvider *self,
                            RepriseArchive *archive,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error);
  gboolean (*delete_backup) (RepriseProvider *self,
                             RepriseBackup *backup,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error);
  gboolean (*check_same) (RepriseProvider *self,
                          RepriseArchive *archive,
                          GCancellable *cancellable,
                          GError **error);

  ReprisePlan *(*plan_restore) (RepriseProvider *self,
                                RepriseArchive *archive,
                                RepriseGroups groups,
                                GHashTable *options,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error);
  gboolean (*prepare_safety_copy) (RepriseProvider *self,
                                   ReprisePlan *plan,
                                   RepriseVaultWriter *writer,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error);
  RepriseOutcome *(*restore) (RepriseProvider *self,
                              ReprisePlan *plan,
                              RepriseJournal *journal,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error);
  ReprisePlan *(*plan_undo) (RepriseProvider *self,
                             RepriseArchive *safety_copy,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error);
  RepriseOutcome *(*undo) (RepriseProvider *self,
                           ReprisePlan *plan,
                           RepriseJournal *journal,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error);
  /* A restore into a scratch place, compared, and removed. What differs is counted in the outcome as failed. */
  RepriseOutcome *(*rehearse) (RepriseProvider *self,
                               RepriseArchive *archive,
                               const RepriseRehearsal *rehearsal,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error);
  /* Removes what a rehearsal that was cut off left: what stands in @record, and nothing else. What cannot be removed yet stays in
   * it. Left out where a rehearsal leaves nothing. */
  gboolean (*clean_up) (RepriseProvider *self,
                        RepriseJournal *record,
                        RepriseProgress *progress,
                        GCancellable *cancellable,
                        GError **error);

  /* Takes up an operation of the service that a restart cut off, from the state in the journal; %NULL without an error: nothing to do. */
  RepriseOutcome *(*resume_operation) (RepriseProvider *self,
                                       RepriseJournal *journal,
                                       RepriseProgress *progress,
                                       GCancellable *cancellable,
                                       GError **error);
  /* How well each collection is covered by the backups in the vault. (element-type RepriseCoverage) */
  GPtrArray *(*list_collections) (RepriseProvider *self,
                                  RepriseVault *vault,
                                  RepriseProgress *progress,
                                  GCancellable *cancellable,
                                  GError **error);
  /* What compact would do; asks nothing of the service, and changes nothing. */
  RepriseCompactPlan *(*plan_compact) (RepriseProvider *self,
                                       RepriseVault *vault,
                                       GCancellable *cancellable,
                                       GError **error);
  /* Rolls up its backups in the vault, and removes those that were rolled up and whose time has come. */
  RepriseOutcome *(*compact) (RepriseProvider *self,
                              RepriseVault *vault,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error);

  /* Signs somebody in, in the way that they chose, and keeps what came of it in the keyring; without a way it is seen whether
   * the secrets of the settings are accepted. */
  gboolean (*sign_in) (RepriseProvider *self,
                       RepriseSignIn *sign_in,
                       GCancellable *cancellable,
                       GError **error);
  gboolean (*sign_out) (RepriseProvider *self, GCancellable *cancellable, GError **error);
  /* What the setting @key, which is `listed`, may be, beside those that are set: (element-type RepriseChoice), in the order in
   * which they are shown. %REPRISE_ERROR_INVALID where another setting is needed first, with a sentence that names it. */
  GPtrArray *(*list_values) (RepriseProvider *self,
                             const char *key,
                             GCancellable *cancellable,
                             GError **error);
  /* Of what expires: the access to @backup, or without one all that is about to end. */
  gboolean (*renew_access) (RepriseProvider *self,
                            RepriseBackup *backup,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error);

  /* The schedule that the service has of its own; %NULL without an error: it has none. Its members are the kind's schedule settings,
   * as text, and what is told beside them. */
  JsonNode *(*get_schedule) (RepriseProvider *self, GCancellable *cancellable, GError **error);
  /* All settings, as text; without a @schedule it is removed. What was set is read back. */
  gboolean (*set_schedule) (RepriseProvider *self,
                            JsonNode *schedule,
                            GCancellable *cancellable,
                            GError **error);

  /* What is secret of a backup on the service, asked for only where a person wants to see it. (element-type RepriseReveal) */
  GPtrArray *(*reveal) (RepriseProvider *self,
                        RepriseBackup *backup,
                        GCancellable *cancellable,
                        GError **error);

  /* Of services with history per document; @vault holds their backups. */
  GPtrArray *(*list_documents) (RepriseProvider *self,
                                RepriseVault *vault,
                                const char *collection,
                                const char *pattern,
                                guint limit,
                                char **warning,
                                GCancellable *cancellable,
                                GError **error);
  GPtrArray *(*list_versions) (RepriseProvider *self,
                               RepriseVault *vault,
                               const char *collection,
                               const char *document,
                               char **warning,
                               GCancellable *cancellable,
                               GError **error);
  GPtrArray *(*compare_versions) (RepriseProvider *self,
                                  RepriseVault *vault,
                                  const char *collection,
                                  const char *document,
                                  const char *from,
                                  const char *to,
                                  GCancellable *cancellable,
                                  GError **error);
};

/* blocking: for workers */
RepriseProbe *reprise_provider_probe (RepriseProvider *self,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);
RepriseContents *reprise_provider_list_groups (RepriseProvider *self,
                                               RepriseProgress *progress,
                                               GCancellable *cancellable,
                                               GError **error);
GPtrArray *reprise_provider_list_backups (RepriseProvider *self,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);
RepriseBackup *reprise_provider_find_backup (RepriseProvider *self,
                                             const char *id,
                                             GCancellable *cancellable,
                                             GError **error);
RepriseArchive *reprise_provider_open_backup (RepriseProvider *self,
                                              RepriseBackup *backup,
                                              RepriseProgress *progress,
                                              GCancellable *cancellable,
                                              GError **error);
gboolean reprise_provider_back_up (RepriseProvider *self,
                                   RepriseGroups groups,
                                   RepriseVaultWriter *writer,
                                   RepriseBackup **made,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error);
gboolean reprise_provider_has_aside (RepriseProvider *self);
gboolean reprise_provider_keep_aside (RepriseProvider *self,
                                      RepriseBackup *made,
                                      RepriseVaultWriter *writer,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);
void reprise_provider_let_go (RepriseProvider *self,
                              RepriseProgress *progress,
                              GCancellable *cancellable);
gboolean reprise_provider_download (RepriseProvider *self,
                                    RepriseBackup *backup,
                                    RepriseVaultWriter *writer,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);
RepriseBackup *reprise_provider_upload (RepriseProvider *self,
                                        RepriseArchive *archive,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean reprise_provider_delete_backup (RepriseProvider *self,
                                         RepriseBackup *backup,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean reprise_provider_check_same (RepriseProvider *self,
                                      RepriseArchive *archive,
                                      GCancellable *cancellable,
                                      GError **error);
ReprisePlan *reprise_provider_plan_restore (RepriseProvider *self,
                                            RepriseArchive *archive,
                                            RepriseGroups groups,
                                            GHashTable *options,
                                            RepriseProgress *progress,
                                            GCancellable *cancellable,
                                            GError **error);
gboolean reprise_provider_prepare_safety_copy (RepriseProvider *self,
                                               ReprisePlan *plan,
                                               RepriseVaultWriter *writer,
                                               RepriseProgress *progress,
                                               GCancellable *cancellable,
                                               GError **error);
RepriseOutcome *reprise_provider_restore (RepriseProvider *self,
                                          ReprisePlan *plan,
                                          RepriseJournal *journal,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);
ReprisePlan *reprise_provider_plan_undo (RepriseProvider *self,
                                         RepriseArchive *safety_copy,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
RepriseOutcome *reprise_provider_undo (RepriseProvider *self,
                                       ReprisePlan *plan,
                                       RepriseJournal *journal,
                                       RepriseProgress *progress,
                                       GCancellable *cancellable,
                                       GError **error);
GPtrArray *reprise_provider_list_collections (RepriseProvider *self,
                                              RepriseVault *vault,
                                              RepriseProgress *progress,
                                              GCancellable *cancellable,
                                              GError **error);
RepriseCompactPlan *reprise_provider_plan_compact (RepriseProvider *self,
                                                   RepriseVault *vault,
                                                   GCancellable *cancellable,
                                                   GError **error);
RepriseOutcome *reprise_provider_compact (RepriseProvider *self,
                                          RepriseVault *vault,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);
RepriseOutcome *reprise_provider_rehearse (RepriseProvider *self,
                                           RepriseArchive *archive,
                                           const RepriseRehearsal *rehearsal,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_provider_clean_up (RepriseProvider *self,
                                    RepriseJournal *record,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);
RepriseOutcome *reprise_provider_resume_operation (RepriseProvider *self,
                                                   RepriseJournal *journal,
                                                   RepriseProgress *progress,
                                                   GCancellable *cancellable,
                                                   GError **error);

/* access, and the service's own schedule */
gboolean reprise_provider_sign_in (RepriseProvider *self,
                                   RepriseSignIn *sign_in,
                                   GCancellable *cancellable,
                                   GError **error);
gboolean reprise_provider_sign_out (RepriseProvider *self,
                                    GCancellable *cancellable,
                                    GError **error);
GPtrArray *reprise_provider_list_values (RepriseProvider *self,
                                         const char *key,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean reprise_provider_renew_access (RepriseProvider *self,
                                        RepriseBackup *backup,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);
JsonNode *reprise_provider_get_schedule (RepriseProvider *self,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean reprise_provider_set_schedule (RepriseProvider *self,
                                        JsonNode *schedule,
                                        GCancellable *cancellable,
                                        GError **error);
GPtrArray *reprise_provider_reveal (RepriseProvider *self,
                                    RepriseBackup *backup,
                                    GCancellable *cancellable,
                                    GError **error);

/* history per document */
GPtrArray *reprise_provider_list_documents (RepriseProvider *self,
                                            RepriseVault *vault,
                                            const char *collection,
                                            const char *pattern,
                                            guint limit,
                                            char **warning,
                                            GCancellable *cancellable,
                                            GError **error);
GPtrArray *reprise_provider_list_versions (RepriseProvider *self,
                                           RepriseVault *vault,
                                           const char *collection,
                                           const char *document,
                                           char **warning,
                                           GCancellable *cancellable,
                                           GError **error);
GPtrArray *reprise_provider_compare_versions (RepriseProvider *self,
                                              RepriseVault *vault,
                                              const char *collection,
                                              const char *document,
                                              const char *from,
                                              const char *to,
                                              GCancellable *cancellable,
                                              GError **error);

G_END_DECLS
