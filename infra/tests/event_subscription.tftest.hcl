# The subscription of ensure_alert_rules: what Azure would fill in is said, and a topic of something else is refused.
mock_provider "azurerm" {
  source = "./tests/mocks"
}

variables {
  dead_letter_container = "dead-letters"
  enabled               = true
  function_id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Web/sites/func/functions/ensure_alert_rules"
  name                  = "fluxwatch-test"
  resource_group_name   = "rg"
  source_id             = "/subscriptions/00000000-0000-0000-0000-000000000000"
  storage_account_id    = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st"
}

run "new" {
  command = plan

  module {
    source = "./modules/event_subscription"
  }

  assert {
    condition     = one(azurerm_eventgrid_system_topic_event_subscription.this[0].azure_function_endpoint).max_events_per_batch == 1 && one(azurerm_eventgrid_system_topic_event_subscription.this[0].azure_function_endpoint).preferred_batch_size_in_kilobytes == 64
    error_message = "Left out, Azure's default would be a difference in each plan."
  }
}

run "a_topic_of_another_source" {
  command = plan

  module {
    source = "./modules/event_subscription"
  }

  variables {
    system_topic_name = "evgt-there"
  }

  override_data {
    target          = data.azurerm_eventgrid_system_topic.this
    override_during = plan
    values = {
      identity           = [{ principal_id = "55555555-5555-5555-5555-555555555555", type = "SystemAssigned", tenant_id = "", identity_ids = [] }]
      source_resource_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st"
      topic_type         = "Microsoft.Storage.StorageAccounts"
    }
  }

  expect_failures = [data.azurerm_eventgrid_system_topic.this]
}
