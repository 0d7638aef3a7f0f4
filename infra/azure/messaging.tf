resource "azurerm_servicebus_namespace" "desk" {
  name                = module.plan.names.bus
  resource_group_name = azurerm_resource_group.desk.name
  location            = azurerm_resource_group.desk.location
  sku                 = "Standard"
  local_auth_enabled  = false # identities only, no keys
  tags                = local.tags
}

resource "azurerm_servicebus_queue" "declared" {
  for_each = module.plan.queues

  name                                 = each.key
  namespace_id                         = azurerm_servicebus_namespace.desk.id
  lock_duration                        = each.value.lock_duration
  default_message_ttl                  = each.value.time_to_live
  dead_lettering_on_message_expiration = true
  max_delivery_count                   = each.value.max_delivery_count
}

resource "azurerm_eventgrid_topic" "bus" {
  name                = module.plan.names.bus
  resource_group_name = azurerm_resource_group.desk.name
  location            = azurerm_resource_group.desk.location
  input_schema        = "CloudEventSchemaV1_0"
  local_auth_enabled  = false
  tags                = local.tags

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_storage_container" "undelivered" {
  name                  = "undelivered-events"
  storage_account_id    = azurerm_storage_account.objects.id
  container_access_type = "private"
}

resource "azurerm_role_assignment" "bus_dead_letters" {
  scope                = azurerm_storage_account.objects.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_eventgrid_topic.bus.identity[0].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_eventgrid_event_subscription" "declared" {
  for_each = var.code_is_deployed ? module.plan.subscriptions : {}

  name                  = each.value.name
  scope                 = azurerm_eventgrid_topic.bus.id
  event_delivery_schema = "CloudEventSchemaV1_0"
  included_event_types  = each.value.types

  azure_function_endpoint {
    function_id = "${azurerm_function_app_flex_consumption.desk.id}/functions/${each.key}"
    # The handler takes one event, as a queue's takes one message.
    max_events_per_batch = 1
  }

  retry_policy {
    max_delivery_attempts = 30
    event_time_to_live    = 1440 # minutes, the most that Event Grid keeps
  }

  storage_blob_dead_letter_destination {
    storage_account_id          = azurerm_storage_account.objects.id
    storage_blob_container_name = azurerm_storage_container.undelivered.name
  }

  dead_letter_identity {
    type = "SystemAssigned"
  }

  depends_on = [azurerm_role_assignment.bus_dead_letters]
}
