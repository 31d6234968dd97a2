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
  GPtrArray *services; /* (element-type RepriseService): those that keep backups of their own */
  GPtrArray *secrets;  /* (element-type RepriseSecrets): in the same order */
  RepriseService *service;
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
} Asked;

static gpointer
ask_worker (gpointer data)
{
  Asked *self = data;

  self->found = reprise_context_find_backup (self->context, self->service, self->id_start,
                                             self->secrets, self->cancellable, NULL);
  g_atomic_int_set (&self->done, TRUE);
  return NULL;
}

/* (nullable): the first in their order that has it, as far as those before it have answered */
static Asked *
pick (Asked *asked, guint n, gboolean late, gboolean *over)
{
  gboolean all = TRUE;

  *over = TRUE;
  for (guint i = 0; i < n; i++)
    {
      if (!g_atomic_int_get (&asked[i].done))
        all = FALSE;
      else if (asked[i].found != NULL && (all || late))
        return &asked[i];
    }
  *over = all || late;
  return NULL;
}

/* (nullable): names of those that have not answered */
static char *
name_silent (Asked *asked, guint n)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    if (!g_atomic_int_get (&asked[i].done))
      g_string_append_printf (names, "%s%s", names->len > 0 ? C_ ("list", ", ") : "",
                              reprise_service_get_name (asked[i].service));
  return names->len > 0 ? g_strdup (names->str) : NULL;
}

/* Until one is picked, or there is nothing to wait for. @silent: (out) (nullable) */
static Asked *
wait_for_answer (Asked *asked, guint n, GCancellable *cancellable, char **silent)
{
  gint64 end = g_get_monotonic_time () + MAX_WAIT_SECONDS * G_USEC_PER_SEC;
  gboolean over = FALSE;
  Asked *picked = NULL;

  while (picked == NULL && !over && !g_cancellable_is_cancelled (cancellable))
    {
      picked = pick (asked, n, g_get_monotonic_time () >= end, &over);
      if (picked == NULL && !over)
        g_usleep (STEP_US);
    }
  *silent = picked == NULL ? name_silent (asked, n) : NULL;
  return picked;
}

/* All services at once, and none for long: that one of them is off must not keep somebody from what another has. */
static void
ask_services (RepriseCli *cli, Find *find, GCancellable *cancellable, char **silent)
{
  guint n = find->services->len;
  g_autofree Asked *asked = g_new0 (Asked, n);
  g_autoptr (GCancellable) enough = g_cancellable_new ();
  Asked *picked;

  for (guint i = 0; i < n; i++)
    {
      asked[i] = (Asked){ .context = cli->context,
                          .id_start = find->id_start,
                          .service = find->services->pdata[i],
                          .secrets = find->secrets->pdata[i],
                          .cancellable = enough };
      asked[i].thread = g_thread_new ("find", ask_worker, &asked[i]);
    }
  picked = wait_for_answer (asked, n, cancellable, silent);
  g_cancellable_cancel (enough);
  if (picked != NULL)
    find->found = g_object_ref (picked->found);
  for (guint i = 0; i < n; i++)
    {
      g_thread_join (asked[i].thread);
      g_clear_object (&asked[i].found);
    }
}

/* In a worker: the vault first; then, where it has none of that id, the services that keep their own. */
static gboolean
find_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Find *find = data;
  g_autoptr (GError) local_error = NULL;
  g_autofree char *silent = NULL;

  find->found = reprise_context_find_backup (cli->context, find->service, find->id_start,
                                             find->service_secrets, cancellable, &local_error);
  if (find->found == NULL && g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    ask_services (cli, find, cancellable, &silent);
  if (find->found != NULL)
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (silent != NULL)
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                 /* Translators: the start of an identifier, and names of services */
                 _ ("There is no backup “%s” in the vault, and these services have not answered: "
                    "%s."),
                 find->id_start, silent);
  else
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
 * reprise_cli_find_backup:
 * @id_start: an id, or the beginning of one
 * @service: (out) (optional) (nullable) (transfer none): its service, %NULL where it is not configured any more
 *
 * Returns: (transfer full): the backup, or %NULL with %REPRISE_ERROR_NOT_FOUND, or %REPRISE_ERROR_INVALID where several begin so
 */
RepriseBackup *
reprise_cli_find_backup (RepriseCli *cli,
                         const char *id_start,
                         RepriseService **service,
                         GError **error)
{
  g_autoptr (GPtrArray) services = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) secrets = g_ptr_array_new_with_free_func (g_object_unref);
  Find find = { .id_start = id_start, .services = services, .secrets = secrets };

  if (!reprise_cli_check_text (id_start, error))
    return NULL;
  collect_services (cli, &find);
  if (!reprise_cli_run_in_thread (cli, find_func, &find, error))
    return NULL;
  if (service != NULL)
    *service = reprise_services_get (reprise_context_get_services (cli->context),
                                     reprise_backup_get_service_uuid (find.found));
  return find.found;
}

/* --- archives --- */

static RepriseArchive *
open_backup (RepriseCli *cli,
             RepriseService *service,
             const char *id,
             RepriseSecrets *secrets,
             GError **error)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseCliProgress) shown = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  Find find = { .id_start = id,
                .services = none,
                .secrets = none,
                .service = service,
                .service_secrets = secrets };

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
