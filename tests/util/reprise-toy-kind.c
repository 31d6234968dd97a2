/* reprise-toy-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "provider/reprise-journal.h"
#include "provider/reprise-scratch.h"
#include "reprise-toy-kind.h"

#define HEAD     "TOY\n"
#define PASSWORD "open sesame"
#define N_STEPS  20
#define TOKEN    "toy-refresh-token-8d1f"
#define POLL_US  (20 * G_TIME_SPAN_MILLISECOND)

#define REPRISE_TYPE_TOY_PROVIDER (reprise_toy_provider_get_type ())

G_DECLARE_FINAL_TYPE (RepriseToyProvider, reprise_toy_provider, REPRISE, TOY_PROVIDER, GObject)

struct _RepriseToyProvider
{
  GObject parent_instance;

  RepriseService *service;
  RepriseSecrets *secrets;
};

static void toy_provider_init (RepriseProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseToyProvider,
                               reprise_toy_provider,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (REPRISE_TYPE_PROVIDER, toy_provider_init))

static const char *
get (RepriseProvider *provider, const char *key)
{
  return reprise_service_get_setting (REPRISE_TOY_PROVIDER (provider)->service, key);
}

static gboolean
is_on (RepriseProvider *provider, const char *key)
{
  return g_strcmp0 (get (provider, key), "true") == 0;
}

static gboolean
check_password (RepriseProvider *provider, GCancellable *cancellable, GError **error)
{
  RepriseToyProvider *self = REPRISE_TOY_PROVIDER (provider);
  g_autoptr (RepriseSecretValue) value = NULL;

  if (!is_on (provider, "locked"))
    return TRUE;
  value = reprise_secrets_lookup (self->secrets, "password", cancellable, error);
  if (value == NULL)
    {
      if (error != NULL && g_error_matches (*error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        (*error)->code = REPRISE_ERROR_NEEDS_SIGN_IN;
      return FALSE;
    }
  if (g_str_equal (reprise_secret_value_get_text (value), PASSWORD))
    return TRUE;
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN, "The password “%s” is wrong.",
               reprise_secret_value_get_text (value));
  return FALSE;
}

/* --- a person who signs in: what they decide stands in a file: “yes”, “no” --- */

static gboolean
is_for_persons (RepriseProvider *provider)
{
  return g_strcmp0 (get (provider, "sign-in"), "person") == 0;
}

static gboolean
wait_for_decision (RepriseProvider *provider, GCancellable *cancellable, GError **error)
{
  RepriseToyProvider *self = REPRISE_TOY_PROVIDER (provider);
  g_autofree char *path = g_strconcat (get (provider, "path"), ".decision", NULL);
  g_autofree char *decision = NULL;
  g_autoptr (RepriseSecretValue) token = reprise_secret_value_new_text (TOKEN);

  while (!g_file_get_contents (path, &decision, NULL, NULL))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_usleep (POLL_US);
    }
  if (g_str_has_prefix (decision, "yes"))
    return reprise_secrets_store (self->secrets, "token", token, cancellable, error);
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                       "The sign-in was declined.");
  return FALSE;
}

static gboolean
sign_in (RepriseProvider *provider,
         RepriseSignIn *conversation,
         GCancellable *cancellable,
         GError **error)
{
  RepriseSignInStep step = { .address = (char *) "https://toys.example/device" };

  switch (reprise_sign_in_get_way (conversation))
    {
    case REPRISE_SIGN_IN_CODE:
      step.code = (char *) "ABCD-1234";
      step.message = (char *) "Type in the code.";
      step.end_us = g_get_monotonic_time () + 900 * G_USEC_PER_SEC;
      break;
    case REPRISE_SIGN_IN_BROWSER:
      break;
    case REPRISE_SIGN_IN_NO_WAY:
    default:
      return check_password (provider, cancellable, error);
    }
  reprise_sign_in_show (conversation, &step);
  return wait_for_decision (provider, cancellable, error);
}

static gboolean
sign_out (RepriseProvider *provider, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

/* Once before the work; a job that somebody watches waits until they have signed in. */
static gboolean
check_person (RepriseProvider *provider, GCancellable *cancellable, GError **error)
{
  RepriseToyProvider *self = REPRISE_TOY_PROVIDER (provider);

  while (is_for_persons (provider))
    {
      g_autoptr (GError) reason = NULL;
      g_autoptr (RepriseSecretValue) token =
        reprise_secrets_lookup (self->secrets, "token", cancellable, &reason);

      if (token != NULL)
        return TRUE;
      if (!g_error_matches (reason, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN) ||
          !reprise_secrets_ask_sign_in (self->secrets, reason, cancellable))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
    }
  return check_password (provider, cancellable, error);
}

static GPtrArray *
list_values (RepriseProvider *provider, const char *key, GCancellable *cancellable, GError **error)
{
  static const char *const SHELVES[] = { "top", "low" };
  GPtrArray *choices;

  if (!check_person (provider, cancellable, error))
    return NULL;
  choices = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_choice_free);
  for (guint i = 0; i < G_N_ELEMENTS (SHELVES); i++)
    {
      g_autofree char *title = g_strdup_printf ("The %s shelf", SHELVES[i]);
      RepriseChoice *choice = reprise_choice_new (SHELVES[i], title, "in the hall");

      reprise_choice_add_other (choice, "room", "hall");
      g_ptr_array_add (choices, choice);
    }
  return choices;
}

static RepriseContents *
make_contents (RepriseService *service, gint64 size)
{
  RepriseContents *contents = reprise_contents_new ();
  const char *rule = service != NULL ? reprise_service_get_rule (service, "words") : NULL;
  RepriseGroup group = REPRISE_GROUP_CUSTOM;
  g_autoptr (RepriseCollection) words = reprise_collection_new ("words", 3, size);
  g_autoptr (RepriseCollection) cache =
    reprise_collection_new ("cache", REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);

  if (rule != NULL)
    reprise_group_from_string (rule, &group);
  reprise_collection_set_reason (cache, "It is made anew by itself.");
  reprise_contents_add (contents, group, words);
  reprise_contents_add (contents, REPRISE_GROUP_SKIPPED, cache);
  return contents;
}

static RepriseProbe *
probe (RepriseProvider *provider,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  RepriseProbe *result;

  if (!check_person (provider, cancellable, error))
    return NULL;
  if (!g_file_test (get (provider, "path"), G_FILE_TEST_EXISTS))
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE, "“%s” does not answer.",
                   get (provider, "path"));
      return NULL;
    }
  result = reprise_probe_new ();
  result->version = g_strdup ("1.0");
  result->identity = g_strdup ("toy");
  result->latency_ms = 3;
  reprise_probe_add_fact (result, "Colour", "blue");
  if (is_on (provider, "warn"))
    reprise_probe_add_warning (result, "It is getting old.");
  return result;
}

static RepriseContents *
list_groups (RepriseProvider *provider,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  GStatBuf info;

  if (!check_password (provider, cancellable, error))
    return NULL;
  return make_contents (REPRISE_TOY_PROVIDER (provider)->service,
                        g_stat (get (provider, "path"), &info) == 0 ? info.st_size
                                                                    : REPRISE_NOT_REPORTED);
}

static RepriseBackup *
make_own_backup (RepriseProvider *provider, const char *name)
{
  RepriseToyProvider *self = REPRISE_TOY_PROVIDER (provider);
  g_autofree char *path = g_build_filename (get (provider, "keep"), name, NULL);
  g_autoptr (GDateTime) made = NULL;
  RepriseBackup *backup;
  GStatBuf info = { 0 };

  g_stat (path, &info);
  made = g_date_time_new_from_unix_utc (info.st_mtime);
  backup = reprise_backup_new (name, reprise_service_get_uuid (self->service), "toy");
  g_object_set (backup, "own-name", name, "created-at", made, "size-bytes", (gint64) info.st_size,
                "on-service", TRUE, "state", REPRISE_BACKUP_COMPLETE, NULL);
  return backup;
}

static GPtrArray *
list_backups (RepriseProvider *provider,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!check_password (provider, cancellable, error))
    return NULL;
  while (is_on (provider, "silent"))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      g_usleep (POLL_US);
    }
  if (get (provider, "keep") == NULL)
    return g_steal_pointer (&backups);
  dir = g_dir_open (get (provider, "keep"), 0, error);
  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (backups, make_own_backup (provider, name));
  return g_steal_pointer (&backups);
}

/* Reads data in steps that can be watched and stopped. */
static gboolean
dawdle (RepriseProvider *provider,
        ReprisePhase phase,
        gint64 size,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  const char *delay = get (provider, "delay-ms");
  gulong step_us = delay != NULL ? (gulong) atoi (delay) * 1000 : 0;

  reprise_progress_set_phase (progress, phase);
  reprise_progress_set_totals (progress, size, -1);
  reprise_progress_set_message (progress, "words");
  if (is_on (provider, "safe"))
    reprise_progress_set_uninterruptible (progress, TRUE);
  for (int i = 0; i < N_STEPS; i++)
    {
      g_usleep (step_us);
      reprise_progress_set_done (progress, size * i / N_STEPS, 0);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (i == N_STEPS / 2 && !reprise_progress_check_stop (progress, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
ask (RepriseProgress *progress, GCancellable *cancellable, GError **error)
{
  const char *responses[] = { "cancel", "continue", NULL };
  const char *labels[] = { "Cancel", "Go On", NULL };
  g_autoptr (RepriseQuestion) question = reprise_question_new (
    "go-on", "Go On?", "The toy wants to know.", responses, labels, NULL, "cancel");
  g_autofree char *answer = reprise_progress_ask (progress, question, cancellable, error);

  if (answer == NULL)
    return FALSE;
  reprise_progress_log (progress, "answered %s", answer);
  if (g_str_equal (answer, "continue"))
    return TRUE;
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, "The answer was no.");
  return FALSE;
}

static gboolean
write_archive (RepriseProvider *provider,
               RepriseVaultWriter *writer,
               const char *data,
               gsize size,
               GError **error)
{
  g_autoptr (GOutputStream) stream = reprise_vault_writer_open (writer, "data.toy", error);
  g_autoptr (RepriseContents) contents = NULL;
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);

  if (stream == NULL || !g_output_stream_write_all (stream, data, size, NULL, NULL, error) ||
      !g_output_stream_close (stream, NULL, error))
    return FALSE;
  contents = make_contents (REPRISE_TOY_PROVIDER (provider)->service, (gint64) size);
  reprise_manifest_set_contents (manifest, contents);
  reprise_manifest_set_proof (manifest, "length", "the whole file");
  return TRUE;
}

/* Where a test wants to see who writes when: one line for each beginning and each end, in a file that only grows. */
static void
witness (RepriseProvider *provider, const char *what)
{
  const char *path = g_getenv ("REPRISE_TOY_WITNESS");
  g_autofree char *line =
    g_strdup_printf ("%s %s %d %" G_GINT64_FORMAT "\n", what,
                     reprise_service_get_name (REPRISE_TOY_PROVIDER (provider)->service),
                     (int) getpid (), g_get_monotonic_time ());
  int fd = path != NULL ? open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;

  if (fd < 0)
    return;
  if (write (fd, line, strlen (line)) < 0)
    g_warning ("The witness is silent");
  close (fd);
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
  static const ReprisePhaseShare plan[] = { { REPRISE_PHASE_CONNECTING, 1 },
                                            { REPRISE_PHASE_READING, 8 } };
  g_autofree char *data = NULL;
  g_autofree char *archive = NULL;
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  gsize size = 0;
  gboolean ok;

  reprise_progress_set_plan (progress, plan, G_N_ELEMENTS (plan));
  if (!check_person (provider, cancellable, error) ||
      (is_on (provider, "ask") && !ask (progress, cancellable, error)))
    return FALSE;
  witness (provider, "enter");
  ok = g_file_get_contents (get (provider, "path"), &data, &size, error) &&
       dawdle (provider, REPRISE_PHASE_READING, (gint64) size, progress, cancellable, error);
  if (ok && is_on (provider, "warn"))
    reprise_progress_warn (progress, "The toy creaked.");
  archive = g_strconcat (HEAD, data, NULL);
  if (ok && writer != NULL)
    ok = write_archive (provider, writer, archive, strlen (archive), error);
  witness (provider, "leave");
  if (!ok || writer != NULL)
    return ok;
  name = g_strdup_printf ("toy%" G_GINT64_FORMAT, g_get_real_time ());
  path = g_build_filename (get (provider, "keep"), name, NULL);
  if (!g_file_set_contents (path, archive, -1, error))
    return FALSE;
  *made = make_own_backup (provider, name);
  return TRUE;
}

static gboolean
download (RepriseProvider *provider,
          RepriseBackup *backup,
          RepriseVaultWriter *writer,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  g_autofree char *path =
    g_build_filename (get (provider, "keep"), reprise_backup_get_own_name (backup), NULL);
  g_autofree char *data = NULL;
  gsize size = 0;

  reprise_manifest_set_own_name (reprise_vault_writer_get_manifest (writer),
                                 reprise_backup_get_own_name (backup));
  return g_file_get_contents (path, &data, &size, error) &&
         write_archive (provider, writer, data, size, error);
}

static RepriseBackup *
upload (RepriseProvider *provider,
        RepriseArchive *archive,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  g_autofree char *name = g_strdup_printf ("up%" G_GINT64_FORMAT, g_get_real_time ());
  g_autofree char *path = g_build_filename (get (provider, "keep"), name, NULL);
  g_autofree char *data = NULL;

  if (!g_file_get_contents (reprise_archive_get_path (archive), &data, NULL, error) ||
      !g_file_set_contents (path, data, -1, error))
    return NULL;
  return make_own_backup (provider, name);
}

static gboolean
delete_backup (RepriseProvider *provider,
               RepriseBackup *backup,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  g_autofree char *path =
    g_build_filename (get (provider, "keep"), reprise_backup_get_own_name (backup), NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  return g_file_delete (file, cancellable, error);
}

static gboolean inspect (RepriseKind *kind,
                         RepriseArchive *archive,
                         RepriseSecretValue *password,
                         RepriseProgress *progress,
                         GCancellable *cancellable,
                         GError **error);

static RepriseArchive *
open_backup (RepriseProvider *provider,
             RepriseBackup *backup,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  g_autofree char *path =
    g_build_filename (get (provider, "keep"), reprise_backup_get_own_name (backup), NULL);
  g_autoptr (RepriseArchive) archive = reprise_archive_new_for_backup (backup, NULL);

  reprise_archive_set_path (archive, path);
  return inspect (NULL, archive, NULL, progress, cancellable, error) ? g_steal_pointer (&archive)
                                                                     : NULL;
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
  g_autoptr (ReprisePlan) plan = NULL;
  const char *elsewhere = options != NULL ? g_hash_table_lookup (options, "path") : NULL;

  if (!check_password (provider, cancellable, error))
    return NULL;
  plan = reprise_plan_new (archive, groups != 0 ? groups : REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM),
                           options);
  reprise_plan_add_check (
    plan, "mood", is_on (provider, "refuse") ? REPRISE_CHECK_REFUSED : REPRISE_CHECK_OK,
    is_on (provider, "refuse") ? "The toy is in a bad mood." : "The toy is in a good mood.",
    "Give it time.");
  reprise_plan_add_check (plan, "age", REPRISE_CHECK_WARNING, "The toy is old.", "It may break.");
  reprise_plan_add_row (plan, REPRISE_GROUP_CUSTOM, "words", 3, 2,
                        elsewhere != NULL ? REPRISE_PLAN_CREATED : REPRISE_PLAN_REPLACED,
                        elsewhere != NULL ? NULL : "1 newer word is lost");
  reprise_plan_add_group_rows (plan);
  reprise_plan_add_loss (plan, "The cache does not come along.");
  reprise_plan_set_target (plan, elsewhere != NULL ? elsewhere : get (provider, "path"));
  reprise_plan_set_overwrites (plan, elsewhere == NULL);
  reprise_plan_set_safety_groups (plan, REPRISE_GROUPS_ALL);
  reprise_plan_add_step (plan, "write the file");
  return g_steal_pointer (&plan);
}

static RepriseOutcome *
restore (RepriseProvider *provider,
         ReprisePlan *plan,
         RepriseJournal *journal,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  static const ReprisePhaseShare phases[] = { { REPRISE_PHASE_APPLYING, 8 } };
  const char *elsewhere = reprise_plan_get_option (plan, "path");
  g_autofree char *data = NULL;
  RepriseOutcome *outcome;

  reprise_progress_set_plan (progress, phases, G_N_ELEMENTS (phases));
  reprise_progress_set_stop_text (progress,
                                  "The words are not replaced yet. The safety copy is kept.");
  if (!g_file_get_contents (reprise_archive_get_path (reprise_plan_get_archive (plan)), &data, NULL,
                            error) ||
      !dawdle (provider, REPRISE_PHASE_APPLYING, (gint64) strlen (data), progress, cancellable,
               error) ||
      !reprise_journal_begin (journal, "words", "replace the words", error) ||
      !g_file_set_contents (elsewhere != NULL ? elsewhere : get (provider, "path"),
                            data + strlen (HEAD), -1, error) ||
      !reprise_journal_end (journal, "words", error))
    return NULL;
  outcome = reprise_outcome_new ("3 written, 0 failed");
  outcome->written = 3;
  return outcome;
}

static RepriseOutcome *
rehearse (RepriseProvider *provider,
          RepriseArchive *archive,
          const RepriseRehearsal *rehearsal,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  return reprise_outcome_new ("3 of 3 came back the same");
}

/* What one that was killed left: files. */
static gboolean
clean_up (RepriseProvider *provider,
          RepriseJournal *record,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  g_auto (GStrv) names = reprise_scratch_list (record);

  for (guint i = 0; names[i] != NULL; i++)
    if (g_unlink (names[i]) != 0 || !reprise_scratch_remove (record, names[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
renew_access (RepriseProvider *provider,
              RepriseBackup *backup,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  return check_password (provider, cancellable, error);
}

static void
toy_provider_init (RepriseProviderInterface *iface)
{
  iface->probe = probe;
  iface->list_groups = list_groups;
  iface->list_backups = list_backups;
  iface->open_backup = open_backup;
  iface->back_up = back_up;
  iface->download = download;
  iface->upload = upload;
  iface->delete_backup = delete_backup;
  iface->plan_restore = plan_restore;
  iface->restore = restore;
  iface->rehearse = rehearse;
  iface->clean_up = clean_up;
  iface->renew_access = renew_access;
  iface->sign_in = sign_in;
  iface->sign_out = sign_out;
  iface->list_values = list_values;
}

static void
reprise_toy_provider_finalize (GObject *object)
{
  RepriseToyProvider *self = REPRISE_TOY_PROVIDER (object);

  g_clear_object (&self->service);
  g_clear_object (&self->secrets);
  G_OBJECT_CLASS (reprise_toy_provider_parent_class)->finalize (object);
}

static void
reprise_toy_provider_class_init (RepriseToyProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_toy_provider_finalize;
}

static void
reprise_toy_provider_init (RepriseToyProvider *self)
{
}

struct _RepriseToyKind
{
  RepriseKind parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseToyKind, reprise_toy_kind, REPRISE_TYPE_KIND)

static gboolean
recognise (RepriseKind *kind, const char *path, const guchar *head, gsize head_size, gint64 size)
{
  return head_size >= strlen (HEAD) && memcmp (head, HEAD, strlen (HEAD)) == 0;
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
  contents = make_contents (NULL, (gint64) size);
  reprise_archive_set_contents (archive, contents);
  reprise_archive_set_format (archive, "Toy 1");
  reprise_archive_set_size_bytes (archive, (gint64) size);
  reprise_archive_add_fact (archive, "Colour", "blue");
  if (strstr (data, "LOCKED") != NULL)
    {
      reprise_archive_set_encrypted (archive, TRUE);
      reprise_archive_set_locked (archive, password == NULL);
      if (password != NULL && !g_str_equal (reprise_secret_value_get_text (password), PASSWORD))
        {
          g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_PASSWORD,
                               "The password is wrong.");
          return FALSE;
        }
    }
  if (strstr (data, "BROKEN") != NULL)
    reprise_archive_add_damage (archive, "A wheel is off.");
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

static RepriseSignInWays
get_sign_in_ways (RepriseKind *kind, GHashTable *settings)
{
  return g_strcmp0 (g_hash_table_lookup (settings, "sign-in"), "person") == 0
           ? REPRISE_SIGN_IN_BROWSER | REPRISE_SIGN_IN_CODE
           : REPRISE_SIGN_IN_NO_WAY;
}

static const char *
explain_choice (const char *value)
{
  return g_str_equal (value, "robot") ? "There is no robot on this computer." : NULL;
}

static RepriseProvider *
create_provider (RepriseKind *kind, RepriseService *service, RepriseSecrets *secrets)
{
  RepriseToyProvider *self = g_object_new (REPRISE_TYPE_TOY_PROVIDER, NULL);

  self->service = g_object_ref (service);
  g_set_object (&self->secrets, secrets);
  return REPRISE_PROVIDER (self);
}

static void
reprise_toy_kind_class_init (RepriseToyKindClass *klass)
{
  static const char *const sign_ins[] = { "password", "person", "robot", NULL };
  static const RepriseSetting settings[] = {
    { .key = "path",
      .type = REPRISE_SETTING_PATH,
      .label = "File",
      .required = TRUE,
      .of_sign_in = TRUE },
    { .key = "keep", .type = REPRISE_SETTING_PATH, .label = "Folder of its own backups" },
    { .key = "delay-ms", .type = REPRISE_SETTING_INTEGER, .label = "Delay" },
    { .key = "ask", .type = REPRISE_SETTING_BOOLEAN, .label = "Asks" },
    { .key = "warn", .type = REPRISE_SETTING_BOOLEAN, .label = "Warns" },
    { .key = "silent", .type = REPRISE_SETTING_BOOLEAN, .label = "Does not list its backups" },
    { .key = "refuse", .type = REPRISE_SETTING_BOOLEAN, .label = "Refuses" },
    { .key = "safe", .type = REPRISE_SETTING_BOOLEAN, .label = "Is not cut off" },
    { .key = "locked",
      .type = REPRISE_SETTING_BOOLEAN,
      .label = "Wants a password",
      .default_value = "false" },
    { .key = "password",
      .type = REPRISE_SETTING_SECRET,
      .label = "Password",
      .required = TRUE,
      .shown_if_key = "locked",
      .shown_if_value = "true" },
    { .key = "sign-in",
      .type = REPRISE_SETTING_CHOICE,
      .label = "Sign In With",
      .default_value = "password",
      .choices = sign_ins,
      .explain_choice = explain_choice },
    { .key = "shelf",
      .type = REPRISE_SETTING_TEXT,
      .label = "Shelf",
      .required = TRUE,
      .listed = TRUE,
      .shown_if_key = "sign-in",
      .shown_if_value = "person" },
    { .key = "room", .type = REPRISE_SETTING_TEXT, .label = "Room" },
    { .key = "archive-password",
      .type = REPRISE_SETTING_SECRET,
      .label = "Archive Password",
      .shown_if_key = "locked",
      .shown_if_value = "true" },
    { NULL },
  };
  static const RepriseSetting restore_settings[] = {
    { .key = "path", .type = REPRISE_SETTING_PATH, .label = "Another file" },
    { NULL },
  };
  RepriseKindClass *kind_class = REPRISE_KIND_CLASS (klass);

  kind_class->id = "toy";
  kind_class->title = "Toy";
  kind_class->description = "For tests";
  kind_class->icon_name = "reprise-server-symbolic";
  kind_class->capabilities =
    (RepriseCapabilities) ((REPRISE_HAS_RULES << 1) - 1); /* all but schedules and history */
  kind_class->settings = settings;
  kind_class->restore_settings = restore_settings;
  kind_class->default_groups = REPRISE_GROUPS_ALL;
  kind_class->recognise = recognise;
  kind_class->inspect = inspect;
  kind_class->verify = verify;
  kind_class->create_provider = create_provider;
  kind_class->get_sign_in_ways = get_sign_in_ways;
}

static void
reprise_toy_kind_init (RepriseToyKind *self)
{
}
