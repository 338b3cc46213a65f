data "azurerm_client_config" "current" {}

resource "azurerm_resource_group" "this" {
  name     = "rg-${local.name}"
  location = var.location
  tags     = local.tags
}

resource "azurerm_user_assigned_identity" "this" {
  name                = "id-${local.name}"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  tags                = local.tags
}

module "cluster" {
  source   = "./modules/cluster"
  for_each = var.clusters

  cluster_id              = local.cluster_ids[each.key]
  flux_configurations     = { for name, one in var.flux_configurations : name => one if contains(one.clusters, each.key) }
  flux_extension_managed  = each.value.flux_extension_managed
  flux_extension_settings = each.value.flux_extension_settings
  git_credentials         = var.git_credentials
}

# The function app ships with the same files.
module "catalogue" {
  source = "./modules/catalogue"

  folder             = "${path.module}/../shared/rules"
  metrics_workspaces = local.monitor_workspaces
  log_workspaces     = local.log_workspaces
  overrides          = var.alert_overrides
  runbook_url        = var.runbook_url

  clusters = {
    for name, cluster in var.clusters : name => {
      id                = local.cluster_ids[name]
      mode              = cluster.alert_rules
      metrics_workspace = cluster.monitor_workspace
      log_workspace     = cluster.log_analytics_workspace
      overrides         = cluster.alert_overrides
    }
  }
}

module "alert_rules" {
  source = "./modules/alert_rules"

  action_group_id     = azurerm_monitor_action_group.this.id
  log_rules           = var.alert_rules_managed ? module.catalogue.log_rules : {}
  prometheus_groups   = var.alert_rules_managed ? module.catalogue.prometheus_groups : {}
  resource_group_name = azurerm_resource_group.this.name
  tags                = local.tags
}

# About Fluxwatch itself, by e-mail: it must not depend on what it tells of.
module "self_alerts" {
  source = "./modules/self_alerts"
  count  = var.self_alerts_enabled ? 1 : 0

  app_name            = local.function_app_name
  enabled             = var.functions_published
  folder              = "${path.module}/alerts"
  emails              = var.notification_emails
  name                = local.name
  off                 = var.self_alerts_off
  resource_group_name = azurerm_resource_group.this.name
  location            = local.telemetry.location
  workspace_id        = local.telemetry.workspace_id
  tags                = local.tags
}

module "event_subscription" {
  source = "./modules/event_subscription"
  count  = local.rules_of_the_app ? 1 : 0

  name                  = local.name
  resource_group_name   = coalesce(var.event_system_topic_resource_group_name, azurerm_resource_group.this.name)
  source_id             = "/subscriptions/${var.subscription_id}"
  system_topic_name     = var.event_system_topic_name
  enabled               = var.functions_published
  function_id           = "${azapi_resource.function_app.id}/functions/ensure_alert_rules"
  storage_account_id    = azurerm_storage_account.this.id
  dead_letter_container = azurerm_storage_container.this["dead-letters"].name
  tags                  = local.tags
}
