/* reprise-host.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-hash.h"
#include "vault/reprise-host.h"

#define MACHINE_DIGITS 16

static char *
read_line (const char *path)
{
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_strdup ("");
  return g_strstrip (text);
}

/* For people: its name in the network. */
const char *
reprise_host_get_name (void)
{
  return g_get_host_name ();
}

/* The same as long as the system is installed; a hash, since machine-id(5) asks that the identity itself be kept. */
const char *
reprise_host_get_machine (void)
{
  static char *machine;

  if (g_once_init_enter (&machine))
    {
      g_autofree char *id = read_line ("/etc/machine-id");
      g_autofree char *salted =
        g_strconcat ("reprise ", *id != '\0' ? id : g_get_host_name (), NULL);
      char *hash = reprise_hash_bytes (salted, strlen (salted));

      hash[MACHINE_DIGITS] = '\0';
      g_once_init_leave (&machine, hash);
    }
  return machine;
}

/* The same until the kernel is started again; empty where the system does not say. */
const char *
reprise_host_get_boot (void)
{
  static char *boot;

  if (g_once_init_enter (&boot))
    g_once_init_leave (&boot, read_line ("/proc/sys/kernel/random/boot_id"));
  return boot;
}
