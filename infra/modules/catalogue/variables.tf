variable "folder" {
  type        = string
  description = "Folder with prometheus/*.yaml, logs/*.kql, each with a .yaml of the same name, and thresholds.yaml."
}

variable "clusters" {
  type = map(object({
    id                = string
    mode              = optional(string, "fleet") # fleet, own or off
    metrics_workspace = optional(number, 0)       # place in metrics_workspaces
    log_workspace     = optional(number, 0)       # place in log_workspaces
    overrides = optional(map(object({
      off       = optional(bool, false)
      wait      = optional(string)
      threshold = optional(string)
      severity  = optional(string)
    })), {})
  }))
  description = "Clusters that are watched otherwise than the fleet: by rules of their own, or not at all."
  default     = {}
  nullable    = false
}

variable "log_workspaces" {
  type        = list(object({ id = string, location = string }))
  description = "Log Analytics workspaces that receive ContainerLogV2."
  default     = []
  nullable    = false
}

variable "metrics_workspaces" {
  type        = list(object({ id = string, location = string }))
  description = "Azure Monitor workspaces that receive the metrics of Flux."
  default     = []
  nullable    = false
}

variable "overrides" {
  type = map(object({
    off       = optional(bool, false)
    wait      = optional(string)
    threshold = optional(string)
    severity  = optional(string)
  }))
  description = "What is to be otherwise than in the catalogue, by name of the alert."
  default     = {}
  nullable    = false
}

variable "runbook_url" {
  type        = string
  description = "Where docs/runbooks can be read; empty leaves the addresses as they are in the catalogue."
  default     = ""
  nullable    = false
}
