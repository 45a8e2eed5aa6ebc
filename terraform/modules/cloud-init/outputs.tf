output "user_data" {
  description = "For the machine's first start. Holds the tokens, if there are any."
  value       = "#cloud-config\n${yamlencode(local.cloud_config)}"
  sensitive   = true
  depends_on  = [terraform_data.told]
}

output "relay_yaml" {
  description = "The relay's settings alone, without secrets."
  value       = local.relay == null ? "" : yamlencode(local.relay_yaml)
}
