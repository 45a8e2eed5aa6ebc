# A region of relays as servers of Hetzner Cloud. The public addresses are resources of their own and stay when a server is
# replaced. Keys are made on the machine: a new machine is a new relay with the old one's address.

terraform {
  required_version = ">= 1.8"
  required_providers {
    hcloud = {
      source  = "hetznercloud/hcloud"
      version = "~> 1.68"
    }
  }
}

variable "platform" {
  description = <<-TEXT
    What Hetzner and the machines want to know.
    packages: where the Debian packages are, as modules/cloud-init takes it. relay_token: with which the relays register;
    it is good for a short while, since user-data is kept by the provider. Null: they do not register. Another one
    is for machines that are made from then on; those that there are stay.
    ssh_keys: names of keys of the project; ssh_from, monitoring_from: networks that may reach SSH and the metrics.
  TEXT
  type = object({
    packages        = object({ url = string, sha256 = map(string) })
    relay_token     = optional(string)
    domain          = optional(string)
    acme            = optional(object({ url = string, email = optional(string) }))
    image           = optional(string, "debian-12")
    ssh_keys        = optional(list(string), [])
    ssh_from        = optional(list(string), [])
    monitoring_from = optional(list(string), [])
  })

  validation {
    condition     = var.platform.acme == null || var.platform.domain != null
    error_message = "platform.acme needs platform.domain: certificates are for names, CODE-a.DOMAIN and so on."
  }
  validation {
    condition     = var.platform.domain == null ? true : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)*$", var.platform.domain))
    error_message = "platform.domain is no domain: give one such as relays.example.com."
  }
  validation {
    condition     = alltrue([for net in concat(var.platform.ssh_from, var.platform.monitoring_from) : can(cidrhost(net, 0))])
    error_message = "platform.ssh_from and monitoring_from are networks such as 203.0.113.0/24."
  }
}

locals {
  prefix  = "warren-${var.region.code}"
  letters = toset([for i in range(var.region.relays) : substr("abcdefghi", i, 1)])
  hosts = {
    for letter in local.letters : letter =>
    var.platform.domain == null ? hcloud_primary_ip.v4[letter].ip_address : "${var.region.code}-${letter}.${var.platform.domain}"
  }
  # The address is a /64; the server takes its first.
  ipv6 = { for letter in local.letters : letter => cidrhost(hcloud_primary_ip.v6[letter].ip_network, 1) }
  nodes = [for letter in sort(local.letters) : {
    name      = "${var.region.id}${letter}"
    host      = local.hosts[letter]
    ipv4      = hcloud_primary_ip.v4[letter].ip_address
    ipv6      = local.ipv6[letter]
    derp_port = var.region.ports.derp
    stun_port = var.region.stun ? var.region.ports.stun : -1
    stun_only = false
    http      = var.region.ports.http == 80
    health    = "http://${hcloud_primary_ip.v4[letter].ip_address}:${var.region.ports.ops}/readyz"
    metrics   = "${hcloud_primary_ip.v4[letter].ip_address}:${var.region.ports.ops}"
    job       = "warren-relay"
    # On the same machine, with metrics of its own.
    stun_metrics = var.region.stun ? "${hcloud_primary_ip.v4[letter].ip_address}:9478" : null
  }]
  tcp       = [var.region.ports.derp, var.region.ports.http, var.region.ports.ops]
  everybody = ["0.0.0.0/0", "::/0"]
  open = concat(
    [{ protocol = "tcp", port = var.region.ports.derp, from = local.everybody, what = "DERP" }],
    var.region.stun ? [{ protocol = "udp", port = var.region.ports.stun, from = local.everybody, what = "STUN" }] : [],
    var.region.ports.http == null ? [] : [{ protocol = "tcp", port = var.region.ports.http, from = local.everybody, what = "plain HTTP" }],
    var.region.ports.udp_relay == null ? [] : [{ protocol = "udp", port = var.region.ports.udp_relay, from = local.everybody, what = "UDP relay" }],
    length(var.platform.monitoring_from) == 0 ? [] : [{ protocol = "tcp", port = var.region.ports.ops, from = var.platform.monitoring_from, what = "metrics" }],
    length(var.platform.monitoring_from) == 0 || !var.region.stun ? [] : [{ protocol = "tcp", port = 9478, from = var.platform.monitoring_from, what = "the STUN server's metrics" }],
    length(var.platform.ssh_from) == 0 ? [] : [{ protocol = "tcp", port = 22, from = var.platform.ssh_from, what = "SSH" }],
  )
}

resource "hcloud_primary_ip" "v4" {
  for_each    = local.letters
  name        = "${local.prefix}-${each.key}-v4"
  type        = "ipv4"
  location    = var.region.location
  auto_delete = false
}

resource "hcloud_primary_ip" "v6" {
  for_each    = local.letters
  name        = "${local.prefix}-${each.key}-v6"
  type        = "ipv6"
  location    = var.region.location
  auto_delete = false
}

resource "hcloud_firewall" "region" {
  name = local.prefix

  lifecycle {
    precondition {
      condition     = length(setintersection([for port in local.tcp : port if port != null], var.region.stun ? [22, 9478] : [22])) == 0
      error_message = "region.ports overlap: on these machines TCP port 22 is SSH's, and 9478 the STUN server's metrics'."
    }
    precondition {
      condition     = var.platform.acme == null || var.region.ports.http == 80
      error_message = "platform.acme needs region.ports.http = 80: the authority asks there whether a name is the relay's."
    }
  }
  dynamic "rule" {
    for_each = local.open
    content {
      direction   = "in"
      protocol    = rule.value.protocol
      port        = tostring(rule.value.port)
      source_ips  = rule.value.from
      description = rule.value.what
    }
  }
  rule {
    direction   = "in"
    protocol    = "icmp"
    source_ips  = local.everybody
    description = "path MTU and ping"
  }
}

module "machine" {
  source   = "../cloud-init"
  for_each = local.letters

  programs      = var.region.stun ? ["relay", "stun"] : ["relay"]
  image_version = local.versions[each.key]
  packages      = var.platform.packages
  stun          = { port = var.region.ports.stun, watched = length(var.platform.monitoring_from) > 0 }
  relay = {
    hostname  = local.hosts[each.key]
    addresses = [hcloud_primary_ip.v4[each.key].ip_address, local.ipv6[each.key]]
    region    = var.region.id
    code      = var.region.code
    name      = coalesce(var.region.name, var.region.code)
    admission = var.region.admission
    capacity  = var.region.capacity
    stun_port = var.region.stun ? var.region.ports.stun : null
    ports     = var.region.ports
    watched   = length(var.platform.monitoring_from) > 0
    acme      = var.platform.acme
  }
  relay_token = var.platform.relay_token
}

# What a machine is told, but for its token: that is used once, and another one makes no other machine.
resource "terraform_data" "settings" {
  for_each = local.letters
  input    = module.machine[each.key].settings_sha256
}

resource "hcloud_server" "relay" {
  for_each                 = local.letters
  name                     = "${local.prefix}-${each.key}"
  server_type              = coalesce(var.region.size, "cx23")
  image                    = var.platform.image
  location                 = var.region.location
  ssh_keys                 = var.platform.ssh_keys
  firewall_ids             = [hcloud_firewall.region.id]
  user_data                = module.machine[each.key].user_data
  shutdown_before_deletion = true
  labels                   = { warren = "relay", region = tostring(var.region.id), version = local.versions[each.key] }

  public_net {
    ipv4 = hcloud_primary_ip.v4[each.key].id
    ipv6 = hcloud_primary_ip.v6[each.key].id
  }
  lifecycle {
    ignore_changes       = [user_data]
    replace_triggered_by = [terraform_data.settings[each.key]]
  }
}
