resource "google_storage_bucket" "sources" {
  name                        = "${var.project}-${var.prefix}-sources"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true
}

resource "google_storage_bucket_object" "source" {
  for_each = module.plan.accounts

  bucket = google_storage_bucket.sources.name
  # The name changes with what is in it, so that a new build is a new deployment.
  name   = "${each.key}-${filemd5("${local.dist}/${each.key}.zip")}.zip"
  source = "${local.dist}/${each.key}.zip"
}

resource "google_cloudfunctions2_function" "declared" {
  for_each = module.plan.functions

  name     = each.value.service
  location = var.region

  build_config {
    runtime         = "nodejs24"
    entry_point     = each.value.entry_point
    service_account = google_service_account.build.id

    source {
      storage_source {
        bucket = google_storage_bucket.sources.name
        object = google_storage_bucket_object.source[each.value.artifact].name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.function[each.value.artifact].email
    available_memory                 = each.value.memory
    available_cpu                    = "1"
    timeout_seconds                  = each.value.timeout
    max_instance_count               = coalesce(each.value.instances, var.front_instances)
    max_instance_request_concurrency = each.value.concurrency
    ingress_settings                 = "ALLOW_ALL" # IAM decides; Pub/Sub and Scheduler call from outside the project's network

    environment_variables = merge(
      {
        GOOGLE_CLOUD_PROJECT       = var.project
        TRIFOLD_FIRESTORE_DATABASE = google_firestore_database.desk.name
        TRIFOLD_TOPIC_PREFIX       = "${var.prefix}-"
        TRIFOLD_BUS                = google_pubsub_topic.declared[local.manifest.bus].name
        TRIFOLD_BUCKET             = google_storage_bucket.objects.name
        TRIFOLD_SECRET_PREFIX      = "${var.prefix}-"
        TRIFOLD_WORKSPACE          = var.workspace
        TRIFOLD_LOG_LEVEL          = var.log_level
      },
      module.plan.accounts[each.value.artifact].notifies ? { TRIFOLD_WEBHOOK_URL = var.webhook_url } : {},
      module.plan.accounts[each.value.artifact].uses_model ? { TRIFOLD_MODELS = var.models } : {},
      var.otlp_endpoint == "" ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint },
    )

    dynamic "secret_environment_variables" {
      for_each = var.webhook_secret != "" && module.plan.accounts[each.value.artifact].notifies ? [var.webhook_secret] : []
      content {
        key        = "TRIFOLD_WEBHOOK_SECRET"
        project_id = var.project
        secret     = secret_environment_variables.value
        version    = "latest"
      }
    }
  }

  # A trigger is also what makes Google start the framework with the cloudevent signature. Functions of the bus have one
  # on a topic of their own, which stays empty unless an operator replays something by hand: their events come through
  # a subscription that filters (messaging.tf).
  dynamic "event_trigger" {
    for_each = contains(["queue", "event"], each.value.kind) ? [each.value] : []
    content {
      trigger_region        = var.region
      event_type            = "google.cloud.pubsub.topic.v1.messagePublished"
      pubsub_topic          = event_trigger.value.kind == "queue" ? google_pubsub_topic.declared[event_trigger.value.topic].id : google_pubsub_topic.own[each.key].id
      retry_policy          = "RETRY_POLICY_RETRY" # off by default
      service_account_email = google_service_account.invoker.email
    }
  }

  depends_on = [google_project_service.needed, google_project_iam_member.build, google_project_iam_member.receive_events]
}

# Whoever may call: the internet the front, our invoker the rest, and named callers what is made for them.
resource "google_cloud_run_service_iam_member" "public" {
  for_each = { for name, one in module.plan.functions : name => one if one.public }

  location = var.region
  service  = google_cloudfunctions2_function.declared[each.key].name
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_service_iam_member" "invoker" {
  for_each = { for name, one in module.plan.functions : name => one if contains(["queue", "event", "schedule"], one.kind) }

  location = var.region
  service  = google_cloudfunctions2_function.declared[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.invoker.member
}

resource "google_cloud_run_service_iam_member" "direct" {
  for_each = {
    for pair in setproduct([for name, one in module.plan.functions : name if one.kind == "direct"], var.direct_callers) :
    "${pair[0]} ${pair[1]}" => { function = pair[0], member = pair[1] }
  }

  location = var.region
  service  = google_cloudfunctions2_function.declared[each.value.function].name
  role     = "roles/run.invoker"
  member   = each.value.member
}

resource "google_cloud_scheduler_job" "declared" {
  for_each = module.plan.jobs

  name             = each.value.name
  region           = var.region
  schedule         = each.value.schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = each.value.deadline

  retry_config {
    retry_count = 2
  }

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.declared[each.key].service_config[0].uri

    oidc_token {
      service_account_email = google_service_account.invoker.email
      audience              = google_cloudfunctions2_function.declared[each.key].service_config[0].uri
    }
  }

  depends_on = [google_project_service.needed]
}
