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
    condition     = can(regex("^https://[^ '\"]+[^/]$", var.packages.url))
    error_message = "packages.url \"${var.packages.url}\" must start with https:// and not end with a slash."
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
    condition     = var.relay_token == null ? true : startswith(var.relay_token, "warren1.")
    error_message = "relay_token is no token: it is one line that starts with warren1. and that \"warren coordinator token create --relay\" prints."
  }
}

variable "stun" {
  description = "What the STUN server is told."
  type        = object({ port = optional(number, 3478) })
  default     = {}
}

variable "coordinator" {
  description = "What the coordinator is told; public is what join tokens name, relay_map the relays that do not register, as DERPMap JSON."
  type = object({
    public    = string
    port      = optional(number, 8443)
    relay_map = optional(string)
    pool      = optional(string)
  })
  default = null
}

variable "node_token" {
  description = "With which the node joins (warren coordinator token create)."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.node_token == null ? true : startswith(var.node_token, "warren1.")
    error_message = "node_token is no token: it is one line that starts with warren1. and that \"warren coordinator token create\" prints."
  }
}
