variable "project" {
  description = "Id of the Google Cloud project"
  type        = string
}

variable "region" {
  type    = string
  default = "europe-west1"
}

variable "prefix" {
  description = "Before every name; one for each stage"
  type        = string
  default     = "trifold-dev"
}

variable "front_instances" {
  description = "Instances of the HTTP service, at most"
  type        = number
  default     = 20
}

variable "direct_callers" {
  description = "IAM members that may call functions directly, such as serviceAccount:…"
  type        = list(string)
  default     = []
}

variable "workspace" {
  description = "Workspace of what comes from outside without a principal"
  type        = string
  default     = "main"
}

variable "log_level" {
  description = "Least level that is logged"
  type        = string
  default     = "info"
}

variable "webhook_url" {
  description = "Where escalations are posted"
  type        = string
  default     = ""
}

variable "webhook_secret" {
  description = "Name of the Secret Manager secret that signs what is posted there"
  type        = string
  default     = ""
}

variable "otlp_endpoint" {
  description = "OpenTelemetry collector for metrics"
  type        = string
  default     = ""
}

variable "labels" {
  type    = map(string)
  default = {}
}

variable "models" {
  description = "Language models, their routes, limits and budgets as JSON (infra/decisions/models.md); the desk is offline without"
  type        = string
  default     = ""
}
