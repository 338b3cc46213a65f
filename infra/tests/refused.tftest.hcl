# Inputs that are refused, each by the variable that is wrong.
mock_provider "azapi" {
  source = "./tests/mocks"
}

mock_provider "azurerm" {
  source = "./tests/mocks"
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
  subscription_id  = "00000000-0000-0000-0000-000000000000"
  environment_name = "test"
  location         = "westeurope"
}

run "what_does_not_exist" {
  command = plan

  variables {
    app_settings            = { NOTIFY_SHEDULE = "0 * * * * *" }
    clusters                = { aks = { cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/aks-1", alert_rules = "some" } }
    event_system_topic_name = "evgt-there" # and in which group?
    fleet_scopes            = ["fleet"]
    key_vault_id            = "kv-there"
    maximum_instances       = 10
    runbook_url             = "docs/runbooks"
    storage_replication     = "RAGRS"
    optional_secrets        = ["TEAMS_URL"]
    routes                  = [{ channel = "payments", webhook = "https://example.test/payments" }]
  }

  expect_failures = [
    var.app_settings,
    var.clusters,
    var.event_system_topic_resource_group_name,
    var.fleet_scopes,
    var.key_vault_id,
    var.maximum_instances,
    var.optional_secrets,
    var.routes,
    var.runbook_url,
    var.storage_replication,
  ]
}

run "what_is_set_elsewhere" {
  command = plan

  variables {
    alert_overrides       = { FluxSuspendedResource = { off = true } } # of workspaces that are there: by their tags
    app_settings          = { FLEET_SCOPES = "*" }
    clusters              = { aks = { cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/aks-1", alert_rules = "own" } } # while the app owns the rules: by its tags
    monitor_workspace_ids = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Monitor/accounts/amw"]
    secrets               = { PAYMENTS_WEBHOOK_URL = "https://example.test/payments" } # that no route names
  }

  expect_failures = [var.alert_overrides, var.app_settings, var.clusters, var.secrets]
}

run "secrets_in_the_wrong_place_and_clusters_with_one_name" {
  command = plan

  variables {
    alert_rules_managed = true
    app_settings        = { TEAMS_WEBHOOK_URL = "https://example.test/hook" }
    clusters = {
      one   = { cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/aks-1", alert_rules = "own" }
      other = { cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-other/providers/Microsoft.ContainerService/managedClusters/aks-1" }
    }
    alert_entra     = { tenant_id = "contoso.com", app_id = "66666666-6666-6666-6666-666666666666", object_id = "77777777-7777-7777-7777-777777777777" }
    alert_overrides = { FluxSuspendedResource = {} }
    fleet_scopes    = ["/providers/Microsoft.Management/managementGroups/fleet", "/providers/Microsoft.Management/managementGroups/Fleet"]
    private_network = { subnet_id = "a", private_endpoint_subnet_id = "b", private_dns_zone_ids = { blob = [] } }
    secrets_version = 1
    secrets         = { FLUX_HMAC_KEY = "sixteen-characters" }
  }

  expect_failures = [var.alert_entra, var.alert_overrides, var.app_settings, var.clusters, var.fleet_scopes, var.private_network, var.secrets]
}

run "a_short_key_and_a_cluster_that_is_not_there" {
  command = plan

  variables {
    flux_configurations = { apps = { clusters = ["arc"], git = { url = "https://example.test/apps" }, kustomizations = { apps = {} } } }
    secrets             = { FLUX_HMAC_KEY = "short", TEAMS_WEBHOOK_URL = "teams" }
  }

  expect_failures = [var.flux_configurations, var.secrets]
}

run "an_application_insights_that_writes_to_no_workspace" {
  command = plan

  variables {
    application_insights_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-there/providers/Microsoft.Insights/components/appi-there"
  }

  override_data {
    target          = data.azurerm_application_insights.this
    override_during = plan
    values          = { workspace_id = "" }
  }

  expect_failures = [data.azurerm_application_insights.this]
}

run "routes_that_the_app_would_refuse" {
  command = plan

  variables {
    routes = [
      { channel = "default", webhook = "OTHER_WEBHOOK_URL" }, # there already
      { channel = "payments", webhook = "PAYMENTS_WEBHOOK_URL", match = { team = ["payments"] } },
      { channel = "payments", webhook = "OTHER_WEBHOOK_URL" }, # another webhook
    ]
  }

  expect_failures = [var.routes]
}
