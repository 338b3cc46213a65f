mock_provider "azurerm" {}

variables {
  resource_group_name = "rg"
  action_group_id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag"
  prometheus_groups = {
    "group/workspace-0" = {
      name         = "group-amw-000000"
      description  = "d"
      location     = "westeurope"
      scopes       = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Monitor/accounts/amw"]
      cluster_name = null
      interval     = "PT1M"
      rules = [
        { alert = null, record = "r", expression = "up", for = null, severity = null, labels = {}, annotations = {} },
        { alert = "A", record = null, expression = "up == 0", for = "PT5M", severity = 2, labels = {}, annotations = {} },
      ]
    }
  }
  log_rules = {
    "Errors/workspace-0" = {
      name        = "Errors-log-000000"
      description = "d"
      location    = "westeurope"
      scope       = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log"
      frequency   = "PT5M"
      window      = "PT15M"
      severity    = 3
      measure     = "N"
      threshold   = 0
      dimensions  = ["Name"]
      query       = "T"
    }
  }
}

run "everything_is_said" {
  command = plan

  module {
    source = "./modules/alert_rules"
  }

  assert {
    condition     = azurerm_monitor_alert_prometheus_rule_group.this["group/workspace-0"].rule_group_enabled && alltrue(azurerm_monitor_alert_prometheus_rule_group.this["group/workspace-0"].rule[*].enabled) && azurerm_monitor_scheduled_query_rules_alert_v2.this["Errors/workspace-0"].enabled
    error_message = "azurerm sends enabled = false where it is left out."
  }

  assert {
    condition     = length(azurerm_monitor_alert_prometheus_rule_group.this["group/workspace-0"].rule[0].action) == 0 && azurerm_monitor_alert_prometheus_rule_group.this["group/workspace-0"].rule[1].alert_resolution[0].time_to_resolve == "PT10M"
    error_message = "A recording rule takes no action; an alert is resolved."
  }

  assert {
    condition     = azurerm_monitor_alert_prometheus_rule_group.this["group/workspace-0"].tags["managed-by"] == "terraform"
    error_message = "The app leaves alone what has another owner."
  }
}

run "severity_zero_is_refused" {
  command = plan

  module {
    source = "./modules/alert_rules"
  }

  variables {
    prometheus_groups = {
      group = {
        name         = "group"
        description  = "d"
        location     = "westeurope"
        scopes       = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Monitor/accounts/amw"]
        cluster_name = null
        interval     = "PT1M"
        rules        = [{ alert = "A", record = null, expression = "up == 0", for = "PT5M", severity = 0, labels = {}, annotations = {} }]
      }
    }
  }

  expect_failures = [var.prometheus_groups]
}
