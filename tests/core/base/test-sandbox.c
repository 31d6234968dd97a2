/* test-sandbox.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <unistd.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "reprise-test.h"

/* As Flatpak 1.14 has it: the root and what it made in memory, the application, its own folders, and what a permission shows. */
#define OWN                                                                                    \
  "236 44 0:47 /newroot / rw,nosuid,nodev,relatime - tmpfs tmpfs rw,uid=1000,gid=1000\n"       \
  "237 236 254:0 /var/lib/flatpak/runtime/48/files /usr ro,relatime - ext4 /dev/vda rw\n"      \
  "238 236 254:0 /var/lib/flatpak/app/files /app ro,relatime - ext4 /dev/vda rw\n"             \
  "239 236 254:0 /home/ana/.var/app/io.github.reprise_backup.Reprise /home/ana/.var/app/"      \
  "io.github.reprise_backup.Reprise rw - ext4 /dev/vda rw\n"                                   \
  "240 236 0:35 /.flatpak/io.github.reprise_backup.Reprise/tmp /tmp rw - tmpfs tmpfs rw\n"     \
  "241 236 0:35 /.flatpak/io.github.reprise_backup.Reprise/xdg-run /run/user/1000 rw - tmpfs " \
  "tmpfs rw\n"                                                                                 \
  "242 236 254:0 /home/ana/.var/app/io.github.reprise_backup.Reprise/cache/tmp /var/tmp rw - " \
  "ext4 "                                                                                      \
  "/dev/vda rw\n"                                                                              \
  "243 236 0:36 /by-app/io.github.reprise_backup.Reprise /run/flatpak/doc rw - fuse.portal "   \
  "portal rw\n"                                                                                \
  "244 236 254:0 /usr /run/host/usr ro - ext4 /dev/vda rw\n"

#define INFO(permissions)                                                                \
  "[Application]\nname=io.github.reprise_backup.Reprise\n\n[Context]\nshared=network;\n" \
  "filesystems=" permissions "\n"

static const char NOTHING[] = OWN;
static const char SOME[] =
  OWN "250 236 254:0 /srv/notes /srv/notes rw - ext4 /dev/vda rw\n"
      "251 236 254:0 /srv/one/app.db /srv/one/app.db rw - ext4 /dev/vda rw\n"
      "252 236 254:0 /home/ana/My\\040Notes /home/ana/My\\040Notes rw - ext4 /dev/vda rw\n"
      "253 250 0:60 / /srv/notes/memory rw - tmpfs tmpfs rw\n"
      "254 236 0:61 / /mnt/ram rw - tmpfs tmpfs rw\n"
      "255 236 0:62 / /srv/shadow rw - tmpfs tmpfs rw\n";

static void
assert_view (const char *mounts, const char *permissions, const char *path, RepriseSandboxView view)
{
  g_autofree char *info = g_strdup_printf (INFO ("%s"), permissions);

  g_test_message ("%s with %s", path, permissions);
  g_assert_cmpint (reprise_sandbox_view (mounts, info, path), ==, view);
}

static void
test_view (void)
{
  assert_view (NOTHING, "", "/srv/notes", REPRISE_SANDBOX_HIDDEN);
  assert_view (NOTHING, "", "/home/ana", REPRISE_SANDBOX_HIDDEN);
  assert_view (NOTHING, "", "/var/lib/notes/app.db", REPRISE_SANDBOX_HIDDEN);
  assert_view (NOTHING, "", "/tmp/app.db", REPRISE_SANDBOX_HIDDEN);
  assert_view (NOTHING, "", "/run/user/1000/app.db", REPRISE_SANDBOX_HIDDEN);
  assert_view (NOTHING, "", "/root/app.db", REPRISE_SANDBOX_HIDDEN);
  assert_view (NOTHING, "", "/usr/local/app.db", REPRISE_SANDBOX_NEVER);
  assert_view (NOTHING, "", "/etc/app/app.db", REPRISE_SANDBOX_NEVER);
  assert_view (NOTHING, "", "/run/host/usr/local/app.db", REPRISE_SANDBOX_SHOWN);
  assert_view (NOTHING, "", "/run/flatpak/doc/ab12/app.db", REPRISE_SANDBOX_PORTAL);
  assert_view (NOTHING, "", "/home/ana/.var/app/io.github.reprise_backup.Reprise/data",
               REPRISE_SANDBOX_SHOWN);
  assert_view (SOME, "/srv/notes", "/srv/notes", REPRISE_SANDBOX_SHOWN);
  assert_view (SOME, "/srv/notes", "/srv/notes/new/app.db", REPRISE_SANDBOX_SHOWN);
  assert_view (SOME, "/srv/notes", "/srv/notes2/app.db", REPRISE_SANDBOX_HIDDEN);
  assert_view (SOME, "/srv/notes", "/srv", REPRISE_SANDBOX_HIDDEN);
  assert_view (SOME, "/srv/notes", "/home/ana/My Notes/app.db", REPRISE_SANDBOX_SHOWN);
  /* nothing at all can be told of it: that is no reason to refuse */
  assert_view ("", "", "/srv/notes", REPRISE_SANDBOX_SHOWN);
}

/* The computer's own memory disks are told from what the sandbox made. */
static void
test_memory (void)
{
  assert_view (SOME, "", "/srv/notes/memory/app.db", REPRISE_SANDBOX_SHOWN);
  assert_view (SOME, "", "/mnt/ram/app.db", REPRISE_SANDBOX_HIDDEN);
  assert_view (SOME, "/mnt/ram:ro;/srv/notes", "/mnt/ram/app.db", REPRISE_SANDBOX_SHOWN);
  assert_view (SOME, "!host;/mnt", "/mnt/ram/app.db", REPRISE_SANDBOX_SHOWN);
  assert_view (SOME, "host", "/mnt/ram/app.db", REPRISE_SANDBOX_SHOWN);
  assert_view (SOME, "!host", "/mnt/ram/app.db", REPRISE_SANDBOX_HIDDEN);
  assert_view (SOME, "home;xdg-download", "/mnt/ram/app.db", REPRISE_SANDBOX_HIDDEN);
  assert_view (OWN "260 236 0:63 / /tmp rw - tmpfs tmpfs rw\n", "host", "/tmp/app.db",
               REPRISE_SANDBOX_HIDDEN);
  assert_view (OWN "260 236 0:63 / /tmp rw - tmpfs tmpfs rw\n", "host;/tmp", "/tmp/app.db",
               REPRISE_SANDBOX_SHOWN);
}

static void
assert_refused (const char *path, RepriseSandboxWish wish, const char *sentence, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *command = g_strdup_printf (
    "flatpak override --user %s io.github.reprise_backup.Reprise", folder != NULL ? folder : "");

  g_assert_false (reprise_sandbox_check (path, wish, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, sentence));
  if (folder != NULL)
    g_assert_true (g_str_has_suffix (error->message, command));
  else
    g_assert_null (strstr (error->message, "override"));
}

static void
test_refusals (void)
{
  g_autoptr (GError) error = NULL;

  reprise_sandbox_pretend (NOTHING, INFO (""));
  assert_refused ("/srv/reprise-none/notes", REPRISE_SANDBOX_PLACE, "nothing is read",
                  "--filesystem=/srv/reprise-none/notes");
  assert_refused ("/srv/reprise-none/app.db", REPRISE_SANDBOX_BESIDE, "nothing is read",
                  "--filesystem=/srv/reprise-none");
  assert_refused ("/app.db", REPRISE_SANDBOX_BESIDE, "nothing is read", "--filesystem=/app.db");
  assert_refused ("/srv/reprise-none/Vault of Ana", REPRISE_SANDBOX_NEW, "would be lost",
                  "'--filesystem=/srv/reprise-none/Vault of Ana'");
  assert_refused ("/srv/reprise-none/a:b", REPRISE_SANDBOX_PLACE, "nothing is read",
                  "'--filesystem=/srv/reprise-none/a\\:b'");
  assert_refused ("/srv/reprise-none/a'b", REPRISE_SANDBOX_PLACE, "nothing is read",
                  "'--filesystem=/srv/reprise-none/a'\\''b'");
  assert_refused ("/usr/reprise-none", REPRISE_SANDBOX_PLACE, "to no application", NULL);
  g_assert_true (
    reprise_sandbox_check ("/run/host/usr/reprise-none", REPRISE_SANDBOX_PLACE, &error));
  g_assert_no_error (error);
  reprise_sandbox_pretend (NULL, NULL);
  /* where there is no sandbox nothing is hidden */
  if (!g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS))
    g_assert_true (reprise_sandbox_check ("/srv/reprise-none", REPRISE_SANDBOX_PLACE, &error));
  g_assert_no_error (error);
}

/* A link that leads out of what is shown names the place that it leads to, though that is not there to be seen. */
static void
test_links (void)
{
  char *folder = reprise_test_make_folder ();
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  g_autofree char *second = g_build_filename (folder, "second", NULL);
  g_autofree char *inside = g_build_filename (second, "app.db", NULL);
  g_autofree char *loop = g_build_filename (folder, "loop", NULL);
  g_autofree char *mounts =
    g_strdup_printf ("%s260 236 254:0 %s %s rw - ext4 /dev/vda rw\n", OWN, folder, folder);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("/srv/reprise-none/far", link), ==, 0);
  g_assert_cmpint (symlink ("link", second), ==, 0);
  g_assert_cmpint (symlink ("loop", loop), ==, 0);
  reprise_sandbox_pretend (mounts, INFO (""));
  g_assert_true (reprise_sandbox_check (folder, REPRISE_SANDBOX_PLACE, &error));
  g_assert_no_error (error);
  assert_refused (inside, REPRISE_SANDBOX_PLACE, "nothing is read",
                  "--filesystem=/srv/reprise-none/far");
  g_assert_true (reprise_sandbox_check (loop, REPRISE_SANDBOX_PLACE, &error));
  g_assert_no_error (error);
  reprise_sandbox_pretend (NULL, NULL);
  reprise_test_remove_folder (folder);
}

static void
test_alone (void)
{
  reprise_sandbox_pretend (SOME, INFO (""));
  g_assert_true (reprise_sandbox_is_alone ("/srv/one/app.db"));
  g_assert_false (reprise_sandbox_is_alone ("/srv/notes/app.db"));
  g_assert_false (reprise_sandbox_is_alone ("/srv/elsewhere/app.db"));
  reprise_sandbox_pretend (NULL, NULL);
}

static void
test_portal (void)
{
  static const char mounts[] =
    "22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n"
    "40 22 0:35 / /run/user/1000 rw,nosuid,nodev - tmpfs tmpfs rw\n"
    "41 40 0:36 / /run/user/1000/doc rw,nosuid,nodev,relatime - fuse.portal portal "
    "rw,user_id=1000\n"
    "42 41 0:37 / /run/user/1000/doc/by\\040hand rw - ext4 /dev/vdb1 rw\n";

  g_assert_true (reprise_sandbox_is_portal (mounts, "/run/user/1000/doc/ab12/notes/app.db"));
  g_assert_false (reprise_sandbox_is_portal (mounts, "/run/user/1000/documents/app.db"));
  g_assert_false (reprise_sandbox_is_portal (mounts, "/run/user/1000/doc/by hand/app.db"));
  g_assert_false (reprise_sandbox_is_portal (mounts, "/home/ana/app.db"));
  g_assert_true (reprise_sandbox_is_portal (NOTHING, "/run/flatpak/doc/ab12/app.db"));
  g_assert_null (reprise_sandbox_dup_host_path ("/"));
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/sandbox/view", test_view);
  g_test_add_func ("/sandbox/memory", test_memory);
  g_test_add_func ("/sandbox/refusals", test_refusals);
  g_test_add_func ("/sandbox/links", test_links);
  g_test_add_func ("/sandbox/alone", test_alone);
  g_test_add_func ("/sandbox/portal", test_portal);
  return g_test_run ();
}
