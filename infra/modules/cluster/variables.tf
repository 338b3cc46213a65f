variable "cluster_id" {
  type        = string
  description = "Resource id of the AKS or Arc cluster."

  validation {
    condition     = can(regex("(?i)^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\\.(ContainerService/managedClusters|Kubernetes/connectedClusters)/[^/]+$", var.cluster_id))
    error_message = "Not the resource id of a managedCluster or connectedCluster."
  }
}

variable "flux_configurations" {
  type = map(object({
    namespace = optional(string, "cluster-config")
    scope     = optional(string, "cluster")
    suspended = optional(bool, false)
    git = object({
      url                      = string
      reference_type           = optional(string, "branch")
      reference_value          = optional(string, "main")
      provider                 = optional(string)
      local_auth_reference     = optional(string)
      https_ca_cert            = optional(string)
      ssh_known_hosts          = optional(string)
      sync_interval_in_seconds = optional(number, 600)
      timeout_in_seconds       = optional(number, 600)
    })
    kustomizations = map(object({
      path                      = optional(string, "")
      depends_on                = optional(list(string), [])
      prune                     = optional(bool, true)
      force                     = optional(bool, false)
      wait                      = optional(bool)
      retry_interval_in_seconds = optional(number, 120)
      sync_interval_in_seconds  = optional(number, 600)
      timeout_in_seconds        = optional(number, 600)
    }))
  }))
  description = "Flux configurations by name: a Git repository and its kustomizations by name."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for one in values(var.flux_configurations) : contains(["branch", "commit", "semver", "tag"], one.git.reference_type)])
    error_message = "git.reference_type is branch, commit, semver or tag."
  }

  validation {
    condition     = alltrue([for one in values(var.flux_configurations) : contains(["cluster", "namespace"], one.scope)])
    error_message = "scope is cluster or namespace."
  }

  validation {
    condition     = alltrue([for one in values(var.flux_configurations) : length(one.kustomizations) > 0])
    error_message = "Every configuration has a kustomization."
  }

  validation {
    condition     = alltrue(flatten([for one in values(var.flux_configurations) : [for name, each in one.kustomizations : [for other in each.depends_on : other != name && contains(keys(one.kustomizations), other)]]]))
    error_message = "depends_on names other kustomizations of the same configuration."
  }
}

variable "flux_extension_managed" {
  type        = bool
  description = "Install microsoft.flux."
  default     = true
  nullable    = false
}

variable "flux_extension_settings" {
  type        = map(string)
  description = "Configuration settings of microsoft.flux."
  default     = {}
  nullable    = false
}

variable "git_credentials" {
  type = map(object({
    https_user      = optional(string)
    https_key       = optional(string)
    ssh_private_key = optional(string)
  }))
  description = "Credentials of private repositories by name of the configuration. azurerm has no write-only argument for them, so they are kept in the state: git.local_auth_reference (a Secret in the cluster) or git.provider keep them out of it."
  default     = {}
  nullable    = false
  sensitive   = true

  validation {
    condition     = alltrue([for one in values(var.git_credentials) : (one.https_user != null && one.https_key != null) != (one.ssh_private_key != null)])
    error_message = "Give https_user with https_key, or ssh_private_key."
  }
}
