variable "programs" {
  description = "Which of relay, stun, coordinator and node run on the machine."
  type        = set(string)

  validation {
    condition     = length(var.programs) > 0 && alltrue([for name in var.programs : contains(["relay", "stun", "coordinator", "node"], name)])
    error_message = "programs: give one or more of relay, stun, coordinator and node."
  }
}

variable "image_version" {
  description = "Which release of Warren."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.image_version))
    error_message = "image_version \"${var.image_version}\" is no release: give one such as 0.1.0."
  }
}

variable "packages" {
  description = "Where the release's Debian packages are (made by ./warren dist), and their SHA-256 by file name; what is not in there is not installed."
  type = object({
    url    = string
    sha256 = map(string)
  })

  validation {
    # It goes into a script that root runs.
    condition     = can(regex("^https://[][A-Za-z0-9.:_~/?&=%+,@-]*[A-Za-z0-9_~=%+-]$", var.packages.url))
    error_message = "packages.url ${jsonencode(var.packages.url)} must start with https://, have nothing in it that a shell knows, and not end with a slash."
  }
  validation {
    condition     = alltrue([for name, sum in var.packages.sha256 : can(regex("^[a-z0-9_.-]+\\.deb$", name)) && can(regex("^[0-9a-f]{64}$", sum))])
    error_message = "packages.sha256 maps names of .deb files to 64 lower-case hex digits."
  }
}

variable "relay" {
  description = "What the relay is told; needed when it is one of the programs."
  type = object({
    hostname  = string
    addresses = optional(list(string), [])
    region    = number
    code      = string
    name      = string
    admission = string
    capacity  = optional(number, 0)
    stun_port = optional(number)
    watched   = optional(bool, false)
    acme      = optional(object({ url = string, email = optional(string) }))
    ports = object({
      derp      = number
      http      = optional(number)
      udp_relay = optional(number)
      ops       = number
    })
  })
  default = null
}

variable "relay_token" {
  description = "With which the relay registers (warren coordinator token create --relay). Null: it does not."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.relay_token == null ? true : can(regex("^warren1\\.[A-Za-z0-9_-]+$", var.relay_token))
    error_message = "relay_token is no token: it is one line that starts with warren1. and that \"warren coordinator token create --relay\" prints."
  }
}

variable "stun" {
  description = "What the STUN server is told; watched: its metrics are for other machines too, at port 9478."
  type        = object({ port = optional(number, 3478), watched = optional(bool, false) })
  default     = {}

  validation {
    condition     = var.stun.port >= 1 && var.stun.port <= 65535 && floor(var.stun.port) == var.stun.port
    error_message = "stun.port ${var.stun.port} is no port: give 1 to 65535."
  }
}

variable "coordinator" {
  description = "What the coordinator is told; public is what join tokens name, relay_map the relays that do not register, as DERPMap JSON; watched: its metrics, and with them its map and who is in the mesh, are for other machines too, at port 9444."
  type = object({
    public    = string
    port      = optional(number, 8443)
    relay_map = optional(string)
    pool      = optional(string)
    watched   = optional(bool, false)
  })
  default = null

  # These go into a file of variables, a line each.
  validation {
    condition     = var.coordinator == null ? true : can(regex("^([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$", var.coordinator.public))
    error_message = "coordinator.public is no HOST:PORT: give a name or address and a port, such as coordinator.example.com:8443."
  }
  validation {
    condition     = try(var.coordinator.port, 1) >= 1 && try(var.coordinator.port, 1) <= 65535 && floor(try(var.coordinator.port, 1)) == try(var.coordinator.port, 1)
    error_message = "coordinator.port is no port: give 1 to 65535."
  }
  validation {
    condition     = try(var.coordinator.pool, null) == null ? true : can(cidrnetmask(var.coordinator.pool))
    error_message = "coordinator.pool is no block of IPv4 addresses: give one such as 100.64.0.0/10."
  }
  validation {
    condition     = try(var.coordinator.relay_map, null) == null ? true : can(jsondecode(var.coordinator.relay_map).Regions)
    error_message = "coordinator.relay_map is no DERPMap JSON: it is what modules/fleet gives as derp_map or stun_map."
  }
}

variable "node_token" {
  description = "With which the node joins (warren coordinator token create)."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.node_token == null ? true : can(regex("^warren1\\.[A-Za-z0-9_-]+$", var.node_token))
    error_message = "node_token is no token: it is one line that starts with warren1. and that \"warren coordinator token create\" prints."
  }
}
