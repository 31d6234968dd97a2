/* reprise-milvus-storage-settings.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "providers/milvus/storage/reprise-milvus-storage.h"

static const char *const STORAGES[] = { REPRISE_MILVUS_STORAGE_NONE, REPRISE_MILVUS_STORAGE_S3,
                                        REPRISE_MILVUS_STORAGE_FOLDER, NULL };
static const char *const STORAGE_LABELS[] = { N_ ("Not reached from here"),
                                              N_ ("Object storage (S3 protocol)"),
                                              N_ ("A folder of this computer"), NULL };
static const char *const PRESETS[] = { REPRISE_MILVUS_PRESET_COMPOSE, REPRISE_MILVUS_PRESET_HELM,
                                       NULL };
static const char *const PRESET_LABELS[] = { N_ ("Docker Compose (a-bucket, files)"),
                                             N_ ("Helm or Operator (milvus-bucket, file)"), NULL };
static const char *const STYLES[] = { REPRISE_MILVUS_STYLE_AUTO, REPRISE_MILVUS_STYLE_PATH,
                                      REPRISE_MILVUS_STYLE_HOST, NULL };
static const char *const STYLE_LABELS[] = { N_ ("Automatic"), N_ ("After the server’s name"),
                                            N_ ("Before the server’s name"), NULL };

#define SHOWN_FOR(storage) \
  .shown_if_key = REPRISE_MILVUS_SETTING_STORAGE, .shown_if_value = (storage)

const RepriseSetting REPRISE_MILVUS_STORAGE_SETTINGS[] = {
  { .key = REPRISE_MILVUS_SETTING_STORAGE,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Storage of the Backups"),
    .section = N_ ("Storage"),
    .section_note =
      N_ ("Where the backup server keeps its backups. Reprise needs it to bring them into the "
          "vault, and to show what the server does not tell."),
    .default_value = REPRISE_MILVUS_STORAGE_NONE,
    .choices = STORAGES,
    .choice_labels = STORAGE_LABELS },
  { .key = REPRISE_MILVUS_SETTING_ENDPOINT,
    .type = REPRISE_SETTING_ADDRESS,
    .label = N_ ("Address of the Storage"),
    .placeholder = "https://minio.example.org:9000",
    SHOWN_FOR (REPRISE_MILVUS_STORAGE_S3) },
  { .key = REPRISE_MILVUS_SETTING_KEY_ID,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Access Key ID"),
    .placeholder = "minioadmin",
    SHOWN_FOR (REPRISE_MILVUS_STORAGE_S3) },
  { .key = REPRISE_MILVUS_SECRET_KEY,
    .type = REPRISE_SETTING_SECRET,
    .label = N_ ("Secret Access Key"),
    SHOWN_FOR (REPRISE_MILVUS_STORAGE_S3) },
  { .key = REPRISE_MILVUS_SETTING_PRESET,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Milvus Was Installed With"),
    .help = N_ ("What the bucket and the path of Milvus’s own data are called, where they are not "
                "entered below."),
    .default_value = REPRISE_MILVUS_PRESET_COMPOSE,
    .choices = PRESETS,
    .choice_labels = PRESET_LABELS,
    SHOWN_FOR (REPRISE_MILVUS_STORAGE_S3) },
  { .key = REPRISE_MILVUS_SETTING_BUCKET,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Bucket of the Backups"),
    .help = N_ ("In backup.yaml it is called backupBucketName. Empty: as Milvus was installed."),
    .placeholder = "a-bucket",
    SHOWN_FOR (REPRISE_MILVUS_STORAGE_S3) },
  { .key = REPRISE_MILVUS_SETTING_ROOT,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Path of the Backups"),
    .help = N_ ("In backup.yaml it is called backupRootPath."),
    .default_value = "backup",
    .placeholder = "backup",
    SHOWN_FOR (REPRISE_MILVUS_STORAGE_S3) },
  { .key = REPRISE_MILVUS_SETTING_DATA_ROOT,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Path of Milvus’s Own Data"),
    .help = N_ ("In backup.yaml it is called rootPath. Empty: as Milvus was installed."),
    .placeholder = "files",
    .advanced = TRUE,
    SHOWN_FOR (REPRISE_MILVUS_STORAGE_S3) },
  { .key = REPRISE_MILVUS_SETTING_REGION,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Region"),
    .help = N_ ("Where the storage does not say it by itself."),
    .placeholder = "us-east-1",
    .advanced = TRUE,
    SHOWN_FOR (REPRISE_MILVUS_STORAGE_S3) },
  { .key = REPRISE_MILVUS_SETTING_STYLE,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Bucket in the Address"),
    .default_value = REPRISE_MILVUS_STYLE_AUTO,
    .choices = STYLES,
    .choice_labels = STYLE_LABELS,
    .advanced = TRUE,
    SHOWN_FOR (REPRISE_MILVUS_STORAGE_S3) },
  { .key = REPRISE_MILVUS_SECRET_SESSION,
    .type = REPRISE_SETTING_SECRET,
    .label = N_ ("Session Token"),
    .help = N_ ("Only with a temporary access key."),
    .advanced = TRUE,
    SHOWN_FOR (REPRISE_MILVUS_STORAGE_S3) },
  { .key = REPRISE_MILVUS_SETTING_STORAGE_PIN,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Certificate of the Storage"),
    .help =
      N_ ("The SHA-256 of the one certificate to trust, where the system’s authorities do not "
          "vouch for it."),
    .advanced = TRUE,
    SHOWN_FOR (REPRISE_MILVUS_STORAGE_S3) },
  { .key = REPRISE_MILVUS_SETTING_FOLDER,
    .type = REPRISE_SETTING_PATH,
    .label = N_ ("Folder of the Backups"),
    .help = N_ ("The folder that has one folder for each backup."),
    .required = TRUE,
    SHOWN_FOR (REPRISE_MILVUS_STORAGE_FOLDER) },
  { 0 },
};

/* --- of an export --- */

static const char *const PLACES[] = { REPRISE_MILVUS_STORAGE_FOLDER, REPRISE_MILVUS_STORAGE_S3,
                                      NULL };
static const char *const PLACE_LABELS[] = { N_ ("A folder of this computer"),
                                            N_ ("A bucket (S3 protocol)"), NULL };
static const RepriseSetting PLACE = { .key = REPRISE_MILVUS_SETTING_STORAGE,
                                      .type = REPRISE_SETTING_CHOICE,
                                      .label = N_ ("Where To"),
                                      .default_value = REPRISE_MILVUS_STORAGE_FOLDER,
                                      .choices = PLACES,
                                      .choice_labels = PLACE_LABELS };

/* A bucket that is somebody else's is not known by how Milvus was installed: all that leads to it is entered. */
static gboolean
adapt (RepriseSetting *setting)
{
  if (g_strcmp0 (setting->shown_if_value, REPRISE_MILVUS_STORAGE_S3) != 0 ||
      g_str_equal (setting->key, REPRISE_MILVUS_SETTING_PRESET) ||
      g_str_equal (setting->key, REPRISE_MILVUS_SETTING_DATA_ROOT))
    return FALSE;
  if (g_str_equal (setting->key, REPRISE_MILVUS_SETTING_BUCKET))
    {
      setting->label = N_ ("Bucket");
      setting->help = NULL;
      setting->placeholder = "milvus-backups";
    }
  else if (g_str_equal (setting->key, REPRISE_MILVUS_SETTING_ROOT))
    {
      setting->label = N_ ("Path in the Bucket");
      setting->help = N_ ("The backup becomes a folder there, under its own name.");
    }
  setting->required = g_str_equal (setting->key, REPRISE_MILVUS_SETTING_ENDPOINT) ||
                      g_str_equal (setting->key, REPRISE_MILVUS_SETTING_BUCKET) ||
                      g_str_equal (setting->key, REPRISE_MILVUS_SETTING_KEY_ID) ||
                      g_str_equal (setting->key, REPRISE_MILVUS_SECRET_KEY);
  return TRUE;
}

/* Made once, and kept. */
const RepriseSetting *
reprise_milvus_storage_get_export_settings (void)
{
  static gsize made;

  if (g_once_init_enter (&made))
    {
      GArray *all = g_array_new (TRUE, TRUE, sizeof (RepriseSetting));

      g_array_append_val (all, PLACE);
      for (const RepriseSetting *each = REPRISE_MILVUS_STORAGE_SETTINGS; each->key != NULL; each++)
        {
          RepriseSetting setting = *each;

          if (adapt (&setting))
            g_array_append_val (all, setting);
        }
      g_once_init_leave (&made, (gsize) g_array_free (all, FALSE));
    }
  return (const RepriseSetting *) made;
}

/* (nullable): what the user's document says of the two ways of installing Milvus, for a setting that is empty */
const char *
reprise_milvus_storage_get_preset (const char *preset, const char *setting)
{
  gboolean helm = g_strcmp0 (preset, REPRISE_MILVUS_PRESET_HELM) == 0;

  if (g_strcmp0 (setting, REPRISE_MILVUS_SETTING_BUCKET) == 0)
    return helm ? "milvus-bucket" : "a-bucket";
  if (g_strcmp0 (setting, REPRISE_MILVUS_SETTING_DATA_ROOT) == 0)
    return helm ? "file" : "files";
  return NULL;
}
