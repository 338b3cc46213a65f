variable "app_name" {
  type        = string
  description = "Name of the function app: the role name in its telemetry."
}

variable "emails" {
  type        = set(string)
  description = "Who is told; empty: the alerts are in the portal only."
}

variable "enabled" {
  type        = bool
  description = "Whether the alerts look: before the functions are published there is nothing that could run."
}

variable "folder" {
  type        = string
  description = "Folder with <Alert>.kql and <Alert>.yaml."
}

variable "location" {
  type        = string
  description = "Region of the workspace."
}

variable "name" {
  type        = string
  description = "Name token."
}

variable "off" {
  type        = set(string)
  description = "Alerts that are not wanted."
  default     = []
  nullable    = false
}

variable "resource_group_name" {
  type        = string
  description = "Resource group of the alerts."
}

variable "tags" {
  type        = map(string)
  description = "Tags put on every resource."
  default     = {}
  nullable    = false
}

variable "workspace_id" {
  type        = string
  description = "Log Analytics workspace behind Application Insights."
}
