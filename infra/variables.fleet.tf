# The fleet, its workspaces, and the rules that watch it.

variable "alert_entra" {
  type = object({
    tenant_id = string
    app_id    = string
    object_id = string
    authority = optional(string)
  })
  description = "App registration of a secure webhook (ids of tenant, application, enterprise application): alerts then need its token besides the function key; null leaves the key alone. authority: address of Entra ID in another cloud."
  default     = null

  validation {
    condition     = var.alert_entra == null || alltrue([for id in [try(var.alert_entra.tenant_id, ""), try(var.alert_entra.app_id, ""), try(var.alert_entra.object_id, "")] : can(regex("(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", id))])
    error_message = "tenant_id, app_id and object_id are UUIDs."
  }

  validation {
    condition     = can(regex("^https://[^/\\s]+$", coalesce(try(var.alert_entra.authority, null), "https://login.microsoftonline.com")))
    error_message = "authority is an https address without a slash at the end."
  }
}

variable "alert_overrides" {
  type = map(object({
    off       = optional(bool, false)
    wait      = optional(string)
    threshold = optional(string)
    severity  = optional(string)
  }))
  description = "What is to be otherwise than in the catalogue, by name of the alert: off, wait (10m), threshold, severity (critical, warning, info)."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for wish in values(var.alert_overrides) : contains(["critical", "info", "warning"], coalesce(wish.severity, "info"))])
    error_message = "severity is critical, warning or info."
  }

  validation {
    condition     = alltrue([for wish in values(var.alert_overrides) : can(regex("^[0-9]{1,12}(\\.[0-9]{1,6})?$", coalesce(wish.threshold, "0")))])
    error_message = "threshold is a number, and not below zero."
  }

  validation {
    condition     = alltrue([for wish in values(var.alert_overrides) : wish.off || wish.wait != null || wish.threshold != null || wish.severity != null])
    error_message = "Say off, wait, threshold or severity of each alert."
  }

  validation {
    condition     = length(var.alert_overrides) == 0 || var.alert_rules_managed || length(concat(var.log_analytics_workspace_ids, var.monitor_workspace_ids)) == 0
    error_message = "The function app owns the rules, and reads wishes from the tags of a workspace: tag the existing ones fluxwatch-rule-<Alert>."
  }
}

variable "alert_rules_managed" {
  type        = bool
  description = "Terraform owns the alert rules; false leaves them to the function app, which keeps them right by itself."
  default     = false
  nullable    = false
}

variable "clusters" {
  type = map(object({
    cluster_id              = string
    flux_extension_managed  = optional(bool, true)
    flux_extension_settings = optional(map(string), {})
    alert_rules             = optional(string, "fleet")
    alert_overrides = optional(map(object({
      off       = optional(bool, false)
      wait      = optional(string)
      threshold = optional(string)
      severity  = optional(string)
    })), {})
    monitor_workspace       = optional(number, 0)
    log_analytics_workspace = optional(number, 0)
  }))
  description = "Clusters to enrol, by a name of your choice: resource id of an AKS (managedClusters) or Arc (connectedClusters) cluster. With alert_rules_managed: alert_rules is fleet, own (rules for this cluster alone, with alert_overrides, over the workspaces at these places) or off."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for one in values(var.clusters) : can(regex("(?i)^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\\.(ContainerService/managedClusters|Kubernetes/connectedClusters)/[^/]+$", one.cluster_id))])
    error_message = "cluster_id is the resource id of a managedCluster or connectedCluster."
  }

  validation {
    condition     = alltrue([for one in values(var.clusters) : contains(["fleet", "off", "own"], one.alert_rules)])
    error_message = "alert_rules is fleet, own or off."
  }

  validation {
    condition     = var.alert_rules_managed || alltrue([for one in values(var.clusters) : one.alert_rules == "fleet"])
    error_message = "The function app owns the rules, and reads wishes from the cluster's tags: tag it fluxwatch-alert-rules=own or off."
  }

  validation {
    condition     = alltrue([for one in values(var.clusters) : one.alert_rules == "own" || length(one.alert_overrides) == 0])
    error_message = "alert_overrides of a cluster need alert_rules = \"own\"."
  }

  validation {
    condition     = alltrue([for one in values(var.clusters) : one.alert_rules == "fleet" || length([for other in values(var.clusters) : other if lower(basename(other.cluster_id)) == lower(basename(one.cluster_id))]) == 1])
    error_message = "Metrics know a cluster by its name only: one with alert_rules own or off shares it with no other."
  }

  validation {
    condition     = alltrue([for one in values(var.clusters) : one.monitor_workspace >= 0 && one.log_analytics_workspace >= 0 && one.monitor_workspace < max(1, length(var.monitor_workspace_ids)) && one.log_analytics_workspace < max(1, length(var.log_analytics_workspace_ids))])
    error_message = "monitor_workspace and log_analytics_workspace are places in monitor_workspace_ids and log_analytics_workspace_ids, from 0."
  }
}

variable "event_system_topic_name" {
  type        = string
  description = "Existing system topic of the subscription (Azure allows one per source), with a system-assigned identity; null creates one."
  default     = null
}

variable "event_system_topic_resource_group_name" {
  type        = string
  description = "Resource group of the existing system topic."
  default     = null

  validation {
    condition     = (var.event_system_topic_resource_group_name == null) == (var.event_system_topic_name == null)
    error_message = "Give event_system_topic_name and event_system_topic_resource_group_name together."
  }
}

variable "fleet_scopes" {
  type        = list(string)
  description = "Subscriptions and management groups (resource ids) that hold the fleet; empty leaves the sweeps of Azure off."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.fleet_scopes : can(regex("(?i)^(/subscriptions/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|/providers/Microsoft\\.Management/managementGroups/[^/]+)$", id))])
    error_message = "Give resource ids: /subscriptions/ID or /providers/Microsoft.Management/managementGroups/NAME."
  }

  validation {
    condition     = length(distinct([for id in var.fleet_scopes : lower(id)])) == length(var.fleet_scopes)
    error_message = "One of these ids is given twice; they have no letter case."
  }
}

variable "flux_configurations" {
  type = map(object({
    clusters  = list(string)
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
  description = "Flux configurations by name: on which clusters (names of clusters), a Git repository, and its kustomizations by name."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for one in values(var.flux_configurations) : length(setsubtract(one.clusters, keys(var.clusters))) == 0])
    error_message = "clusters are names of the variable clusters."
  }
}

variable "git_credentials" {
  type = map(object({
    https_user      = optional(string)
    https_key       = optional(string)
    ssh_private_key = optional(string)
  }))
  description = "Credentials of private repositories by name of the Flux configuration. azurerm keeps them in the state: prefer git.local_auth_reference (a Secret in the cluster) or git.provider."
  default     = {}
  nullable    = false
  sensitive   = true

  validation {
    condition     = length(setsubtract(keys(var.git_credentials), keys(var.flux_configurations))) == 0
    error_message = "Every name is one of flux_configurations."
  }
}

variable "log_analytics_workspace_ids" {
  type        = list(string)
  description = "Existing workspaces that receive ContainerLogV2, the first also the app's own telemetry; empty creates one."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.log_analytics_workspace_ids : can(regex("(?i)^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\\.OperationalInsights/workspaces/[^/]+$", id))])
    error_message = "Give resource ids: /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.OperationalInsights/workspaces/NAME."
  }

  validation {
    condition     = length(distinct([for id in var.log_analytics_workspace_ids : lower(id)])) == length(var.log_analytics_workspace_ids)
    error_message = "One of these ids is given twice; they have no letter case."
  }
}

variable "monitor_workspace_ids" {
  type        = list(string)
  description = "Existing Azure Monitor workspaces that receive the Prometheus metrics; empty creates one."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.monitor_workspace_ids : can(regex("(?i)^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\\.Monitor/accounts/[^/]+$", id))])
    error_message = "Give resource ids: /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Monitor/accounts/NAME."
  }

  validation {
    condition     = length(distinct([for id in var.monitor_workspace_ids : lower(id)])) == length(var.monitor_workspace_ids)
    error_message = "One of these ids is given twice; they have no letter case."
  }
}
