# Regions in, one DERP map out: in the form that Tailscale's and Headscale's clients and our coordinator take. Pure.

terraform {
  required_version = ">= 1.8"
}

variable "regions" {
  description = "The outputs \"region\" of modules/*-region."
  type = list(object({
    id   = number
    code = string
    name = string
    nodes = list(object({
      name      = string
      host      = string
      ipv4      = string
      ipv6      = string
      derp_port = number
      stun_port = number
      stun_only = bool
      http      = bool
      health    = string
      metrics   = string
      job       = string
      # Where a STUN server on the same machine has its own.
      stun_metrics = optional(string)
    }))
  }))

  validation {
    condition     = length(distinct(var.regions[*].id)) == length(var.regions)
    error_message = "two regions have one id: ${join(", ", distinct([for region in var.regions : region.id if length([for other in var.regions : other if other.id == region.id]) > 1]))}; give each its own."
  }
  validation {
    condition     = length(distinct(var.regions[*].code)) == length(var.regions)
    error_message = "two regions have one code: ${join(", ", distinct([for region in var.regions : region.code if length([for other in var.regions : other if other.code == region.code]) > 1]))}; give each its own."
  }
}

variable "pins" {
  description = "By HOST:PORT: sha256-raw:HEX of a certificate that the relay made itself. terraform/pins reads them from a coordinator, where nodes may have other names."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name, pin in var.pins : can(regex("^sha256-raw:[0-9a-f]{64}$", pin))])
    error_message = "pins: a pin is sha256-raw: and 64 lower-case hex digits, as \"warren relay\" prints it when it starts."
  }
}

locals {
  # What is null is left out, as Go leaves out what is empty.
  derp_map = {
    Regions = { for region in var.regions : tostring(region.id) => {
      RegionID   = region.id
      RegionCode = region.code
      RegionName = region.name
      Nodes = [for node in region.nodes : { for key, value in {
        Name      = node.name
        RegionID  = region.id
        HostName  = node.host
        CertName  = node.stun_only ? null : lookup(var.pins, "${node.host}:${node.derp_port}", null)
        IPv4      = node.ipv4
        IPv6      = node.ipv6
        DERPPort  = node.stun_only || node.derp_port == 443 ? null : node.derp_port
        STUNPort  = node.stun_port == 3478 ? null : node.stun_port
        STUNOnly  = node.stun_only ? true : null
        CanPort80 = node.http ? true : null
      } : key => value if value != null }]
    } }
  }
  pins_of_nobody = setsubtract(keys(var.pins), [for node in local.nodes : "${node.host}:${node.derp_port}"])
  nodes          = flatten([for region in var.regions : [for node in region.nodes : merge(node, { code = region.code })]])
}

# Not at the output: OpenTofu 1.12.6 crashes at an output's precondition when a resource elsewhere is the target, as in roll.
resource "terraform_data" "pins" {
  lifecycle {
    precondition {
      condition     = length(local.pins_of_nobody) == 0
      error_message = "pins has relays that no region has: ${join(", ", local.pins_of_nobody)}."
    }
  }
}

output "derp_map" {
  description = "All relays and STUN servers, as DERPMap JSON: for Headscale's derp.paths, or warren coordinator --relay-map when the relays do not register."
  value       = jsonencode(local.derp_map)
  depends_on  = [terraform_data.pins]
}

output "stun_map" {
  description = "The STUN servers that are no relays, as DERPMap JSON: warren coordinator --relay-map when the relays register themselves."
  value = jsonencode({
    Regions = { for id, region in local.derp_map.Regions : id => merge(region, { Nodes = [for node in region.Nodes : node if can(node.STUNOnly)] })
    if anytrue([for node in region.Nodes : can(node.STUNOnly)]) }
  })
}

output "health_urls" {
  description = "By node: answers 200 when it is ready."
  value       = { for node in local.nodes : node.name => node.health }
}

output "prometheus_targets" {
  description = "For Prometheus' file_sd_configs, one group for each node."
  value = jsonencode(flatten([for node in local.nodes : concat(
    [{ targets = [node.metrics], labels = { job = node.job, node = node.name, region = node.code } }],
    [for metrics in node.stun_metrics[*] : { targets = [metrics], labels = { job = "warren-stun", node = node.name, region = node.code } }],
  )]))
}
