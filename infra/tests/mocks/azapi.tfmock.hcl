mock_data "azapi_resource" {
  defaults = { location = "northeurope" }
}

mock_data "azapi_resource_action" {
  defaults = { sensitive_output = { default = "key" } }
}
