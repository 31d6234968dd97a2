/* reprise-couch-legacy.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-http-uri.h"
#include "providers/couchdb/legacy/reprise-couch-legacy.h"
#include "providers/couchdb/legacy/reprise-couch-legacy-restore.h"

#define BASE "_api/v2/backup/"

/* Whoever looks for it must know why it may not be there, and what it does not do. */
const char *
reprise_couch_legacy_get_conditions (void)
{
  return _ ("Cloudant’s own backup: for enterprise customers, on request; at most 50 databases, "
            "without design documents.");
}

/* A server without it says that there is no such database, or path; to who may not use it, that it is forbidden. */
static gboolean
is_absent (guint status)
{
  return status == 400 || status == 403 || status == 404 || status == 405;
}

/**
 * reprise_couch_legacy_list_tasks:
 * @databases: (nullable): only of these, with a comma between them
 * @mapping: in the format “mapping”
 * @tasks: (out) (nullable) (transfer full) (element-type RepriseCouchTask): %NULL where the server has no backup of its own
 */
gboolean
reprise_couch_legacy_list_tasks (RepriseCouchClient *client,
                                 const char *databases,
                                 gboolean mapping,
                                 GPtrArray **tasks,
                                 GCancellable *cancellable,
                                 GError **error)
{
  static const guint absent[] = { 400, 403, 404, 405 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (client, "GET", BASE "task", REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;
  gsize size = 0;
  const char *data;

  *tasks = NULL;
  if (mapping)
    reprise_http_request_add_query (request, "format", "mapping");
  if (databases != NULL)
    reprise_http_request_add_query (request, "databases", databases);
  for (guint i = 0; i < G_N_ELEMENTS (absent); i++)
    reprise_http_request_allow_status (request, absent[i]);
  response = reprise_couch_client_send (client, request, cancellable, error);
  if (response == NULL)
    return FALSE;
  if (is_absent (reprise_http_response_get_status (response)))
    return TRUE;
  data = g_bytes_get_data (reprise_http_response_get_body (response), &size);
  *tasks = reprise_couch_tasks_parse (data != NULL ? data : "", size, error);
  return *tasks != NULL;
}

/**
 * reprise_couch_legacy_list_kept:
 * @include_docs: with their bodies
 *
 * Returns: (transfer full) (element-type RepriseCouchKept): the newest first, none where no backup has the document; or %NULL with @error
 */
GPtrArray *
reprise_couch_legacy_list_kept (RepriseCouchClient *client,
                                const char *task,
                                const char *document,
                                gboolean include_docs,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autofree char *name = reprise_http_escape (task);
  g_autofree char *id = reprise_http_escape (document);
  g_autofree char *path = g_strconcat (BASE "monitor/", name, "/", id, NULL);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (client, "GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;
  gsize size = 0;
  const char *data;

  if (include_docs)
    reprise_http_request_add_query (request, "include_docs", "true");
  reprise_http_request_allow_status (request, 404);
  response = reprise_couch_client_send (client, request, cancellable, error);
  if (response == NULL)
    return NULL;
  if (reprise_http_response_get_status (response) == 404)
    return g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_kept_free);
  data = g_bytes_get_data (reprise_http_response_get_body (response), &size);
  return reprise_couch_kept_parse (data != NULL ? data : "", size, error);
}

static void
append_member (GString *json, const char *name, const char *value)
{
  g_string_append_printf (json, "%s\"%s\":", json->len == 0 ? "{" : ",", name);
  reprise_couch_append_string (json, value);
}

/**
 * reprise_couch_legacy_post_restore:
 * @date: of the backup, as the server writes it
 * @frequency: daily, weekly, monthly or yearly
 *
 * Has the server replace the document in its database. Whatever it answers with success is accepted: only reading again says more.
 */
gboolean
reprise_couch_legacy_post_restore (RepriseCouchClient *client,
                                   const char *task,
                                   const char *document,
                                   const char *date,
                                   const char *frequency,
                                   GCancellable *cancellable,
                                   GError **error)
{
  GString *json = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (client, "POST", BASE "restore/document", REPRISE_HTTP_START);
  g_autoptr (RepriseHttpResponse) response = NULL;

  append_member (json, "doc_id", document);
  append_member (json, "task_name", task);
  append_member (json, "task_date", date);
  append_member (json, "frequency", frequency);
  g_string_append_c (json, '}');
  body = g_string_free_to_bytes (json);
  reprise_http_request_set_body (request, "application/json", body);
  reprise_http_request_set_expected_type (request, NULL);
  response =
    reprise_http_send (reprise_couch_client_get_http (client), request, NULL, cancellable, error);
  return response != NULL;
}

/* ---- where our own are shown ---- */

/* Of each of @databases its state; nothing at all where the server has no backup of its own. */
void
reprise_couch_legacy_add_facts (RepriseProbe *probe,
                                RepriseCouchClient *client,
                                char **databases,
                                GCancellable *cancellable)
{
  g_autoptr (GPtrArray) tasks = NULL;

  if (!reprise_couch_legacy_list_tasks (client, NULL, FALSE, &tasks, cancellable, NULL) ||
      tasks == NULL)
    return;
  reprise_probe_add_fact (probe, _ ("Conditions"), reprise_couch_legacy_get_conditions ());
  for (guint i = 0; databases[i] != NULL; i++)
    {
      g_autofree char *label =
        /* Translators: %s is a database */
        g_strdup_printf (_ ("Cloudant’s backup of “%s”"), databases[i]);
      g_autofree char *state =
        reprise_couch_task_dup_state_text (reprise_couch_tasks_find (tasks, databases[i]));

      reprise_probe_add_fact (probe, label, state);
    }
}

/* (element-type RepriseCoverage) */
gboolean
reprise_couch_legacy_add_coverage (GPtrArray *coverages,
                                   RepriseCouchClient *client,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autoptr (GPtrArray) tasks = NULL;

  /* What nobody may count on any more must not keep the list from being shown. */
  if (!reprise_couch_legacy_list_tasks (client, NULL, FALSE, &tasks, cancellable, NULL))
    return !g_cancellable_set_error_if_cancelled (cancellable, error);
  for (guint i = 0; tasks != NULL && i < coverages->len; i++)
    {
      RepriseCoverage *coverage = coverages->pdata[i];
      RepriseCouchTask *task = reprise_couch_tasks_find (tasks, coverage->name);

      coverage->own_state = reprise_couch_task_dup_state_text (task);
      if (task != NULL && task->latest != NULL)
        coverage->own_at = g_date_time_ref (task->latest);
    }
  return TRUE;
}

/* (nullable) without an error: there is no task for the database, or the server has no such backup */
static GPtrArray *
list_kept_of (RepriseCouchClient *client,
              const char *database,
              const char *document,
              char **task_name,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GPtrArray) tasks = NULL;
  RepriseCouchTask *task = NULL;

  if (!reprise_couch_legacy_list_tasks (client, database, FALSE, &tasks, cancellable, error) ||
      tasks == NULL)
    return NULL;
  task = reprise_couch_tasks_find (tasks, database);
  if (task == NULL)
    return NULL;
  if (task_name != NULL)
    *task_name = g_strdup (task->name);
  return reprise_couch_legacy_list_kept (client, task->name, document, TRUE, cancellable, error);
}

/* After what is newer: the list is by date, that of now at its head. */
static void
insert_version (GPtrArray *versions, RepriseVersion *version)
{
  guint i = 0;

  for (; i < versions->len; i++)
    {
      GDateTime *other = ((RepriseVersion *) versions->pdata[i])->at;

      if (other != NULL && g_date_time_compare (other, version->at) < 0)
        break;
    }
  g_ptr_array_insert (versions, (int) i, version);
}

static RepriseVersion *
make_version (const char *task, const RepriseCouchKept *kept)
{
  RepriseVersion *version = g_new0 (RepriseVersion, 1);

  version->version = g_strdup (kept->rev != NULL    ? kept->rev
                               : kept->date != NULL ? kept->date
                                                    : kept->database);
  version->at = g_date_time_ref (kept->at);
  version->backup_id = reprise_couch_legacy_dup_id (task, kept);
  version->tier = g_strdup (kept->frequency);
  version->origin = g_strdup ("cloudant");
  version->deleted = kept->deleted;
  version->size_bytes =
    kept->body != NULL ? (gint64) g_bytes_get_size (kept->body) : REPRISE_NOT_REPORTED;
  return version;
}

/* Adds those of the vendor's backup to @versions (element-type RepriseVersion). */
gboolean
reprise_couch_legacy_add_versions (GPtrArray *versions,
                                   RepriseCouchClient *client,
                                   const char *database,
                                   const char *document,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autofree char *task = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) all = list_kept_of (client, database, document, &task, cancellable, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  for (guint i = 0; all != NULL && i < all->len; i++)
    if (((RepriseCouchKept *) all->pdata[i])->at !=
        NULL) /* without a date it cannot be asked for */
      insert_version (versions, make_version (task, all->pdata[i]));
  return TRUE;
}

/* (transfer full): the document as the vendor's backup has it; %REPRISE_ERROR_NOT_FOUND where it does not. @version: the beginning of a
 * revision or a date, or %NULL for the newest */
GBytes *
reprise_couch_legacy_read_version (RepriseCouchClient *client,
                                   const char *database,
                                   const char *document,
                                   const char *version,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) all = list_kept_of (client, database, document, NULL, cancellable, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      const RepriseCouchKept *kept = all->pdata[i];

      if (kept->body != NULL && (version == NULL || reprise_couch_kept_is (kept, version)))
        return g_bytes_ref (kept->body);
    }
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("No backup has that version of “%s”"), document);
  return NULL;
}
