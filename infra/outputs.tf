output "AZURE_FUNCTION_APP_NAME" {
  description = "Target of func azure functionapp publish (azd keeps it in its environment)."
  value       = azapi_resource.function_app.name
}

output "AZURE_RESOURCE_GROUP" {
  description = "Resource group of the installation."
  value       = azurerm_resource_group.this.name
}

output "action_group_id" {
  description = "What alert rules call; rules of your own may call it, too."
  value       = azurerm_monitor_action_group.this.id
}

output "address" {
  description = "Address of the app: health is at /api/health?deep=1, the fleet page at /api/fleet."
  value       = local.function_app_url
}

output "alert_rule_ids" {
  description = "Alert rules that Terraform owns; empty while the function app does."
  value       = module.alert_rules.ids
}

output "flux_notification_addresses" {
  description = "Address of each cluster's Flux notification Provider; the function key goes into the header x-functions-key."

  value = {
    for name, id in local.cluster_ids : name => join("/", [
      local.function_app_url,
      "api/flux/events",
      split("/", id)[2], # subscription
      split("/", id)[4], # resource group
      split("/", id)[7], # managedClusters, connectedClusters
      split("/", id)[8],
    ])
  }
}

output "identity" {
  description = "The app's identity, for further role assignments."
  value = {
    client_id    = azurerm_user_assigned_identity.this.client_id
    principal_id = azurerm_user_assigned_identity.this.principal_id
  }
}

output "key_vault_name" {
  description = "Vault of the secrets."
  value       = local.key_vault_name
}

output "log_analytics_workspace_ids" {
  description = "Workspaces that Container insights of the clusters is to write to."
  value       = local.log_workspaces[*].id
}

output "monitor_workspace_ids" {
  description = "Workspaces that Managed Prometheus of the clusters is to write to."
  value       = local.monitor_workspaces[*].id
}

output "next_step" {
  description = "What to do now."
  value = var.functions_published ? "Connect the clusters: make -s provider CLUSTER=<id> URL=${local.function_app_url} | kubectl apply -f -" : join(" ", [
    "func azure functionapp publish ${local.function_app_name} --python,",
    "then terraform apply -var functions_published=true, and keep that in the tfvars.",
  ])
}

output "secret_names" {
  description = "Secrets of the vault by setting; what secrets_version does not write is set with az keyvault secret set."
  value       = local.secret_names
}
