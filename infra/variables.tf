# The installation as a whole: where it is, its network, its rights.

variable "environment_name" {
  type        = string
  description = "Short name of this installation (dev, prod); part of every resource name."

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment_name))
    error_message = "Use 2-10 lower-case letters or digits, a letter first."
  }
}

variable "location" {
  type        = string
  description = "Azure region with Flex Consumption."

  validation {
    condition     = can(regex("^[a-z0-9]+$", var.location))
    error_message = "Write the region as westeurope."
  }
}

variable "subscription_id" {
  type        = string
  description = "Subscription that holds the function app."

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.subscription_id))
    error_message = "The id of a subscription is a UUID in lower case."
  }
}

variable "custom_roles_enabled" {
  type        = bool
  description = "Create least-privilege roles; false takes built-in ones (Reader, Log Analytics Data Reader, Monitoring Reader and Contributor), for deployers who may not define roles."
  default     = true
  nullable    = false
}

variable "private_network" {
  type = object({
    subnet_id                  = string
    private_endpoint_subnet_id = string
    private_dns_zone_ids       = map(list(string))
  })
  description = "Subnet delegated to Microsoft.App/environments, subnet of the private endpoints, and DNS zone ids by sub-resource (blob, table, vault, sites); null leaves public endpoints."
  default     = null

  validation {
    condition     = var.private_network == null || length(setsubtract(concat(["blob", "sites", "table"], var.key_vault_id == null ? ["vault"] : []), try(keys(var.private_network.private_dns_zone_ids), []))) == 0
    error_message = "private_dns_zone_ids has blob, sites, table and, unless key_vault_id is given, vault."
  }
}

variable "resource_provider_registration_enabled" {
  type        = bool
  description = "Register the resource providers this configuration needs."
  default     = true
  nullable    = false
}

variable "storage_replication" {
  type        = string
  description = "Replication of the storage account: ZRS, or LRS in a region without availability zones."
  default     = "ZRS"
  nullable    = false

  validation {
    condition     = contains(["GRS", "GZRS", "LRS", "ZRS"], var.storage_replication)
    error_message = "Give GRS, GZRS, LRS or ZRS."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags put on every resource."
  default     = {}
  nullable    = false
}
