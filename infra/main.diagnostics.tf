# What the app writes is in Application Insights already: here is only what it cannot say by itself.
locals {
  diagnosed = var.diagnostics_enabled ? merge(
    { function_app = azapi_resource.function_app.id },
    var.key_vault_id == null ? { key_vault = local.key_vault_id } : {},
  ) : {}
  logs_of = { key_vault = "audit" } # category group
}

resource "azurerm_monitor_diagnostic_setting" "this" {
  for_each = local.diagnosed

  name                       = "to-log-analytics"
  target_resource_id         = each.value
  log_analytics_workspace_id = local.telemetry.workspace_id

  dynamic "enabled_log" {
    for_each = [for name, group in local.logs_of : group if name == each.key]

    content {
      category_group = enabled_log.value
    }
  }

  enabled_metric {
    category = "AllMetrics"
  }
}

resource "azurerm_monitor_diagnostic_setting" "events" {
  count = var.diagnostics_enabled && local.rules_of_the_app && var.event_system_topic_name == null ? 1 : 0

  name                       = "to-log-analytics"
  target_resource_id         = module.event_subscription[0].system_topic_id
  log_analytics_workspace_id = local.telemetry.workspace_id

  enabled_log {
    category = "DeliveryFailures"
  }
}
