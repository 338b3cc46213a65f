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

variable "always_ready_instances" {
  type        = number
  description = "Instances kept warm for HTTP: Flux gives an event 15 seconds, repeats included. 0 saves their price."
  default     = 1
  nullable    = false

  validation {
    condition     = var.always_ready_instances >= 0 && var.always_ready_instances <= var.maximum_instances && floor(var.always_ready_instances) == var.always_ready_instances
    error_message = "Give a whole number, 0 to maximum_instances."
  }
}

variable "app_settings" {
  type        = map(string)
  description = "Further settings of the app: schedules, limits, waits (README.md, Settings)."
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.app_settings), concat(keys(local.free_settings), keys(local.derived_settings), local.vault_settings.required, local.vault_settings.optional))) == 0
    error_message = "There are no settings ${join(", ", setsubtract(keys(var.app_settings), keys(local.free_settings)))}. Those given here can be ${join(", ", keys(local.free_settings))}."
  }

  validation {
    condition     = length(setintersection(keys(var.app_settings), keys(local.derived_settings))) == 0
    error_message = "Set by Terraform from another variable: ${join("; ", [for name, from in local.derived_settings : "${name} (${from})" if contains(keys(var.app_settings), name)])}."
  }

  validation {
    condition     = length(setintersection(keys(var.app_settings), concat(local.vault_settings.required, local.vault_settings.optional))) == 0
    error_message = "Secrets are kept in the vault: give them in secrets, and name optional ones in optional_secrets."
  }
}

variable "application_insights_id" {
  type        = string
  description = "Existing Application Insights, based on a workspace and in this subscription; null creates one."
  default     = null

  validation {
    condition     = var.application_insights_id == null || can(regex("(?i)^/subscriptions/${var.subscription_id}/resourceGroups/[^/]+/providers/Microsoft\\.Insights/components/[^/]+$", var.application_insights_id))
    error_message = "Give the resource id of an Application Insights in subscription_id."
  }
}

variable "custom_roles_enabled" {
  type        = bool
  description = "Create least-privilege roles; false takes built-in ones (Reader, Log Analytics Data Reader, Monitoring Reader and Contributor), for deployers who may not define roles."
  default     = true
  nullable    = false
}

variable "dashboards_enabled" {
  type        = bool
  description = "Deploy dashboards/*.json as dashboards with Grafana of Azure Monitor (a preview)."
  default     = false
  nullable    = false
}

variable "diagnostics_enabled" {
  type        = bool
  description = "Send the vault's audit log, the app's metrics and failed deliveries of Event Grid to the workspace."
  default     = true
  nullable    = false
}

variable "functions_published" {
  type        = bool
  description = "Set to true once the functions are published: adds the Event Grid subscription and the action group's call, which need them."
  default     = false
  nullable    = false
}

variable "instance_concurrency" {
  type        = number
  description = "Requests that one instance serves at the same time, and threads of Python: without it Python gets one."
  default     = 16
  nullable    = false

  validation {
    condition     = var.instance_concurrency >= 1 && var.instance_concurrency <= 100 && floor(var.instance_concurrency) == var.instance_concurrency
    error_message = "Give a whole number, 1 to 100."
  }
}

variable "instance_memory_mb" {
  type        = number
  description = "Memory of an instance: 512, 2048 or 4096."
  default     = 2048
  nullable    = false

  validation {
    condition     = contains([512, 2048, 4096], var.instance_memory_mb)
    error_message = "Flex Consumption has 512, 2048 and 4096."
  }
}

variable "key_vault_id" {
  type        = string
  description = "Existing vault with Azure RBAC; its secrets are then called fluxwatch-…, and the app may read every secret there. null creates one of its own."
  default     = null

  validation {
    condition     = var.key_vault_id == null || can(regex("(?i)^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\\.KeyVault/vaults/[^/]+$", var.key_vault_id))
    error_message = "Give the resource id of a Key Vault."
  }
}

variable "maximum_instances" {
  type        = number
  description = "Most instances of the app."
  default     = 40
  nullable    = false

  validation {
    condition     = var.maximum_instances >= 40 && var.maximum_instances <= 1000 && floor(var.maximum_instances) == var.maximum_instances
    error_message = "Flex Consumption takes 40 to 1000, and whole numbers."
  }
}

variable "notification_emails" {
  type        = set(string)
  description = "Mailboxes that hear of faults of Fluxwatch itself."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for one in var.notification_emails : can(regex("^[^@\\s]+@[^@\\s]+$", one))])
    error_message = "Give addresses of e-mail."
  }
}

variable "optional_secrets" {
  type        = set(string)
  description = "Settings kept in the vault besides FLUX_HMAC_KEY, TEAMS_WEBHOOK_URL and the webhooks of routes."
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.optional_secrets, local.vault_settings.optional)) == 0
    error_message = "Known are ${join(" and ", local.vault_settings.optional)}."
  }
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

variable "public_url" {
  type        = string
  description = "Address of the app when it is not https://NAME.azurewebsites.net, without a slash at the end."
  default     = null

  validation {
    condition     = var.public_url == null || can(regex("^https://[^/]+(/.*[^/])?$", var.public_url))
    error_message = "Give an https address without a slash at the end."
  }
}

variable "python_version" {
  type        = string
  description = "Python of the function app."
  default     = "3.13"
  nullable    = false

  validation {
    condition     = contains(["3.12", "3.13"], var.python_version)
    error_message = "Fluxwatch runs on 3.12 and 3.13."
  }
}

variable "resource_provider_registration_enabled" {
  type        = bool
  description = "Register the resource providers this configuration needs."
  default     = true
  nullable    = false
}

variable "routes" {
  type = list(object({
    channel    = string
    webhook    = string
    connection = optional(string)
    match      = optional(map(list(string)), {})
  }))
  description = "Who hears of what (setting ROUTES). webhook is the name of the setting with the address, whose value is given in secrets."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for route in var.routes : can(regex("^[A-Z][A-Z0-9_]{0,126}$", route.webhook))])
    error_message = "webhook is the name of a setting in capitals, such as PAYMENTS_WEBHOOK_URL, not an address."
  }

  validation {
    condition     = length(setintersection([for route in var.routes : route.webhook], concat(keys(local.free_settings), keys(local.derived_settings), ["FLUX_HMAC_KEY", "FLUX_HMAC_KEY_PREVIOUS"]))) == 0
    error_message = "A webhook is a setting of its own."
  }

  validation {
    condition     = alltrue([for route in var.routes : route.channel != "" && !contains(local.taken_channels, route.channel)])
    error_message = "channel is a name, and neither ${join(" nor ", local.taken_channels)}: these are there already."
  }

  validation {
    condition     = length(setsubtract(flatten([for route in var.routes : keys(route.match)]), local.route_fields)) == 0
    error_message = "match takes ${join(", ", local.route_fields)}."
  }

  validation {
    condition     = length(distinct([for route in var.routes : "${route.channel} ${route.webhook}"])) == length(distinct(var.routes[*].channel))
    error_message = "A channel has one webhook, in each of its routes."
  }
}

variable "runbook_url" {
  type        = string
  description = "Where docs/runbooks can be read, for buttons of cards and annotations of alerts."
  default     = ""
  nullable    = false

  validation {
    condition     = var.runbook_url == "" || can(regex("^https://[^/\\s]+[^\\s]*$", var.runbook_url))
    error_message = "Give an https address."
  }
}

variable "secrets" {
  type        = map(string)
  description = "Values by setting name (FLUX_HMAC_KEY, TEAMS_WEBHOOK_URL, the optional ones, webhooks of routes); not kept in the state."
  default     = {}
  nullable    = false
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.secrets_version == 0 || length(setsubtract(local.secret_settings, keys(var.secrets))) == 0
    error_message = "Give a value for each of ${join(", ", local.secret_settings)}, or leave secrets_version at 0."
  }

  validation {
    condition     = length(setsubtract(keys(var.secrets), local.secret_settings)) == 0
    error_message = "Only for ${join(", ", local.secret_settings)}: name others in optional_secrets or routes."
  }

  validation {
    condition     = length(lookup(var.secrets, "FLUX_HMAC_KEY", "sixteen letters.")) >= 16
    error_message = "FLUX_HMAC_KEY has 16 characters at least."
  }

  validation {
    condition     = alltrue([for name, value in var.secrets : startswith(name, "FLUX_HMAC_KEY") || startswith(value, "https://")])
    error_message = "A webhook is an https address."
  }
}

variable "secrets_version" {
  type        = number
  description = "Above 0 writes secrets to the vault, and again whenever it is raised; 0 leaves the vault alone."
  default     = 0
  nullable    = false

  validation {
    condition     = var.secrets_version >= 0 && floor(var.secrets_version) == var.secrets_version
    error_message = "Give a whole number, 0 or more."
  }
}

variable "self_alerts_enabled" {
  type        = bool
  description = "Alerts about Fluxwatch itself (alerts/*.kql) to notification_emails; they look from functions_published on."
  default     = true
  nullable    = false
}

variable "self_alerts_off" {
  type        = set(string)
  description = "Alerts of alerts/ that are not wanted: FluxwatchSweepLate and FluxwatchTellingStopped, if the schedules are much slower than usual."
  default     = []
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
