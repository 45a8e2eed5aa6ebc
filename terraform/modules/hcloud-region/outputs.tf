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
