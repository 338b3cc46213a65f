locals {
  has_alerts = { for name, group in local.groups : name => anytrue([for rule in group.rules : can(rule.alert)]) }
  runbooks   = trimsuffix(var.runbook_url, "/")

  annotations = {
    for name, rule in local.alerts : name => merge(
      { for key, text in try(rule.annotations, {}) : key => trimspace(text) },
      local.runbooks == "" || !can(rule.annotations.runbook_url) ? {} : { runbook_url = "${local.runbooks}/${basename(rule.annotations.runbook_url)}" },
    )
  }

  log_descriptions = {
    for name, rule in local.logs : name => join("\n", concat(
      distinct([for text in [try(rule.summary, ""), try(rule.description, "")] : trimspace(text) if trimspace(text) != ""]),
      local.runbooks == "" ? [] : ["Runbook: ${local.runbooks}/${name}.md"],
    ))
  }

  # <group>/<target> → its rules. A cluster's own read what its workspace's record.
  group_rules = {
    for pair in setproduct(keys(local.groups), keys(local.metrics_targets)) : join("/", pair) => [
      for rule in local.groups[pair[0]].rules : {
        alert       = try(rule.alert, null)
        record      = try(rule.record, null)
        expression  = can(rule.alert) ? local.expressions["${rule.alert}/${pair[1]}"] : trimspace(rule.expr)
        for         = can(rule.alert) ? local.iso8601[coalesce(try(local.metrics_targets[pair[1]].overrides[rule.alert].wait, null), try(rule.for, "0s"))] : null
        severity    = can(rule.alert) ? local.severities[local.words["${rule.alert}/${pair[1]}"]] : null
        labels      = { for key, text in merge(try(rule.labels, {}), can(rule.alert) ? { severity = local.words["${rule.alert}/${pair[1]}"] } : {}) : key => trimspace(text) }
        annotations = can(rule.alert) ? local.annotations[rule.alert] : {}
      } if can(rule.alert) ? !try(local.metrics_targets[pair[1]].overrides[rule.alert].off, false) : local.metrics_targets[pair[1]].cluster == null
    ]
  }

  # <alert>/<target> → severity in words, and the expression with its threshold and without the clusters that are left out.
  words = {
    for pair in setproduct(keys(local.alerts), keys(local.metrics_targets)) : join("/", pair) =>
    coalesce(try(local.metrics_targets[pair[1]].overrides[pair[0]].severity, null), local.alerts[pair[0]].labels.severity)
  }
  bare = {
    for pair in setproduct(keys(local.alerts), keys(local.metrics_targets)) : join("/", pair) =>
    try(local.metrics_targets[pair[1]].overrides[pair[0]].threshold, null) == null ? trimspace(local.alerts[pair[0]].expr) : replace(
      trimspace(local.alerts[pair[0]].expr),
      local.thresholds[pair[0]],
      replace(local.thresholds[pair[0]], "/-?[0-9]+(?:\\.[0-9]+)?([^0-9]*)$/", "${local.metrics_targets[pair[1]].overrides[pair[0]].threshold}$${1}"),
    )
  }
  expressions = {
    for key, text in local.bare : key => length(local.metrics_targets[split("/", key)[1]].out) == 0 ? text : join("", [
      "(${text}) unless on (cluster) (",
      join(" or ", local.metrics_targets[split("/", key)[1]].out),
      ")",
    ])
  }
}
