# Workspaces and Application Insights: existing ones by id, or new ones where none is given.
locals {
  # Rules of the function app take wishes from the tags of a workspace.
  wishes = {
    for alert, wish in local.rules_of_the_app ? var.alert_overrides : {} : "fluxwatch-rule-${alert}" => wish.off ? "off" : join(" ", compact([
      wish.wait == null ? "" : "for=${wish.wait}",
      wish.threshold == null ? "" : "threshold=${wish.threshold}",
      wish.severity == null ? "" : "severity=${wish.severity}",
    ]))
  }

  log_workspaces = concat(
    [for id in var.log_analytics_workspace_ids : { id = id, location = data.azapi_resource.workspace[id].location }],
    [for one in azurerm_log_analytics_workspace.this : { id = one.id, location = one.location }],
  )
  monitor_workspaces = concat(
    [for id in var.monitor_workspace_ids : { id = id, location = data.azapi_resource.workspace[id].location }],
    [for one in azurerm_monitor_workspace.this : { id = one.id, location = one.location }],
  )
  telemetry = one(concat(
    [
      for one in azurerm_application_insights.this : {
        id                = one.id
        connection_string = one.connection_string
        location          = local.log_workspaces[0].location
        workspace_id      = local.log_workspaces[0].id
      }
    ],
    [
      for one in data.azurerm_application_insights.this : {
        id                = one.id
        connection_string = one.connection_string
        location          = data.azapi_resource.telemetry_workspace[0].location
        workspace_id      = one.workspace_id
      }
    ],
  ))
}

# azapi: reads workspaces of other subscriptions, too. Alert rules live in the region of their workspace.
data "azapi_resource" "workspace" {
  for_each = toset(concat(var.log_analytics_workspace_ids, var.monitor_workspace_ids))

  type        = can(regex("(?i)/Microsoft.Monitor/", each.key)) ? "Microsoft.Monitor/accounts@2023-04-03" : "Microsoft.OperationalInsights/workspaces@2023-09-01"
  resource_id = each.key
}

resource "azurerm_log_analytics_workspace" "this" {
  count = length(var.log_analytics_workspace_ids) == 0 ? 1 : 0

  name                = "log-${local.name}"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  sku                 = "PerGB2018"
  retention_in_days   = 30
  tags                = merge(local.tags, local.wishes)
}

resource "azurerm_monitor_workspace" "this" {
  count = length(var.monitor_workspace_ids) == 0 ? 1 : 0

  name                = "amw-${local.name}"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  tags                = merge(local.tags, local.wishes)
}

resource "azurerm_application_insights" "this" {
  count = var.application_insights_id == null ? 1 : 0

  name                         = "appi-${local.name}"
  location                     = azurerm_resource_group.this.location
  resource_group_name          = azurerm_resource_group.this.name
  workspace_id                 = local.log_workspaces[0].id
  application_type             = "web"
  local_authentication_enabled = false
  tags                         = local.tags
}

data "azurerm_application_insights" "this" {
  count = var.application_insights_id == null ? 0 : 1

  name                = basename(var.application_insights_id)
  resource_group_name = split("/", var.application_insights_id)[4]

  lifecycle {
    postcondition {
      condition     = try(length(self.workspace_id), 0) > 0
      error_message = "This Application Insights is classic: it writes to no workspace. Migrate it, or leave application_insights_id out."
    }
  }
}

data "azapi_resource" "telemetry_workspace" {
  count = var.application_insights_id == null ? 0 : 1

  type        = "Microsoft.OperationalInsights/workspaces@2023-09-01"
  resource_id = data.azurerm_application_insights.this[0].workspace_id
}

# What the rules call, whoever owns them. An action group can send no header, so the key stands in its address: it is the key
# of this one function.
resource "azurerm_monitor_action_group" "this" {
  name                = local.action_group_name
  resource_group_name = azurerm_resource_group.this.name
  short_name          = "fluxwatch"
  enabled             = true
  tags                = local.tags

  dynamic "azure_function_receiver" {
    for_each = var.alert_entra == null ? data.azapi_resource_action.alert_receiver_keys : []

    content {
      name                     = "fluxwatch"
      function_app_resource_id = azapi_resource.function_app.id
      function_name            = "receive_azure_alert"
      http_trigger_url         = "${local.function_app_url}/api/azure/alerts?code=${azure_function_receiver.value.sensitive_output.default}"
      use_common_alert_schema  = true
    }
  }

  # With Entra's secure webhook the group signs in, too.
  dynamic "webhook_receiver" {
    for_each = var.alert_entra == null ? [] : data.azapi_resource_action.alert_receiver_keys

    content {
      name                    = "fluxwatch"
      service_uri             = "${local.function_app_url}/api/azure/alerts?code=${webhook_receiver.value.sensitive_output.default}"
      use_common_alert_schema = true

      aad_auth {
        object_id      = var.alert_entra.object_id
        identifier_uri = "api://${var.alert_entra.app_id}"
        tenant_id      = var.alert_entra.tenant_id
      }
    }
  }
}

# After a rotation of the key: apply again.
data "azapi_resource_action" "alert_receiver_keys" {
  count = var.functions_published ? 1 : 0

  type                             = "Microsoft.Web/sites/functions@2025-03-01"
  resource_id                      = "${azapi_resource.function_app.id}/functions/receive_azure_alert"
  action                           = "listkeys"
  method                           = "POST"
  sensitive_response_export_values = ["default"]
}

check "rules_are_seen" {
  assert {
    condition = !local.rules_of_the_app || length(var.fleet_scopes) == 0 || anytrue([for scope in var.fleet_scopes : !startswith(lower(scope), "/subscriptions/")]) || alltrue([
      for subscription in distinct(concat(
        length(var.monitor_workspace_ids) == 0 || length(var.log_analytics_workspace_ids) == 0 ? [var.subscription_id] : [],
        [for id in concat(var.monitor_workspace_ids, var.log_analytics_workspace_ids) : split("/", id)[2]],
      )) : contains([for scope in var.fleet_scopes : lower(basename(scope))], lower(subscription))
    ])
    error_message = "The app finds workspaces within fleet_scopes only: without their subscriptions it makes no alert rules for them."
  }
}
