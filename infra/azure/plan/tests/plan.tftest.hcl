variables {
  manifest = jsondecode(file("../../generated/azure.json"))
  prefix   = "trifold-dev"
  suffix   = "a1b2c3"
}

run "every_queue_keeps_messages_for_two_weeks" {
  command = plan

  assert {
    condition     = toset(keys(output.queues)) == toset(var.manifest.queues)
    error_message = "A declared queue has no Service Bus queue."
  }
  assert {
    condition     = alltrue([for queue in values(output.queues) : queue.time_to_live == "P14D" && queue.max_delivery_count == 20])
    error_message = "A queue forgets messages."
  }
}

run "subscriptions_name_functions_that_are_registered" {
  command = plan

  assert {
    condition = alltrue([
      for function in keys(output.subscriptions) :
      contains([for one in var.manifest.registrations : one.name if one.kind == "event"], function)
    ])
    error_message = "A subscription delivers to a function that the app does not have."
  }
  assert {
    condition     = output.subscriptions["cost-report-discovered"].types == ["discovery.completed.v1", "discovery.completed"]
    error_message = "A subscription takes other types than its function."
  }
}

run "the_container_is_the_adapters" {
  command = plan

  assert {
    condition     = output.container.default_ttl == -1 && output.container.partition_key.paths == ["/pk"]
    error_message = "Items would not expire by their own time, or lie in other partitions."
  }
  assert {
    condition     = contains(output.container.indexing.included, "/due/?") && output.container.indexing.excluded == ["/*"]
    error_message = "What is asked for is not indexed, or everything is."
  }
}

run "roles_follow_the_declarations" {
  command = plan

  variables {
    manifest = merge(jsondecode(file("../../generated/azure.json")), { uses = ["vault"], sends = false, emits = false })
  }

  assert {
    condition     = output.roles.vault.role == "Key Vault Secrets Officer"
    error_message = "A function that uses the vault may not read it."
  }
  assert {
    condition     = !contains(keys(output.roles), "send") && !contains(keys(output.roles), "publish") && !contains(keys(output.roles), "links")
    error_message = "An app that sends nothing may send."
  }
}

run "names_fit_azures_limits" {
  command = plan

  variables {
    prefix = "a-very-long-prefix-indeed"
  }

  assert {
    condition     = length(output.names.vault) <= 24 && length(output.names.host) <= 24 && can(regex("^[a-z0-9]+$", output.names.objects))
    error_message = "A name is too long."
  }
}

run "a_prefix_that_is_too_long_is_refused" {
  command = plan

  variables {
    prefix = "a-prefix-of-twenty-six-chars"
  }

  expect_failures = [output.names]
}
