# The subscription's system topic, new or existing, and the subscription that tells ensure_alert_rules of extensions. Azure
# allows one system topic for each source; what is not told here, reconcile_alert_rules finds within the hour.
resource "azurerm_eventgrid_system_topic" "this" {
  count = var.system_topic_name == null ? 1 : 0

  name                = "evgt-${var.name}"
  location            = "global"
  resource_group_name = var.resource_group_name
  source_resource_id  = var.source_id
  topic_type          = "Microsoft.Resources.Subscriptions"
  tags                = var.tags

  identity {
    type = "SystemAssigned"
  }
}

data "azurerm_eventgrid_system_topic" "this" {
  count = var.system_topic_name == null ? 0 : 1

  name                = var.system_topic_name
  resource_group_name = var.resource_group_name

  lifecycle {
    postcondition {
      condition     = lower(coalesce(self.topic_type, "microsoft.resources.subscriptions")) == "microsoft.resources.subscriptions" && lower(coalesce(self.source_resource_id, var.source_id)) == lower(var.source_id)
      error_message = "The system topic is of another source than ${var.source_id}."
    }

    postcondition {
      condition     = length(self.identity) > 0 && try(self.identity[0].principal_id, "") != ""
      error_message = "The system topic needs a system-assigned identity: it writes dead letters with it."
    }
  }
}

locals {
  topic     = one(concat(azurerm_eventgrid_system_topic.this[*].name, data.azurerm_eventgrid_system_topic.this[*].name))
  principal = try(azurerm_eventgrid_system_topic.this[0].identity[0].principal_id, data.azurerm_eventgrid_system_topic.this[0].identity[0].principal_id)
}

resource "azurerm_role_assignment" "dead_letters" {
  scope                = "${var.storage_account_id}/blobServices/default/containers/${var.dead_letter_container}"
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = local.principal
  principal_type       = "ServicePrincipal"
}

resource "azurerm_eventgrid_system_topic_event_subscription" "this" {
  count = var.enabled ? 1 : 0

  name                  = "${var.name}-flux-extension"
  system_topic          = local.topic
  resource_group_name   = var.resource_group_name
  event_delivery_schema = "EventGridSchema"

  included_event_types = [
    "Microsoft.Resources.ResourceDeleteSuccess",
    "Microsoft.Resources.ResourceWriteSuccess",
  ]

  advanced_filter {
    string_in {
      key = "data.operationName"
      values = [
        "Microsoft.KubernetesConfiguration/extensions/delete",
        "Microsoft.KubernetesConfiguration/extensions/write",
      ]
    }
  }

  azure_function_endpoint {
    function_id = var.function_id

    # What Azure takes where they are left out.
    max_events_per_batch              = 1
    preferred_batch_size_in_kilobytes = 64
  }

  retry_policy {
    event_time_to_live    = 1440
    max_delivery_attempts = 30
  }

  dead_letter_identity {
    type = "SystemAssigned"
  }

  storage_blob_dead_letter_destination {
    storage_account_id          = var.storage_account_id
    storage_blob_container_name = var.dead_letter_container
  }

  depends_on = [azurerm_role_assignment.dead_letters]
}
