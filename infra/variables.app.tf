# The function app: its plan, its settings, and who hears of what.

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
