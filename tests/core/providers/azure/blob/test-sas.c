/* test-sas.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/azure/blob/reprise-sas.h"
#include "reprise-test.h"

#define SEED                                                          \
  "https://account.blob.core.windows.net/backups?sv=2015-02-21&sr=c&" \
  "sig=DzlkBl7h32C8qCv%2BifdBRxE63r4iv0kZ9L7E0qP16sY%3D&se=2016-09-15T22%3A46%3A54Z&sp=rwdl"

static GDateTime *
at (const char *text)
{
  GDateTime *time = reprise_sas_read_time (text);

  g_assert_nonnull (time);
  return time;
}

/* As it is printed in the user's document. */
static void
test_seed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSas) sas = reprise_sas_parse (SEED, &error);
  g_autoptr (RepriseSecretValue) address = NULL;
  g_autoptr (GDateTime) end = at ("2016-09-15T22:46:54Z");
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (sas->endpoint, ==, "https://account.blob.core.windows.net/");
  g_assert_cmpstr (sas->account, ==, "account");
  g_assert_cmpstr (sas->container, ==, "backups");
  g_assert_null (sas->blob);
  g_assert_cmpstr (sas->permissions, ==, "rwdl");
  g_assert_cmpstr (sas->version, ==, "2015-02-21");
  g_assert_true (g_date_time_equal (sas->end, end));
  g_assert_true (sas->reaches);
  g_assert_true (reprise_sas_may (sas, REPRISE_SAS_FOR_BACKUPS));
  address = reprise_sas_dup_address (sas); /* not encoded anew */
  g_assert_cmpstr (reprise_secret_value_get_text (address), ==, SEED);
  text = reprise_sas_describe (sas);
  g_assert_null (strstr (text, "sig"));
  g_assert_nonnull (strstr (text, "account/backups (rwdl, until "));
}

static void
test_forms (void)
{
  static const struct
  {
    const char *address, *endpoint, *account, *container, *blob, *permissions, *end;
    gboolean reaches;
  } forms[] = {
    { "  \"http://127.0.0.1:10000/acct/backups?sig=x&sp=r&se=2026-12-01\"\n",
      "http://127.0.0.1:10000/acct/", "acct", "backups", NULL, "r", "2026-12-01T00:00:00Z", TRUE },
    { "http://127.0.0.1:10000/acct/backups/a.zip?sig=x&sp=r&se=2026-12-01T10:30Z",
      "http://127.0.0.1:10000/acct/", "acct", "backups", "a.zip", "r", "2026-12-01T10:30:00Z",
      TRUE },
    { "https://a.blob.core.windows.net/c/d/e.zip?sr=b&sig=x&sp=r&se=2026-12-01T10:30:00.1234567Z",
      "https://a.blob.core.windows.net/", "a", "c", "d/e.zip", "r", "2026-12-01T10:30:00.123456Z",
      TRUE },
    { "https://a.blob.core.windows.net/c/?si=policy&sr=c&sig=x", "https://a.blob.core.windows.net/",
      "a", "c", NULL, NULL, NULL, TRUE },
    { "https://a.blob.core.windows.net/c?ss=b&srt=sco&sig=x&sp=rl&se=2026-12-01",
      "https://a.blob.core.windows.net/", "a", "c", NULL, "rl", "2026-12-01T00:00:00Z", TRUE },
    { "https://a.blob.core.windows.net/c?ss=qf&srt=sco&sig=x&sp=rl&se=2026-12-01",
      "https://a.blob.core.windows.net/", "a", "c", NULL, "rl", "2026-12-01T00:00:00Z", FALSE },
    { "https://a.blob.core.windows.net/c?ss=b&srt=s&sig=x&sp=rl&se=2026-12-01",
      "https://a.blob.core.windows.net/", "a", "c", NULL, "rl", "2026-12-01T00:00:00Z", FALSE },
    /* of a user's delegation: it ends when the delegation does */
    { "https://a.blob.core.windows.net/"
      "c?skoid=1&ske=2026-11-25T00:00:00Z&se=2026-12-01&sig=x&sp=rl",
      "https://a.blob.core.windows.net/", "a", "c", NULL, "rl", "2026-11-25T00:00:00Z", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseSas) sas = reprise_sas_parse (forms[i].address, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (sas->endpoint, ==, forms[i].endpoint);
      g_assert_cmpstr (sas->account, ==, forms[i].account);
      g_assert_cmpstr (sas->container, ==, forms[i].container);
      g_assert_cmpstr (sas->blob, ==, forms[i].blob);
      g_assert_cmpstr (sas->permissions, ==, forms[i].permissions);
      g_assert_cmpint (sas->reaches, ==, forms[i].reaches);
      if (forms[i].end == NULL)
        g_assert_null (sas->end);
      else
        {
          g_autoptr (GDateTime) end = at (forms[i].end);

          g_assert_cmpint (g_date_time_to_unix (sas->end), ==, g_date_time_to_unix (end));
        }
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *address, *words;
  } cases[] = {
    { "", "empty" },
    { "https://a.blob.core.windows.net/c", "no signature" },
    { "https://a.blob.core.windows.net/c?sp=rwdl&se=2026-12-01", "no signature" },
    { "https://a.blob.core.windows.net/?sig=canary", "no container" },
    { "http://a.blob.core.windows.net/c?sig=canary", "https://" },
    { "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=canary", "no signature" },
    { "a b?sig=canary", "not an address" },
    { "https://a.blob.core.windows.net/c?sig=canary&se=tomorrow", "time" },
    { "\342\200\234https://a.blob.core.windows.net/c?sig=canary\342\200\235", "quotation marks" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (reprise_sas_parse (cases[i].address, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
      if (strstr (error->message, cases[i].words) == NULL)
        g_error ("“%s” is not in “%s”", cases[i].words, error->message);
      g_assert_null (strstr (error->message, "canary"));
    }
}

static void
test_check (void)
{
  static const struct
  {
    const char *query, *now, *until;
    int code; /* or -1 */
    guint n_warnings;
    const char *words;
  } cases[] = {
    { "sp=rwdl&se=2026-12-31", "2026-11-21", NULL, -1, 0, "" },
    { "sp=rwdl&se=2026-11-27", "2026-11-21", NULL, -1, 1, "ends on" },
    { "sp=rwdl&se=2026-12-31", "2026-11-21", "2027-01-15", -1, 1, "backups are kept until" },
    { "sp=rl&se=2026-12-31", "2026-11-21", NULL, -1, 1, "write, delete" },
    { "sp=w&se=2026-11-23", "2026-11-21", NULL, -1, 2, "read, delete, list" },
    { "si=policy", "2026-11-21", "2030-01-01", -1, 0, "" },
    { "sp=rwdl&se=2026-11-20", "2026-11-21", NULL, REPRISE_ERROR_NEEDS_SIGN_IN, 0, "ended on" },
    { "sp=rwdl&st=2026-11-22&se=2026-12-31", "2026-11-21", NULL, REPRISE_ERROR_NEEDS_SIGN_IN, 0,
      "not good before" },
    /* clocks differ by minutes */
    { "sp=rwdl&st=2026-11-21T00:10Z&se=2026-12-31", "2026-11-21", NULL, -1, 0, "" },
    { "ss=q&srt=o&sp=rwdl&se=2026-12-31", "2026-11-21", NULL, REPRISE_ERROR_DENIED, 0, "srt=co" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *address =
        g_strconcat ("https://a.blob.core.windows.net/c?sig=canary&", cases[i].query, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseSas) sas = reprise_sas_parse (address, &error);
      g_autoptr (GDateTime) now = at (cases[i].now);
      g_autoptr (GDateTime) until = cases[i].until != NULL ? at (cases[i].until) : NULL;
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      const char *said;
      gboolean ok;

      g_assert_no_error (error);
      ok = reprise_sas_check (sas, REPRISE_SAS_FOR_BACKUPS, now, until, warnings, &error);
      g_assert_cmpint (ok, ==, cases[i].code < 0);
      if (!ok)
        g_assert_error (error, REPRISE_ERROR, cases[i].code);
      g_assert_cmpuint (warnings->len, ==, cases[i].n_warnings);
      said = !ok ? error->message : warnings->len > 0 ? warnings->pdata[0] : "";
      if (strstr (said, cases[i].words) == NULL)
        g_error ("“%s” is not in “%s”", cases[i].words, said);
      g_assert_null (strstr (said, "canary"));
    }
}

/* The signatures are those that another program makes of the same key. */
static void
test_make (void)
{
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text ("c2VjcmV0IGtleQ==");
  g_autoptr (RepriseSecretValue) bad = reprise_secret_value_new_text ("");
  g_autoptr (GDateTime) end = at ("2026-12-01T10:00:00Z");
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSas) sas = NULL;
  g_autoptr (RepriseSas) local = NULL;

  sas = reprise_sas_make ("https://acct.blob.core.windows.net", "acct", "backups", key, "rwdl", end,
                          &error);
  g_assert_no_error (error);
  g_assert_cmpstr (sas->endpoint, ==, "https://acct.blob.core.windows.net/");
  g_assert_cmpstr (reprise_secret_value_get_text (sas->token), ==,
                   "sv=2021-12-02&spr=https&sr=c&sp=rwdl&se=2026-12-01T10%3A00%3A00Z&sig="
                   "r6A1MyuZPFrFpKBm7Pynsy8CYUtk8vlX2Nqp6OejgPo%3D");
  local =
    reprise_sas_make ("http://127.0.0.1:1/acct/", "acct", "backups", key, "rwdl", end, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_secret_value_get_text (local->token), ==,
                   "sv=2021-12-02&sr=c&sp=rwdl&se=2026-12-01T10%3A00%3A00Z&sig="
                   "D2KkUN8K2eJMH7JJUuL7L%2BXoTEy5f7M2l7BLQ5L9c6A%3D");
  g_assert_null (reprise_sas_make ("https://a", "a", "b", bad, "r", end, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/sas/seed", test_seed);
  g_test_add_func ("/sas/forms", test_forms);
  g_test_add_func ("/sas/refused", test_refused);
  g_test_add_func ("/sas/check", test_check);
  g_test_add_func ("/sas/make", test_make);
  return g_test_run ();
}
