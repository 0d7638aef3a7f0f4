# Queues and the bus. Pub/Sub keeps for two weeks also what was delivered, so that what Eventarc gave up after its 24
# hours can be sought back: https://cloud.google.com/eventarc/docs/retry-events
resource "google_pubsub_topic" "declared" {
  for_each = module.plan.topics

  name                       = each.value
  message_retention_duration = "1209600s"

  depends_on = [google_project_service.needed]
}

resource "google_pubsub_topic" "own" {
  for_each = module.plan.subscriptions

  name = "${each.value.name}-own"

  depends_on = [google_project_service.needed]
}

resource "google_pubsub_topic" "dead" {
  name = "${var.prefix}_dead" # a queue has no _ in its name

  depends_on = [google_project_service.needed]
}

# A topic alone keeps nothing for those who come later.
resource "google_pubsub_subscription" "dead" {
  name                       = "${var.prefix}_dead"
  topic                      = google_pubsub_topic.dead.id
  message_retention_duration = "1209600s"

  expiration_policy {
    ttl = "" # never
  }
}

resource "google_pubsub_subscription" "bus" {
  for_each = module.plan.subscriptions

  name                       = each.value.name
  topic                      = google_pubsub_topic.declared[each.value.topic].id
  filter                     = each.value.filter
  ack_deadline_seconds       = each.value.ack_deadline
  message_retention_duration = "1209600s"

  push_config {
    push_endpoint = "${google_cloudfunctions2_function.declared[each.key].service_config[0].uri}${each.value.path}"

    oidc_token {
      service_account_email = google_service_account.invoker.email
      audience              = google_cloudfunctions2_function.declared[each.key].service_config[0].uri
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  # The desk buries after TRIFOLD_MAX_ATTEMPTS; this net is for what it could not bury.
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead.id
    max_delivery_attempts = 20
  }

  expiration_policy {
    ttl = ""
  }

  depends_on = [google_service_account_iam_member.pubsub_signs_in]
}

# Pub/Sub's own agent moves messages to the dead letters.
resource "google_pubsub_topic_iam_member" "dead" {
  topic  = google_pubsub_topic.dead.id
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "dead" {
  for_each = google_pubsub_subscription.bus

  subscription = each.value.id
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
