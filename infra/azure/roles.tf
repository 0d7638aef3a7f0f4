# What the app's identity may do, as derived from the declarations (./plan).
locals {
  scopes = {
    host     = azurerm_storage_account.host.id
    queues   = azurerm_servicebus_namespace.desk.id
    bus      = azurerm_eventgrid_topic.bus.id
    account  = azurerm_storage_account.objects.id
    objects  = azurerm_storage_container.objects.id
    vault    = azurerm_key_vault.desk.id
    insights = azurerm_application_insights.desk.id
  }
}

resource "azurerm_role_assignment" "app" {
  for_each = module.plan.roles

  scope                = local.scopes[each.value.scope]
  role_definition_name = each.value.role
  principal_id         = azurerm_function_app_flex_consumption.desk.identity[0].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "models" {
  count = var.openai_account_id == "" ? 0 : 1

  scope                = var.openai_account_id
  role_definition_name = "Cognitive Services OpenAI User"
  principal_id         = azurerm_function_app_flex_consumption.desk.identity[0].principal_id
  principal_type       = "ServicePrincipal"
}

# Cosmos DB has roles of its own; this one is "Built-in Data Contributor":
# https://learn.microsoft.com/azure/cosmos-db/nosql/reference-data-plane-security#built-in-roles
resource "azurerm_cosmosdb_sql_role_assignment" "app" {
  resource_group_name = azurerm_resource_group.desk.name
  account_name        = azurerm_cosmosdb_account.desk.name
  role_definition_id  = "${azurerm_cosmosdb_account.desk.id}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002"
  principal_id        = azurerm_function_app_flex_consumption.desk.identity[0].principal_id
  scope               = "${azurerm_cosmosdb_account.desk.id}/dbs/${azurerm_cosmosdb_sql_database.desk.name}/colls/${azurerm_cosmosdb_sql_container.desk.name}"
}
