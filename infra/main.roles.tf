# The identity's rights: the narrowest that do (docs/permissions.md). Names of custom roles are unique in the tenant.
locals {
  fleet_actions = [
    "Microsoft.ContainerService/managedClusters/read",
    "Microsoft.HybridContainerService/provisionedClusters/read",
    "Microsoft.Kubernetes/connectedClusters/read",
    "Microsoft.KubernetesConfiguration/extensions/read",
    "Microsoft.KubernetesConfiguration/fluxConfigurations/read",
    "Microsoft.ResourceGraph/resources/read",
    "Microsoft.Resources/subscriptions/read",
  ]

  alert_rule_actions = [
    "Microsoft.AlertsManagement/prometheusRuleGroups/delete",
    "Microsoft.AlertsManagement/prometheusRuleGroups/read",
    "Microsoft.AlertsManagement/prometheusRuleGroups/write",
    "Microsoft.Insights/actionGroups/read",
    "Microsoft.Insights/scheduledQueryRules/delete",
    "Microsoft.Insights/scheduledQueryRules/read",
    "Microsoft.Insights/scheduledQueryRules/write",
  ]

  log_actions = [
    "Microsoft.OperationalInsights/workspaces/query/read",
    "Microsoft.OperationalInsights/workspaces/read",
    "Microsoft.OperationalInsights/workspaces/tables/read", # the plan decides how a table is asked
  ]
  log_data_actions = ["Microsoft.OperationalInsights/workspaces/tables/data/read"]

  metrics_actions = ["Microsoft.Monitor/accounts/read"] # a rule lives in its workspace's region

  # A role takes one management group at most, and any number of subscriptions.
  fleet_groups        = [for id in var.fleet_scopes : id if !startswith(lower(id), "/subscriptions/")]
  fleet_subscriptions = [for id in var.fleet_scopes : id if startswith(lower(id), "/subscriptions/")]
  fleet_roles = merge(
    { for id in local.fleet_groups : basename(id) => [id] },
    length(local.fleet_subscriptions) > 0 ? { "all subscriptions" = local.fleet_subscriptions } : {}, # no name of a management group
  )
}

resource "azurerm_role_definition" "alert_rules" {
  count = var.custom_roles_enabled && local.rules_of_the_app ? 1 : 0

  name              = "Fluxwatch alert rules (${var.environment_name}-${local.token})"
  scope             = azurerm_resource_group.this.id
  assignable_scopes = [azurerm_resource_group.this.id]
  description       = "Create, change and delete the alert rules of Fluxwatch."

  permissions {
    actions = local.alert_rule_actions
  }
}

resource "azurerm_role_definition" "fleet" {
  for_each = var.custom_roles_enabled ? local.fleet_roles : {}

  name              = "Fluxwatch fleet reader (${var.environment_name}-${local.token}, ${each.key})"
  scope             = each.value[0]
  assignable_scopes = each.value
  description       = "Read clusters, extensions and Flux configurations."

  permissions {
    actions = local.fleet_actions
  }
}

resource "azurerm_role_definition" "logs" {
  count = var.custom_roles_enabled ? 1 : 0

  name              = "Fluxwatch log reader (${var.environment_name}-${local.token})"
  scope             = local.log_scopes[0]
  assignable_scopes = local.log_scopes
  description       = "Query the logs of Flux, and read the plans of their tables."

  permissions {
    actions      = local.log_actions
    data_actions = local.log_data_actions
  }
}

resource "azurerm_role_definition" "metrics" {
  count = var.custom_roles_enabled && local.rules_of_the_app ? 1 : 0

  name              = "Fluxwatch metrics workspaces (${var.environment_name}-${local.token})"
  scope             = local.metrics_scopes[0]
  assignable_scopes = local.metrics_scopes
  description       = "Find the Azure Monitor workspaces that alert rules are for."

  permissions {
    actions = local.metrics_actions
  }
}

# Custom roles are assignable in resource groups and above: not in a single workspace.
locals {
  log_scopes     = length(var.log_analytics_workspace_ids) == 0 ? [azurerm_resource_group.this.id] : [for group, ids in { for id in var.log_analytics_workspace_ids : lower(join("/", slice(split("/", id), 0, 5))) => id... } : join("/", slice(split("/", ids[0]), 0, 5))]
  metrics_scopes = length(var.monitor_workspace_ids) == 0 ? [azurerm_resource_group.this.id] : [for group, ids in { for id in var.monitor_workspace_ids : lower(join("/", slice(split("/", id), 0, 5))) => id... } : join("/", slice(split("/", ids[0]), 0, 5))]

  # A role is found in each subscription that it is assignable in, under an id of that subscription, and Azure answers with that
  # one: an id of another subscription would be assigned anew by each apply (azurerm issue 8558).
  definitions = "providers/Microsoft.Authorization/roleDefinitions"
}

resource "azurerm_role_assignment" "app" {
  for_each = {
    host_blobs  = { scope = azurerm_storage_account.this.id, role = "Storage Blob Data Owner" }
    host_tables = { scope = azurerm_storage_account.this.id, role = "Storage Table Data Contributor" }
    secrets     = { scope = local.key_vault_id, role = "Key Vault Secrets User" }
    telemetry   = { scope = local.telemetry.id, role = "Monitoring Metrics Publisher" }
  }

  scope                = each.value.scope
  role_definition_name = each.value.role
  principal_id         = azurerm_user_assigned_identity.this.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "logs" {
  for_each = {
    for pair in setproduct(range(length(local.log_workspaces)), var.custom_roles_enabled ? ["custom"] : ["Log Analytics Data Reader", "Reader"]) :
    "${pair[0]}-${pair[1]}" => { place = pair[0], role = pair[1] }
  }

  scope                = local.log_workspaces[each.value.place].id
  role_definition_id   = var.custom_roles_enabled ? "${join("/", slice(split("/", local.log_workspaces[each.value.place].id), 0, 3))}/${local.definitions}/${azurerm_role_definition.logs[0].role_definition_id}" : null
  role_definition_name = var.custom_roles_enabled ? null : each.value.role
  principal_id         = azurerm_user_assigned_identity.this.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "metrics" {
  count = local.rules_of_the_app ? length(local.monitor_workspaces) : 0

  scope                = local.monitor_workspaces[count.index].id
  role_definition_id   = var.custom_roles_enabled ? "${join("/", slice(split("/", local.monitor_workspaces[count.index].id), 0, 3))}/${local.definitions}/${azurerm_role_definition.metrics[0].role_definition_id}" : null
  role_definition_name = var.custom_roles_enabled ? null : "Monitoring Reader"
  principal_id         = azurerm_user_assigned_identity.this.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "alert_rules" {
  count = local.rules_of_the_app ? 1 : 0

  scope                = azurerm_resource_group.this.id
  role_definition_id   = one(azurerm_role_definition.alert_rules[*].role_definition_resource_id)
  role_definition_name = var.custom_roles_enabled ? null : "Monitoring Contributor"
  principal_id         = azurerm_user_assigned_identity.this.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "fleet" {
  for_each = { for pair in flatten([for name, ids in local.fleet_roles : [for id in ids : { name = name, id = id }]]) : pair.id => pair.name }

  scope                = each.key
  role_definition_id   = var.custom_roles_enabled ? "${each.value == "all subscriptions" ? each.key : ""}/${local.definitions}/${azurerm_role_definition.fleet[each.value].role_definition_id}" : null
  role_definition_name = var.custom_roles_enabled ? null : "Reader"
  principal_id         = azurerm_user_assigned_identity.this.principal_id
  principal_type       = "ServicePrincipal"
}
