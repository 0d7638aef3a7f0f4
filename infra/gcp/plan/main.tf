# Everything about Google's side that can be computed, and so tested, without a provider: names, sizes, grants.
terraform {
  required_version = ">= 1.9"
}

variable "manifest" {
  description = "infra/generated/gcp.json, decoded"
  type        = any
}

variable "prefix" {
  description = "Before every name"
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,13}[a-z0-9]$", var.prefix))
    error_message = "The prefix is 2 to 15 lower-case letters, digits and hyphens: secrets and service accounts have little room."
  }
}

variable "project" {
  type = string
}

locals {
  # Service accounts have 6 to 30 characters; what does not fit is told apart by a hash.
  wanted = { for name, _ in var.manifest.accounts : name => "${var.prefix}-${name}" }
  account_ids = {
    for name, id in local.wanted : name => length(id) <= 30 ? id : "${trimsuffix(substr(id, 0, 23), "-")}-${substr(sha1(id), 0, 6)}"
  }

  accounts = {
    for name, account in var.manifest.accounts : name => {
      id           = local.account_ids[name]
      sends        = length(setsubtract(account.publishes, [var.manifest.bus])) > 0
      consumes     = account.consumes
      uses_objects = contains(account.uses, "objects")
      uses_vault   = contains(account.uses, "vault")
      uses_model   = contains(account.uses, "model")
      notifies     = contains(account.uses, "notifier")
    }
  }

  topics = { for name in concat([var.manifest.bus], var.manifest.queues) : name => "${var.prefix}-${name}" }

  publishers = merge([
    for name, account in var.manifest.accounts : {
      for topic in account.publishes : "${name}/${topic}" => { account = name, topic = topic }
    }
  ]...)

  # "Messages handled at once, over all instances": up to ten share an instance, and the product never exceeds the limit.
  instances = { for one in var.manifest.functions : one.name => one.public ? null : ceil(one.concurrency / 10) }

  functions = {
    for one in var.manifest.functions : one.name => {
      service     = "${var.prefix}-${one.service}"
      artifact    = one.artifact
      entry_point = one.entryPoint
      public      = one.public
      instances   = local.instances[one.name]
      concurrency = one.public ? one.concurrency : floor(one.concurrency / local.instances[one.name])
      # More than one request at a time takes a whole CPU, and a whole CPU 512 MiB.
      memory  = "${max(512, one.memoryMb)}Mi"
      timeout = one.timeoutSeconds
      kind    = one.public ? "front" : can(one.types) ? "event" : can(one.topic) ? "queue" : can(one.schedule) ? "schedule" : "direct"
      topic   = try(one.topic, null)
    }
  }

  # Eventarc passes on everything that comes to a topic; a subscription of our own can filter, once and for all.
  subscriptions = {
    for one in var.manifest.functions : one.name => {
      name         = "${var.prefix}-${one.service}"
      topic        = one.topic
      filter       = join(" OR ", [for type in one.types : "attributes.type = \"${type}\""])
      ack_deadline = min(600, max(10, one.timeoutSeconds + 10))
      # The framework takes the topic of a plain push from the path.
      path = "/projects/${var.project}/topics/${local.topics[one.topic]}"
    } if can(one.types)
  }

  jobs = {
    for one in var.manifest.functions : one.name => {
      name     = "${var.prefix}-${one.service}"
      schedule = one.schedule
      deadline = "${min(1800, max(15, one.timeoutSeconds + 10))}s"
    } if can(one.schedule)
  }

  fields = {
    for field in var.manifest.firestore.fieldOverrides : field.fieldPath => {
      collection = field.collectionGroup
      ttl        = field.ttl
      indexes    = [for index in field.indexes : { order = index.order, scope = index.queryScope }]
    }
  }
}

output "accounts" {
  value = local.accounts

  precondition {
    condition     = alltrue([for one in values(local.accounts) : can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", one.id))])
    error_message = "A service account's name does not fit."
  }
}

output "topics" {
  value = local.topics
}

output "publishers" {
  value = local.publishers
}

output "functions" {
  value = local.functions

  precondition {
    condition     = alltrue([for one in values(local.functions) : length(one.service) <= 63])
    error_message = "A function's name has more than 63 characters."
  }
}

output "subscriptions" {
  value = local.subscriptions

  precondition {
    condition     = alltrue([for one in values(local.subscriptions) : length(one.filter) <= 256])
    error_message = "A subscription's filter has more than 256 characters: https://cloud.google.com/pubsub/docs/subscription-message-filter"
  }
}

output "jobs" {
  value = local.jobs
}

output "fields" {
  value = local.fields
}

output "claim_checks" {
  value = var.manifest.claimChecks
}
