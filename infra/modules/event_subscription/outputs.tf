output "system_topic_id" {
  description = "System topic in use."
  value       = one(concat(azurerm_eventgrid_system_topic.this[*].id, data.azurerm_eventgrid_system_topic.this[*].id))
}

output "system_topic_name" {
  description = "Its name."
  value       = local.topic
}
