# What is seen of Fluxwatch itself, and who hears of its faults.

variable "application_insights_id" {
  type        = string
  description = "Existing Application Insights, based on a workspace and in this subscription; null creates one."
  default     = null

  validation {
    condition     = var.application_insights_id == null || can(regex("(?i)^/subscriptions/${var.subscription_id}/resourceGroups/[^/]+/providers/Microsoft\\.Insights/components/[^/]+$", var.application_insights_id))
    error_message = "Give the resource id of an Application Insights in subscription_id."
  }
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
