variable "subscription_id" {
  description = "Azure subscription"
  type        = string
}

variable "location" {
  description = "Azure region"
  type        = string
  default     = "westeurope"
}

variable "prefix" {
  description = "Before every name; one for each stage"
  type        = string
  default     = "trifold-dev"
}

variable "code_is_deployed" {
  description = "Event Grid subscribes only functions that are there: false for the first apply, true once the code is uploaded"
  type        = bool
  default     = false
}

variable "maximum_instances" {
  description = "Instances of the function app"
  type        = number
  default     = 40
}

variable "instance_memory_mb" {
  description = "Memory of an instance: 512, 2048 or 4096"
  type        = number
  default     = 2048
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

variable "webhook_secret_id" {
  description = "Key Vault secret (its URI) that signs what is posted there; the app's identity must be let in by its owner unless it lies in this vault"
  type        = string
  default     = ""
}

variable "otlp_endpoint" {
  description = "OpenTelemetry collector for metrics"
  type        = string
  default     = ""
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "models" {
  description = "Language models, their routes, limits and budgets as JSON (infra/decisions/models.md); the desk is offline without"
  type        = string
  default     = ""
}

variable "openai_account_id" {
  description = "Azure OpenAI account whose models the app may ask; none without"
  type        = string
  default     = ""
}
