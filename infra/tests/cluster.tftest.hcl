mock_provider "azurerm" {}

variables {
  cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/aks-1"
  flux_configurations = {
    apps = {
      git = { url = "https://git.example.test/apps", reference_type = "tag", reference_value = "v1" }
      kustomizations = {
        infrastructure = { path = "./infrastructure" }
        apps           = { path = "./apps", depends_on = ["infrastructure"] }
      }
    }
  }
}

run "aks" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  assert {
    condition     = length(azurerm_kubernetes_cluster_extension.flux) == 1 && length(azurerm_arc_kubernetes_cluster_extension.flux) == 0 && length(azurerm_arc_kubernetes_flux_configuration.this) == 0
    error_message = "An AKS cluster takes the AKS resources."
  }

  assert {
    condition     = one([for one in azurerm_kubernetes_flux_configuration.this["apps"].kustomizations : one.depends_on if one.name == "apps"]) == tolist(["infrastructure"])
    error_message = "Kustomizations wait for each other."
  }

  assert {
    condition     = azurerm_kubernetes_cluster_extension.flux[0].version == null
    error_message = "Azure upgrades the extension."
  }

  assert {
    condition     = azurerm_kubernetes_flux_configuration.this["apps"].continuous_reconciliation_enabled
    error_message = "Nothing is suspended unless asked for."
  }
}

run "arc" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-arc/providers/Microsoft.Kubernetes/connectedClusters/arc-1"
  }

  assert {
    condition     = length(azurerm_kubernetes_cluster_extension.flux) == 0 && length(azurerm_arc_kubernetes_cluster_extension.flux) == 1 && length(azurerm_arc_kubernetes_flux_configuration.this["apps"].kustomizations) == 2
    error_message = "An Arc cluster takes the Arc resources."
  }
}

run "private_repository" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    flux_configurations = { apps = { suspended = true, git = { url = "https://git.example.test/apps" }, kustomizations = { apps = {} } } }
    git_credentials     = { apps = { https_user = "git", https_key = "key" } }
  }

  assert {
    condition     = !azurerm_kubernetes_flux_configuration.this["apps"].continuous_reconciliation_enabled
    error_message = "A configuration can be suspended."
  }

  assert {
    condition     = base64decode(azurerm_kubernetes_flux_configuration.this["apps"].git_repository[0].https_key_base64) == "key"
    error_message = "The key is sent in base64."
  }
}

run "half_a_credential" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    git_credentials = { apps = { https_user = "git" } }
  }

  expect_failures = [var.git_credentials]
}

run "a_name_is_not_an_id" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    cluster_id = "aks-1"
  }

  expect_failures = [var.cluster_id]
}

run "a_dependency_that_is_not_there" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    flux_configurations = { apps = { git = { url = "https://git.example.test/apps" }, kustomizations = { apps = { depends_on = ["other"] } } } }
  }

  expect_failures = [var.flux_configurations]
}

run "arc_knows_no_wait" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  variables {
    cluster_id          = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-arc/providers/Microsoft.Kubernetes/connectedClusters/arc-1"
    flux_configurations = { apps = { git = { url = "https://git.example.test/apps" }, kustomizations = { apps = { wait = true } } } }
  }

  expect_failures = [azurerm_arc_kubernetes_flux_configuration.this["apps"]]
}
