# Who in a region has which address, before there is anything: a coordinator wants to know where the STUN servers are, and the
# relays want to know the coordinator. Pure.

terraform {
  required_version = ">= 1.8"
}

variable "region" {
  description = "As modules/docker-region takes it; checked there."
  type = object({
    id     = number
    code   = string
    name   = optional(string)
    relays = optional(number, 2)
    stun   = optional(bool, true)
    ports = optional(object({
      derp = optional(number, 443)
      stun = optional(number, 3478)
      http = optional(number)
      ops  = optional(number, 9443)
    }), {})
  })
}

variable "subnet" {
  description = "The network's block."
  type        = string
}

variable "first_address" {
  description = "The number in it of the first relay; the others follow, and the STUN server is the tenth."
  type        = number
}

locals {
  # a, b, c: a relay is called as its node in the map is, and keeps its place when others go.
  relays = {
    for i in range(var.region.relays) : substr("abcdefghi", i, 1) => cidrhost(var.subnet, var.first_address + i)
  }
  stun_address = cidrhost(var.subnet, var.first_address + 9)
  nodes = concat(
    [for letter, address in local.relays : {
      name      = "${var.region.id}${letter}"
      host      = address
      ipv4      = address
      ipv6      = null
      derp_port = var.region.ports.derp
      stun_port = -1
      stun_only = false
      http      = var.region.ports.http == 80
      health    = "http://${address}:${var.region.ports.ops}/readyz"
      metrics   = "${address}:${var.region.ports.ops}"
      job       = "warren-relay"
    }],
    var.region.stun ? [{
      name      = "${var.region.id}-stun"
      host      = local.stun_address
      ipv4      = local.stun_address
      ipv6      = null
      derp_port = 0
      stun_port = var.region.ports.stun
      stun_only = true
      http      = false
      health    = "http://${local.stun_address}:9478/readyz"
      metrics   = "${local.stun_address}:9478"
      job       = "warren-stun"
    }] : []
  )
}

output "relays" {
  description = "The relays' addresses, by letter."
  value       = local.relays
}

output "stun_address" {
  description = "The STUN server's address."
  value       = local.stun_address
}

output "region" {
  description = "The region as modules/fleet wants it."
  value = {
    id    = var.region.id
    code  = var.region.code
    name  = coalesce(var.region.name, var.region.code)
    nodes = local.nodes
  }
}
