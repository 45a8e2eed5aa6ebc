# A fleet at Hetzner: a coordinator, and regions of relays that register with it. In two steps, as the coordinator makes the
# token with which relays register; see docs/terraform.md.

terraform {
  required_version = ">= 1.8"
  required_providers {
    hcloud = {
      source  = "hetznercloud/hcloud"
      version = "~> 1.68"
    }
  }
}

# Its token is in HCLOUD_TOKEN.
provider "hcloud" {}

variable "image_version" {
  description = "Which release the fleet runs; packages.sha256 has its packages."
  type        = string
}

variable "packages" {
  description = "Where the Debian packages of releases are, and their SHA-256 by file name."
  type        = object({ url = string, sha256 = map(string) })
}

variable "coordinator_only" {
  description = "The first step: the coordinator alone, which then makes the token. Once there are relays, it takes them away."
  type        = bool
  default     = false
}

variable "relay_token" {
  description = "Made on the coordinator: warren coordinator token create --relay --reusable --expires 1h. For new machines; where there are none, one that has expired will do."
  type        = string
  default     = null
  sensitive   = true
}

variable "coordinator" {
  description = "The coordinator's machine."
  type = object({
    location = optional(string, "fsn1")
    size     = optional(string, "cx23")
    port     = optional(number, 8443)
  })
  default = {}
}

# Without "regions".
locals {
  usual_regions = [
    { id = 900, code = "fsn", name = "Falkenstein", location = "fsn1" },
    { id = 901, code = "hel", name = "Helsinki", location = "hel1" },
    { id = 902, code = "ash", name = "Ashburn", location = "ash" },
  ]
}

variable "domain" {
  description = "The relays are CODE-a.DOMAIN and so on; null: they are called by their addresses."
  type        = string
  default     = null
}

variable "acme" {
  description = "Where certificates come from; null: the relays make their own, and are known by pins."
  type        = object({ url = string, email = optional(string) })
  default     = null
}

variable "ssh_keys" {
  description = "Names of the project's keys that may log in."
  type        = list(string)
  default     = []
}

variable "ssh_from" {
  description = "Networks that may reach SSH."
  type        = list(string)
  default     = []
}

variable "monitoring_from" {
  description = "Networks that may reach the metrics, and with the coordinator's its map and who is in the mesh."
  type        = list(string)
  default     = []
}

variable "pins" {
  description = "The relays' pins for the static map, as terraform/pins writes them."
  type        = map(string)
  default     = {}
}

resource "hcloud_primary_ip" "coordinator" {
  name        = "warren-coordinator"
  type        = "ipv4"
  location    = var.coordinator.location
  auto_delete = false
}

resource "hcloud_firewall" "coordinator" {
  name = "warren-coordinator"

  lifecycle {
    # Not no relays, which would take away those that there are.
    precondition {
      condition     = var.coordinator_only || local.can_register
      error_message = "relay_token is missing: relays register with it. For the first step, the coordinator alone, say -var coordinator_only=true; then make a token there (docs/terraform.md). Where no machine is new, the former token will do."
    }
    precondition {
      condition     = length(local.not_there) == 0
      error_message = "relay_versions has regions or relays that there are not: ${join(", ", local.not_there)}; there are ${join(", ", local.with_releases)}."
    }
  }

  rule {
    direction   = "in"
    protocol    = "tcp"
    port        = tostring(var.coordinator.port)
    source_ips  = ["0.0.0.0/0", "::/0"]
    description = "nodes and relays"
  }
  dynamic "rule" {
    for_each = length(var.ssh_from) == 0 ? [] : [var.ssh_from]
    content {
      direction   = "in"
      protocol    = "tcp"
      port        = "22"
      source_ips  = rule.value
      description = "SSH"
    }
  }
  dynamic "rule" {
    for_each = length(var.monitoring_from) == 0 ? [] : [var.monitoring_from]
    content {
      direction   = "in"
      protocol    = "tcp"
      port        = "9444"
      source_ips  = rule.value
      description = "metrics"
    }
  }
}

module "coordinator" {
  source        = "../../modules/cloud-init"
  programs      = ["coordinator"]
  image_version = var.image_version
  packages      = var.packages
  coordinator = {
    public  = "${hcloud_primary_ip.coordinator.ip_address}:${var.coordinator.port}"
    port    = var.coordinator.port
    watched = length(var.monitoring_from) > 0
  }
}

resource "hcloud_server" "coordinator" {
  name                     = "warren-coordinator"
  server_type              = var.coordinator.size
  image                    = "debian-12"
  location                 = var.coordinator.location
  ssh_keys                 = var.ssh_keys
  firewall_ids             = [hcloud_firewall.coordinator.id]
  user_data                = module.coordinator.user_data
  shutdown_before_deletion = true

  public_net {
    ipv4         = hcloud_primary_ip.coordinator.id
    ipv6_enabled = false
  }
  # It has the mesh in its store: a new release comes by its packages, not by a new machine.
  lifecycle {
    ignore_changes = [user_data]
  }
}

locals {
  # That there is a token is no secret; who lets everybody in can do without.
  can_register = nonsensitive(var.relay_token != null) || alltrue([for region in local.chosen_regions : try(region.admission, "") == "open"])
}

module "region" {
  source   = "../../modules/hcloud-region"
  for_each = var.coordinator_only || !local.can_register ? {} : { for region in local.chosen_regions : region.code => region }

  region         = each.value
  image_version  = lookup(var.relay_versions, each.key, var.image_version)
  relay_versions = local.relay_versions[each.key]
  platform = {
    packages        = var.packages
    relay_token     = var.relay_token
    domain          = var.domain
    acme            = var.acme
    ssh_keys        = var.ssh_keys
    ssh_from        = var.ssh_from
    monitoring_from = var.monitoring_from
  }
}

module "fleet" {
  source  = "../../modules/fleet"
  regions = [for region in local.chosen_regions : module.region[region.code].region if can(module.region[region.code])]
  pins    = var.pins
}

output "coordinator" {
  value = "${hcloud_primary_ip.coordinator.ip_address}:${var.coordinator.port}"
}

output "derp_map" {
  value = module.fleet.derp_map
}

output "health_urls" {
  value = module.fleet.health_urls
}

output "prometheus_targets" {
  value = jsonencode(concat(jsondecode(module.fleet.prometheus_targets), [{
    targets = ["${hcloud_primary_ip.coordinator.ip_address}:9444"]
    labels  = { job = "warren-coordinator" }
  }]))
}

output "releases" {
  description = "What runs where: by region's code, by CODE/LETTER the relays, * the rest. terraform/roll goes by it."
  value       = merge({ "*" = var.image_version }, [for region in module.region : region.releases]...)
}
