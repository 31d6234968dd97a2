/* reprise-cli-inspect.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-find.h"
#include "reprise-cli-options.h"
#include "reprise-cli-terminal.h"

static char **asked;

static const GOptionEntry entries[] = {
  { "secret", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &asked, N_ ("Ask for a secret: archive-password"),
    N_ ("KEY") },
  { NULL },
};

static gboolean
ask_password (RepriseCli *cli, GError **error)
{
  RepriseSecretValue *password;

  for (guint i = 0; asked != NULL && asked[i] != NULL; i++)
    {
      if (!g_str_equal (asked[i], REPRISE_CLI_ARCHIVE_PASSWORD))
        {
          reprise_cli_set_usage_error (
            error, _ ("A file has no secret “%s”, only archive-password."), asked[i]);
          return FALSE;
        }
      password = reprise_cli_ask_secret (cli, _ ("Password of the archive:"), error);
      if (password == NULL)
        return FALSE;
      g_hash_table_insert (cli->given, g_strdup (asked[i]), password);
    }
  return TRUE;
}

static void
print_json (RepriseArchive *archive)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_auto (GStrv) damage = reprise_archive_dup_damage (archive);
  g_auto (GStrv) warnings = reprise_archive_dup_warnings (archive);
  RepriseContents *contents = reprise_archive_get_contents (archive);

  json_builder_begin_object (json);
  reprise_cli_json_string (json, "file", reprise_archive_get_path (archive));
  reprise_cli_json_string (json, "kind", reprise_archive_get_kind (archive));
  reprise_cli_json_string (json, "format", reprise_archive_get_format (archive));
  reprise_cli_json_time (json, "created_at", reprise_archive_get_created_at (archive));
  reprise_cli_json_count (json, "size_bytes", reprise_archive_get_size_bytes (archive));
  reprise_cli_json_string (json, "service_version", reprise_archive_get_service_version (archive));
  reprise_cli_json_string (json, "engine", reprise_archive_get_engine (archive));
  reprise_cli_json_groups (json, "groups",
                           contents != NULL ? reprise_contents_get_groups (contents)
                                            : REPRISE_GROUPS_NONE);
  reprise_cli_json_boolean (json, "whole", reprise_archive_get_whole (archive));
  reprise_cli_json_boolean (json, "encrypted", reprise_archive_get_encrypted (archive));
  reprise_cli_json_boolean (json, "locked", reprise_archive_get_locked (archive));
  reprise_cli_json_facts (json, archive);
  reprise_cli_json_contents (json, "contents", contents);
  reprise_cli_json_strings (json, "damage", (const char *const *) damage);
  reprise_cli_json_strings (json, "warnings", (const char *const *) warnings);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

static void
add_line (RepriseCliTable *table, const char *label, const char *value)
{
  if (value != NULL && *value != '\0')
    reprise_cli_table_add (table, label, value, NULL);
}

static void
print_text (RepriseCli *cli, RepriseArchive *archive)
{
  const char *head[] = { "", "", NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  RepriseKind *kind = reprise_registry_get (reprise_context_get_registry (cli->context),
                                            reprise_archive_get_kind (archive));
  GDateTime *made = reprise_archive_get_created_at (archive);
  g_autofree char *time = made != NULL ? reprise_time_to_text (made) : NULL;
  g_autofree char *size = reprise_cli_size (reprise_archive_get_size_bytes (archive));

  add_line (table, _ ("File"), reprise_archive_get_path (archive));
  add_line (table, _ ("Kind"),
            kind != NULL ? reprise_kind_get_title (kind) : reprise_archive_get_kind (archive));
  add_line (table, _ ("Format"), reprise_archive_get_format (archive));
  add_line (table, _ ("Made"), time);
  add_line (table, _ ("Size"), size);
  add_line (table, _ ("Version of the service"), reprise_archive_get_service_version (archive));
  add_line (table, _ ("Engine"), reprise_archive_get_engine (archive));
  for (guint i = 0; i < reprise_archive_get_n_facts (archive); i++)
    add_line (table, reprise_archive_get_fact (archive, i)->label,
              reprise_archive_get_fact (archive, i)->value);
  if (reprise_archive_get_locked (archive))
    add_line (table, _ ("Encrypted"), _ ("yes; with its password more can be said"));
  else if (reprise_archive_get_encrypted (archive))
    add_line (table, _ ("Encrypted"), _ ("yes"));
  if (reprise_archive_get_whole (archive))
    add_line (table, _ ("Restore"), _ ("only as a whole"));
  reprise_cli_table_print (table);
}

static RepriseExit
print (RepriseCli *cli, RepriseArchive *archive, GError **error)
{
  g_auto (GStrv) damage = reprise_archive_dup_damage (archive);
  g_auto (GStrv) warnings = reprise_archive_dup_warnings (archive);

  if (cli->json)
    print_json (archive);
  else
    {
      print_text (cli, archive);
      if (reprise_archive_get_contents (archive) != NULL)
        {
          g_print ("\n");
          reprise_cli_print_contents (reprise_archive_get_contents (archive));
        }
      reprise_cli_print_lines (_ ("Warnings"), warnings);
      reprise_cli_print_lines (_ ("Damage"), damage);
    }
  if (damage[0] == NULL)
    return REPRISE_EXIT_DONE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, _ ("The archive is damaged: %s"),
                     damage[0]);
  return REPRISE_EXIT_DAMAGED;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  g_autoptr (RepriseArchive) archive = NULL;

  if (!ask_password (cli, error))
    return REPRISE_EXIT_DONE;
  archive = reprise_cli_open_file (cli, args[0], error);
  return archive != NULL ? print (cli, archive, error) : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_inspect = {
  .name = "inspect",
  .arguments = N_ ("FILE"),
  .summary = N_ ("Look into an archive: kind, versions, groups, damage"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_PROGRESS | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
