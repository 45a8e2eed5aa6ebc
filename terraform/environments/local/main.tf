# A whole fleet on one Docker host: two regions of two relays and a STUN server, a coordinator with which the relays register,
# Prometheus when there is an image of it. Images are made by packaging/image; see docs/terraform.md.

terraform {
  required_version = ">= 1.8"
  required_providers {
    docker = {
      source  = "kreuzwerker/docker"
      version = "~> 3.0"
    }
  }
}

provider "docker" {
  host = var.docker_host
}

# Read by each plan: with no daemon there the plan ends with one sentence, and not the apply with one for each resource. Each
# daemon has this network, whatever else it was told.
data "docker_network" "none" {
  name = "none"
}

variable "docker_host" {
  description = "Where the Docker daemon listens."
  type        = string
  default     = "unix:///var/run/docker.sock"
}

variable "image_version" {
  description = "Which release the fleet runs; known_versions has those there are."
  type        = string
  default     = "0.1.0"
}

variable "known_versions" {
  description = "The releases of which there are images."
  type        = set(string)
  default     = ["0.1.0"]
}

variable "images" {
  description = "In front of the images' names, such as registry.example.com/."
  type        = string
  default     = ""
}

variable "prometheus_image" {
  description = "An image whose entry point is prometheus. Null: no Prometheus."
  type        = string
  default     = null
}

variable "subnet" {
  description = "The network's block; the coordinator has its second address, a region's relays begin at 20, 40 and so on."
  type        = string
  default     = "172.29.0.0/24"

  validation {
    condition     = can(cidrnetmask(var.subnet)) && can(cidrhost(var.subnet, 199))
    error_message = "subnet ${var.subnet} is no block of IPv4 addresses with room for the fleet: give a /24 such as 172.29.0.0/24."
  }
}

# Without "regions": in the order of their addresses.
locals {
  usual_regions = [
    { id = 900, code = "lan", name = "Here", location = "local", relays = 2 },
    { id = 901, code = "wan", name = "There", location = "local", relays = 2 },
  ]
}

variable "pins" {
  description = "The relays' pins for the static map, as terraform/pins writes them."
  type        = map(string)
  default     = {}
}

locals {
  coordinator_address = cidrhost(var.subnet, 2)
  coordinator_port    = 8443
}

resource "docker_network" "fleet" {
  name = "warren-fleet"

  # Not at the variables: Terraform before 1.9 lets their rules speak of themselves only.
  lifecycle {
    precondition {
      condition     = contains(var.known_versions, var.image_version)
      error_message = "version ${var.image_version} is unknown: there are images of ${join(", ", var.known_versions)}. Make them with packaging/image, and name the version in known_versions."
    }
    precondition {
      condition     = length(local.chosen_regions) <= 8
      error_message = "regions: the subnet has room for 8."
    }
    precondition {
      condition     = length(local.not_there) == 0
      error_message = "relay_versions has regions or relays that there are not: ${join(", ", local.not_there)}; there are ${join(", ", local.with_releases)}."
    }
    precondition {
      condition     = length(setsubtract(values(var.relay_versions), var.known_versions)) == 0
      error_message = "relay_versions has versions that are unknown: ${join(", ", setsubtract(values(var.relay_versions), var.known_versions))}; there are images of ${join(", ", var.known_versions)}."
    }
  }
  ipam_config {
    subnet  = var.subnet
    gateway = cidrhost(var.subnet, 1)
  }
}

# What the coordinator keeps: its store and with it the mesh keys, its certificate. Nothing of it is in Terraform's state.
resource "docker_volume" "coordinator" {
  name = "warren-coordinator"
}

# The token with which relays register: from the coordinator to the relays, past Terraform.
resource "docker_volume" "token" {
  name = "warren-relay-token"
}

resource "docker_volume" "settings" {
  name = "warren-settings"
}

# Writes the coordinator's map of what does not register, and ends: nothing can be uploaded to a container whose root is read-only.
resource "docker_container" "settings" {
  name       = "warren-settings"
  image      = "${var.images}warren-coordinator:${var.image_version}"
  user       = "0:0"
  must_run   = false
  attach     = true
  env        = ["MAP=${module.plan.stun_map}"]
  entrypoint = ["/bin/bash", "-c", "printf '%s' \"$MAP\" >/etc/warren/relay-map.json"]

  volumes {
    volume_name    = docker_volume.settings.name
    container_path = "/etc/warren"
  }
  lifecycle {
    ignore_changes = [image]
  }
}

resource "docker_container" "coordinator" {
  name      = "warren-coordinator"
  image     = "${var.images}warren-coordinator:${var.image_version}"
  hostname  = "warren-coordinator"
  restart   = "unless-stopped"
  read_only = true
  tmpfs     = { "/tmp" = "" }
  wait      = true
  env = [
    "WARREN_COORDINATOR_LISTEN=:${local.coordinator_port}",
    "WARREN_COORDINATOR_OPS_LISTEN=0.0.0.0:9444",
    "WARREN_COORDINATOR_PUBLIC=${local.coordinator_address}:${local.coordinator_port}",
    "WARREN_COORDINATOR_DATA_DIR=/var/lib/warren",
    "WARREN_COORDINATOR_RELAY_MAP=/etc/warren/relay-map.json",
  ]

  capabilities {
    drop = ["ALL"]
  }
  networks_advanced {
    name         = docker_network.fleet.name
    ipv4_address = local.coordinator_address
  }
  volumes {
    volume_name    = docker_volume.coordinator.name
    container_path = "/var/lib/warren"
  }
  volumes {
    volume_name    = one([for volume in docker_container.settings.volumes : volume.volume_name])
    container_path = "/etc/warren"
    read_only      = true
  }
  # Another map is another coordinator: it is read at the start.
  labels {
    label = "warren.relay-map"
    value = sha256(module.plan.stun_map)
  }
  healthcheck {
    test         = ["CMD", "/opt/warren/docker/health"]
    interval     = "2s"
    timeout      = "3s"
    retries      = 5
    start_period = "10s"
  }
}

# Asks the coordinator for the token, once, and ends.
resource "docker_container" "token" {
  name     = "warren-relay-token"
  image    = docker_container.coordinator.image
  user     = "0:0"
  must_run = false
  attach   = true
  entrypoint = ["/bin/bash", "-c", <<-SCRIPT
    set -e
    umask 077
    [ -s /run/warren/relay.token ] && exit
    warren coordinator token create --data-dir /var/lib/warren --relay --reusable >/run/warren/new
    chown 65532:65532 /run/warren/new
    mv /run/warren/new /run/warren/relay.token
  SCRIPT
  ]

  volumes {
    volume_name    = docker_volume.coordinator.name
    container_path = "/var/lib/warren"
  }
  volumes {
    volume_name    = docker_volume.token.name
    container_path = "/run/warren"
  }
  depends_on = [docker_container.coordinator]
  lifecycle {
    ignore_changes = [image]
    postcondition {
      condition     = self.exit_code == 0
      error_message = "the coordinator made no token for relays: see \"docker logs warren-relay-token\"."
    }
  }
}

locals {
  regions = { for i, region in local.chosen_regions : region.code => merge(region, { place = 20 * (i + 1) }) }
}

module "layout" {
  source        = "../../modules/docker-region/layout"
  for_each      = local.regions
  region        = each.value
  subnet        = var.subnet
  first_address = each.value.place
}

# What the coordinator is told, before there are relays.
module "plan" {
  source  = "../../modules/fleet"
  regions = [for region in local.chosen_regions : module.layout[region.code].region]
}

module "region" {
  source   = "../../modules/docker-region"
  for_each = local.regions

  region         = each.value
  image_version  = lookup(var.relay_versions, each.key, var.image_version)
  relay_versions = local.relay_versions[each.key]
  token_volume   = one([for volume in docker_container.token.volumes : volume.volume_name if volume.container_path == "/run/warren"])
  platform = {
    network       = docker_network.fleet.name
    subnet        = var.subnet
    first_address = each.value.place
    images        = var.images
  }
}

module "fleet" {
  source  = "../../modules/fleet"
  regions = [for region in local.chosen_regions : module.region[region.code].region]
  pins    = var.pins
}

resource "docker_container" "prometheus" {
  count    = var.prometheus_image == null ? 0 : 1
  name     = "warren-prometheus"
  image    = var.prometheus_image
  restart  = "unless-stopped"
  command  = ["--config.file=/etc/warren/prometheus.yml", "--storage.tsdb.path=/prometheus"]
  hostname = "warren-prometheus"

  networks_advanced {
    name         = docker_network.fleet.name
    ipv4_address = cidrhost(var.subnet, 3)
  }
  upload {
    file    = "/etc/warren/targets.json"
    content = module.fleet.prometheus_targets
  }
  upload {
    file = "/etc/warren/prometheus.yml"
    content = yamlencode({
      global = { scrape_interval = "5s", evaluation_interval = "5s" }
      scrape_configs = [
        { job_name = "warren", file_sd_configs = [{ files = ["/etc/warren/targets.json"] }] },
        { job_name = "warren-coordinator", static_configs = [{ targets = ["${local.coordinator_address}:9444"] }] },
      ]
    })
  }
}

output "derp_map" {
  value = module.fleet.derp_map
}

output "health_urls" {
  value = module.fleet.health_urls
}

output "prometheus_targets" {
  value = module.fleet.prometheus_targets
}

output "coordinator" {
  value = "${local.coordinator_address}:${local.coordinator_port}"
}

output "releases" {
  description = "What runs where: by region's code, by CODE/LETTER the relays, * the rest. terraform/roll goes by it."
  value       = merge({ "*" = var.image_version }, [for region in module.region : region.releases]...)
}
