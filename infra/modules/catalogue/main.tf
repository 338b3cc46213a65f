# The files that the function app reads too, and what they are for; the rules of Azure Monitor, each field as the app sends it.
# No provider: tests/infra compares the outputs with what shared/core/desired_rules.py makes.
locals {
  severities = { critical = 1, warning = 2, info = 3 }

  groups = {
    for group in flatten([for path in fileset(var.folder, "prometheus/*.yaml") : yamldecode(file("${var.folder}/${path}")).groups]) :
    group.name => group
  }
  rules      = flatten([for group in values(local.groups) : group.rules])
  alerts     = { for rule in local.rules : rule.alert => rule if can(rule.alert) }
  thresholds = fileexists("${var.folder}/thresholds.yaml") ? yamldecode(file("${var.folder}/thresholds.yaml")) : {}

  # Comments and empty lines are left out: a filter is put behind a query, and must not end up in a comment.
  logs = {
    for path in fileset(var.folder, "logs/*.kql") : trimsuffix(basename(path), ".kql") => merge(
      yamldecode(file("${var.folder}/${trimsuffix(path, ".kql")}.yaml")),
      {
        query = join("\n", [
          for line in split("\n", file("${var.folder}/${path}")) : replace(line, "/\\s+$/", "")
          if trimspace(line) != "" && !startswith(trimspace(line), "//")
        ])
      },
    )
  }

  wishes = concat([var.overrides], [for cluster in values(var.clusters) : cluster.overrides])

  # "10m", "1h30m" and "1d" become PT10M, PT1H30M and PT24H: hours and never days, which not every service takes.
  durations = toset(flatten([
    [for group in values(local.groups) : try(group.interval, "1m")],
    [for rule in values(local.alerts) : try(rule.for, "0s")],
    [for query in values(local.logs) : [query.frequency, query.window]],
    [for wish in local.wishes : [for override in values(wish) : coalesce(override.wait, "0s")]],
  ]))
  parts = {
    for text in local.durations : text => [
      for number in try(regex("^(?:(\\d+)w)?(?:(\\d+)d)?(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s)?$", text), []) :
      tonumber(coalesce(number, "0"))
    ]
  }
  seconds = {
    for text, part in local.parts : text => length(part) == 0 ? 0 : (((part[0] * 7 + part[1]) * 24 + part[2]) * 60 + part[3]) * 60 + part[4]
  }
  iso8601 = {
    for text, all in local.seconds : text => all == 0 ? "PT0S" : join("", [
      "PT",
      all >= 3600 ? "${floor(all / 3600)}H" : "",
      floor(all % 3600 / 60) > 0 ? "${floor(all % 3600 / 60)}M" : "",
      all % 60 > 0 ? "${all % 60}S" : "",
    ])
  }
}
