variable "action_group_id" {
  type        = string
  description = "Action group that the rules call."
}

variable "log_rules" {
  type = map(object({
    name        = string
    description = string
    location    = string
    scope       = string
    frequency   = string
    window      = string
    severity    = number
    measure     = string
    threshold   = number
    dimensions  = list(string)
    query       = string
  }))
  description = "Scheduled query rules, from the catalogue."
}

variable "prometheus_groups" {
  type = map(object({
    name         = string
    description  = string
    location     = string
    scopes       = list(string)
    cluster_name = string
    interval     = string
    rules = list(object({
      alert       = string
      record      = string
      expression  = string
      for         = string
      severity    = number
      labels      = map(string)
      annotations = map(string)
    }))
  }))
  description = "Prometheus rule groups, from the catalogue."

  validation {
    # azurerm drops severity 0 of a Prometheus rule (issue 27403), and Azure then takes its default.
    condition     = alltrue(flatten([for group in var.prometheus_groups : [for rule in group.rules : rule.record != null || try(rule.severity >= 1 && rule.severity <= 4, false)]]))
    error_message = "The severity of a Prometheus alert is 1 to 4."
  }
}

variable "resource_group_name" {
  type        = string
  description = "Resource group of the alert rules."
}

variable "tags" {
  type        = map(string)
  description = "Tags put on every resource."
  default     = {}
  nullable    = false
}
