output "prometheus_groups" {
  description = "Prometheus rule groups, by <group>/<target>."

  value = {
    for pair in setproduct(keys(local.groups), keys(local.metrics_targets)) : join("/", pair) => {
      name         = "${pair[0]}${local.suffixes[local.metrics_targets[pair[1]].id][0]}"
      description  = "${pair[0]} of ${local.metrics_targets[pair[1]].subject}, kept by Fluxwatch"
      location     = local.metrics_targets[pair[1]].location
      scopes       = local.metrics_targets[pair[1]].scopes
      cluster_name = local.metrics_targets[pair[1]].cluster
      interval     = local.iso8601[try(local.groups[pair[0]].interval, "1m")]
      rules        = local.group_rules[join("/", pair)]
    } if length([for rule in local.group_rules[join("/", pair)] : rule if rule.alert != null || local.metrics_targets[pair[1]].cluster == null && !local.has_alerts[pair[0]]]) > 0
  }

  precondition {
    condition     = alltrue([for text in local.durations : can(regex("^(\\d+w)?(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?$", text)) && text != ""])
    error_message = "Durations are written as 30s, 10m, 1h30m or 1d: ${join(", ", local.durations)}."
  }

  precondition {
    condition     = alltrue([for rule in values(local.alerts) : can(local.severities[rule.labels.severity])])
    error_message = "Every alert has a label severity: ${join(", ", keys(local.severities))}."
  }

  precondition {
    condition     = alltrue([for group in values(local.groups) : length(group.rules) <= 20])
    error_message = "Azure takes at most 20 rules in a Prometheus rule group."
  }

  precondition {
    condition     = alltrue([for place in range(length(var.metrics_workspaces)) : length(local.groups) + sum([for cluster in concat([{ metrics_workspace = -1 }], values(local.own)) : cluster.metrics_workspace == place ? length([for name, alerts in local.has_alerts : name if alerts]) : 0]) <= 500])
    error_message = "Azure takes 500 rule groups for a workspace: let fewer clusters have rules of their own."
  }

  precondition {
    # A log rule has 64 KB in all; the app has the same end, and watches the others with the fleet.
    condition     = alltrue([for one in concat(values(local.metrics_targets), values(local.log_targets)) : length(join("    ", one.out)) <= 48000])
    error_message = "Rules cannot leave out so many clusters: let fewer be off or have rules of their own."
  }

  precondition {
    condition     = length(setsubtract(flatten([for wish in local.wishes : keys(wish)]), concat(keys(local.alerts), keys(local.logs)))) == 0
    error_message = "There are no alerts ${join(", ", setsubtract(flatten([for wish in local.wishes : keys(wish)]), concat(keys(local.alerts), keys(local.logs))))}: docs/runbooks has a page for each that there is."
  }

  precondition {
    condition     = alltrue(flatten([for wish in local.wishes : [for name, one in wish : one.wait == null || can(local.alerts[name]) && try(local.seconds[one.wait] <= 86400, false)]]))
    error_message = "A wait is for metric alerts, and 24 h at most."
  }

  precondition {
    condition     = alltrue(flatten([for wish in local.wishes : [for name, one in wish : one.threshold == null || can(local.thresholds[name]) || can(local.logs[name])]]))
    error_message = "Thresholds can be given for ${join(", ", concat(keys(local.thresholds), keys(local.logs)))}."
  }
}

output "log_rules" {
  description = "Scheduled query rules, by <rule>/<target>."

  value = {
    for pair in setproduct(keys(local.logs), keys(local.log_targets)) : join("/", pair) => {
      name        = "${pair[0]}${local.suffixes[local.log_targets[pair[1]].id][0]}"
      description = local.log_descriptions[pair[0]]
      location    = local.log_targets[pair[1]].location
      scope       = local.log_targets[pair[1]].scope
      frequency   = local.iso8601[local.logs[pair[0]].frequency]
      window      = local.iso8601[local.logs[pair[0]].window]
      severity    = local.severities[coalesce(try(local.log_targets[pair[1]].overrides[pair[0]].severity, null), local.logs[pair[0]].severity)]
      measure     = try(local.logs[pair[0]].measure, null)
      threshold   = tonumber(coalesce(try(local.log_targets[pair[1]].overrides[pair[0]].threshold, null), try(local.logs[pair[0]].threshold, 0)))
      dimensions  = try(local.logs[pair[0]].dimensions, [])
      query = join("\n", concat(
        [local.logs[pair[0]].query],
        local.log_targets[pair[1]].cluster == null ? [] : ["| where _ResourceId =~ '${local.log_targets[pair[1]].cluster}'"],
        length(local.log_targets[pair[1]].out) == 0 ? [] : ["| where _ResourceId !in~ (${join(", ", local.log_targets[pair[1]].out)})"],
      ))
    } if !try(local.log_targets[pair[1]].overrides[pair[0]].off, false)
  }
}
