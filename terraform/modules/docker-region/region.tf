# What every kind of region takes. This file is the same, byte for byte, in each modules/*-region; what a provider wants
# besides is in its variable "platform".

variable "region" {
  description = "A region of the fleet: where it is, how many relays it has, and what they are told."
  type = object({
    id        = number
    code      = string
    name      = optional(string)
    location  = string
    relays    = optional(number, 2)
    size      = optional(string)
    stun      = optional(bool, true)
    admission = optional(string, "coordinator")
    capacity  = optional(number, 0)
    ports = optional(object({
      derp      = optional(number, 443)
      stun      = optional(number, 3478)
      http      = optional(number)
      udp_relay = optional(number)
      ops       = optional(number, 9443)
    }), {})
  })

  validation {
    condition     = var.region.id >= 1 && var.region.id <= 65535 && floor(var.region.id) == var.region.id
    error_message = "region.id ${var.region.id} is out of 1 to 65535; 900 to 999 are free for one's own use."
  }
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,31}$", var.region.code))
    error_message = "region.code \"${var.region.code}\" must be 1 to 32 lower-case letters, digits and dashes, such as fra."
  }
  validation {
    condition     = var.region.relays >= 1 && var.region.relays <= 9 && floor(var.region.relays) == var.region.relays
    error_message = "region.relays ${var.region.relays} is no number of relays: give 1 to 9."
  }
  validation {
    condition     = contains(["coordinator", "open"], var.region.admission)
    error_message = "region.admission \"${var.region.admission}\" is unknown: \"coordinator\" lets in whom the coordinator knows, \"open\" everybody."
  }
  validation {
    condition     = var.region.capacity >= 0 && floor(var.region.capacity) == var.region.capacity
    error_message = "region.capacity ${var.region.capacity} is no number of connections: give 1 or more, or 0 for no limit."
  }
  validation {
    condition     = alltrue([for port in values(var.region.ports) : port == null ? true : port >= 1 && port <= 65535 && floor(port) == port])
    error_message = "region.ports: a port is a whole number from 1 to 65535."
  }
  validation {
    condition     = length(distinct([for port in [var.region.ports.derp, var.region.ports.http, var.region.ports.ops] : port if port != null])) == length([for port in [var.region.ports.derp, var.region.ports.http, var.region.ports.ops] : port if port != null])
    error_message = "region.ports overlap: derp, http and ops are TCP ports of one machine, and must differ."
  }
  validation {
    condition     = var.region.stun ? try(var.region.ports.udp_relay != var.region.ports.stun, true) : true
    error_message = "region.ports overlap: stun and udp_relay are UDP ports of one machine, and must differ."
  }
}

variable "image_version" {
  description = "Which release of Warren the region runs."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.image_version))
    error_message = "image_version \"${var.image_version}\" is no release: give one such as 0.1.0."
  }
}

variable "relay_versions" {
  description = "By a relay's letter: a release that it runs instead, while terraform/roll goes from one to the next."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for version in values(var.relay_versions) : can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", version))])
    error_message = "relay_versions: each is a release such as 0.1.0."
  }
}

locals {
  versions = { for i in range(var.region.relays) : substr("abcdefghi", i, 1) => lookup(var.relay_versions, substr("abcdefghi", i, 1), var.image_version) }
}

check "advised_region_id" {
  assert {
    condition     = var.region.id >= 900 && var.region.id <= 999
    error_message = "region.id ${var.region.id} may be one of Tailscale's own: 900 to 999 are free for one's own use."
  }
}
