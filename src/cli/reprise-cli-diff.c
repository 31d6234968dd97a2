/* reprise-cli-diff.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-documents.h"
#include "reprise-cli-output.h"

static char *collection;

static const GOptionEntry entries[] = {
  { "collection", 'c', 0, G_OPTION_ARG_STRING, &collection, N_ ("The database of the document"),
    N_ ("NAME") },
  { NULL },
};

static GPtrArray *
work (RepriseCliDocuments *self, GCancellable *cancellable, GError **error)
{
  const char *from = self->args[2];

  return reprise_provider_compare_versions (
    self->provider, self->vault, self->collection, self->args[1], from,
    from != NULL ? self->args[3] : NULL, cancellable, error);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  g_autoptr (GPtrArray) differences =
    reprise_cli_run_documents (cli, args, collection, NULL, work, error);
  const char *head[] = { _ ("Key"), _ ("Saved"),
                         args[2] != NULL && args[3] != NULL ? _ ("Later") : _ ("Now"), NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (differences == NULL)
    return REPRISE_EXIT_DONE;
  json_builder_begin_array (json);
  for (guint i = 0; i < differences->len; i++)
    {
      const RepriseDifference *difference = differences->pdata[i];

      json_builder_begin_object (json);
      reprise_cli_json_string (json, "path", difference->path);
      reprise_cli_json_string (json, "before", difference->before);
      reprise_cli_json_string (json, "after", difference->after);
      json_builder_end_object (json);
      reprise_cli_table_add (table, difference->path,
                             difference->before != NULL ? difference->before : "–",
                             difference->after != NULL ? difference->after : "–", NULL);
    }
  json_builder_end_array (json);
  if (cli->json)
    reprise_cli_json_print (json);
  else if (differences->len == 0)
    g_print ("%s\n", _ ("The two are the same."));
  else
    reprise_cli_table_print (table);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_diff = {
  .name = "diff",
  .arguments = N_ ("NAME DOCUMENT [VERSION [VERSION]]"),
  .summary = N_ ("Show key by key how a saved version of a document differs from the one of now"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 2,
  .n_max = 4,
  .run = run,
};
