resource "azurerm_storage_account" "host" {
  name                      = module.plan.names.host
  resource_group_name       = azurerm_resource_group.desk.name
  location                  = azurerm_resource_group.desk.location
  account_tier              = "Standard"
  account_replication_type  = "LRS"
  shared_access_key_enabled = false
  tags                      = local.tags
}

resource "azurerm_storage_container" "packages" {
  name                  = "packages"
  storage_account_id    = azurerm_storage_account.host.id
  container_access_type = "private"
}

resource "azurerm_log_analytics_workspace" "desk" {
  name                = var.prefix
  resource_group_name = azurerm_resource_group.desk.name
  location            = azurerm_resource_group.desk.location
  sku                 = "PerGB2018"
  retention_in_days   = 90
  tags                = local.tags
}

resource "azurerm_application_insights" "desk" {
  name                         = var.prefix
  resource_group_name          = azurerm_resource_group.desk.name
  location                     = azurerm_resource_group.desk.location
  application_type             = "Node.JS"
  workspace_id                 = azurerm_log_analytics_workspace.desk.id
  local_authentication_enabled = false
  tags                         = local.tags
}

resource "azurerm_service_plan" "desk" {
  name                = var.prefix
  resource_group_name = azurerm_resource_group.desk.name
  location            = azurerm_resource_group.desk.location
  os_type             = "Linux"
  sku_name            = "FC1" # Flex Consumption
  tags                = local.tags
}

resource "azurerm_function_app_flex_consumption" "desk" {
  name                = module.plan.names.app
  resource_group_name = azurerm_resource_group.desk.name
  location            = azurerm_resource_group.desk.location
  service_plan_id     = azurerm_service_plan.desk.id
  https_only          = true
  tags                = local.tags

  runtime_name           = "node"
  runtime_version        = "24"
  instance_memory_in_mb  = var.instance_memory_mb
  maximum_instance_count = var.maximum_instances

  storage_container_type      = "blobContainer"
  storage_container_endpoint  = "${azurerm_storage_account.host.primary_blob_endpoint}${azurerm_storage_container.packages.name}"
  storage_authentication_type = "SystemAssignedIdentity"

  webdeploy_publish_basic_authentication_enabled = false

  identity {
    type = "SystemAssigned"
  }

  site_config {
    application_insights_connection_string = azurerm_application_insights.desk.connection_string
    minimum_tls_version                    = "1.2"
  }

  app_settings = merge(
    {
      AzureWebJobsStorage__accountName              = azurerm_storage_account.host.name
      ServiceBusConnection__fullyQualifiedNamespace = "${azurerm_servicebus_namespace.desk.name}.servicebus.windows.net"
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING     = "Authorization=AAD"
      TRIFOLD_COSMOS_ENDPOINT                       = azurerm_cosmosdb_account.desk.endpoint
      TRIFOLD_COSMOS_DATABASE                       = azurerm_cosmosdb_sql_database.desk.name
      TRIFOLD_COSMOS_CONTAINER                      = azurerm_cosmosdb_sql_container.desk.name
      TRIFOLD_SERVICE_BUS_ENDPOINT                  = "https://${azurerm_servicebus_namespace.desk.name}.servicebus.windows.net"
      TRIFOLD_EVENT_GRID_ENDPOINT                   = azurerm_eventgrid_topic.bus.endpoint
      TRIFOLD_VAULT_ENDPOINT                        = azurerm_key_vault.desk.vault_uri
      TRIFOLD_BLOB_ENDPOINT                         = azurerm_storage_account.objects.primary_blob_endpoint
      TRIFOLD_BLOB_CONTAINER                        = azurerm_storage_container.objects.name
      TRIFOLD_WORKSPACE                             = var.workspace
      TRIFOLD_LOG_LEVEL                             = var.log_level
      TRIFOLD_WEBHOOK_URL                           = var.webhook_url
      TRIFOLD_MODELS                                = var.models
    },
    # A reference that the platform resolves: the secret is in neither state nor settings.
    var.webhook_secret_id == "" ? {} : { TRIFOLD_WEBHOOK_SECRET = "@Microsoft.KeyVault(SecretUri=${var.webhook_secret_id})" },
    var.otlp_endpoint == "" ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint },
  )
}
