/* reprise-catalogue.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "store/reprise-database.h"
#include "vault/reprise-backup-private.h"
#include "vault/reprise-catalogue.h"
#include "vault/reprise-vault-private.h"

#define PATH_DIGITS 16
#define SUM_START   G_GUINT64_CONSTANT (0xcbf29ce484222325)

/* A folder that changed within this time before it was read may change again without a new time: file systems count in steps,
 * FAT in steps of two seconds. */
#define RACY_NS (3 * G_GINT64_CONSTANT (1000000000))

static const char *const MIGRATIONS[] = {
  "CREATE TABLE backup (service TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, own_name "
  "TEXT, created_us INTEGER,"
  " size_bytes INTEGER, origin INTEGER, first_note TEXT, note TEXT, kept INTEGER, verified_us "
  "INTEGER, damage TEXT, groups INTEGER,"
  " parent TEXT, encrypted INTEGER, tool_version TEXT, service_version TEXT, events_ns INTEGER, "
  "sum INTEGER,"
  " PRIMARY KEY (service, name)) WITHOUT ROWID;",
  "ALTER TABLE backup ADD tier INTEGER; ALTER TABLE backup ADD leaving_us INTEGER;",
  "ALTER TABLE backup ADD edition TEXT; ALTER TABLE backup ADD periods TEXT;",
  NULL,
};

#define COLUMNS                                                                                 \
  "name, kind, own_name, created_us, size_bytes, origin, first_note, note, kept, verified_us, " \
  "damage, groups, parent, "                                                                    \
  "encrypted, tool_version, service_version, tier, leaving_us, edition, periods, events_ns, sum"

enum
{
  COLUMN_NAME,
  COLUMN_KIND,
  COLUMN_OWN_NAME,
  COLUMN_CREATED_US,
  COLUMN_SIZE_BYTES,
  COLUMN_ORIGIN,
  COLUMN_FIRST_NOTE,
  COLUMN_NOTE,
  COLUMN_KEPT,
  COLUMN_VERIFIED_US,
  COLUMN_DAMAGE,
  COLUMN_GROUPS,
  COLUMN_PARENT,
  COLUMN_ENCRYPTED,
  COLUMN_TOOL_VERSION,
  COLUMN_SERVICE_VERSION,
  COLUMN_TIER,
  COLUMN_LEAVING_US,
  COLUMN_EDITION,
  COLUMN_PERIODS,
  COLUMN_EVENTS_NS,
  COLUMN_SUM, /* of those before it: SQLite does not see a byte that changed within a row */
  N_COLUMNS,
};

struct _RepriseCatalogue
{
  char *vault_path; /* (owned); never changes */

  GMutex mutex;              /* guards the database */
  RepriseDatabase *database; /* (owned) (nullable); opened at the first listing */
};

/* One backup of a service's folder. */
typedef struct
{
  char *name;            /* (owned) */
  RepriseBackup *backup; /* (owned) (nullable): once it is known */
  char *first_note;      /* (owned) (nullable): the manifest's own, before events */
  gint64
    events_ns; /* the time of the events that the backup has taken in; 0 without any, -1 to read them again */
  gboolean has_events;
  gboolean changed;  /* differs from its row */
  gboolean unstored; /* never to be a row: its manifest cannot be read */
} Entry;

/* One listing of one service. */
typedef struct
{
  const char *service_uuid;
  char *folder;        /* (owned) */
  int fd;              /* (owned); of the folder */
  GHashTable *entries; /* (owned) (element-type utf8 Entry) */
  GPtrArray *gone;     /* (owned) (element-type utf8): names of rows without a backup */
} Listing;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  g_free (entry->first_note);
  g_clear_object (&entry->backup);
  g_free (entry);
}

static void
listing_clear (Listing *listing)
{
  g_free (listing->folder);
  if (listing->fd >= 0)
    close (listing->fd);
  g_clear_pointer (&listing->entries, g_hash_table_unref);
  g_clear_pointer (&listing->gone, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listing, listing_clear)

/* (transfer full): by the path, since a copy of a vault has the same identity */
char *
reprise_catalogue_dup_path (const char *vault_path)
{
  g_autofree char *hash = reprise_hash_bytes (vault_path, strlen (vault_path));
  g_autofree char *name = g_strdup_printf ("catalogue-%.*s.db", PATH_DIGITS, hash);

  return g_build_filename (g_get_user_cache_dir (), "reprise", name, NULL);
}

RepriseCatalogue *
reprise_catalogue_new (const char *vault_path)
{
  RepriseCatalogue *self = g_new0 (RepriseCatalogue, 1);

  self->vault_path = g_strdup (vault_path);
  g_mutex_init (&self->mutex);
  return self;
}

void
reprise_catalogue_free (RepriseCatalogue *self)
{
  g_clear_pointer (&self->database, reprise_database_free);
  g_free (self->vault_path);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* Where the cache folder cannot be written, memory does for this process. */
static void
open_database (RepriseCatalogue *self)
{
  g_autofree char *path = NULL;

  if (self->database != NULL)
    return;
  path = reprise_catalogue_dup_path (self->vault_path);
  self->database = reprise_database_open (path, MIGRATIONS, REPRISE_DATABASE_CACHE, NULL);
  if (self->database == NULL)
    self->database = reprise_database_open (":memory:", MIGRATIONS, REPRISE_DATABASE_CACHE, NULL);
}

/* The file goes too, so that the next one to open it begins anew. */
static void
throw_away (RepriseCatalogue *self)
{
  g_autofree char *path = reprise_catalogue_dup_path (self->vault_path);

  g_clear_pointer (&self->database, reprise_database_free);
  reprise_database_remove (path);
}

static gboolean
read_names (Listing *listing, GError **error)
{
  g_autoptr (GPtrArray) names = reprise_vault_list_names (listing->folder, error);

  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      RepriseVaultName parsed;
      Entry *entry;

      if (!reprise_vault_name_parse (names->pdata[i], &parsed))
        continue;
      entry = g_new0 (Entry, 1);
      entry->name = g_strdup (names->pdata[i]);
      g_hash_table_insert (listing->entries, entry->name, entry);
    }
  for (guint i = 0; i < names->len; i++)
    {
      char *name = names->pdata[i];
      RepriseVaultName parsed;
      Entry *entry;

      if (!reprise_vault_name_parse_events (name, &parsed))
        continue;
      name[strlen (name) - strlen (REPRISE_VAULT_EVENTS)] = '\0';
      entry = g_hash_table_lookup (listing->entries, name);
      if (entry != NULL)
        entry->has_events = TRUE;
    }
  return TRUE;
}

static GDateTime *
time_from_us (gint64 us)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (us / G_USEC_PER_SEC);

  return seconds == NULL ? NULL : g_date_time_add (seconds, us % G_USEC_PER_SEC);
}

static gint64
time_to_us (GDateTime *time)
{
  return g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
}

static RepriseBackup *
read_row (Listing *listing, RepriseQuery *query, const char *name)
{
  RepriseBackup *backup =
    reprise_backup_new (name + strlen (name) - REPRISE_ULID_LENGTH, listing->service_uuid,
                        reprise_query_get_text (query, COLUMN_KIND));

  backup->own_name = g_strdup (reprise_query_get_text (query, COLUMN_OWN_NAME));
  backup->created_at = time_from_us (reprise_query_get_int (query, COLUMN_CREATED_US, 0));
  backup->size_bytes = reprise_query_get_int (query, COLUMN_SIZE_BYTES, REPRISE_NOT_REPORTED);
  backup->in_vault = TRUE;
  backup->origin = (int) reprise_query_get_int (query, COLUMN_ORIGIN, 0);
  backup->note = g_strdup (reprise_query_get_text (query, COLUMN_NOTE));
  backup->kept = reprise_query_get_int (query, COLUMN_KEPT, 0) != 0;
  if (reprise_query_get_int (query, COLUMN_VERIFIED_US, 0) != 0)
    {
      backup->state = REPRISE_BACKUP_VERIFIED;
      backup->verified_at = time_from_us (reprise_query_get_int (query, COLUMN_VERIFIED_US, 0));
    }
  backup->damage = g_strdup (reprise_query_get_text (query, COLUMN_DAMAGE));
  backup->groups = (guint) reprise_query_get_int (query, COLUMN_GROUPS, 0);
  backup->folder = g_build_filename (listing->folder, name, NULL);
  backup->parent = g_strdup (reprise_query_get_text (query, COLUMN_PARENT));
  backup->encrypted = reprise_query_get_int (query, COLUMN_ENCRYPTED, 0) != 0;
  backup->tool_version = g_strdup (reprise_query_get_text (query, COLUMN_TOOL_VERSION));
  backup->service_version = g_strdup (reprise_query_get_text (query, COLUMN_SERVICE_VERSION));
  backup->tier = (int) reprise_query_get_int (query, COLUMN_TIER, 0);
  if (reprise_query_get_int (query, COLUMN_LEAVING_US, 0) != 0)
    backup->leaving_at = time_from_us (reprise_query_get_int (query, COLUMN_LEAVING_US, 0));
  backup->edition = g_strdup (reprise_query_get_text (query, COLUMN_EDITION));
  backup->periods = g_strdup (reprise_query_get_text (query, COLUMN_PERIODS));
  return backup;
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static guint64
add_to_sum (guint64 sum, gconstpointer data, gsize size)
{
  const guchar *bytes = data;

  for (gsize i = 0; i < size; i++)
    sum = (sum ^ bytes[i]) * G_GUINT64_CONSTANT (0x100000001b3);
  return sum;
}

static guint64
add_text_to_sum (guint64 sum, const char *text)
{
  return text == NULL ? add_to_sum (sum, "\xff", 1) : add_to_sum (sum, text, strlen (text) + 1);
}

static gboolean
is_text (int column)
{
  return column == COLUMN_NAME || column == COLUMN_KIND || column == COLUMN_OWN_NAME ||
         column == COLUMN_FIRST_NOTE || column == COLUMN_NOTE || column == COLUMN_DAMAGE ||
         column == COLUMN_PARENT || column == COLUMN_TOOL_VERSION ||
         column == COLUMN_SERVICE_VERSION || column == COLUMN_EDITION || column == COLUMN_PERIODS;
}

/* A row that is not what was written is read again from its manifest. */
static gboolean
is_whole (RepriseQuery *query)
{
  guint64 sum = SUM_START;

  for (int i = 0; i < COLUMN_SUM; i++)
    {
      gint64 value = is_text (i) ? 0 : reprise_query_get_int (query, i, 0);

      if (is_text (i))
        sum = add_text_to_sum (sum, reprise_query_get_text (query, i));
      else
        sum = add_to_sum (sum, &value, sizeof value);
    }
  return (guint64) reprise_query_get_int (query, COLUMN_SUM, 0) == sum;
}

static gboolean
read_rows (RepriseCatalogue *self, Listing *listing, GError **error)
{
  g_autoptr (RepriseQuery) query =
    reprise_query_new (self->database, "SELECT " COLUMNS " FROM backup WHERE service = ?1", error);
  gboolean row;

  if (query == NULL)
    return FALSE;
  reprise_query_bind_text (query, 1, listing->service_uuid);
  while (TRUE)
    {
      const char *name;
      Entry *entry;

      if (!reprise_query_step (query, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      name = reprise_query_get_text (query, COLUMN_NAME);
      entry = name == NULL ? NULL : g_hash_table_lookup (listing->entries, name);
      if (entry == NULL)
        g_ptr_array_add (listing->gone, g_strdup (name));
      else if (entry->backup == NULL && is_whole (query))
        {
          entry->backup = read_row (listing, query, entry->name);
          entry->first_note = g_strdup (reprise_query_get_text (query, COLUMN_FIRST_NOTE));
          entry->events_ns = reprise_query_get_int (query, COLUMN_EVENTS_NS, -1);
        }
    }
}

/* The time of the last change of the events' folder, 0 without one, or -1 where it may be changing just now */
static gint64
get_events_time (Listing *listing, Entry *entry)
{
  g_autofree char *name = NULL;
  struct stat info;
  gint64 changed;

  if (!entry->has_events)
    return 0;
  name = g_strconcat (entry->name, REPRISE_VAULT_EVENTS, NULL);
  if (fstatat (listing->fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
    return -1;
  changed = (gint64) info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
  return g_get_real_time () * 1000 - changed < RACY_NS ? -1 : changed;
}

static void
read_events (Listing *listing, Entry *entry, gint64 events_ns)
{
  RepriseBackup *backup = entry->backup;
  g_autofree char *folder = g_build_filename (listing->folder, entry->name, NULL);

  backup->state = REPRISE_BACKUP_COMPLETE;
  backup->kept = FALSE;
  g_clear_pointer (&backup->damage, g_free);
  g_clear_pointer (&backup->verified_at, g_date_time_unref);
  g_clear_pointer (&backup->leaving_at, g_date_time_unref);
  g_free (backup->note);
  backup->note = g_strdup (entry->first_note);
  reprise_vault_apply_events (backup, folder, NULL);
  entry->events_ns = events_ns;
  entry->changed = TRUE;
}

static void
read_backup (Listing *listing, Entry *entry, gint64 events_ns)
{
  g_autofree char *folder = g_build_filename (listing->folder, entry->name, NULL);

  entry->backup =
    reprise_vault_read_backup (listing->service_uuid, folder, &entry->first_note, &entry->unstored);
  g_clear_object (&entry->backup->contents); /* a list of many must stay small */
  entry->events_ns = events_ns;
  entry->changed = TRUE;
}

/* The time is taken before the events are read: what comes in between is read at the next listing. */
static void
bring_up_to_date (Listing *listing, Entry *entry)
{
  gint64 events_ns = get_events_time (listing, entry);

  if (entry->backup == NULL)
    read_backup (listing, entry, events_ns);
  else if (events_ns != entry->events_ns || events_ns < 0)
    read_events (listing, entry, events_ns);
}

static gboolean
bring_all_up_to_date (Listing *listing,
                      RepriseProgress *progress,
                      GCancellable *cancellable,
                      GError **error)
{
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, listing->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    {
      bring_up_to_date (listing, entry);
      reprise_progress_add_items (progress, 1);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static void
bind_text (RepriseQuery *query, int column, const char *text, guint64 *sum)
{
  *sum = add_text_to_sum (*sum, text);
  reprise_query_bind_text (query, 1 + column, text);
}

static void
bind_int (RepriseQuery *query, int column, gint64 value, guint64 *sum)
{
  *sum = add_to_sum (*sum, &value, sizeof value);
  reprise_query_bind_int (query, 1 + column, value);
}

/* In the order of the columns, for the sum */
static gboolean
write_row (RepriseQuery *query, Listing *listing, Entry *entry)
{
  RepriseBackup *backup = entry->backup;
  guint64 sum = SUM_START;

  bind_text (query, COLUMN_NAME, entry->name, &sum);
  bind_text (query, COLUMN_KIND, backup->kind, &sum);
  bind_text (query, COLUMN_OWN_NAME, backup->own_name, &sum);
  bind_int (query, COLUMN_CREATED_US, time_to_us (backup->created_at), &sum);
  bind_int (query, COLUMN_SIZE_BYTES, backup->size_bytes, &sum);
  bind_int (query, COLUMN_ORIGIN, backup->origin, &sum);
  bind_text (query, COLUMN_FIRST_NOTE, entry->first_note, &sum);
  bind_text (query, COLUMN_NOTE, backup->note, &sum);
  bind_int (query, COLUMN_KEPT, backup->kept, &sum);
  bind_int (query, COLUMN_VERIFIED_US,
            backup->verified_at == NULL ? 0 : time_to_us (backup->verified_at), &sum);
  bind_text (query, COLUMN_DAMAGE, backup->damage, &sum);
  bind_int (query, COLUMN_GROUPS, backup->groups, &sum);
  bind_text (query, COLUMN_PARENT, backup->parent, &sum);
  bind_int (query, COLUMN_ENCRYPTED, backup->encrypted, &sum);
  bind_text (query, COLUMN_TOOL_VERSION, backup->tool_version, &sum);
  bind_text (query, COLUMN_SERVICE_VERSION, backup->service_version, &sum);
  bind_int (query, COLUMN_TIER, backup->tier, &sum);
  bind_int (query, COLUMN_LEAVING_US,
            backup->leaving_at == NULL ? 0 : time_to_us (backup->leaving_at), &sum);
  bind_text (query, COLUMN_EDITION, backup->edition, &sum);
  bind_text (query, COLUMN_PERIODS, backup->periods, &sum);
  bind_int (query, COLUMN_EVENTS_NS, entry->events_ns, &sum);
  reprise_query_bind_int (query, 1 + COLUMN_SUM, (gint64) sum);
  reprise_query_bind_text (query, 1 + N_COLUMNS, listing->service_uuid);
  return reprise_query_finish (query, NULL);
}

static gboolean
write_changes (RepriseCatalogue *self, Listing *listing)
{
  g_autoptr (RepriseQuery) put = reprise_query_new (
    self->database,
    "INSERT OR REPLACE INTO backup (" COLUMNS ", service) VALUES"
    " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, "
    "?21, ?22, ?23)",
    NULL);
  g_autoptr (RepriseQuery) drop =
    reprise_query_new (self->database, "DELETE FROM backup WHERE name = ?1 AND service = ?2", NULL);
  GHashTableIter iter;
  gpointer value;

  if (put == NULL || drop == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, listing->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;

      if (entry->changed && !entry->unstored && !write_row (put, listing, entry))
        return FALSE;
    }
  for (guint i = 0; i < listing->gone->len; i++)
    {
      reprise_query_bind_text (drop, 1, listing->gone->pdata[i]);
      reprise_query_bind_text (drop, 2, listing->service_uuid);
      if (!reprise_query_finish (drop, NULL))
        return FALSE;
    }
  return TRUE;
}

static gboolean
has_changes (Listing *listing)
{
  GHashTableIter iter;
  gpointer value;

  if (listing->gone->len > 0)
    return TRUE;
  g_hash_table_iter_init (&iter, listing->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Entry *) value)->changed && !((Entry *) value)->unstored)
      return TRUE;
  return FALSE;
}

/* What cannot be written is read from the vault again the next time. */
static void
store (RepriseCatalogue *self, Listing *listing)
{
  if (!has_changes (listing) || !reprise_database_begin (self->database, NULL))
    return;
  if (!write_changes (self, listing) || !reprise_database_commit (self->database, NULL))
    reprise_database_roll_back (self->database);
}

/* With the mutex held. A cache that is damaged is no reason to know less: all entries are then read from the vault. */
static void
read_rows_or_none (RepriseCatalogue *self, Listing *listing)
{
  g_autoptr (GError) local = NULL;

  open_database (self);
  if (self->database == NULL || read_rows (self, listing, &local))
    return;
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_BUSY))
    return;
  throw_away (self);
  open_database (self);
}

static void
take_backups (Listing *listing, GPtrArray *backups)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, listing->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (backups, g_steal_pointer (&((Entry *) value)->backup));
}

/**
 * reprise_catalogue_list:
 * @backups: (element-type RepriseBackup): takes the backups of the service, in no order
 * @progress: (nullable): gets an item for each
 */
gboolean
reprise_catalogue_list (RepriseCatalogue *self,
                        const char *service_uuid,
                        GPtrArray *backups,
                        RepriseProgress *progress,
                        GCancellable *cancellable,
                        GError **error)
{
  g_auto (Listing) listing = { .service_uuid = service_uuid, .fd = -1 };
  gboolean ok;

  listing.folder = g_build_filename (self->vault_path, service_uuid, NULL);
  listing.fd = open (listing.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  listing.entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_free);
  listing.gone = g_ptr_array_new_with_free_func (g_free);
  if (!read_names (&listing, error))
    return FALSE;
  g_mutex_lock (&self->mutex);
  read_rows_or_none (self, &listing);
  g_mutex_unlock (&self->mutex);
  ok = bring_all_up_to_date (&listing, progress, cancellable, error);
  g_mutex_lock (&self->mutex);
  if (ok && self->database != NULL)
    store (self, &listing);
  g_mutex_unlock (&self->mutex);
  if (ok)
    take_backups (&listing, backups);
  return ok;
}

/* Forgets all; the next listing reads the whole vault. */
void
reprise_catalogue_clear (RepriseCatalogue *self)
{
  g_mutex_lock (&self->mutex);
  throw_away (self);
  g_mutex_unlock (&self->mutex);
}
