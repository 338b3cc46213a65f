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
    optional_secrets        = ["TEAMS_URL"]
    routes                  = [{ channel = "payments", webhook = "https://example.test/payments" }]
  }

  expect_failures = [
    var.app_settings,
    var.clusters,
    var.event_system_topic_resource_group_name,
    var.fleet_scopes,
    var.optional_secrets,
    var.routes,
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
    secrets_version = 1
    secrets         = { FLUX_HMAC_KEY = "sixteen-characters" }
  }

  expect_failures = [var.app_settings, var.clusters, var.secrets]
}

run "a_short_key_and_a_cluster_that_is_not_there" {
  command = plan

  variables {
    flux_configurations = { apps = { clusters = ["arc"], git = { url = "https://example.test/apps" }, kustomizations = { apps = {} } } }
    secrets             = { FLUX_HMAC_KEY = "short" }
  }

  expect_failures = [var.flux_configurations, var.secrets]
}
