# microsoft.flux on AKS or Arc, and Flux configurations where Terraform is to make them.
locals {
  arc = can(regex("(?i)/connectedClusters/", var.cluster_id))
  aks = !local.arc
}

resource "azurerm_kubernetes_cluster_extension" "flux" {
  count = var.flux_extension_managed && local.aks ? 1 : 0

  name                   = "flux"
  cluster_id             = var.cluster_id
  extension_type         = "microsoft.flux"
  release_namespace      = "flux-system"
  configuration_settings = var.flux_extension_settings

  # No version: with one Azure does not upgrade it, and a change would make it anew.
  timeouts {
    create = "60m" # half an hour is not always enough (azurerm issue 25952)
    delete = "60m"
  }
}

resource "azurerm_arc_kubernetes_cluster_extension" "flux" {
  count = var.flux_extension_managed && local.arc ? 1 : 0

  name                   = "flux"
  cluster_id             = var.cluster_id
  extension_type         = "microsoft.flux"
  release_namespace      = "flux-system"
  configuration_settings = var.flux_extension_settings

  identity {
    type = "SystemAssigned"
  }

  timeouts {
    create = "60m"
    delete = "60m"
  }
}

resource "azurerm_kubernetes_flux_configuration" "this" {
  for_each = { for name, configuration in var.flux_configurations : name => configuration if local.aks }

  name                              = each.key
  cluster_id                        = var.cluster_id
  namespace                         = each.value.namespace
  scope                             = each.value.scope
  continuous_reconciliation_enabled = !each.value.suspended

  git_repository {
    url                      = each.value.git.url
    reference_type           = each.value.git.reference_type
    reference_value          = each.value.git.reference_value
    provider                 = each.value.git.provider
    local_auth_reference     = each.value.git.local_auth_reference
    https_user               = try(var.git_credentials[each.key].https_user, null)
    https_key_base64         = try(base64encode(var.git_credentials[each.key].https_key), null)
    https_ca_cert_base64     = try(base64encode(each.value.git.https_ca_cert), null)
    ssh_private_key_base64   = try(base64encode(var.git_credentials[each.key].ssh_private_key), null)
    ssh_known_hosts_base64   = try(base64encode(each.value.git.ssh_known_hosts), null)
    sync_interval_in_seconds = each.value.git.sync_interval_in_seconds
    timeout_in_seconds       = each.value.git.timeout_in_seconds
  }

  dynamic "kustomizations" {
    for_each = each.value.kustomizations

    content {
      name                       = kustomizations.key
      path                       = kustomizations.value.path
      depends_on                 = kustomizations.value.depends_on
      garbage_collection_enabled = kustomizations.value.prune
      recreating_enabled         = kustomizations.value.force
      retry_interval_in_seconds  = kustomizations.value.retry_interval_in_seconds
      sync_interval_in_seconds   = kustomizations.value.sync_interval_in_seconds
      timeout_in_seconds         = kustomizations.value.timeout_in_seconds
      wait                       = kustomizations.value.wait
    }
  }

  depends_on = [azurerm_kubernetes_cluster_extension.flux]
}

resource "azurerm_arc_kubernetes_flux_configuration" "this" {
  for_each = { for name, configuration in var.flux_configurations : name => configuration if local.arc }

  name                              = each.key
  cluster_id                        = var.cluster_id
  namespace                         = each.value.namespace
  scope                             = each.value.scope
  continuous_reconciliation_enabled = !each.value.suspended

  git_repository {
    url                      = each.value.git.url
    reference_type           = each.value.git.reference_type
    reference_value          = each.value.git.reference_value
    local_auth_reference     = each.value.git.local_auth_reference
    https_user               = try(var.git_credentials[each.key].https_user, null)
    https_key_base64         = try(base64encode(var.git_credentials[each.key].https_key), null)
    https_ca_cert_base64     = try(base64encode(each.value.git.https_ca_cert), null)
    ssh_private_key_base64   = try(base64encode(var.git_credentials[each.key].ssh_private_key), null)
    ssh_known_hosts_base64   = try(base64encode(each.value.git.ssh_known_hosts), null)
    sync_interval_in_seconds = each.value.git.sync_interval_in_seconds
    timeout_in_seconds       = each.value.git.timeout_in_seconds
  }

  dynamic "kustomizations" {
    for_each = each.value.kustomizations

    content {
      name                       = kustomizations.key
      path                       = kustomizations.value.path
      depends_on                 = kustomizations.value.depends_on
      garbage_collection_enabled = kustomizations.value.prune
      recreating_enabled         = kustomizations.value.force
      retry_interval_in_seconds  = kustomizations.value.retry_interval_in_seconds
      sync_interval_in_seconds   = kustomizations.value.sync_interval_in_seconds
      timeout_in_seconds         = kustomizations.value.timeout_in_seconds
    }
  }

  lifecycle {
    precondition {
      condition     = each.value.git.provider == null && alltrue([for one in values(each.value.kustomizations) : one.wait == null])
      error_message = "azurerm knows neither git.provider nor a kustomization's wait for Arc clusters."
    }
  }

  depends_on = [azurerm_arc_kubernetes_cluster_extension.flux]
}
