/* reprise-api-reports.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"
#include "providers/azure/apim/reprise-api.h"
#include "vault/reprise-vault-writer.h"

G_BEGIN_DECLS

/* which reports are fetched: a setting */
#define REPRISE_API_REPORTS_ALL       "all"
#define REPRISE_API_REPORTS_SUMMARIES "summaries" /* all but the one with every single request */
#define REPRISE_API_REPORTS_NONE      "none"

#define REPRISE_API_REPORT_EXTENSION ".jsonl" /* lines of JSON */

/**
 * RepriseApiReports:
 * @which: one of the settings above
 * @first_days: how far back the first run of all goes
 * @now: until when, but for what Azure may still be counting
 *
 * What is to be fetched.
 */
typedef struct
{
  const char *which;
  int first_days;
  GDateTime *now;
} RepriseApiReports;

/* In the worker that reads: bytes of a report. %FALSE with @error ends it. */
typedef gboolean (*RepriseApiReportBytes) (const char *data,
                                           gsize size,
                                           gpointer user_data,
                                           GError **error);

/* blocking: for workers */
gboolean reprise_api_report_read (const char *path,
                                  RepriseApiReportBytes take,
                                  gpointer user_data,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean reprise_api_reports_fetch (RepriseApi *api,
                                    const RepriseApiReports *wanted,
                                    RepriseVaultWriter *writer,
                                    RepriseContents *contents,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean reprise_api_reports_check (RepriseArchive *archive,
                                    GCancellable *cancellable,
                                    GError **error);

/* no requests */
const char *reprise_api_report_get_title (RepriseApiReport report);
char *reprise_api_report_dup_file (RepriseApiReport report);
void reprise_api_reports_add_contents (RepriseContents *contents, const char *which);
void reprise_api_reports_add_facts (RepriseArchive *archive);

G_END_DECLS
