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

output "settings_sha256" {
  description = "Of all that the machine is told but the tokens: with another one it is another machine."
  value       = sha256(jsonencode(local.settings))
}
