resource "google_firestore_database" "desk" {
  name                              = var.prefix
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "OPTIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"

  depends_on = [google_project_service.needed]
}

# Nothing is indexed but what the store asks for: sequentially indexed fields take 500 writes a second.
resource "google_firestore_field" "declared" {
  for_each = module.plan.fields

  database   = google_firestore_database.desk.name
  collection = each.value.collection
  field      = each.key

  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        order       = indexes.value.order
        query_scope = indexes.value.scope
      }
    }
  }

  dynamic "ttl_config" {
    for_each = each.value.ttl ? [true] : []
    content {}
  }
}

resource "google_storage_bucket" "objects" {
  name                        = "${var.project}-${var.prefix}-objects"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # Longer than the desk keeps its dead letters (90 days), which may be replayed.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 120
      matches_prefix = [module.plan.claim_checks]
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 2
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}
