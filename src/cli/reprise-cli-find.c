/* reprise-cli-find.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "reprise-cli-find.h"
#include "reprise-cli-options.h"
#include "reprise-cli-progress.h"

/* --- backups --- */

/* How long services are waited for that are asked for a backup which may be none of theirs. */
#define MAX_WAIT_SECONDS 10
#define STEP_US          (50 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  const char *id_start;
  gboolean certain;        /* whether all must have answered */
  GPtrArray *services;     /* (element-type RepriseService): those that keep backups of their own */
  GPtrArray *secrets;      /* (element-type RepriseSecrets): in the same order */
  RepriseService *service; /* (nullable): the only one that is asked */
  RepriseSecrets *service_secrets;
  RepriseBackup *found; /* (owned) */
} Find;

/* One service that is asked, beside others. */
typedef struct
{
  RepriseContext *context;
  const char *id_start;
  RepriseService *service;
  RepriseSecrets *secrets;
  GCancellable *cancellable;
  GThread *thread;      /* (owned) */
  int done;             /* (atomic) */
  RepriseBackup *found; /* (owned) (nullable): once it is done */
  GError *error;        /* (owned) (nullable): once it is done */
} Asked;

static gpointer
ask_worker (gpointer data)
{
  Asked *self = data;

  self->found = reprise_context_find_backup (self->context, self->service, self->id_start,
                                             self->secrets, self->cancellable, &self->error);
  g_atomic_int_set (&self->done, TRUE);
  return NULL;
}

/* What an answer is worth: a backup of that very id counts before those that only begin so. */
typedef enum
{
  ANSWER_NONE,    /* not there yet, or the service could not be asked */
  ANSWER_NOTHING, /* it has no such backup */
  ANSWER_START,
  ANSWER_EXACT,
} Answer;

static Answer
get_answer (Asked *asked)
{
  if (!g_atomic_int_get (&asked->done))
    return ANSWER_NONE;
  if (asked->found == NULL && g_error_matches (asked->error, REPRISE_ERROR, REPRISE_ERROR_INVALID))
    return ANSWER_START; /* several of its own */
  if (asked->found == NULL)
    return g_error_matches (asked->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) ? ANSWER_NOTHING
                                                                                  : ANSWER_NONE;
  return g_ascii_strcasecmp (reprise_backup_get_id (asked->found), asked->id_start) == 0 ||
             g_strcmp0 (reprise_backup_get_own_name (asked->found), asked->id_start) == 0
           ? ANSWER_EXACT
           : ANSWER_START;
}

static guint
count_answers (Asked *asked, guint n, Answer answer)
{
  guint count = 0;

  for (guint i = 0; i < n; i++)
    if (get_answer (&asked[i]) == answer)
      count++;
  return count;
}

static gboolean
are_all_done (Asked *asked, guint n)
{
  for (guint i = 0; i < n; i++)
    if (!g_atomic_int_get (&asked[i].done))
      return FALSE;
  return TRUE;
}

/* (transfer full): names of those with that answer */
static char *
name_services (Asked *asked, guint n, Answer answer)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    if (get_answer (&asked[i]) == answer)
      g_string_append_printf (names, "%s%s", names->len > 0 ? C_ ("list", ", ") : "",
                              reprise_service_get_name (asked[i].service));
  return g_string_free (names, FALSE);
}

/* Until all have answered, time is over, or two have answered so that the others do not matter. */
static void
wait_for_answers (Asked *asked, guint n, GCancellable *cancellable)
{
  gint64 end = g_get_monotonic_time () + MAX_WAIT_SECONDS * G_USEC_PER_SEC;

  while (!are_all_done (asked, n) && count_answers (asked, n, ANSWER_EXACT) < 2 &&
         g_get_monotonic_time () < end && !g_cancellable_is_cancelled (cancellable))
    g_usleep (STEP_US);
}

/* Where nobody has it. @why: (nullable): taken over unless somebody did not answer */
static void
set_nowhere (Asked *asked, guint n, const char *id_start, GError *why, GError **error)
{
  g_autoptr (GError) local_error = why;
  g_autofree char *silent = name_services (asked, n, ANSWER_NONE);

  if (*silent == '\0')
    g_propagate_error (error, g_steal_pointer (&local_error));
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
      /* Translators: the start of an identifier, and names of services */
      _ ("There is no backup “%s” in the vault, and these services have not answered: "
         "%s."),
      id_start, silent);
}

static gboolean
check_certain (Asked *asked, guint n, Asked *picked, GError **error)
{
  g_autofree char *silent = name_services (asked, n, ANSWER_NONE);

  if (*silent == '\0')
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
    /* Translators: the name of a service, the start of an identifier, and names of services */
    _ ("“%s” has a backup “%s”, but these services, which may have one too, have not "
       "answered: %s. Say which is meant: --service NAME"),
    reprise_service_get_name (picked->service), picked->id_start, silent);
  return FALSE;
}

/* The one service that has it; small numbers are those of backups on many services. @why: (transfer full): that the vault lacks it */
static RepriseBackup *
pick (Asked *asked, guint n, gboolean certain, GError *why, GError **error)
{
  Answer best = count_answers (asked, n, ANSWER_EXACT) > 0 ? ANSWER_EXACT : ANSWER_START;
  guint count = count_answers (asked, n, best);
  g_autofree char *names = name_services (asked, n, best);
  g_autoptr (GError) not_in_vault = why;

  if (count > 1)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      /* Translators: the start of an identifier, and names of services */
      _ ("More than one service has a backup “%s”: %s. Say which is meant: --service "
         "NAME"),
      asked[0].id_start, names);
  else if (count == 0)
    set_nowhere (asked, n, n > 0 ? asked[0].id_start : NULL, g_steal_pointer (&not_in_vault),
                 error);
  for (guint i = 0; count == 1 && i < n; i++)
    {
      if (get_answer (&asked[i]) != best)
        continue;
      if (asked[i].found == NULL)
        g_propagate_error (error, g_steal_pointer (&asked[i].error));
      else if (!certain || check_certain (asked, n, &asked[i], error))
        return g_object_ref (asked[i].found);
      return NULL;
    }
  return NULL;
}

/* All services at once, and none for long: that one of them is off must not keep somebody from what another has.
 * @why: (transfer full): that the vault lacks it */
static RepriseBackup *
ask_services (RepriseCli *cli, Find *find, GError *why, GCancellable *cancellable, GError **error)
{
  guint n = find->services->len;
  g_autofree Asked *asked = g_new0 (Asked, n);
  g_autoptr (GCancellable) enough = g_cancellable_new ();
  RepriseBackup *picked;

  for (guint i = 0; i < n; i++)
    {
      asked[i] = (Asked){ .context = cli->context,
                          .id_start = find->id_start,
                          .service = find->services->pdata[i],
                          .secrets = find->secrets->pdata[i],
                          .cancellable = enough };
      asked[i].thread = g_thread_new ("find", ask_worker, &asked[i]);
    }
  wait_for_answers (asked, n, cancellable);
  picked = pick (asked, n, find->certain, why, error);
  g_cancellable_cancel (enough);
  for (guint i = 0; i < n; i++)
    {
      g_thread_join (asked[i].thread);
      g_clear_object (&asked[i].found);
      g_clear_error (&asked[i].error);
    }
  return picked;
}

/* In a worker: the vault first; then, where it has none of that id, the services that keep their own. */
static gboolean
find_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Find *find = data;
  g_autoptr (GError) local_error = NULL;

  find->found = reprise_context_find_backup (cli->context, find->service, find->id_start,
                                             find->service_secrets, cancellable, &local_error);
  if (find->found == NULL && find->services != NULL &&
      g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    find->found = ask_services (cli, find, g_steal_pointer (&local_error), cancellable, error);
  if (find->found != NULL)
    return TRUE;
  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static void
collect_services (RepriseCli *cli, Find *find)
{
  GListModel *services = G_LIST_MODEL (reprise_context_get_services (cli->context));

  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (services, i);
      RepriseKind *kind = reprise_cli_find_kind (cli, service, NULL);
      RepriseSecrets *secrets = NULL;

      if (kind == NULL || !reprise_kind_can (kind, REPRISE_CAN_LIST_ON_SERVICE))
        continue;
      secrets = reprise_cli_new_secrets (cli, service, NULL);
      if (secrets == NULL)
        continue;
      g_ptr_array_add (find->services, g_steal_pointer (&service));
      g_ptr_array_add (find->secrets, secrets);
    }
}

/**
 * reprise_cli_find_backup_of:
 * @service: no other is asked, and a backup of another one is none of its
 * @id_start: an id, or the beginning of one
 *
 * Returns: (transfer full): the backup, or %NULL with %REPRISE_ERROR_NOT_FOUND, or %REPRISE_ERROR_INVALID where several begin so
 */
RepriseBackup *
reprise_cli_find_backup_of (RepriseCli *cli,
                            RepriseService *service,
                            const char *id_start,
                            GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_cli_new_secrets (cli, service, error);
  Find find = { .id_start = id_start, .service = service, .service_secrets = secrets };

  if (secrets == NULL || !reprise_cli_check_text (id_start, error) ||
      !reprise_cli_run_in_thread (cli, find_func, &find, error))
    return NULL;
  if (g_str_equal (reprise_backup_get_service_uuid (find.found),
                   reprise_service_get_uuid (service)))
    return find.found;
  g_clear_object (&find.found);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("There is no backup “%s” of “%s”"), id_start,
                     reprise_service_get_name (service));
  return NULL;
}

/* Of the service that --service names, or of whichever has it. */
static RepriseBackup *
find_backup (RepriseCli *cli,
             const char *id_start,
             gboolean certain,
             RepriseService **service,
             GError **error)
{
  g_autoptr (GPtrArray) services = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) secrets = g_ptr_array_new_with_free_func (g_object_unref);
  Find find = {
    .id_start = id_start, .certain = certain, .services = services, .secrets = secrets
  };
  RepriseService *named = NULL;

  if (!reprise_cli_check_text (id_start, error))
    return NULL;
  if (cli->service != NULL)
    {
      named = reprise_cli_find_service (cli, cli->service, error);
      find.found = named != NULL ? reprise_cli_find_backup_of (cli, named, id_start, error) : NULL;
    }
  else
    {
      collect_services (cli, &find);
      reprise_cli_run_in_thread (cli, find_func, &find, error);
    }
  if (find.found != NULL && service != NULL)
    *service = reprise_services_get (reprise_context_get_services (cli->context),
                                     reprise_backup_get_service_uuid (find.found));
  return find.found;
}

/**
 * reprise_cli_find_backup:
 * @id_start: an id, or the beginning of one
 * @service: (out) (optional) (nullable) (transfer none): its service, %NULL where it is not configured any more
 *
 * Returns: (transfer full): the backup, or %NULL with %REPRISE_ERROR_NOT_FOUND, or %REPRISE_ERROR_INVALID where several begin so,
 *   or more than one service has it
 */
RepriseBackup *
reprise_cli_find_backup (RepriseCli *cli,
                         const char *id_start,
                         RepriseService **service,
                         GError **error)
{
  return find_backup (cli, id_start, FALSE, service, error);
}

/* As reprise_cli_find_backup(), for what destroys: also %REPRISE_ERROR_INVALID where a service that may have it too cannot be asked. */
RepriseBackup *
reprise_cli_find_backup_certainly (RepriseCli *cli,
                                   const char *id_start,
                                   RepriseService **service,
                                   GError **error)
{
  return find_backup (cli, id_start, TRUE, service, error);
}

/* --- archives --- */

static RepriseArchive *
open_backup (RepriseCli *cli,
             RepriseService *service,
             const char *id,
             RepriseSecrets *secrets,
             GError **error)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseCliProgress) shown = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  Find find = { .id_start = id, .service = service, .service_secrets = secrets };

  if (!reprise_cli_check_text (id, error) ||
      !reprise_cli_run_in_thread (cli, find_func, &find, error))
    return NULL;
  backup = find.found;
  shown = reprise_cli_progress_new_for_work (cli, REPRISE_JOB_VERIFY, progress);
  reprise_context_open_backup_async (cli->context, service, backup,
                                     reprise_cli_get_archive_password (cli), secrets, progress,
                                     cli->cancellable, reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  reprise_cli_progress_end (shown);
  return reprise_context_open_finish (cli->context, result, error);
}

/* (transfer full): looks into a file, of whatever kind it is */
RepriseArchive *
reprise_cli_open_file (RepriseCli *cli, const char *path, GError **error)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseCliProgress) shown =
    reprise_cli_progress_new_for_work (cli, REPRISE_JOB_VERIFY, progress);
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);

  reprise_context_open_file_async (cli->context, absolute, reprise_cli_get_archive_password (cli),
                                   progress, cli->cancellable, reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  reprise_cli_progress_end (shown);
  return reprise_context_open_finish (cli->context, result, error);
}

static gboolean
keeps_own_backups (RepriseCli *cli, RepriseService *service)
{
  RepriseKind *kind = reprise_cli_find_kind (cli, service, NULL);

  return kind != NULL && reprise_kind_can (kind, REPRISE_CAN_LIST_ON_SERVICE);
}

/**
 * reprise_cli_open_archive:
 * @id_or_file: a FILE contains “/” or “.”, else it is an ID
 *
 * Returns: (transfer full): the archive that a restore starts from, or %NULL with @error
 */
RepriseArchive *
reprise_cli_open_archive (RepriseCli *cli,
                          RepriseService *service,
                          const char *id_or_file,
                          RepriseSecrets *secrets,
                          GError **error)
{
  /* Services name their own backups as they like: “backup_20261121.nbdump” is one, unless such a file lies here. */
  if (reprise_cli_is_file (id_or_file) &&
      (strchr (id_or_file, '/') != NULL || g_file_test (id_or_file, G_FILE_TEST_EXISTS) ||
       !keeps_own_backups (cli, service)))
    return reprise_cli_open_file (cli, id_or_file, error);
  return open_backup (cli, service, id_or_file, secrets, error);
}
