/* reprise-provider-base.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-provider-base.h"

typedef struct
{
  RepriseKind *kind;       /* (owned) */
  RepriseService *service; /* (owned) */
  RepriseSecrets *secrets; /* (owned) */
} RepriseProviderBasePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (RepriseProviderBase, reprise_provider_base, G_TYPE_OBJECT)

static RepriseProviderBasePrivate *
get (RepriseProviderBase *self)
{
  return reprise_provider_base_get_instance_private (self);
}

static void
reprise_provider_base_finalize (GObject *object)
{
  RepriseProviderBasePrivate *private = get (REPRISE_PROVIDER_BASE (object));

  g_clear_object (&private->kind);
  g_clear_object (&private->service);
  g_clear_object (&private->secrets);
  G_OBJECT_CLASS (reprise_provider_base_parent_class)->finalize (object);
}

static void
reprise_provider_base_class_init (RepriseProviderBaseClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_provider_base_finalize;
}

static void
reprise_provider_base_init (RepriseProviderBase *self)
{
}

/**
 * reprise_provider_base_create:
 * @type: of the provider, which derives from #RepriseProviderBase
 * @secrets: (nullable): %NULL for those in the keyring
 *
 * Returns: (transfer full): a provider of @type for @service
 */
RepriseProvider *
reprise_provider_base_create (GType type,
                              RepriseKind *kind,
                              RepriseService *service,
                              RepriseSecrets *secrets)
{
  RepriseProviderBase *self = g_object_new (type, NULL);
  RepriseProviderBasePrivate *private = get (self);

  private->kind = g_object_ref (kind);
  private->service = g_object_ref (service);
  private->secrets = secrets != NULL ? g_object_ref (secrets)
                                     : reprise_secrets_new (reprise_service_get_uuid (service), 0);
  return REPRISE_PROVIDER (self);
}

/* (transfer none) */
RepriseKind *
reprise_provider_base_get_kind (RepriseProviderBase *self)
{
  return get (self)->kind;
}

/* (transfer none) */
RepriseService *
reprise_provider_base_get_service (RepriseProviderBase *self)
{
  return get (self)->service;
}

/* (transfer none) */
RepriseSecrets *
reprise_provider_base_get_secrets (RepriseProviderBase *self)
{
  return get (self)->secrets;
}

/* What is set, or by default so; never %NULL */
const char *
reprise_provider_base_get_setting (RepriseProviderBase *self, const char *key)
{
  const char *value = reprise_kind_get_value (get (self)->kind, get (self)->service, key);

  return value != NULL ? value : "";
}
