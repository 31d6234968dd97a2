/* reprise-cli-documents.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-documents.h"
#include "reprise-cli-options.h"
#include "reprise-cli-output.h"

#define DEFAULT_LIMIT 100

static char *collection;
static int limit;

static const GOptionEntry entries[] = {
  { "collection", 'c', 0, G_OPTION_ARG_STRING, &collection, N_ ("The database of the documents"),
    N_ ("NAME") },
  { "limit", 'n', 0, G_OPTION_ARG_INT, &limit, N_ ("At most so many; 100 unless told otherwise"),
    N_ ("N") },
  { NULL },
};

static gboolean
work_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  RepriseCliDocuments *self = data;

  self->found = self->work (self, cancellable, error);
  return self->found != NULL;
}

/* (transfer full): what @work gives, done on a worker; @name: --collection, which must be there; @warned: (out) (optional): whether that
 * is from the backups alone */
GPtrArray *
reprise_cli_run_documents (RepriseCli *cli,
                           char **args,
                           const char *name,
                           gboolean *warned,
                           GPtrArray *(*work) (RepriseCliDocuments *, GCancellable *, GError **),
                           GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  RepriseKind *kind = service != NULL ? reprise_cli_find_kind (cli, service, error) : NULL;
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (RepriseService) copy = NULL;
  g_autoptr (RepriseProvider) provider = NULL;
  g_autofree char *warning = NULL;
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (cli->context);
  RepriseCliDocuments self = { .vault = vault, .collection = name, .args = args, .work = work };

  if (kind == NULL)
    return NULL;
  if (!reprise_kind_can (kind, REPRISE_HAS_HISTORY))
    {
      g_autofree char *text = reprise_kind_explain_missing (kind, REPRISE_HAS_HISTORY);

      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED, text);
      return NULL;
    }
  if (name == NULL)
    {
      reprise_cli_set_usage_error (error, _ ("Name the database: --collection NAME"));
      return NULL;
    }
  secrets = reprise_cli_new_secrets (cli, service, error);
  if (secrets == NULL)
    return NULL;
  copy = reprise_service_copy (service);
  provider = reprise_kind_create_provider (kind, copy, secrets);
  self.provider = provider;
  if (!reprise_cli_run_in_thread (cli, work_func, &self, error))
    return NULL;
  warning = self.warning;
  if (warning != NULL)
    /* Translators: the name of a service, and why it could not be asked */
    reprise_cli_warn (_ ("This is what backups of “%s” have: %s"),
                      reprise_service_get_name (service), warning);
  if (warned != NULL)
    *warned = warning != NULL;
  return self.found;
}

static GPtrArray *
list_work (RepriseCliDocuments *self, GCancellable *cancellable, GError **error)
{
  return reprise_provider_list_documents (self->provider, self->vault, self->collection,
                                          self->args[1], limit > 0 ? (guint) limit : DEFAULT_LIMIT,
                                          &self->warning, cancellable, error);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  gboolean warned = FALSE;
  g_autoptr (GPtrArray) documents =
    reprise_cli_run_documents (cli, args, collection, &warned, list_work, error);
  const char *head[] = { _ ("Document"), _ ("State"), NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (documents == NULL)
    return REPRISE_EXIT_DONE;
  json_builder_begin_array (json);
  for (guint i = 0; i < documents->len; i++)
    {
      const RepriseDocument *document = documents->pdata[i];

      json_builder_begin_object (json);
      reprise_cli_json_string (json, "id", document->id);
      reprise_cli_json_string (json, "state", reprise_document_state_to_string (document->state));
      json_builder_end_object (json);
      reprise_cli_table_add (table, document->id, reprise_document_state_get_text (document->state),
                             NULL);
    }
  json_builder_end_array (json);
  if (cli->json)
    reprise_cli_json_print (json);
  else if (documents->len == 0)
    g_print ("%s\n", _ ("There is no such document."));
  else
    reprise_cli_table_print (table);
  return warned ? REPRISE_EXIT_WARNINGS : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_documents = {
  .name = "documents",
  .arguments = N_ ("NAME [PATTERN]"),
  .summary = N_ ("List the documents of a database, and whether a backup has them"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 1,
  .n_max = 2,
  .run = run,
};
