variables {
  manifest = jsondecode(file("../../generated/gcp.json"))
  prefix   = "trifold-dev"
  project  = "my-project"
}

run "only_the_front_is_public" {
  command = plan

  assert {
    condition     = [for name, one in output.functions : name if one.public] == ["http"] && output.functions.http.kind == "front"
    error_message = "Something else than the HTTP front is open to the internet, or the front is not."
  }
}

run "limits_of_concurrency_hold_over_all_instances" {
  command = plan

  assert {
    condition = alltrue([
      for one in var.manifest.functions : output.functions[one.name].concurrency >= 1 && one.concurrency >=
      (coalesce(output.functions[one.name].instances, 1)) * output.functions[one.name].concurrency
    ])
    error_message = "More messages could be handled at once than was declared."
  }
  assert {
    condition     = output.functions["orchestrator-received"].instances == 2 && output.functions["orchestrator-received"].concurrency == 10
    error_message = "20 messages at once are two instances with ten each."
  }
}

run "every_trigger_has_its_wiring" {
  command = plan

  assert {
    condition     = toset(keys(output.subscriptions)) == toset([for one in var.manifest.functions : one.name if can(one.types)])
    error_message = "A function that wants events has no subscription."
  }
  assert {
    condition     = output.subscriptions["cost-report-discovered"].filter == "attributes.type = \"discovery.completed.v1\" OR attributes.type = \"discovery.completed\""
    error_message = "The filter lets other events through."
  }
  assert {
    condition     = output.jobs["operations-sweep"].schedule == "* * * * *" && length(output.jobs) == length([for one in var.manifest.functions : one if can(one.schedule)])
    error_message = "A schedule has no job."
  }
  assert {
    condition     = alltrue([for one in values(output.functions) : one.kind != "queue" || can(output.topics[one.topic])])
    error_message = "A queue has no topic."
  }
  assert {
    condition     = output.functions["orchestrator-receivedUrgent"].service == "trifold-dev-orchestrator-received-urgent"
    error_message = "Cloud Run takes lower-case names alone."
  }
}

run "accounts_publish_what_is_declared" {
  command = plan

  assert {
    condition     = sort([for one in values(output.publishers) : one.topic if one.account == "billing"]) == tolist(["findings"])
    error_message = "billing may publish elsewhere."
  }
  assert {
    condition     = !contains([for one in values(output.publishers) : "${one.account} ${one.topic}"], "sentiment events")
    error_message = "A function that emits nothing may publish events."
  }
  assert {
    condition     = !anytrue([for one in values(output.accounts) : one.uses_vault])
    error_message = "Nothing declares the vault, and yet somebody may read secrets."
  }
}

run "firestore_indexes_what_is_asked_for_and_nothing_else" {
  command = plan

  assert {
    condition     = length(output.fields["*"].indexes) == 0 && output.fields["x"].ttl && length(output.fields["due"].indexes) == 2
    error_message = "Other fields are indexed than the store asks for, or nothing expires."
  }
}

run "long_names_of_accounts_are_told_apart" {
  command = plan

  variables {
    prefix = "quite-a-prefix1"
    manifest = merge(jsondecode(file("../../generated/gcp.json")), {
      accounts = {
        "a-name-of-twenty-five-ch-1" = { uses = [], publishes = [], consumes = false }
        "a-name-of-twenty-five-ch-2" = { uses = [], publishes = [], consumes = false }
      }
    })
  }

  assert {
    condition     = length(distinct([for one in values(output.accounts) : one.id])) == 2
    error_message = "Two functions would share a service account."
  }
}

run "a_prefix_that_is_too_long_is_refused" {
  command = plan

  variables {
    prefix = "a-prefix-too-long"
  }

  expect_failures = [var.prefix]
}
