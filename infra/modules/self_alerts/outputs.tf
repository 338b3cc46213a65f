output "enabled" {
  description = "Those that look, by name."
  value       = { for name, rule in azurerm_monitor_scheduled_query_rules_alert_v2.this : name => rule.enabled }
}

output "names" {
  description = "Alerts about Fluxwatch itself."
  value       = keys(local.rules)
}
