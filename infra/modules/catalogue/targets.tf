# What sets of rules there are: one for each workspace, and one for each cluster that has its own. Keys are places in lists,
# for ids of workspaces that are made in the same apply are not known when it is planned.
locals {
  own = { for name, cluster in var.clusters : name => cluster if cluster.mode == "own" }
  off = { for name, cluster in var.clusters : name => cluster if cluster.mode == "off" }

  metrics_targets = merge(
    {
      for place, workspace in var.metrics_workspaces : "workspace-${place}" => {
        id        = workspace.id
        location  = workspace.location
        scopes    = [workspace.id]
        cluster   = null
        subject   = "the workspace ${basename(workspace.id)}"
        overrides = var.overrides
        out = values({ # in the order of their names without letter case
          for cluster in values(var.clusters) : lower(basename(cluster.id)) => "label_replace(vector(1), \"cluster\", \"${basename(cluster.id)}\", \"\", \"\")"
          if cluster.mode == "off" || (cluster.mode == "own" && cluster.metrics_workspace == place)
        })
      }
    },
    {
      for name, cluster in local.own : "cluster-${name}" => {
        id        = cluster.id
        location  = var.metrics_workspaces[cluster.metrics_workspace].location
        scopes    = [var.metrics_workspaces[cluster.metrics_workspace].id, cluster.id]
        cluster   = basename(cluster.id)
        subject   = "the cluster ${basename(cluster.id)}"
        overrides = merge(var.overrides, cluster.overrides)
        out       = []
      } if length(var.metrics_workspaces) > 0
    },
  )

  log_targets = merge(
    {
      for place, workspace in var.log_workspaces : "workspace-${place}" => {
        id        = workspace.id
        scope     = workspace.id
        location  = workspace.location
        cluster   = null
        overrides = var.overrides
        out       = sort([for cluster in values(var.clusters) : "'${lower(cluster.id)}'" if cluster.mode == "off" || (cluster.mode == "own" && cluster.log_workspace == place)])
      }
    },
    {
      for name, cluster in local.own : "cluster-${name}" => {
        id        = cluster.id
        scope     = var.log_workspaces[cluster.log_workspace].id
        location  = var.log_workspaces[cluster.log_workspace].location
        cluster   = lower(cluster.id) # Azure spells ids now so, now otherwise
        overrides = merge(var.overrides, cluster.overrides)
        out       = []
      } if length(var.log_workspaces) > 0
    },
  )

  # <rule>-<last segment of the id>-<6 hex digits of the SHA-1 of the id>: one name, whoever makes the rule.
  suffixes = {
    for id in concat([for one in values(local.metrics_targets) : one.id], [for one in values(local.log_targets) : one.id]) :
    id => "-${basename(id)}-${substr(sha1(lower(id)), 0, 6)}"...
  }
}
