/* reprise-vault-readme.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "vault/reprise-vault-layout.h"

/* In English for everybody, like the names in it. The recovery test runs exactly the lines that are indented by four. */
const char REPRISE_VAULT_README[] =
  "This folder is a vault of Reprise: backups of application services, format 1.\n"
  "Nothing here needs Reprise to be checked or read. This text says how to do both by hand.\n"
  "\n"
  "What lies where\n"
  "\n"
  "  VAULT.json             says that this is a vault\n"
  "  UUID/                  one folder for each service; its service.json says which it is\n"
  "  UUID/TIME-ID/          one backup: its files, manifest.json (what is in it) and SHA256SUMS\n"
  "  UUID/TIME-ID.events/   what became known later: verified, damaged, kept, notes\n"
  "  UUID/.partial-ID/      a backup that is being made, or that was left half made: not a backup\n"
  "\n"
  "Backups are written once and never changed. To copy the vault, copy the whole folder.\n"
  "The lines below that begin with four spaces are for a shell that was started in this folder.\n"
  "\n"
  "Which services there are\n"
  "\n"
  "    grep -H '\"name\"' */service.json\n"
  "\n"
  "Which backups there are, the newest last\n"
  "\n"
  "    ls -d */*Z-*/ | sort -t / -k 2\n"
  "\n"
  "Check every backup (needs coreutils). It says nothing more than OK where all is well\n"
  "\n"
  "    for sums in */*/SHA256SUMS; do\n"
  "      (cd \"${sums%/*}\" && sha256sum --check --strict --quiet SHA256SUMS) || echo \"DAMAGED: "
  "${sums%/*}\"\n"
  "    done && echo OK\n"
  "\n";
