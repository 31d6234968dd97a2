/* reprise-setting.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  REPRISE_SETTING_TEXT,
  REPRISE_SETTING_ADDRESS, /* the URL of a server */
  REPRISE_SETTING_PATH,    /* a file or folder of this computer */
  REPRISE_SETTING_BOOLEAN, /* “true” or “false” */
  REPRISE_SETTING_INTEGER,
  REPRISE_SETTING_CHOICE,
  REPRISE_SETTING_TIME,   /* a day, or a day and a time: reprise_setting_read_time() */
  REPRISE_SETTING_SECRET, /* kept in the keyring, under the key as its kind of secret */
} RepriseSettingType;

/**
 * RepriseSetting:
 * @key: as in --set KEY=VALUE, or --secret KEY
 * @type: what it holds
 * @label: (nullable): for people, to be translated with gettext
 * @help: (nullable): one sentence, to be translated with gettext
 * @default_value: (nullable): taken where nothing is set
 * @choices: (nullable) (array zero-terminated=1): the values of a choice
 * @choice_labels: (nullable): for people, in the same order, to be translated with gettext
 * @required: whether a service cannot be without it
 * @advanced: whether it is shown folded away at first
 * @placeholder: (nullable): an example
 * @minimum: of an integer
 * @maximum: of an integer; 0 for any
 * @word: (nullable): what an integer may be instead: “all”
 * @check: (nullable): whether a value makes sense; else %REPRISE_ERROR_INVALID with a whole sentence
 * @shown_if_key: (nullable): shown only while this other setting…
 * @shown_if_value: (nullable): …has this value, or one of these, with “|” between them
 * @listed: whether the service can be asked what it may be: reprise_provider_list_values()
 * @several: whether a text that is listed is made of such values, with spaces between them
 * @section: (nullable): a form begins a new part with it, of that title, to be translated with gettext; what is advanced is in none
 * @section_note: (nullable): what is to be known of that part, sentences, to be translated with gettext
 * @depends_on: (nullable): another setting, in which the value of this one lies: where another is chosen there, this one is empty
 * @of_sign_in: whether it must be right before anybody can sign in
 * @explain_choice: (nullable): why one of the choices cannot be taken on this computer; %NULL where it can. It is not offered then
 * @describe: (nullable): (transfer full): of a secret: what it is good for, so that it can be seen whether it is the right one,
 *   without what is secret in it. @warnings: (element-type utf8): whole sentences. %REPRISE_ERROR_INVALID where it cannot be read
 * @get_end: (nullable): (transfer full) (nullable): of a secret: until when it is good; %NULL for ever, or where it does not say so
 * @sign_in_follows: the last of what a person's sign-in needs: it is offered there, before what can be chosen after it
 *
 * One setting that a kind of service has. From the list of them both the Add Service window and
 * `reprise service add` are built, and the options of a restore (--to KEY=VALUE) as well.
 */
typedef struct
{
  const char *key;
  RepriseSettingType type;
  const char *label;
  const char *help;
  const char *default_value;
  const char *const *choices;
  const char *const *choice_labels;
  gboolean required;
  gboolean advanced;
  const char *placeholder;
  gint64 minimum;
  gint64 maximum;
  const char *word;
  gboolean (*check) (const char *value, GError **error);
  const char *shown_if_key;
  const char *shown_if_value;
  gboolean listed;
  gboolean several;
  const char *section;
  const char *section_note;
  const char *depends_on;
  gboolean of_sign_in;
  const char *(*explain_choice) (const char *value);
  char *(*describe) (const char *secret, GPtrArray *warnings, GError **error);
  GDateTime *(*get_end) (const char *secret);
  gboolean sign_in_follows;
} RepriseSetting;

const RepriseSetting *reprise_setting_find (const RepriseSetting *settings, const char *key);
gboolean reprise_setting_check (const RepriseSetting *setting, const char *value, GError **error);
char *reprise_setting_normalise (const RepriseSetting *setting,
                                 const char *value,
                                 const char *folder);
GDateTime *reprise_setting_read_time (const char *value);
const char *reprise_setting_get_choice_label (const RepriseSetting *setting, const char *value);
const char *reprise_setting_explain_choice (const RepriseSetting *setting, const char *value);
gboolean reprise_setting_lies_in (const RepriseSetting *setting,
                                  const RepriseSetting *settings,
                                  const char *key);
gboolean reprise_setting_is_shown (const RepriseSetting *setting,
                                   const RepriseSetting *settings,
                                   GHashTable *values);

G_END_DECLS
