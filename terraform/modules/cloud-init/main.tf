# User-data for a machine of the fleet. Pure: no provider. Packages are installed only with the SHA-256 that the
# caller names; secrets but the tokens are made on the machine.

terraform {
  required_version = ">= 1.8"
}

locals {
  packages = [for name in concat(["common"], sort(var.programs)) : "warren-${name}_${var.image_version}_amd64.deb"]
  relay    = contains(var.programs, "relay") ? var.relay : null
  # That there is a token is no secret.
  registers = nonsensitive(var.relay_token != null)

  # An option that is null is left out.
  relay_yaml = local.relay == null ? null : { for key, value in {
    "hostname"               = local.relay.hostname
    "listen"                 = ":${local.relay.ports.derp}"
    "node-key"               = "/var/lib/warren-relay/relay.key"
    "ops-listen"             = local.relay.watched ? "0.0.0.0:${local.relay.ports.ops}" : "127.0.0.1:${local.relay.ports.ops}"
    "region"                 = local.relay.region
    "region-code"            = local.relay.code
    "region-name"            = local.relay.name
    "map-address"            = length(local.relay.addresses) == 0 ? null : join(",", local.relay.addresses)
    "map-stun-port"          = local.relay.stun_port
    "accept-limit"           = local.relay.capacity == 0 ? null : local.relay.capacity
    "http-listen"            = local.relay.ports.http == null ? null : ":${local.relay.ports.http}"
    "udp-relay-listen"       = local.relay.ports.udp_relay == null ? null : ":${local.relay.ports.udp_relay}"
    "coordinator-token-file" = local.registers ? "/run/credentials/warren-relay.service/coordinator-token" : null
    "admit-all"              = local.registers && local.relay.admission == "open" ? true : null
    "acme"                   = try(local.relay.acme.url, null)
    "acme-email"             = try(local.relay.acme.email, null)
  } : key => value if value != null }

  coordinator_env = var.coordinator == null ? "" : join("", [
    "WARREN_COORDINATOR_LISTEN=:${var.coordinator.port}\n",
    "WARREN_COORDINATOR_PUBLIC=${var.coordinator.public}\n",
    var.coordinator.watched ? "WARREN_COORDINATOR_OPS_LISTEN=0.0.0.0:9444\n" : "",
    var.coordinator.pool == null ? "" : "WARREN_COORDINATOR_POOL=${var.coordinator.pool}\n",
    var.coordinator.relay_map == null ? "" : "WARREN_COORDINATOR_RELAY_MAP=/etc/warren/relay-map.json\n",
  ])

  units = [for name in sort(var.programs) : name == "stun" ? "warren-stun.socket" : "warren-${name}.service"]

  settings = concat(
    [{
      path        = "/usr/local/sbin/warren-install"
      permissions = "0700"
      content = templatefile("${path.module}/install.sh", {
        url   = var.packages.url
        sums  = join("\n", [for name in local.packages : "${lookup(var.packages.sha256, name, "?")}  ${name}"])
        units = join(" ", local.units)
      })
    }],
    local.relay == null ? [] : [{
      path        = "/etc/warren/relay.yaml"
      permissions = "0644"
      content     = yamlencode(local.relay_yaml)
    }],
    !contains(var.programs, "stun") || var.stun.port == 3478 ? [] : [{
      path        = "/etc/systemd/system/warren-stun.socket.d/port.conf"
      permissions = "0644"
      content     = "[Socket]\nListenDatagram=\nListenDatagram=0.0.0.0:${var.stun.port}\nListenDatagram=[::]:${var.stun.port}\n"
    }],
    !contains(var.programs, "stun") || !var.stun.watched ? [] : [{
      path        = "/etc/warren/stun.env"
      permissions = "0644"
      content     = "WARREN_STUN_OPS_LISTEN=0.0.0.0:9478\n"
    }],
    !contains(var.programs, "coordinator") ? [] : [{
      path        = "/etc/warren/coordinator.env"
      permissions = "0644"
      content     = local.coordinator_env
    }],
    try(var.coordinator.relay_map, null) == null ? [] : [{
      path        = "/etc/warren/relay-map.json"
      permissions = "0644"
      content     = var.coordinator.relay_map
    }],
    !contains(var.programs, "node") ? [] : [{
      path        = "/etc/warren/node.env"
      permissions = "0644"
      content     = "WARREN_UP_TOKEN_FILE=/run/credentials/warren-node.service/token\n"
    }],
  )

  tokens = concat(
    local.relay == null || !local.registers ? [] : [{
      path        = "/etc/credstore/coordinator-token"
      permissions = "0600"
      content     = "${var.relay_token}\n"
    }],
    !contains(var.programs, "node") ? [] : [{
      path        = "/etc/credstore/token"
      permissions = "0600"
      content     = "${coalesce(var.node_token, "?")}\n"
    }],
  )

  cloud_config = {
    package_update = true
    packages       = ["ca-certificates", "curl"]
    write_files    = concat(local.settings, local.tokens)
    runcmd         = [["/usr/local/sbin/warren-install"]]
  }
}

# Not at the output: OpenTofu 1.12.6 crashes at an output's precondition when a resource elsewhere is the target, as in roll.
resource "terraform_data" "told" {
  lifecycle {
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
}
