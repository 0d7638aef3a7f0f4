resource "azurerm_cosmosdb_account" "desk" {
  name                         = module.plan.names.cosmos
  resource_group_name          = azurerm_resource_group.desk.name
  location                     = azurerm_resource_group.desk.location
  offer_type                   = "Standard"
  local_authentication_enabled = false
  tags                         = local.tags

  capabilities {
    name = "EnableServerless"
  }

  # The store promises that what was written is read: shared/clouds/azure/container.ts.
  consistency_policy {
    consistency_level = "Strong"
  }

  geo_location {
    location          = azurerm_resource_group.desk.location
    failover_priority = 0
  }

  backup {
    type = "Continuous"
    tier = "Continuous7Days"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_cosmosdb_sql_database" "desk" {
  name                = module.plan.names.database
  resource_group_name = azurerm_resource_group.desk.name
  account_name        = azurerm_cosmosdb_account.desk.name
}

resource "azurerm_cosmosdb_sql_container" "desk" {
  name                  = module.plan.names.container
  resource_group_name   = azurerm_resource_group.desk.name
  account_name          = azurerm_cosmosdb_account.desk.name
  database_name         = azurerm_cosmosdb_sql_database.desk.name
  partition_key_paths   = module.plan.container.partition_key.paths
  partition_key_kind    = module.plan.container.partition_key.kind
  partition_key_version = module.plan.container.partition_key.version
  default_ttl           = module.plan.container.default_ttl

  indexing_policy {
    indexing_mode = module.plan.container.indexing.mode

    dynamic "included_path" {
      for_each = module.plan.container.indexing.included
      content {
        path = included_path.value
      }
    }

    dynamic "excluded_path" {
      for_each = module.plan.container.indexing.excluded
      content {
        path = excluded_path.value
      }
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_account" "objects" {
  name                      = module.plan.names.objects
  resource_group_name       = azurerm_resource_group.desk.name
  location                  = azurerm_resource_group.desk.location
  account_tier              = "Standard"
  account_replication_type  = "ZRS"
  shared_access_key_enabled = false
  tags                      = local.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container" "objects" {
  name                  = module.plan.names.blobs
  storage_account_id    = azurerm_storage_account.objects.id
  container_access_type = "private"
}

resource "azurerm_storage_management_policy" "objects" {
  storage_account_id = azurerm_storage_account.objects.id

  # Longer than a queue keeps a message (14 days) and the desk its dead letters (90 days), which may be replayed.
  rule {
    name    = "claim-checks"
    enabled = true

    filters {
      prefix_match = [module.plan.claim_checks]
      blob_types   = ["blockBlob"]
    }

    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = 120
      }
    }
  }
}

resource "azurerm_key_vault" "desk" {
  name                       = module.plan.names.vault
  resource_group_name        = azurerm_resource_group.desk.name
  location                   = azurerm_resource_group.desk.location
  tenant_id                  = data.azurerm_client_config.current.tenant_id
  sku_name                   = "standard"
  rbac_authorization_enabled = true
  # What the desk deletes is to be gone: with purge protection its names would stay taken for 90 days.
  purge_protection_enabled   = false
  soft_delete_retention_days = 7
  tags                       = local.tags
}
