# A service account for each artifact, with what its declaration asks for and no more.
locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.current.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
  objects      = "projects/_/buckets/${google_storage_bucket.objects.name}"
}

resource "google_service_account" "function" {
  for_each = module.plan.accounts

  account_id   = each.value.id
  display_name = "Trifold ${each.key}"
}

resource "google_project_iam_member" "store" {
  for_each = module.plan.accounts

  project = var.project
  role    = "roles/datastore.user"
  member  = google_service_account.function[each.key].member

  condition {
    title      = "This database alone"
    expression = "resource.name == \"projects/${var.project}/databases/${google_firestore_database.desk.name}\""
  }
}

# Only where models are configured: Vertex AI is then one of those that may be asked.
resource "google_project_iam_member" "models" {
  for_each = { for name, one in module.plan.accounts : name => one if one.uses_model && var.models != "" }

  project = var.project
  role    = "roles/aiplatform.user"
  member  = google_service_account.function[each.key].member
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = module.plan.publishers

  topic  = google_pubsub_topic.declared[each.value.topic].id
  role   = "roles/pubsub.publisher"
  member = google_service_account.function[each.value.account].member
}

# Large messages: senders put them (again, if need be, which takes the right to delete), consumers get them. The bucket
# itself is in the condition because without listing Google says "denied" of an object that is not there.
resource "google_storage_bucket_iam_member" "put_messages" {
  for_each = { for name, one in module.plan.accounts : name => one if one.sends && !one.uses_objects }

  bucket = google_storage_bucket.objects.name
  role   = "roles/storage.objectUser"
  member = google_service_account.function[each.key].member

  condition {
    title      = "Large messages alone"
    expression = "resource.name.startsWith(\"${local.objects}/objects/${module.plan.claim_checks}\")"
  }
}

resource "google_storage_bucket_iam_member" "get_messages" {
  for_each = { for name, one in module.plan.accounts : name => one if one.consumes && !one.uses_objects }

  bucket = google_storage_bucket.objects.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.function[each.key].member

  condition {
    title      = "Large messages alone"
    expression = "resource.name == \"${local.objects}\" || resource.name.startsWith(\"${local.objects}/objects/${module.plan.claim_checks}\")"
  }
}

resource "google_storage_bucket_iam_member" "objects" {
  for_each = { for name, one in module.plan.accounts : name => one if one.uses_objects }

  bucket = google_storage_bucket.objects.name
  role   = "roles/storage.objectUser"
  member = google_service_account.function[each.key].member
}

# Links are signed by IAM in the account's own name.
resource "google_service_account_iam_member" "links" {
  for_each = { for name, one in module.plan.accounts : name => one if one.uses_objects }

  service_account_id = google_service_account.function[each.key].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.function[each.key].member
}

# The vault. Making a secret is asked of the project, which has no secret's name yet, so that it cannot be conditional.
resource "google_project_iam_custom_role" "make_secrets" {
  role_id     = "${replace(var.prefix, "-", "_")}_make_secrets"
  title       = "Trifold: make secrets"
  permissions = ["secretmanager.secrets.create"]
}

resource "google_project_iam_custom_role" "keep_secrets" {
  role_id = "${replace(var.prefix, "-", "_")}_keep_secrets"
  title   = "Trifold: keep secrets"
  permissions = [
    "secretmanager.secrets.delete",
    "secretmanager.secrets.get",
    "secretmanager.secrets.update",
    "secretmanager.versions.access",
    "secretmanager.versions.add",
    "secretmanager.versions.destroy",
    "secretmanager.versions.get",
    "secretmanager.versions.list",
  ]
}

resource "google_project_iam_member" "make_secrets" {
  for_each = { for name, one in module.plan.accounts : name => one if one.uses_vault }

  project = var.project
  role    = google_project_iam_custom_role.make_secrets.name
  member  = google_service_account.function[each.key].member
}

resource "google_project_iam_member" "keep_secrets" {
  for_each = { for name, one in module.plan.accounts : name => one if one.uses_vault }

  project = var.project
  role    = google_project_iam_custom_role.keep_secrets.name
  member  = google_service_account.function[each.key].member

  condition {
    title      = "Secrets of this desk alone"
    expression = "resource.name.startsWith(\"projects/${data.google_project.current.number}/secrets/${var.prefix}-\")"
  }
}

resource "google_secret_manager_secret_iam_member" "webhook" {
  for_each = { for name, one in module.plan.accounts : name => one if one.notifies && var.webhook_secret != "" }

  secret_id = var.webhook_secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.key].member
}

# Who calls functions in the name of Pub/Sub, Eventarc and Scheduler.
resource "google_service_account" "invoker" {
  account_id   = "${var.prefix}-invoker"
  display_name = "Trifold: starts functions"
}

resource "google_project_iam_member" "receive_events" {
  project = var.project
  role    = "roles/eventarc.eventReceiver"
  member  = google_service_account.invoker.member
}

resource "google_service_account_iam_member" "pubsub_signs_in" {
  service_account_id = google_service_account.invoker.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent
}

# Who builds the containers.
resource "google_service_account" "build" {
  account_id   = "${var.prefix}-build"
  display_name = "Trifold: builds functions"
}

resource "google_project_iam_member" "build" {
  for_each = toset(["roles/artifactregistry.writer", "roles/logging.logWriter", "roles/storage.objectViewer"])

  project = var.project
  role    = each.value
  member  = google_service_account.build.member
}
