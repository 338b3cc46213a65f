# What the catalogue refuses. That it makes the same rules as the app is tested in Python.
run "an_alert_needs_a_severity" {
  command = plan

  module {
    source = "./modules/catalogue"
  }

  variables {
    folder             = "tests/bad_rules"
    metrics_workspaces = []
  }

  expect_failures = [output.prometheus_groups]
}

run "an_alert_that_is_not_there" {
  command = plan

  module {
    source = "./modules/catalogue"
  }

  variables {
    folder    = "../shared/rules"
    overrides = { FluxSuspendedResources = { off = true } }
  }

  expect_failures = [output.prometheus_groups]
}

run "a_threshold_that_is_not_there" {
  command = plan

  module {
    source = "./modules/catalogue"
  }

  variables {
    folder    = "../shared/rules"
    overrides = { FluxSuspendedResource = { threshold = "5" } }
  }

  expect_failures = [output.prometheus_groups]
}

run "a_wait_that_is_no_duration" {
  command = plan

  module {
    source = "./modules/catalogue"
  }

  variables {
    folder    = "../shared/rules"
    overrides = { FluxSuspendedResource = { wait = "soon" } }
  }

  expect_failures = [output.prometheus_groups]
}

run "more_clusters_than_rules_can_leave_out" {
  command = plan

  module {
    source = "./modules/catalogue"
  }

  variables {
    folder             = "../shared/rules"
    metrics_workspaces = [{ id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Monitor/accounts/amw", location = "westeurope" }]
    clusters = {
      for place in range(1000) : "aks-${place}" => {
        id   = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-${place}"
        mode = "off"
      }
    }
  }

  expect_failures = [output.prometheus_groups]
}
