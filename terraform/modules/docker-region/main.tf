# A region of relays as containers on one Docker host. Addresses are those of a network that the caller made; keys and
# certificates are made by the relays and lie in volumes, so that a relay that is replaced is the same relay to everybody.

terraform {
  required_version = ">= 1.8"
  required_providers {
    docker = {
      source  = "kreuzwerker/docker"
      version = "~> 3.0"
    }
  }
}

variable "platform" {
  description = <<-TEXT
    What Docker wants to know.
    network: the network to be in; subnet: its block; first_address: the number in it of the first relay, the others follow.
    images: in front of the image's names, such as registry.example.com/.
  TEXT
  type = object({
    network       = string
    subnet        = string
    first_address = number
    images        = optional(string, "")
  })

  validation {
    condition     = can(cidrnetmask(var.platform.subnet)) && can(cidrhost(var.platform.subnet, var.platform.first_address + 10))
    error_message = "platform.subnet ${var.platform.subnet} is no block of IPv4 addresses with room for ten from number ${var.platform.first_address} on."
  }
}

variable "token_volume" {
  description = "A volume with the file relay.token, which \"warren coordinator token create --relay\" printed. Null: the relays do not register, and are in a static map only."
  type        = string
  default     = null
}

module "layout" {
  source        = "./layout"
  region        = var.region
  subnet        = var.platform.subnet
  first_address = var.platform.first_address
}

locals {
  prefix       = "warren-${var.region.code}"
  relays       = module.layout.relays
  stun_address = module.layout.stun_address
  nodes        = module.layout.region.nodes
}

resource "docker_volume" "relay" {
  for_each = local.relays
  name     = "${local.prefix}-${each.key}"
}

resource "docker_container" "relay" {
  for_each = local.relays
  name     = "${local.prefix}-${each.key}"
  image    = "${var.platform.images}warren-relay:${local.versions[each.key]}"
  hostname = "${local.prefix}-${each.key}"
  env = concat(
    [
      "WARREN_RELAY_LISTEN=:${var.region.ports.derp}",
      "WARREN_RELAY_OPS_LISTEN=0.0.0.0:${var.region.ports.ops}",
      "WARREN_OPS=127.0.0.1:${var.region.ports.ops}",
      "WARREN_RELAY_HOSTNAME=${each.value}",
      "WARREN_RELAY_REGION=${var.region.id}",
      "WARREN_RELAY_REGION_CODE=${var.region.code}",
      "WARREN_RELAY_REGION_NAME=${coalesce(var.region.name, var.region.code)}",
      "WARREN_RELAY_ACCEPT_LIMIT=${var.region.capacity}",
    ],
    var.token_volume == null ? [] : ["WARREN_RELAY_COORDINATOR_TOKEN_FILE=/run/warren/relay.token"],
    var.region.ports.http == null ? [] : ["WARREN_RELAY_HTTP_LISTEN=:${var.region.ports.http}"],
    var.region.ports.udp_relay == null ? [] : ["WARREN_RELAY_UDP_RELAY_LISTEN=:${var.region.ports.udp_relay}"],
    var.region.admission == "open" && var.token_volume != null ? ["WARREN_RELAY_ADMIT_ALL=true"] : [],
  )
  memory    = var.region.size == null ? null : try(tonumber(var.region.size), 0)
  restart   = "unless-stopped"
  read_only = true
  tmpfs     = { "/tmp" = "" }
  # It drains for 8 s when it is told to stop.
  stop_timeout          = 20
  destroy_grace_seconds = 20
  wait                  = true
  wait_timeout          = 60

  # Often: a fleet that is rolled waits for it.
  healthcheck {
    test         = ["CMD", "/opt/warren/docker/health"]
    interval     = "2s"
    timeout      = "3s"
    retries      = 5
    start_period = "10s"
  }
  capabilities {
    drop = ["ALL"]
  }
  networks_advanced {
    name         = var.platform.network
    ipv4_address = each.value
  }
  lifecycle {
    # Without a token it has nobody to ask, and would let everybody in.
    precondition {
      condition     = var.region.admission == "open" || var.token_volume != null
      error_message = "region.admission \"coordinator\" needs token_volume: without it the relays would let everybody in. If that is meant, say admission = \"open\"."
    }
    precondition {
      condition     = var.region.size == null || can(tonumber(var.region.size))
      error_message = "region.size ${jsonencode(var.region.size)} is no number: on Docker it is the relay's memory in MB, such as 512."
    }
  }
  volumes {
    volume_name    = docker_volume.relay[each.key].name
    container_path = "/var/lib/warren"
  }
  dynamic "volumes" {
    for_each = var.token_volume[*]
    content {
      volume_name    = volumes.value
      container_path = "/run/warren"
      read_only      = true
    }
  }
}

resource "docker_container" "stun" {
  count     = var.region.stun ? 1 : 0
  name      = "${local.prefix}-stun"
  image     = "${var.platform.images}warren-stun:${var.image_version}"
  hostname  = "${local.prefix}-stun"
  restart   = "unless-stopped"
  read_only = true
  tmpfs     = { "/tmp" = "" }
  wait      = true
  env = [
    "WARREN_STUN_LISTEN=:${var.region.ports.stun}",
    "WARREN_STUN_OPS_LISTEN=0.0.0.0:9478",
  ]

  # Often: a fleet that is rolled waits for it.
  healthcheck {
    test         = ["CMD", "/opt/warren/docker/health"]
    interval     = "2s"
    timeout      = "3s"
    retries      = 5
    start_period = "10s"
  }
  capabilities {
    drop = ["ALL"]
  }
  networks_advanced {
    name         = var.platform.network
    ipv4_address = local.stun_address
  }
}
