# What is planned: nothing is asked of Azure.
mock_provider "azapi" {
  override_during = plan
  source          = "./tests/mocks"
}

mock_provider "azurerm" {
  override_during = plan # ids are known then, and the real provider checks what stands beside them
  source          = "./tests/mocks"
}

override_resource {
  target          = azapi_resource.function_app
  override_during = plan
  values = {
    id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Web/sites/func"
    output = { properties = { defaultHostName = "func-fluxwatch-test-da8bea.azurewebsites.net" } }
  }
}

variables {
  subscription_id     = "00000000-0000-0000-0000-000000000000"
  environment_name    = "test"
  location            = "westeurope"
  fleet_scopes        = ["/subscriptions/00000000-0000-0000-0000-000000000000", "/providers/Microsoft.Management/managementGroups/fleet"]
  notification_emails = ["ops@contoso.com"]
  clusters = {
    aks = {
      cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/aks-1"
    }
    arc = {
      cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/rg-arc/providers/Microsoft.Kubernetes/connectedClusters/arc-1"
    }
  }
}

run "first_apply" {
  command = plan

  assert {
    condition     = length(module.event_subscription[0].system_topic_name) > 0
    error_message = "The topic exists before the subscription."
  }

  assert {
    condition     = !contains([for setting in azapi_resource.function_app.body.properties.siteConfig.appSettings : setting.name], "AzureWebJobsStorage")
    error_message = "Host storage is identity based: no plain AzureWebJobsStorage."
  }

  assert {
    condition     = length(setintersection([for setting in azapi_resource.function_app.body.properties.siteConfig.appSettings : setting.name], ["FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE"])) == 0
    error_message = "Flex Consumption refuses these."
  }

  assert {
    condition     = alltrue([for name in ["NOTIFY_SCHEDULE", "COMPLIANCE_SCHEDULE", "ERRORS_SCHEDULE", "RULES_SCHEDULE"] : contains([for setting in azapi_resource.function_app.body.properties.siteConfig.appSettings : setting.name if setting.value != ""], name)])
    error_message = "Without a schedule the host does not run a function, and says so nowhere."
  }

  assert {
    condition     = length([for setting in azapi_resource.function_app.body.properties.siteConfig.appSettings : setting if startswith(setting.value, "@Microsoft.KeyVault(")]) == 2
    error_message = "References only to secrets that exist."
  }

  assert {
    condition     = one([for setting in azapi_resource.function_app.body.properties.siteConfig.appSettings : setting.value if setting.name == "ACTION_GROUP"]) == "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag-fluxwatch-test"
    error_message = "The rules of the app call Terraform's action group."
  }

  assert {
    condition     = azapi_resource.function_app.body.properties.functionAppConfig.scaleAndConcurrency.triggers.http.perInstanceConcurrency == 16 && one([for setting in azapi_resource.function_app.body.properties.siteConfig.appSettings : setting.value if setting.name == "PYTHON_THREADPOOL_THREAD_COUNT"]) == "16"
    error_message = "As many threads as requests at the same time: one for Python unless said."
  }

  assert {
    condition     = length(output.alert_rule_ids) == 0
    error_message = "The function app owns every rule that Terraform was not told to own."
  }

  assert {
    condition     = length(azapi_resource_action.secret) == 0 && length(azurerm_private_endpoint.backend) == 0 && length(azurerm_monitor_action_group.this.azure_function_receiver) == 0
    error_message = "No secrets, private endpoints or calls of the app unless asked for."
  }

  assert {
    condition     = output.flux_notification_addresses["arc"] == "https://func-fluxwatch-test-da8bea.azurewebsites.net/api/flux/events/00000000-0000-0000-0000-000000000000/rg-arc/connectedClusters/arc-1"
    error_message = "The path of the address is the cluster's id."
  }

  assert {
    condition     = keys(azurerm_role_definition.fleet) == ["all subscriptions", "fleet"] && length(azurerm_role_assignment.fleet) == 2
    error_message = "A role takes one management group at most."
  }

  assert {
    condition     = !azurerm_storage_account.this.shared_access_key_enabled && azurerm_key_vault.this[0].rbac_authorization_enabled && azurerm_key_vault.this[0].purge_protection_enabled
    error_message = "Identities only."
  }

  assert {
    condition     = length(module.self_alerts[0].names) >= 6 && !anytrue(values(module.self_alerts[0].enabled))
    error_message = "Fluxwatch itself is watched, once it can run."
  }

  assert {
    condition     = toset(values(azurerm_role_assignment.fleet)[*].role_definition_id) == toset([for place in ["/subscriptions/00000000-0000-0000-0000-000000000000", ""] : "${place}/providers/Microsoft.Authorization/roleDefinitions/44444444-4444-4444-4444-444444444444"])
    error_message = "Azure answers with the role's id of the place where it is assigned."
  }

  assert {
    condition     = toset([for one in azurerm_role_assignment.app : one.role_definition_name]) == toset(["Key Vault Secrets User", "Monitoring Metrics Publisher", "Storage Blob Data Owner", "Storage Table Data Contributor"])
    error_message = "Nothing uses queues."
  }
}

run "secure_webhook_and_wishes" {
  command = plan

  variables {
    alert_overrides        = { FluxHighReconciliationTime = { threshold = "90", wait = "10m" } }
    always_ready_instances = 0
    environment_name       = "production" # as long as it may be
    functions_published    = true
    public_url             = "https://fluxwatch.contoso.com"
    alert_entra = {
      authority = "https://login.microsoftonline.us"
      tenant_id = "11111111-1111-1111-1111-111111111111"
      app_id    = "66666666-6666-6666-6666-666666666666"
      object_id = "77777777-7777-7777-7777-777777777777"
    }
  }

  assert {
    condition     = length(azurerm_monitor_action_group.this.azure_function_receiver) == 0 && one(azurerm_monitor_action_group.this.webhook_receiver[*].aad_auth[0].identifier_uri) == "api://66666666-6666-6666-6666-666666666666"
    error_message = "The action group signs in."
  }

  assert {
    condition     = length([for setting in azapi_resource.function_app.body.properties.siteConfig.appSettings : setting if startswith(setting.name, "ALERT_ENTRA_")]) == 4
    error_message = "The app checks it."
  }

  assert {
    condition     = alltrue(values(module.self_alerts[0].enabled)) && length(azapi_resource.function_app.body.properties.functionAppConfig.scaleAndConcurrency.alwaysReady) == 0
    error_message = "What is published is watched; no instance waits."
  }

  assert {
    condition     = length(azapi_resource.function_app.name) == 32 && length(azurerm_storage_account.this.name) <= 24 && length(azurerm_key_vault.this[0].name) <= 24 && length(azurerm_monitor_workspace.this[0].name) <= 44
    error_message = "Names within Azure's limits."
  }

  assert {
    condition     = azurerm_monitor_workspace.this[0].tags["fluxwatch-rule-FluxHighReconciliationTime"] == "for=10m threshold=90"
    error_message = "The app reads wishes from the tags of its workspace."
  }
}

run "existing_estate" {
  command = plan

  variables {
    application_insights_id                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-there/providers/Microsoft.Insights/components/appi-there"
    log_analytics_workspace_ids            = ["/subscriptions/88888888-8888-8888-8888-888888888888/resourceGroups/rg-there/providers/Microsoft.OperationalInsights/workspaces/log-there"]
    monitor_workspace_ids                  = ["/subscriptions/88888888-8888-8888-8888-888888888888/resourceGroups/rg-there/providers/Microsoft.Monitor/accounts/amw-there"]
    event_system_topic_name                = "evgt-there"
    event_system_topic_resource_group_name = "rg-there"
    functions_published                    = true
    key_vault_id                           = "/subscriptions/88888888-8888-8888-8888-888888888888/resourceGroups/rg-there/providers/Microsoft.KeyVault/vaults/kv-there"
    secrets_version                        = 1
    secrets                                = { FLUX_HMAC_KEY = "a-key-of-sixteen-letters", TEAMS_WEBHOOK_URL = "https://example.test/hook" }
  }

  override_data {
    target          = module.event_subscription[0].data.azurerm_eventgrid_system_topic.this
    override_during = plan
    values = {
      id                 = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-there/providers/Microsoft.EventGrid/systemTopics/evgt-there"
      source_resource_id = "/subscriptions/00000000-0000-0000-0000-000000000000"
      topic_type         = "microsoft.resources.subscriptions"
      identity           = [{ principal_id = "55555555-5555-5555-5555-555555555555", type = "SystemAssigned", tenant_id = "", identity_ids = [] }]
    }
  }

  assert {
    condition     = length(azurerm_log_analytics_workspace.this) == 0 && length(azurerm_monitor_workspace.this) == 0 && length(azurerm_application_insights.this) == 0 && module.event_subscription[0].system_topic_name == "evgt-there"
    error_message = "What is there is not made anew."
  }

  assert {
    condition     = one([for setting in azapi_resource.function_app.body.properties.siteConfig.appSettings : setting.value if setting.name == "AZURE_MONITOR_WORKSPACE"]) == var.monitor_workspace_ids[0]
    error_message = "The app is told of the existing workspaces."
  }

  assert {
    condition     = length(azurerm_key_vault.this) == 0 && azapi_resource_action.secret["FLUX_HMAC_KEY"].resource_id == "${var.key_vault_id}/secrets/fluxwatch-flux-hmac-key" && azurerm_role_assignment.app["secrets"].scope == var.key_vault_id
    error_message = "Secrets go into the existing vault, under names that are Fluxwatch's."
  }

  assert {
    condition     = one([for setting in azapi_resource.function_app.body.properties.siteConfig.appSettings : setting.value if setting.name == "TEAMS_WEBHOOK_URL"]) == "@Microsoft.KeyVault(VaultName=kv-there;SecretName=fluxwatch-teams-webhook-url)"
    error_message = "The app reads them there."
  }

  assert {
    condition     = azurerm_role_definition.logs[0].assignable_scopes == tolist(["/subscriptions/88888888-8888-8888-8888-888888888888/resourceGroups/rg-there"])
    error_message = "Roles are assignable in the resource group of the workspaces."
  }

  assert {
    condition     = alltrue([for one in concat(values(azurerm_role_assignment.logs), azurerm_role_assignment.metrics) : startswith(one.role_definition_id, "/subscriptions/88888888-8888-8888-8888-888888888888/providers/Microsoft.Authorization/roleDefinitions/")])
    error_message = "In their subscription the role has an id of that subscription."
  }
}

run "private" {
  command = plan

  variables {
    custom_roles_enabled = false
    optional_secrets     = ["TEAMS_FALLBACK_WEBHOOK_URL"]
    routes               = [{ channel = "payments", webhook = "PAYMENTS_WEBHOOK_URL", match = { namespace = ["payments", "checkout-*"] } }]
    private_network = {
      subnet_id                  = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/app"
      private_endpoint_subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/pe"
      private_dns_zone_ids = {
        for sub in ["blob", "sites", "table", "vault"] :
        sub => ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/${sub}"]
      }
    }
    secrets_version = 1
    secrets = {
      FLUX_HMAC_KEY              = "sixteen-characters"
      PAYMENTS_WEBHOOK_URL       = "https://example.test/payments"
      TEAMS_WEBHOOK_URL          = "https://example.test/hook"
      TEAMS_FALLBACK_WEBHOOK_URL = "https://example.test/other"
    }
  }

  assert {
    condition     = length(azurerm_private_endpoint.backend) == 3 && length(azurerm_private_endpoint.app) == 1 && !azurerm_storage_account.this.public_network_access_enabled
    error_message = "Four endpoints and no public storage."
  }

  assert {
    condition     = azapi_resource.function_app.body.properties.publicNetworkAccess == "Enabled" && azapi_resource.function_app.body.properties.siteConfig.ipSecurityRestrictionsDefaultAction == "Deny" && toset(azapi_resource.function_app.body.properties.siteConfig.ipSecurityRestrictions[*].ipAddress) == toset(["ActionGroup", "AzureEventGrid"])
    error_message = "From outside come Event Grid and action groups alone."
  }

  assert {
    condition     = toset([for secret in azapi_resource_action.secret : basename(secret.resource_id)]) == toset(["flux-hmac-key", "payments-webhook-url", "teams-fallback-webhook-url", "teams-webhook-url"])
    error_message = "A secret for every setting that refers to one."
  }

  assert {
    condition     = one([for setting in azapi_resource.function_app.body.properties.siteConfig.appSettings : setting.value if setting.name == "ROUTES"]) == "[{\"channel\":\"payments\",\"match\":{\"namespace\":[\"payments\",\"checkout-*\"]},\"webhook\":\"PAYMENTS_WEBHOOK_URL\"}]"
    error_message = "ROUTES as the app reads it."
  }
}

run "rules_of_terraform" {
  command = plan

  variables {
    alert_rules_managed = true
    alert_overrides     = { FluxSuspendedResource = { off = true } }
    # null is the default.
    app_settings     = null
    fleet_scopes     = null
    optional_secrets = null
    routes           = null
    runbook_url      = null
    tags             = null
    clusters = {
      aks = {
        cluster_id      = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/aks-1"
        alert_rules     = "own"
        alert_overrides = { FluxReconciliationFailure = { wait = "1h" } }
      }
    }
  }

  assert {
    condition     = length(output.alert_rule_ids) >= 10 && length(module.event_subscription) == 0 && length(azurerm_role_definition.alert_rules) == 0
    error_message = "Terraform owns the rules, and the app has no right to write any."
  }

  assert {
    condition     = length([for setting in azapi_resource.function_app.body.properties.siteConfig.appSettings : setting if contains(["ACTION_GROUP", "ALERT_RESOURCE_GROUP", "AZURE_MONITOR_WORKSPACE"], setting.name)]) == 0
    error_message = "The app is told of no place for rules."
  }
}
