/* reprise-sandbox.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sandbox"

#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"

#define FLATPAK_INFO "/.flatpak-info" /* only in a sandbox; flatpak-metadata(5) */
#define MAX_LINKS    40               /* as the kernel follows */

/* One line of /proc/self/mountinfo, proc(5). */
typedef struct
{
  int id, parent;
  char *root;  /* (owned): the folder of its file system that shows */
  char *place; /* (owned): where it shows */
  char *type;  /* (owned) */
} Mount;

static char *pretended_mounts,
  *pretended_info; /* (owned) (nullable); set by tests before any thread */

static void
mount_free (gpointer data)
{
  Mount *mount = data;

  g_free (mount->root);
  g_free (mount->place);
  g_free (mount->type);
  g_free (mount);
}

/* The places of mountinfo have spaces and the like as \040. */
static char *
unescape_octal (const char *text)
{
  GString *plain = g_string_new (NULL);

  for (; *text != '\0'; text++)
    if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' && text[2] <= '7' &&
        text[3] >= '0' && text[3] <= '7')
      {
        g_string_append_c (plain,
                           (char) ((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0')));
        text += 3;
      }
    else
      g_string_append_c (plain, *text);
  return g_string_free (plain, FALSE);
}

static gboolean
is_below (const char *path, const char *folder)
{
  gsize length = strlen (folder);

  if (g_str_equal (folder, "/"))
    return TRUE;
  return strncmp (path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static gboolean
is_below_any (const char *path, const char *const *folders)
{
  for (; *folders != NULL; folders++)
    if (is_below (path, *folders))
      return TRUE;
  return FALSE;
}

/* (transfer full) (nullable) */
static Mount *
parse_mount (const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, " ", 6);
  const char *dash = strstr (line, " - ");
  Mount *mount;

  if (g_strv_length (fields) < 6 || dash == NULL)
    return NULL;
  mount = g_new0 (Mount, 1);
  mount->id = atoi (fields[0]);
  mount->parent = atoi (fields[1]);
  mount->root = unescape_octal (fields[3]);
  mount->place = unescape_octal (fields[4]);
  mount->type = g_strndup (dash + 3, strcspn (dash + 3, " "));
  return mount;
}

static GPtrArray *
parse_mounts (const char *mountinfo)
{
  GPtrArray *mounts = g_ptr_array_new_with_free_func (mount_free);
  g_auto (GStrv) lines = g_strsplit (mountinfo, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      Mount *mount = parse_mount (lines[i]);

      if (mount != NULL)
        g_ptr_array_add (mounts, mount);
    }
  return mounts;
}

/* The mount that @path lies on: the deepest, and of several on one place the last. */
static const Mount *
find_mount (GPtrArray *mounts, const char *path)
{
  const Mount *best = NULL;

  for (guint i = 0; i < mounts->len; i++)
    {
      const Mount *mount = mounts->pdata[i];

      if (is_below (path, mount->place) &&
          (best == NULL || strlen (mount->place) >= strlen (best->place)))
        best = mount;
    }
  return best;
}

static const Mount *
find_parent (GPtrArray *mounts, const Mount *of)
{
  for (guint i = 0; i < mounts->len; i++)
    if (((const Mount *) mounts->pdata[i])->id == of->parent && mounts->pdata[i] != of)
      return mounts->pdata[i];
  return NULL;
}

/**
 * reprise_sandbox_is_portal:
 * @mountinfo: the text of /proc/self/mountinfo, proc(5)
 * @path: absolute, without links
 *
 * Returns: whether @path lies in the file system through which a portal hands files into a sandbox
 */
gboolean
reprise_sandbox_is_portal (const char *mountinfo, const char *path)
{
  g_autoptr (GPtrArray) mounts = parse_mounts (mountinfo);
  const Mount *mount = find_mount (mounts, path);

  return mount != NULL && g_str_equal (mount->type, "fuse.portal");
}

/* Whether a permission shows the folder @place as a whole. */
static gboolean
permits (const char *permission, const char *place)
{
  static const char *const not_of_host[] = { "/tmp", "/var", "/run", "/dev", NULL };
  gsize length = strcspn (permission, ":");
  g_autofree char *name = g_strndup (permission, length);

  if (name[0] == '/')
    return is_below (place, name);
  if (g_str_equal (name, "home") || g_str_equal (name, "~"))
    return is_below (place, g_get_home_dir ());
  return g_str_equal (name, "host") && !is_below_any (place, not_of_host);
}

static gboolean
is_permitted (const char *flatpak_info, const char *place)
{
  g_autoptr (GKeyFile) info = g_key_file_new ();
  g_auto (GStrv) permissions = NULL;

  if (!g_key_file_load_from_data (info, flatpak_info, (gsize) -1, G_KEY_FILE_NONE, NULL))
    return FALSE;
  permissions = g_key_file_get_string_list (info, "Context", "filesystems", NULL, NULL);
  for (guint i = 0; permissions != NULL && permissions[i] != NULL; i++)
    if (permits (permissions[i], place))
      return TRUE;
  return FALSE;
}

/* What the sandbox made for itself lies in memory; what it shows of the computer is a folder mounted there, with what is mounted
 * below that. Memory of the computer's, /tmp perhaps, is told from its own by the permission. */
static gboolean
is_own (GPtrArray *mounts, const Mount *mount, const char *flatpak_info)
{
  for (guint depth = 0; mount != NULL && depth < MAX_LINKS; depth++)
    {
      if (g_str_equal (mount->place, "/"))
        return TRUE;
      if (strstr (mount->root, "/.flatpak/") != NULL)
        return TRUE;
      if (!g_str_equal (mount->type, "tmpfs") || !g_str_equal (mount->root, "/") ||
          is_permitted (flatpak_info, mount->place))
        return FALSE;
      mount = find_parent (mounts, mount);
    }
  return TRUE;
}

/**
 * reprise_sandbox_view:
 * @mountinfo: the text of /proc/self/mountinfo, proc(5)
 * @flatpak_info: that of /.flatpak-info, flatpak-metadata(5)
 * @path: absolute, without links; it need not exist
 *
 * Returns: what the sandbox shows at @path
 */
RepriseSandboxView
reprise_sandbox_view (const char *mountinfo, const char *flatpak_info, const char *path)
{
  /* Flatpak's own, or kept for the runtime: flatpak-metadata(5), “filesystems” */
  static const char *const never[] = { "/app",   "/bin",   "/dev",  "/etc", "/lib",
                                       "/lib32", "/lib64", "/proc", "/sys", "/run/flatpak",
                                       "/sbin",  "/usr",   NULL };
  static const char *const shown[] = { "/run/host", NULL };
  g_autoptr (GPtrArray) mounts = parse_mounts (mountinfo);
  const Mount *mount = find_mount (mounts, path);

  if (mount == NULL || is_below_any (path, shown))
    return REPRISE_SANDBOX_SHOWN;
  if (g_str_equal (mount->type, "fuse.portal"))
    return REPRISE_SANDBOX_PORTAL;
  if (is_below_any (path, never))
    return REPRISE_SANDBOX_NEVER;
  return is_own (mounts, mount, flatpak_info) ? REPRISE_SANDBOX_HIDDEN : REPRISE_SANDBOX_SHOWN;
}

/* For tests: as if in a sandbox of those mounts and permissions; %NULL for the truth. Before any thread is started. */
void
reprise_sandbox_pretend (const char *mountinfo, const char *flatpak_info)
{
  g_free (pretended_mounts);
  g_free (pretended_info);
  pretended_mounts = g_strdup (mountinfo);
  pretended_info = g_strdup (flatpak_info);
}

/* (transfer full): @path without links, as far as it exists; a link that leads to what is not there is followed all the same */
static char *
dup_real (const char *path)
{
  g_autofree char *at = g_canonicalize_filename (path, NULL);

  for (guint n_links = 0; n_links < MAX_LINKS; n_links++)
    {
      g_autofree char *head = g_strdup (at);
      g_autofree char *real = NULL;
      g_autofree char *link = NULL;
      struct stat info;

      while (lstat (head, &info) != 0 && !g_str_equal (head, "/"))
        {
          char *above = g_path_get_dirname (head);

          g_free (head);
          head = above;
        }
      real = realpath (head, NULL);
      if (real != NULL)
        return g_canonicalize_filename (at + strlen (head) + (at[strlen (head)] == '/'), real);
      link = g_file_read_link (head, NULL);
      if (link == NULL)
        break;
      {
        g_autofree char *folder = g_path_get_dirname (head);
        g_autofree char *to = g_canonicalize_filename (link, folder);
        char *next = g_strconcat (to, at + strlen (head), NULL);

        g_free (at);
        at = next;
      }
    }
  return g_steal_pointer (&at);
}

/* What is seen at @path; @real: (out): the same place without links */
static RepriseSandboxView
look (const char *path, char **real)
{
  g_autofree char *mounts = g_strdup (pretended_mounts);
  g_autofree char *info = g_strdup (pretended_info);

  *real = dup_real (path);
  if (mounts == NULL && (!g_file_get_contents (FLATPAK_INFO, &info, NULL, NULL) ||
                         !g_file_get_contents ("/proc/self/mountinfo", &mounts, NULL, NULL)))
    return REPRISE_SANDBOX_SHOWN;
  return reprise_sandbox_view (mounts, info, *real);
}

gboolean
reprise_sandbox_is_active (void)
{
  return pretended_info != NULL || g_file_test (FLATPAK_INFO, G_FILE_TEST_EXISTS);
}

/**
 * reprise_sandbox_dup_override:
 * @folder: absolute, or a word for one that is not known
 *
 * Returns: (transfer full): the command that shows @folder in the sandbox, to be typed as it is
 */
char *
reprise_sandbox_dup_override (const char *folder)
{
  GString *argument = g_string_new ("--filesystem=");
  g_autofree char *quoted = NULL;
  gboolean plain;

  for (; *folder != '\0'; folder++)
    {
      if (*folder == ':' || *folder == '\\') /* “:ro” may follow a path: flatpak-metadata(5) */
        g_string_append_c (argument, '\\');
      g_string_append_c (argument, *folder);
    }
  plain = strspn (argument->str, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_=./") == argument->len;
  quoted = plain ? g_strdup (argument->str) : g_shell_quote (argument->str);
  g_string_free (argument, TRUE);
  return g_strdup_printf (REPRISE_SANDBOX_OVERRIDE " %s %s", quoted, APPLICATION_ID);
}

/* What a permission must show for that. */
static char *
dup_needed (const char *real, RepriseSandboxWish wish)
{
  static const char *const databases[] = { ".db", ".db3", ".sqlite", ".sqlite3", ".s3db", NULL };
  g_autofree char *above = g_path_get_dirname (real);
  gboolean beside = wish == REPRISE_SANDBOX_BESIDE;

  for (guint i = 0; wish == REPRISE_SANDBOX_PLACE && databases[i] != NULL; i++)
    beside |= g_str_has_suffix (real, databases[i]);
  return beside && !g_str_equal (above, "/") ? g_steal_pointer (&above) : g_strdup (real);
}

static gboolean
refuse (const char *path, const char *real, RepriseSandboxWish wish, GError **error)
{
  g_autofree char *needed = dup_needed (real, wish);
  g_autofree char *command = reprise_sandbox_dup_override (needed);

  if (wish == REPRISE_SANDBOX_NEW)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      /* Translators: the first %s is a folder, the second a command that must stay as it is */
      _ ("The sandbox that Reprise runs in does not show “%s”: what is written there "
         "would be lost. Make the folder, if it is not there yet, give Reprise access "
         "to it with this command, and start Reprise again:\n%s"),
      path, command);
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      /* Translators: the first %s is a file or folder, the second a command that must stay as it is */
      _ ("The sandbox that Reprise runs in does not show “%s”, so nothing is read or "
         "written there. Give Reprise access with this command, and start it again:\n%s"),
      path, command);
  return FALSE;
}

/* A vault must be there tomorrow, under the same path. */
static gboolean
refuse_portal (const char *real, GError **error)
{
  g_autofree char *host = reprise_sandbox_dup_host_path (real);
  g_autofree char *command = reprise_sandbox_dup_override (host != NULL ? host : _ ("FOLDER"));

  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    /* Translators: the first %s is a folder, the second a command that must stay as it is */
    _ ("“%s” is handed in by the sandbox’s file portal, which may take it away again: it "
       "is no place for backups. Give Reprise access to the folder with this command, "
       "start it again, and choose the folder once more:\n%s"),
    host != NULL ? host : real, command);
  return FALSE;
}

/**
 * reprise_sandbox_check:
 * @path: absolute; it need not exist
 * @wish: what is wanted of it
 *
 * In a sandbox a path can be missing, or be an empty folder in memory, though the computer has it: so this comes before “there is
 * no such file”, and before anything is made there. What a portal handed in passes: who needs locks asks for more.
 *
 * Returns: whether @path is the computer's own; else %REPRISE_ERROR_REFUSED, with the command that gives access
 */
gboolean
reprise_sandbox_check (const char *path, RepriseSandboxWish wish, GError **error)
{
  g_autofree char *real = NULL;

  switch (look (path, &real))
    {
    case REPRISE_SANDBOX_HIDDEN:
      return refuse (path, real, wish, error);
    case REPRISE_SANDBOX_NEVER:
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("“%s” is in a part of the computer that Flatpak shows to no application. "
           "Choose another folder, or use Reprise without Flatpak."),
        path);
      return FALSE;
    case REPRISE_SANDBOX_PORTAL:
      return wish != REPRISE_SANDBOX_NEW || refuse_portal (real, error);
    case REPRISE_SANDBOX_SHOWN:
    default:
      return TRUE;
    }
}

/**
 * reprise_sandbox_is_alone:
 * @path: of a file that is there, absolute, without links
 *
 * A permission, or a portal, for one file shows it without what lies beside it, and what is made beside it goes no further than
 * the sandbox.
 *
 * Returns: whether @path is the computer's own and its folder is not
 */
gboolean
reprise_sandbox_is_alone (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *real = NULL;
  g_autofree char *real_folder = NULL;

  if (look (path, &real) != REPRISE_SANDBOX_SHOWN)
    return FALSE;
  return look (folder, &real_folder) != REPRISE_SANDBOX_SHOWN;
}

/**
 * reprise_sandbox_dup_host_path:
 * @path: of what a portal handed in
 *
 * Returns: (transfer full) (nullable): the path that a person knows, where the portal tells it (xdg-document-portal 1.17)
 */
char *
reprise_sandbox_dup_host_path (const char *path)
{
  char buffer[PATH_MAX];
  gssize n = getxattr (path, "user.document-portal.host-path", buffer, sizeof buffer - 1);

  if (n <= 0)
    return NULL;
  buffer[n] = '\0';
  return g_utf8_validate (buffer, -1, NULL) ? g_strdup (buffer) : NULL;
}
