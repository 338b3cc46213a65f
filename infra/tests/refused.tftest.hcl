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

run "unknown_setting" {
  command = plan

  variables {
    app_settings = { NOTIFY_SHEDULE = "0 * * * * *" }
  }

  expect_failures = [var.app_settings]
}

run "setting_of_another_variable" {
  command = plan

  variables {
    app_settings = { FLEET_SCOPES = "*" }
  }

  expect_failures = [var.app_settings]
}

run "secret_as_a_setting" {
  command = plan

  variables {
    app_settings = { TEAMS_WEBHOOK_URL = "https://example.test/hook" }
  }

  expect_failures = [var.app_settings]
}

run "unknown_secret" {
  command = plan

  variables {
    optional_secrets = ["TEAMS_URL"]
  }

  expect_failures = [var.optional_secrets]
}

run "missing_secret" {
  command = plan

  variables {
    secrets_version = 1
    secrets         = { FLUX_HMAC_KEY = "sixteen-characters" }
  }

  expect_failures = [var.secrets]
}

run "secret_that_nobody_reads" {
  command = plan

  variables {
    secrets = { PAYMENTS_WEBHOOK_URL = "https://example.test/payments" }
  }

  expect_failures = [var.secrets]
}

run "short_key" {
  command = plan

  variables {
    secrets = { FLUX_HMAC_KEY = "short" }
  }

  expect_failures = [var.secrets]
}

run "address_as_a_webhook" {
  command = plan

  variables {
    routes = [{ channel = "payments", webhook = "https://example.test/payments" }]
  }

  expect_failures = [var.routes]
}

run "name_of_a_group_as_a_scope" {
  command = plan

  variables {
    fleet_scopes = ["fleet"]
  }

  expect_failures = [var.fleet_scopes]
}

run "name_as_a_cluster" {
  command = plan

  variables {
    clusters = { aks = { cluster_id = "aks-1" } }
  }

  expect_failures = [var.clusters]
}

run "own_rules_while_the_app_owns_them" {
  command = plan

  variables {
    clusters = { aks = { cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/aks-1", alert_rules = "own" } }
  }

  expect_failures = [var.clusters]
}

run "own_rules_of_two_clusters_with_one_name" {
  command = plan

  variables {
    alert_rules_managed = true
    clusters = {
      one   = { cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/aks-1", alert_rules = "own" }
      other = { cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-other/providers/Microsoft.ContainerService/managedClusters/aks-1" }
    }
  }

  expect_failures = [var.clusters]
}

run "wishes_for_existing_workspaces" {
  command = plan

  variables {
    alert_overrides       = { FluxSuspendedResource = { off = true } }
    monitor_workspace_ids = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Monitor/accounts/amw"]
  }

  expect_failures = [var.alert_overrides]
}

run "topic_without_its_group" {
  command = plan

  variables {
    event_system_topic_name = "evgt-there"
  }

  expect_failures = [var.event_system_topic_resource_group_name]
}

run "flux_configuration_of_no_cluster" {
  command = plan

  variables {
    flux_configurations = { apps = { clusters = ["aks"], git = { url = "https://example.test/apps" }, kustomizations = { apps = {} } } }
  }

  expect_failures = [var.flux_configurations]
}
