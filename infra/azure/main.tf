# The Azure side of Trifold. What the declarations say comes from infra/generated/azure.json through ./plan, which knows
# no provider and is tested; this folder turns it into resources. How to deploy: infra/decisions/infrastructure.md.
terraform {
  required_version = ">= 1.9"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.2"
    }
  }
}

provider "azurerm" {
  subscription_id     = var.subscription_id
  storage_use_azuread = true

  features {}
}

data "azurerm_client_config" "current" {}

locals {
  manifest = jsondecode(file("${path.module}/../generated/azure.json"))
  tags     = merge({ app = "trifold", prefix = var.prefix }, var.tags)
}

module "plan" {
  source   = "./plan"
  manifest = local.manifest
  prefix   = var.prefix
  suffix   = substr(sha1("${var.subscription_id}/${var.prefix}"), 0, 6)
}

resource "azurerm_resource_group" "desk" {
  name     = var.prefix
  location = var.location
  tags     = local.tags
}
