# Two applies in a row, as on a first deployment: without the published functions, then with them.
mock_provider "azapi" {
  source = "./tests/mocks"
}

mock_provider "azurerm" {
  source = "./tests/mocks"
}

override_resource {
  target = azapi_resource.function_app
  values = {
    id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Web/sites/func"
    output = { properties = { defaultHostName = "func-fluxwatch-test-da8bea.azurewebsites.net" } }
  }
}

variables {
  subscription_id  = "00000000-0000-0000-0000-000000000000"
  environment_name = "test"
  location         = "westeurope"
  secrets          = {} # an ephemeral variable must be set for an apply in a test
}

run "first" {
  assert {
    condition     = length(azurerm_monitor_action_group.this.azure_function_receiver) == 0 && startswith(output.next_step, "func azure functionapp publish")
    error_message = "Nothing calls functions that are not there yet."
  }
}

run "second" {
  variables {
    functions_published = true
  }

  assert {
    condition     = endswith(azurerm_monitor_action_group.this.azure_function_receiver[0].http_trigger_url, "/api/azure/alerts?code=key") && one(azurerm_monitor_action_group.this.azure_function_receiver[*].use_common_alert_schema)
    error_message = "Alerts go to the app, in the common schema."
  }
}

run "rules_of_terraform" {
  variables {
    alert_rules_managed = true
  }

  assert {
    condition     = length(output.alert_rule_ids) == 9 && length(module.event_subscription) == 0
    error_message = "Keys of rules are known before the workspaces are made."
  }
}
