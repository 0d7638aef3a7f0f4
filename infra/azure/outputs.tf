output "url" {
  description = "Address of the desk"
  value       = "https://${azurerm_function_app_flex_consumption.desk.default_hostname}"
}

output "app_name" {
  description = "Where to upload dist/azure.zip"
  value       = azurerm_function_app_flex_consumption.desk.name
}

output "resource_group" {
  value = azurerm_resource_group.desk.name
}

output "service_bus" {
  description = "Namespace of the queues; senders from outside need the role Azure Service Bus Data Sender"
  value       = azurerm_servicebus_namespace.desk.name
}

output "event_grid_endpoint" {
  description = "Send CloudEvents here"
  value       = azurerm_eventgrid_topic.bus.endpoint
}
