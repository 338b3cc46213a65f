output "names" {
  description = "Alerts about Fluxwatch itself."
  value       = keys(local.rules)
}
