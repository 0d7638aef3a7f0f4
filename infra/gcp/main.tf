# Google's side of Trifold. What the declarations say comes from infra/generated/gcp.json through ./plan, which knows no
# provider and is tested; this folder turns it into resources. How to deploy: infra/decisions/infrastructure.md.
terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.45"
    }
  }
}

provider "google" {
  project               = var.project
  region                = var.region
  default_labels        = local.labels
  user_project_override = true
  billing_project       = var.project
}

data "google_project" "current" {}

locals {
  manifest = jsondecode(file("${path.module}/../generated/gcp.json"))
  dist     = "${path.module}/../../dist/gcp"
  labels   = merge({ app = "trifold", prefix = var.prefix }, var.labels)
}

module "plan" {
  source   = "./plan"
  manifest = local.manifest
  prefix   = var.prefix
  project  = var.project
}

resource "google_project_service" "needed" {
  for_each = toset([
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudscheduler.googleapis.com",
    "eventarc.googleapis.com",
    "firestore.googleapis.com",
    "iamcredentials.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "storage.googleapis.com",
  ])

  service            = each.value
  disable_on_destroy = false
}
