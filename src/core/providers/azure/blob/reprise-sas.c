/* reprise-sas.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "net/reprise-http-uri.h"
#include "providers/azure/reprise-azure-cloud.h"
#include "providers/azure/blob/reprise-sas.h"

#define VERSION       "2021-12-02" /* of what we sign */
#define SKEW_SECONDS  (15 * 60)
#define WARN_DAYS     7
#define MAX_ADDRESS   8192
#define MAX_KEY_BYTES 1024
#define QUOTES        " \t\r\n\"'<>"

void
reprise_sas_free (RepriseSas *self)
{
  g_free (self->endpoint);
  g_free (self->account);
  g_free (self->container);
  g_free (self->blob);
  g_free (self->permissions);
  g_clear_pointer (&self->start, g_date_time_unref);
  g_clear_pointer (&self->end, g_date_time_unref);
  g_free (self->version);
  g_free (self->addresses);
  g_clear_pointer (&self->token, reprise_secret_value_unref);
  g_free (self);
}

static void
free_secret (char *text)
{
  if (text != NULL)
    reprise_secret_wipe (text, strlen (text));
  g_free (text);
}

static gboolean
refuse (GError **error, const char *text)
{
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, text);
  return FALSE;
}

/* --- reading --- */

/**
 * reprise_sas_read_time:
 * @text: a day, or a day and a time in UTC, with a fraction of a second or without seconds
 *
 * Returns: (transfer full) (nullable): the point in time
 */
GDateTime *
reprise_sas_read_time (const char *text)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autofree char *whole = NULL;

  if (strlen (text) == strlen ("YYYY-MM-DD"))
    whole = g_strconcat (text, "T00:00:00Z", NULL);
  else if (strlen (text) == strlen ("YYYY-MM-DDThh:mmZ") && g_str_has_suffix (text, "Z"))
    whole = g_strdup_printf ("%.16s:00Z", text);
  else
    whole = g_strdup (text);
  return g_date_time_new_from_iso8601 (whole, utc);
}

/* Of a pasted address: what somebody copies along is cut off, and quotation marks of a word processor are told of. */
static char *
clean_address (const char *address, GError **error)
{
  g_autofree char *text = g_strdup (address);
  const char *from = text + strspn (text, QUOTES);
  gsize length = strlen (from);

  while (length > 0 && strchr (QUOTES, from[length - 1]) != NULL)
    length--;
  if (length == 0 || length > MAX_ADDRESS)
    refuse (error, _ ("The address with the shared access signature is empty or too long."));
  else if (strstr (from, "\342\200\234") != NULL || strstr (from, "\342\200\235") != NULL)
    refuse (error, _ ("There are typographic quotation marks in the address. Copy it again from "
                      "where it was made."));
  else
    return g_strndup (from, length);
  return NULL;
}

/* “https://acct.blob.core.windows.net/container/blob”, or on loopback “http://127.0.0.1:10000/acct/container/blob” */
static gboolean
read_place (RepriseSas *self, GUri *uri, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (g_uri_get_path (uri), "/", 4); /* the first is empty */
  gboolean has_account = reprise_http_is_loopback (uri);
  guint first = has_account ? 2 : 1;
  g_autofree char *name = reprise_http_get_uri_name (uri);

  if (g_strv_length (parts) <= first || *parts[first] == '\0')
    return refuse (error, _ ("The address names no container."));
  self->account = has_account
                    ? g_strdup (parts[1])
                    : g_strndup (g_uri_get_host (uri), strcspn (g_uri_get_host (uri), "."));
  self->endpoint = g_strdup_printf ("%s://%s/%s%s", g_uri_get_scheme (uri), name,
                                    has_account ? parts[1] : "", has_account ? "/" : "");
  if (has_account)
    {
      char *slash = strchr (parts[2], '/');

      self->container = g_strdup (parts[2]);
      if (slash == NULL && parts[3] != NULL && *parts[3] != '\0')
        self->blob = g_strdup (parts[3]);
      return TRUE;
    }
  self->container = g_strdup (parts[1]);
  if (parts[2] != NULL && *parts[2] != '\0')
    self->blob =
      parts[3] != NULL ? g_strconcat (parts[2], "/", parts[3], NULL) : g_strdup (parts[2]);
  return TRUE;
}

/* The earlier of two ends; either may be %NULL. */
static void
take_end (RepriseSas *self, const char *text)
{
  g_autoptr (GDateTime) end = reprise_sas_read_time (text);

  if (end == NULL || (self->end != NULL && g_date_time_compare (self->end, end) <= 0))
    return;
  g_clear_pointer (&self->end, g_date_time_unref);
  self->end = g_steal_pointer (&end);
}

typedef struct
{
  gboolean signature, is_account, has_blobs, has_objects, bad_time;
} Seen;

static void
take_parameter (RepriseSas *self, const char *name, const char *value, Seen *seen)
{
  if (strcmp (name, "sig") == 0)
    seen->signature = *value != '\0';
  else if (strcmp (name, "sp") == 0)
    self->permissions = g_strdup (value);
  else if (strcmp (name, "st") == 0 && self->start == NULL)
    {
      self->start = reprise_sas_read_time (value);
      seen->bad_time |= self->start == NULL;
    }
  else if (strcmp (name, "se") == 0 || strcmp (name, "ske") == 0)
    {
      g_autoptr (GDateTime) time = reprise_sas_read_time (value);

      seen->bad_time |= time == NULL;
      take_end (self, value);
    }
  else if (strcmp (name, "sv") == 0 && self->version == NULL)
    self->version = g_strdup (value);
  else if (strcmp (name, "spr") == 0)
    self->https_only = strcmp (value, "https") == 0;
  else if (strcmp (name, "sip") == 0 && self->addresses == NULL)
    self->addresses = g_strdup (value);
  else if (strcmp (name, "ss") == 0)
    {
      seen->is_account = TRUE;
      seen->has_blobs = strchr (value, 'b') != NULL;
    }
  else if (strcmp (name, "srt") == 0)
    seen->has_objects = strchr (value, 'o') != NULL && strchr (value, 'c') != NULL;
}

static gboolean
read_query (RepriseSas *self, const char *query, GError **error)
{
  g_auto (GStrv) pairs = g_strsplit (query, "&", -1);
  Seen seen = { FALSE };

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      char *equals = strchr (pairs[i], '=');
      char *value;

      if (equals == NULL)
        continue;
      *equals = '\0';
      value = g_uri_unescape_string (equals + 1, NULL);
      if (value != NULL && (self->permissions == NULL || strcmp (pairs[i], "sp") != 0))
        take_parameter (self, pairs[i], value, &seen);
      free_secret (value);
      reprise_secret_wipe (equals + 1, strlen (equals + 1));
    }
  self->reaches = !seen.is_account || (seen.has_blobs && seen.has_objects);
  if (!seen.signature)
    return refuse (error, _ ("The address has no signature, the part “sig”: it is not one with a "
                             "shared access signature."));
  if (seen.bad_time)
    return refuse (error, _ ("A time in the shared access signature cannot be read."));
  return TRUE;
}

/**
 * reprise_sas_parse:
 * @address: of a container or a blob, with a shared access signature, as somebody pasted it
 *
 * Returns: (transfer full): what it says, or %NULL with %REPRISE_ERROR_INVALID, in which nothing of @address is repeated
 */
RepriseSas *
reprise_sas_parse (const char *address, GError **error)
{
  g_autoptr (RepriseSas) self = g_new0 (RepriseSas, 1);
  g_autoptr (GUri) uri = NULL;
  char *text = clean_address (address, error);
  char *query;
  gboolean ok;

  if (text == NULL)
    return NULL;
  query = strchr (text, '?');
  if (query == NULL)
    refuse (error, _ ("The address has no signature, the part “sig”: it is not one with a shared "
                      "access signature."));
  else
    {
      *query++ = '\0';
      uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
    }
  ok = uri != NULL && reprise_azure_check_address (text, error) && read_place (self, uri, error);
  if (query != NULL && uri == NULL)
    refuse (error, _ ("This is not an address."));
  if (ok)
    {
      self->token = reprise_secret_value_new_text (query);
      ok = read_query (self, query, error);
    }
  if (query != NULL)
    reprise_secret_wipe (query, strlen (query));
  g_free (text);
  return ok ? g_steal_pointer (&self) : NULL;
}

/* --- judging --- */

/* Whether it has all of the letters; a policy that says them elsewhere is given the benefit of the doubt. To make a blob, c does
 * as well as w. */
gboolean
reprise_sas_may (const RepriseSas *self, const char *permissions)
{
  if (self->permissions == NULL)
    return TRUE;
  for (const char *letter = permissions; *letter != '\0'; letter++)
    if (strchr (self->permissions, *letter) == NULL)
      return FALSE;
  return TRUE;
}

gboolean
reprise_sas_has_ended (const RepriseSas *self, GDateTime *now)
{
  return self->end != NULL && g_date_time_compare (self->end, now) <= 0;
}

static const char *
describe_letter (char letter)
{
  switch (letter)
    {
    case 'r':
      return _ ("read");
    case 'w':
      return _ ("write");
    case 'd':
      return _ ("delete");
    case 'l':
      return _ ("list");
    default:
      return _ ("something else");
    }
}

/* (transfer full) (nullable): what is missing: “delete, list” */
static char *
describe_missing (const RepriseSas *self, const char *permissions)
{
  GString *text = g_string_new (NULL);

  for (const char *letter = permissions; *letter != '\0'; letter++)
    if (self->permissions != NULL && strchr (self->permissions, *letter) == NULL)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", describe_letter (*letter));
  return g_string_free (text, text->len == 0);
}

static void
warn_of_end (const RepriseSas *self, GDateTime *now, GDateTime *needed_until, GPtrArray *warnings)
{
  g_autoptr (GDateTime) soon = g_date_time_add_days (now, WARN_DAYS);
  g_autofree char *end = NULL;
  g_autofree char *needed = NULL;

  if (self->end == NULL)
    return;
  end = reprise_time_to_text (self->end);
  if (needed_until != NULL && g_date_time_compare (self->end, needed_until) < 0)
    {
      needed = reprise_time_to_text (needed_until);
      g_ptr_array_add (warnings,
                       g_strdup_printf (_ ("The shared access signature ends on %s, but backups "
                                           "are kept until %s. Azure cannot delete them after it "
                                           "has ended."),
                                        end, needed));
    }
  else if (g_date_time_compare (self->end, soon) <= 0)
    g_ptr_array_add (warnings,
                     g_strdup_printf (_ ("The shared access signature ends on %s."), end));
}

/**
 * reprise_sas_check:
 * @permissions: letters that are needed
 * @needed_until: (nullable): for how long
 * @warnings: (element-type utf8): sentences are added to it
 *
 * Judges a signature by what it says, since the storage itself does not tell why it refuses.
 *
 * Returns: %FALSE with %REPRISE_ERROR_NEEDS_SIGN_IN where it has ended or is not good yet, and with %REPRISE_ERROR_DENIED where
 *   it is for something else
 */
gboolean
reprise_sas_check (const RepriseSas *self,
                   const char *permissions,
                   GDateTime *now,
                   GDateTime *needed_until,
                   GPtrArray *warnings,
                   GError **error)
{
  g_autoptr (GDateTime) later = g_date_time_add_seconds (now, SKEW_SECONDS);
  g_autofree char *missing = describe_missing (self, permissions);
  g_autofree char *time = NULL;

  if (!self->reaches)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DENIED,
                               _ ("The shared access signature is for the account, but not for its "
                                  "containers and blobs (ss=b, srt=co)."));
  else if (reprise_sas_has_ended (self, now))
    {
      time = reprise_time_to_text (self->end);
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                         _ ("The shared access signature for %s/%s ended on %s. Give a new one."),
                         self->account, self->container, time);
    }
  else if (self->start != NULL && g_date_time_compare (self->start, later) > 0)
    {
      time = reprise_time_to_text (self->start);
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                         _ ("The shared access signature for %s/%s is not good before %s."),
                         self->account, self->container, time);
    }
  else
    {
      if (missing != NULL)
        g_ptr_array_add (
          warnings,
          /* Translators: %s is a list such as “write, delete” */
          g_strdup_printf (_ ("The shared access signature does not allow: %s."), missing));
      warn_of_end (self, now, needed_until, warnings);
      return TRUE;
    }
  return FALSE;
}

/* (transfer full): for people: “acct/container (rwdl, until 1 December 2026 10:00)”; no secret */
char *
reprise_sas_describe (const RepriseSas *self)
{
  g_autofree char *end = self->end != NULL ? reprise_time_to_text (self->end) : NULL;
  const char *letters = self->permissions != NULL ? self->permissions : _ ("by a policy");

  if (end == NULL)
    return g_strdup_printf ("%s/%s (%s)", self->account, self->container, letters);
  /* Translators: an account and a container, letters such as “rwdl”, a date */
  return g_strdup_printf (_ ("%s/%s (%s, until %s)"), self->account, self->container, letters, end);
}

/* (transfer full): the whole, as Azure is given it */
RepriseSecretValue *
reprise_sas_dup_address (const RepriseSas *self)
{
  char *text = g_strconcat (self->endpoint, self->container, "?",
                            reprise_secret_value_get_text (self->token), NULL);

  return reprise_secret_value_new_take (text, strlen (text));
}

/* --- making --- */

/* (transfer full) (nullable): base64 (HMAC-SHA256 (key, text)), escaped for a query */
static char *
sign (RepriseSecretValue *key, const char *text, GError **error)
{
  guint8 digest[EVP_MAX_MD_SIZE];
  guint size = 0;
  gsize key_size = 0;
  guchar *raw = g_base64_decode (reprise_secret_value_get_text (key), &key_size);
  g_autofree char *base64 = NULL;

  if (key_size == 0 || key_size > MAX_KEY_BYTES ||
      HMAC (EVP_sha256 (), raw, (int) key_size, (const guchar *) text, strlen (text), digest,
            &size) == NULL)
    {
      refuse (error, _ ("The access key of the storage account is not one: it is base64."));
      g_free (raw);
      return NULL;
    }
  reprise_secret_wipe (raw, key_size);
  g_free (raw);
  base64 = g_base64_encode (digest, size);
  return g_uri_escape_string (base64, NULL, FALSE);
}

static char *
format_time (GDateTime *time)
{
  g_autoptr (GDateTime) utc = g_date_time_to_utc (time);

  return g_date_time_format (utc, "%Y-%m-%dT%H:%M:%SZ");
}

static RepriseSecretValue *
take_token (const char *fields, const char *end, const char *signature)
{
  g_autofree char *escaped = g_uri_escape_string (end, NULL, FALSE);
  char *token = g_strdup_printf ("sv=" VERSION "&%s&se=%s&sig=%s", fields, escaped, signature);

  return reprise_secret_value_new_take (token, strlen (token));
}

/**
 * reprise_sas_make:
 * @endpoint: of the account's blobs
 * @key: of the account
 * @permissions: “rwdl”, in the order that Azure wants: racwdxltmeop
 *
 * Signs for a container (a service SAS): good at once, until @end.
 *
 * Returns: (transfer full): the signature, or %NULL with %REPRISE_ERROR_INVALID for a key that is none
 */
RepriseSas *
reprise_sas_make (const char *endpoint,
                  const char *account,
                  const char *container,
                  RepriseSecretValue *key,
                  const char *permissions,
                  GDateTime *end,
                  GError **error)
{
  g_autoptr (RepriseSas) self = g_new0 (RepriseSas, 1);
  g_autofree char *until = format_time (end);
  gboolean secure = g_str_has_prefix (endpoint, "https:");
  const char *protocol = secure ? "https" : "";
  /* permissions, start, end, resource, policy, addresses, protocol, version, kind, snapshot, scope, five response headers */
  g_autofree char *text =
    g_strdup_printf ("%s\n\n%s\n/blob/%s/%s\n\n\n%s\n" VERSION "\nc\n\n\n\n\n\n\n", permissions,
                     until, account, container, protocol);
  g_autofree char *signature = sign (key, text, error);
  g_autofree char *fields =
    g_strdup_printf ("%ssr=c&sp=%s", secure ? "spr=https&" : "", permissions);

  if (signature == NULL)
    return NULL;
  self->endpoint = g_strconcat (endpoint, g_str_has_suffix (endpoint, "/") ? "" : "/", NULL);
  self->account = g_strdup (account);
  self->container = g_strdup (container);
  self->permissions = g_strdup (permissions);
  self->end = g_date_time_ref (end);
  self->version = g_strdup (VERSION);
  self->https_only = secure;
  self->reaches = TRUE;
  self->token = take_token (fields, until, signature);
  return g_steal_pointer (&self);
}

/**
 * reprise_sas_make_for_account:
 *
 * Signs for the containers of an account (an account SAS), which making one needs.
 *
 * Returns: (transfer full): the query, or %NULL with %REPRISE_ERROR_INVALID
 */
RepriseSecretValue *
reprise_sas_make_for_account (const char *account,
                              RepriseSecretValue *key,
                              const char *permissions,
                              gboolean secure,
                              GDateTime *end,
                              GError **error)
{
  g_autofree char *until = format_time (end);
  const char *protocol = secure ? "https" : "";
  /* account, permissions, services, resource types, start, end, addresses, protocol, version, scope */
  g_autofree char *text = g_strdup_printf ("%s\n%s\nb\nsco\n\n%s\n\n%s\n" VERSION "\n\n", account,
                                           permissions, until, protocol);
  g_autofree char *signature = sign (key, text, error);
  g_autofree char *fields =
    g_strdup_printf ("%sss=b&srt=sco&sp=%s", secure ? "spr=https&" : "", permissions);

  return signature != NULL ? take_token (fields, until, signature) : NULL;
}
