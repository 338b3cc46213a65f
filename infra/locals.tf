locals {
  # One name token: short, stable, no random provider.
  token = substr(sha1("${var.subscription_id}/${var.environment_name}"), 0, 6)
  name  = "fluxwatch-${var.environment_name}"
  tags  = merge({ azd-env-name = var.environment_name, workload = "fluxwatch" }, var.tags)

  resource_providers = concat(var.private_network == null ? [] : ["Microsoft.Network"], [
    "Microsoft.AlertsManagement",
    "Microsoft.App",
    "Microsoft.Dashboard",
    "Microsoft.EventGrid",
    "Microsoft.Insights",
    "Microsoft.KeyVault",
    "Microsoft.KubernetesConfiguration",
    "Microsoft.ManagedIdentity",
    "Microsoft.Monitor",
    "Microsoft.OperationalInsights",
    "Microsoft.Storage",
    "Microsoft.Web",
  ])

  # As azurerm writes them: az prints resourcegroups, too.
  cluster_ids = {
    for name, cluster in var.clusters : name => join("/", [
      "/subscriptions/${split("/", cluster.cluster_id)[2]}/resourceGroups/${split("/", cluster.cluster_id)[4]}/providers",
      can(regex("(?i)/connectedClusters/", cluster.cluster_id)) ? "Microsoft.Kubernetes/connectedClusters" : "Microsoft.ContainerService/managedClusters",
      split("/", cluster.cluster_id)[8],
    ])
  }

  # Known before there is an app: its settings hold the action group, which calls the app, and its own address.
  function_app_name = "func-${local.name}-${local.token}"
  function_app_url  = coalesce(var.public_url, "https://${local.function_app_name}.azurewebsites.net")
  action_group_name = "ag-${local.name}"
  action_group_id   = "${azurerm_resource_group.this.id}/providers/Microsoft.Insights/actionGroups/${local.action_group_name}"

  # A reference to a secret that does not exist reaches the app as literal text: optional ones only on request.
  secret_settings = setunion(local.vault_settings.required, var.optional_secrets, [for route in var.routes : route.webhook])
  secret_names    = { for setting in local.secret_settings : setting => "${var.key_vault_id == null ? "" : "fluxwatch-"}${lower(replace(setting, "_", "-"))}" } # in a vault that others use, too, nothing of theirs is written over

  # Whoever owns the alert rules is the only one that is told where they live.
  rules_of_the_app = !var.alert_rules_managed

  app_settings = merge(
    { for name, value in local.free_settings : name => value if value != null },
    {
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING = "ClientId=${azurerm_user_assigned_identity.this.client_id};Authorization=AAD"
      APPLICATIONINSIGHTS_CONNECTION_STRING     = local.telemetry.connection_string
      AzureWebJobsStorage__accountName          = azurerm_storage_account.this.name
      AzureWebJobsStorage__clientId             = azurerm_user_assigned_identity.this.client_id
      AzureWebJobsStorage__credential           = "managedidentity"
      PYTHON_THREADPOOL_THREAD_COUNT            = tostring(var.instance_concurrency)

      AZURE_CLIENT_ID          = azurerm_user_assigned_identity.this.client_id
      FLEET_SCOPES             = join(",", var.fleet_scopes)
      FLUXWATCH_URL            = local.function_app_url
      LOG_ANALYTICS_WORKSPACES = join(",", local.log_workspaces[*].id)
      ROUTES = jsonencode([
        for route in var.routes : { for key, value in route : key => value if value != null }
      ])
      RUNBOOK_URL = var.runbook_url
    },
    local.rules_of_the_app ? {
      ACTION_GROUP            = local.action_group_id
      ALERT_RESOURCE_GROUP    = azurerm_resource_group.this.id
      AZURE_MONITOR_WORKSPACE = join(",", local.monitor_workspaces[*].id)
    } : {},
    var.alert_entra == null ? {} : {
      ALERT_ENTRA_APP    = var.alert_entra.app_id
      ALERT_ENTRA_OBJECT = var.alert_entra.object_id
      ALERT_ENTRA_TENANT = var.alert_entra.tenant_id
    },
    try(var.alert_entra.authority, null) == null ? {} : {
      ALERT_ENTRA_AUTHORITY = var.alert_entra.authority
    },
    { for setting, secret in local.secret_names : setting => "@Microsoft.KeyVault(VaultName=${local.key_vault_name};SecretName=${secret})" },
    { for name, value in var.app_settings : name => value if value != null },
  )
}
