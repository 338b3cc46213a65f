# The rules of the catalogue in Azure Monitor. The function app makes the same ones under the same names, and leaves alone what
# is not tagged managed-by = fluxwatch. What has a default is said all the same: azurerm sends enabled = false where it is left out.
locals {
  tags = merge(var.tags, { managed-by = "terraform" })
}

resource "azurerm_monitor_alert_prometheus_rule_group" "this" {
  for_each = var.prometheus_groups

  name                = each.value.name
  description         = each.value.description
  location            = each.value.location
  resource_group_name = var.resource_group_name
  scopes              = each.value.scopes
  cluster_name        = each.value.cluster_name
  interval            = each.value.interval
  rule_group_enabled  = true
  tags                = local.tags

  dynamic "rule" {
    for_each = each.value.rules

    content {
      alert       = rule.value.alert
      record      = rule.value.record
      enabled     = true
      expression  = rule.value.expression
      for         = rule.value.for
      severity    = rule.value.severity
      labels      = rule.value.labels
      annotations = rule.value.alert == null ? null : rule.value.annotations

      dynamic "action" {
        for_each = rule.value.alert == null ? [] : [var.action_group_id]

        content {
          action_group_id = action.value
        }
      }

      dynamic "alert_resolution" {
        for_each = rule.value.alert == null ? [] : ["PT10M"]

        content {
          auto_resolved   = true
          time_to_resolve = alert_resolution.value
        }
      }
    }
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "this" {
  for_each = var.log_rules

  name                    = each.value.name
  display_name            = each.value.name
  description             = each.value.description
  location                = each.value.location
  resource_group_name     = var.resource_group_name
  scopes                  = [each.value.scope]
  enabled                 = true
  evaluation_frequency    = each.value.frequency
  window_duration         = each.value.window
  severity                = each.value.severity
  auto_mitigation_enabled = true
  skip_query_validation   = true # the table is not there before its first row
  tags                    = local.tags

  criteria {
    query                   = each.value.query
    time_aggregation_method = each.value.measure == null ? "Count" : "Total"
    metric_measure_column   = each.value.measure
    operator                = "GreaterThan"
    threshold               = each.value.threshold
    resource_id_column      = "_ResourceId" # one alert for each cluster

    dynamic "dimension" {
      for_each = each.value.dimensions

      content {
        name     = dimension.value
        operator = "Include"
        values   = ["*"]
      }
    }

    failing_periods {
      minimum_failing_periods_to_trigger_alert = 1
      number_of_evaluation_periods             = 1
    }
  }

  action {
    action_groups = [var.action_group_id]
  }
}
