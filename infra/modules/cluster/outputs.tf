output "extension_id" {
  description = "Resource id of microsoft.flux; null where Terraform does not install it."
  value       = one(concat(azurerm_kubernetes_cluster_extension.flux[*].id, azurerm_arc_kubernetes_cluster_extension.flux[*].id))
}
