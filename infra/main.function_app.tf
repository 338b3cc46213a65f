resource "azurerm_storage_account" "this" {
  name                            = "stfluxwatch${local.token}"
  location                        = azurerm_resource_group.this.location
  resource_group_name             = azurerm_resource_group.this.name
  account_tier                    = "Standard"
  account_replication_type        = var.storage_replication
  min_tls_version                 = "TLS1_2"
  shared_access_key_enabled       = false
  default_to_oauth_authentication = true
  public_network_access_enabled   = var.private_network == null
  tags                            = local.tags
}

resource "azurerm_storage_container" "this" {
  for_each = toset(["app-package", "dead-letters"])

  name                  = each.key
  storage_account_id    = azurerm_storage_account.this.id
  container_access_type = "private"
}

resource "azurerm_service_plan" "this" {
  name                = "asp-${local.name}"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  os_type             = "Linux"
  sku_name            = "FC1"
  tags                = local.tags
}

# azapi, not azurerm_function_app_flex_consumption: up to azurerm 5.2 that resource writes a connection
# string with an empty key into AzureWebJobsStorage (issue 29693) and has no Key Vault reference identity (28928).
resource "azapi_resource" "function_app" {
  type      = "Microsoft.Web/sites@2025-03-01"
  name      = local.function_app_name
  parent_id = azurerm_resource_group.this.id
  location  = azurerm_resource_group.this.location
  tags      = merge(local.tags, { azd-service-name = "functions" })

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.this.id]
  }

  body = {
    kind = "functionapp,linux"
    properties = {
      serverFarmId              = azurerm_service_plan.this.id
      httpsOnly                 = true
      keyVaultReferenceIdentity = azurerm_user_assigned_identity.this.id
      publicNetworkAccess       = "Enabled" # left out, a private endpoint ends it: Event Grid and action groups come by it
      virtualNetworkSubnetId    = try(var.private_network.subnet_id, null)
      functionAppConfig = {
        deployment = {
          storage = {
            type  = "blobContainer"
            value = "${azurerm_storage_account.this.primary_blob_endpoint}${azurerm_storage_container.this["app-package"].name}"
            authentication = {
              type                           = "UserAssignedIdentity"
              userAssignedIdentityResourceId = azurerm_user_assigned_identity.this.id
            }
          }
        }
        runtime = { name = "python", version = var.python_version }
        scaleAndConcurrency = {
          instanceMemoryMB     = var.instance_memory_mb
          maximumInstanceCount = var.maximum_instances
          alwaysReady          = var.always_ready_instances > 0 ? [{ name = "http", instanceCount = var.always_ready_instances }] : []
          triggers             = { http = { perInstanceConcurrency = var.instance_concurrency } } # 1 for Python unless said
        }
      }
      siteConfig = {
        minTlsVersion = "1.3"
        ftpsState     = "Disabled"

        ipSecurityRestrictionsDefaultAction = var.private_network == null ? "Allow" : "Deny"
        ipSecurityRestrictions = var.private_network == null ? [] : [
          { name = "event-grid", action = "Allow", priority = 100, tag = "ServiceTag", ipAddress = "AzureEventGrid" },
          { name = "alerts", action = "Allow", priority = 110, tag = "ServiceTag", ipAddress = "ActionGroup" },
        ]
        appSettings = [for name, value in local.app_settings : { name = name, value = value }]
      }
    }
  }

  response_export_values = ["properties.defaultHostName"]

  # The host reads its storage and secrets when it starts.
  depends_on = [azapi_resource_action.secret, azurerm_private_endpoint.backend, azurerm_role_assignment.app]
}

check "address" {
  assert {
    condition     = var.public_url != null || local.function_app_url == "https://${azapi_resource.function_app.output.properties.defaultHostName}"
    error_message = "The app is not at ${local.function_app_url}: set public_url."
  }
}
