/* reprise-document.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-provider.h"

/* History per document: what a kind that has it gives, and its calls. */

const char *
reprise_document_state_to_string (RepriseDocumentState state)
{
  static const char *const ids[] = { "saved", "changed", "deleted", "not-covered", "unknown" };

  return ids[state];
}

/* For people, one or a few words. */
const char *
reprise_document_state_get_text (RepriseDocumentState state)
{
  switch (state)
    {
    case REPRISE_DOCUMENT_SAVED:
      return _ ("in a backup");
    case REPRISE_DOCUMENT_CHANGED:
      return _ ("changed since the last backup");
    case REPRISE_DOCUMENT_DELETED:
      return _ ("only in backups");
    case REPRISE_DOCUMENT_UNKNOWN:
      return _ ("in a backup; the service does not answer");
    case REPRISE_DOCUMENT_NOT_COVERED:
    default:
      return _ ("in no backup");
    }
}

void
reprise_document_free (RepriseDocument *self)
{
  g_free (self->id);
  g_free (self);
}

void
reprise_version_free (RepriseVersion *self)
{
  g_clear_pointer (&self->at, g_date_time_unref);
  g_free (self->version);
  g_free (self->backup_id);
  g_free (self->tier);
  g_clear_pointer (&self->leaving_at, g_date_time_unref);
  g_free (self->origin);
  g_free (self);
}

void
reprise_difference_free (RepriseDifference *self)
{
  g_free (self->path);
  g_free (self->before);
  g_free (self->after);
  g_free (self);
}

static gpointer
not_supported (GError **error)
{
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                             _ ("This kind of service has no history of single documents."));
  return NULL;
}

/**
 * reprise_provider_list_documents:
 * @pattern: (nullable): of ids, with “*” and “?”
 * @limit: how many at most
 * @warning: (out) (optional) (nullable): why the service could not be asked: these are those in backups
 *
 * Returns: (transfer full) (element-type RepriseDocument): those on the service and in backups, by id; or %NULL with @error
 */
GPtrArray *
reprise_provider_list_documents (RepriseProvider *self,
                                 RepriseVault *vault,
                                 const char *collection,
                                 const char *pattern,
                                 guint limit,
                                 char **warning,
                                 GCancellable *cancellable,
                                 GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (warning != NULL)
    *warning = NULL;
  return iface->list_documents != NULL ? iface->list_documents (self, vault, collection, pattern,
                                                                limit, warning, cancellable, error)
                                       : not_supported (error);
}

/**
 * reprise_provider_list_versions:
 * @warning: (out) (optional) (nullable): why the service could not be asked: these are those in backups
 *
 * Returns: (transfer full) (element-type RepriseVersion): the one on the service first, if there is one, then those in backups, the
 *   newest first; or %NULL with @error
 */
GPtrArray *
reprise_provider_list_versions (RepriseProvider *self,
                                RepriseVault *vault,
                                const char *collection,
                                const char *document,
                                char **warning,
                                GCancellable *cancellable,
                                GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  if (warning != NULL)
    *warning = NULL;
  return iface->list_versions != NULL
           ? iface->list_versions (self, vault, collection, document, warning, cancellable, error)
           : not_supported (error);
}

/**
 * reprise_provider_compare_versions:
 * @from: (nullable): a version; %NULL for the newest in a backup
 * @to: (nullable): a version; %NULL for the one on the service now
 *
 * Returns: (transfer full) (element-type RepriseDifference): key by key, none where they are equal; or %NULL with @error
 */
GPtrArray *
reprise_provider_compare_versions (RepriseProvider *self,
                                   RepriseVault *vault,
                                   const char *collection,
                                   const char *document,
                                   const char *from,
                                   const char *to,
                                   GCancellable *cancellable,
                                   GError **error)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (self);

  return iface->compare_versions != NULL
           ? iface->compare_versions (self, vault, collection, document, from, to, cancellable,
                                      error)
           : not_supported (error);
}
