# Everything about the Azure side that can be computed, and so tested, without a provider: names, settings, roles.
terraform {
  required_version = ">= 1.9"
}

variable "manifest" {
  description = "infra/generated/azure.json, decoded"
  type        = any
}

variable "prefix" {
  description = "Before every name"
  type        = string
}

variable "suffix" {
  description = "Makes names unique that all of Azure shares: 6 lower-case letters or digits"
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{6}$", var.suffix))
    error_message = "The suffix is 6 lower-case letters or digits."
  }
}

locals {
  bare = replace(var.prefix, "-", "")

  names = {
    app       = "${var.prefix}-${var.suffix}"
    host      = "${substr(local.bare, 0, 16)}h${var.suffix}" # storage accounts: 24 lower-case letters and digits
    objects   = "${substr(local.bare, 0, 16)}d${var.suffix}"
    cosmos    = "${var.prefix}-${var.suffix}"
    bus       = "${var.prefix}-${var.suffix}"
    vault     = "${trimsuffix(substr(var.prefix, 0, 17), "-")}-${var.suffix}" # key vaults: 24 characters
    database  = "trifold"
    container = "desk"
    blobs     = "objects"
  }

  # The app's identity may do just what the declared functions need; Azure gives one identity to a whole function app.
  roles = {
    for name, role in {
      host    = { scope = "host", role = "Storage Blob Data Owner", needed = true }
      send    = { scope = "queues", role = "Azure Service Bus Data Sender", needed = var.manifest.sends }
      receive = { scope = "queues", role = "Azure Service Bus Data Receiver", needed = length(var.manifest.queues) > 0 }
      publish = { scope = "bus", role = "EventGrid Data Sender", needed = var.manifest.emits }
      objects = { scope = "objects", role = "Storage Blob Data Contributor", needed = true }
      # Links are signed with a key that the account hands to the identity.
      links  = { scope = "account", role = "Storage Blob Delegator", needed = contains(var.manifest.uses, "objects") }
      vault  = { scope = "vault", role = "Key Vault Secrets Officer", needed = contains(var.manifest.uses, "vault") }
      metric = { scope = "insights", role = "Monitoring Metrics Publisher", needed = true }
    } : name => { scope = role.scope, role = role.role } if role.needed
  }

  # Service Bus keeps a lock for 5 minutes at most; the host renews it while the function runs.
  queues = {
    for queue in var.manifest.queues : queue => {
      lock_duration      = "PT5M"
      time_to_live       = "P14D"
      max_delivery_count = 20 # the desk buries after TRIFOLD_MAX_ATTEMPTS; this net is for what it could not bury
    }
  }

  subscriptions = {
    for function, types in var.manifest.subscriptions : function => {
      name  = "${var.prefix}-${function}"
      types = types
    }
  }

  indexing = {
    mode     = var.manifest.container.indexingPolicy.indexingMode
    included = [for entry in var.manifest.container.indexingPolicy.includedPaths : entry.path]
    excluded = [for entry in var.manifest.container.indexingPolicy.excludedPaths : entry.path]
  }
}

output "names" {
  value = local.names

  precondition {
    condition     = length(local.names.app) <= 32 && can(regex("^[a-z][a-z0-9-]+$", var.prefix))
    error_message = "The prefix is 2 to 25 lower-case letters, digits and hyphens: a function app is told apart by 32 characters."
  }
}

output "roles" {
  value = local.roles
}

output "queues" {
  value = local.queues
}

output "subscriptions" {
  value = local.subscriptions

  precondition {
    condition     = alltrue([for one in values(local.subscriptions) : length(one.name) <= 64 && length(one.types) <= 25])
    error_message = "Event Grid takes names of 64 characters and 25 event types in a subscription."
  }
}

output "container" {
  value = {
    partition_key = var.manifest.container.partitionKey
    default_ttl   = var.manifest.container.defaultTtl
    indexing      = local.indexing
  }
}

output "claim_checks" {
  description = "What a life cycle rule matches: container and prefix"
  value       = "${local.names.blobs}/${var.manifest.claimChecks}"
}
