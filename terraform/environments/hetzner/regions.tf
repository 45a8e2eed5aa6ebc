# Which regions a fleet has. This file is the same, byte for byte, in each environment; local.usual_regions is the environment's own.

variable "regions" {
  description = "The regions, as modules/*-region takes one; null: the environment's usual ones."
  type        = any
  default     = null

  validation {
    condition     = var.regions == null ? true : length(var.regions) >= 1
    error_message = "regions: give at least one."
  }
  validation {
    condition     = var.regions == null ? true : alltrue([for region in var.regions : length(setsubtract(["id", "code", "location"], try(keys(region), []))) == 0])
    error_message = "regions: each has an id, a code and a location."
  }
  validation {
    condition     = var.regions == null ? true : length(setsubtract(flatten([for region in var.regions : try(keys(region), [])]), ["id", "code", "name", "location", "relays", "size", "stun", "admission", "capacity", "ports"])) == 0
    error_message = "regions: there is no ${try(join(", ", setsubtract(flatten([for region in var.regions : try(keys(region), [])]), ["id", "code", "name", "location", "relays", "size", "stun", "admission", "capacity", "ports"])), "such thing")} to say of a region; modules/*-region/region.tf has what there is."
  }
  validation {
    condition     = var.regions == null ? true : length(distinct([for region in var.regions : try(region.code, "")])) == length(var.regions)
    error_message = "regions: two have one code; give each its own."
  }
}

variable "relay_versions" {
  description = "By region's code: a release that its relays run instead, to try it in one region first. By CODE/LETTER: that of one relay."
  type        = map(string)
  default     = {}
}

locals {
  # Not by a condition, which would give both one type.
  chosen_regions = [for regions in [var.regions, local.usual_regions] : regions if regions != null][0]
  # What relay_versions may speak of, and what each region is told of its relays.
  with_releases = flatten([for region in local.chosen_regions : concat([region.code], [for i in range(try(region.relays, 2)) : "${region.code}/${substr("abcdefghi", i, 1)}"])])
  not_there     = setsubtract(keys(var.relay_versions), local.with_releases)
  relay_versions = { for region in local.chosen_regions : region.code => {
    for key, version in var.relay_versions : trimprefix(key, "${region.code}/") => version if startswith(key, "${region.code}/")
  } }
}
