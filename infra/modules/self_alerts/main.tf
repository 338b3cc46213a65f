# Alerts about Fluxwatch itself: its telemetry is asked, and the answer goes out by e-mail, which needs neither Teams nor the app.
locals {
  severities = { critical = 1, warning = 2, info = 3 }

  rules = {
    for path in fileset(var.folder, "*.kql") : trimsuffix(path, ".kql") => merge(
      yamldecode(file("${var.folder}/${trimsuffix(path, ".kql")}.yaml")),
      {
        query = replace(join("\n", [
          for line in split("\n", file("${var.folder}/${path}")) : line if trimspace(line) != "" && !startswith(trimspace(line), "//")
        ]), "<app>", var.app_name)
      },
    ) if !contains(var.off, trimsuffix(path, ".kql"))
  }
}

resource "azurerm_monitor_action_group" "this" {
  count = length(var.emails) > 0 ? 1 : 0

  name                = "ag-${var.name}-mail"
  resource_group_name = var.resource_group_name
  short_name          = "fluxwatch-op"
  enabled             = true
  tags                = var.tags

  dynamic "email_receiver" {
    for_each = var.emails

    content {
      name                    = email_receiver.value
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "this" {
  for_each = local.rules

  name                    = "${each.key}-${var.app_name}"
  display_name            = "${each.key}-${var.app_name}"
  description             = "${each.value.summary}. ${trimspace(each.value.description)}"
  location                = var.location
  resource_group_name     = var.resource_group_name
  scopes                  = [var.workspace_id]
  enabled                 = var.enabled
  evaluation_frequency    = "PT${upper(each.value.frequency)}"
  window_duration         = "PT${upper(each.value.window)}"
  severity                = local.severities[each.value.severity]
  auto_mitigation_enabled = true
  skip_query_validation   = true # the tables are not there before the first row
  tags                    = merge(var.tags, { managed-by = "terraform" })

  criteria {
    query                   = each.value.query
    time_aggregation_method = "Total"
    metric_measure_column   = each.value.measure
    operator                = "GreaterThan"
    threshold               = each.value.threshold

    dynamic "dimension" {
      for_each = each.value.dimensions

      content {
        name     = dimension.value
        operator = "Include"
        values   = ["*"]
      }
    }

    failing_periods {
      minimum_failing_periods_to_trigger_alert = each.value.periods
      number_of_evaluation_periods             = each.value.periods
    }
  }

  action {
    action_groups = azurerm_monitor_action_group.this[*].id
  }
}
