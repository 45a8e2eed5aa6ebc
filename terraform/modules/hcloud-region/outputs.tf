# The same, byte for byte, in each modules/*-region: modules/fleet takes it.

output "region" {
  description = "The region as modules/fleet wants it."
  value = {
    id    = var.region.id
    code  = var.region.code
    name  = coalesce(var.region.name, var.region.code)
    nodes = local.nodes
  }
}

output "releases" {
  description = "What runs: the region's release, by its code, and each relay's, CODE/LETTER."
  value       = merge({ (var.region.code) = var.image_version }, { for letter, version in local.versions : "${var.region.code}/${letter}" => version })
}
