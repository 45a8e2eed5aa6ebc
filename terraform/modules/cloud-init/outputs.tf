output "user_data" {
  description = "For the machine's first start. Holds the tokens, if there are any."
  value       = "#cloud-config\n${yamlencode(local.cloud_config)}"
  sensitive   = true

  precondition {
    condition     = !contains(var.programs, "relay") || var.relay != null
    error_message = "programs has relay: say in \"relay\" what it is told."
  }
  # Without a token it has nobody to ask, and would let everybody in.
  precondition {
    condition     = local.relay == null || local.registers || try(local.relay.admission, "") == "open"
    error_message = "admission \"coordinator\" needs relay_token, made by \"warren coordinator token create --relay\": without it the relay would let everybody in. If that is meant, say admission = \"open\"."
  }
  precondition {
    condition     = try(local.relay.acme, null) == null || try(local.relay.ports.http, null) != null
    error_message = "acme needs ports.http, best 80: the authority asks there whether the name is the relay's."
  }
  precondition {
    condition     = !contains(var.programs, "coordinator") || var.coordinator != null
    error_message = "programs has coordinator: say in \"coordinator\" what it is told."
  }
  precondition {
    condition     = !contains(var.programs, "node") || var.node_token != null
    error_message = "programs has node: give node_token, made by \"warren coordinator token create\"."
  }
  precondition {
    condition     = alltrue([for name in local.packages : contains(keys(var.packages.sha256), name)])
    error_message = "version ${var.image_version} is unknown: packages.sha256 has no ${join(", ", [for name in local.packages : name if !contains(keys(var.packages.sha256), name)])}."
  }
}

output "relay_yaml" {
  description = "The relay's settings alone, without secrets."
  value       = local.relay == null ? "" : yamlencode(local.relay_yaml)
}
