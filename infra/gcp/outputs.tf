output "url" {
  description = "Address of the desk"
  value       = { for name, one in module.plan.functions : name => google_cloudfunctions2_function.declared[name].service_config[0].uri if one.public }
}

output "direct" {
  description = "Addresses of the functions that var.direct_callers may call"
  value       = { for name, one in module.plan.functions : name => google_cloudfunctions2_function.declared[name].service_config[0].uri if one.kind == "direct" }
}

output "topics" {
  description = "Queues and the bus; publishers from outside need roles/pubsub.publisher on them"
  value       = { for name, topic in google_pubsub_topic.declared : name => topic.id }
}
