mock_provider "docker" {}

variables {
  image_version = "0.1.0"
  token_volume  = "tokens"
  platform      = { network = "fleet", subnet = "10.9.0.0/24", first_address = 20 }
  region        = { id = 900, code = "fra", name = "Frankfurt", location = "here", relays = 2, capacity = 500 }
}

run "two_relays_and_a_stun_server" {
  command = plan
  assert {
    condition     = [for relay in docker_container.relay : relay.name] == ["warren-fra-a", "warren-fra-b"]
    error_message = "two relays, a and b"
  }
  assert {
    condition     = docker_container.relay["a"].image == "warren-relay:0.1.0"
    error_message = "the release's image"
  }
  assert {
    condition     = docker_container.relay["b"].read_only && one(docker_container.relay["b"].capabilities).drop == toset(["ALL"])
    error_message = "the root is read-only, and there are no capabilities"
  }
  assert {
    condition     = contains(docker_container.relay["a"].env, "WARREN_RELAY_COORDINATOR_TOKEN_FILE=/run/warren/relay.token") && contains(docker_container.relay["a"].env, "WARREN_RELAY_ACCEPT_LIMIT=500")
    error_message = "it registers, with its capacity"
  }
  assert {
    condition     = output.region.nodes[*].name == ["900a", "900b", "900-stun"] && output.region.nodes[1].host == "10.9.0.21" && output.region.nodes[2].stun_only
    error_message = "each has its address by its letter"
  }
  assert {
    condition     = output.region.nodes[0].health == "http://10.9.0.20:9443/readyz"
    error_message = "where its health is"
  }
}

run "without_a_token_nothing_registers" {
  command = plan
  variables {
    token_volume = null
    region       = { id = 900, code = "fra", location = "here", stun = false, admission = "open" }
  }
  assert {
    condition     = !anytrue([for setting in docker_container.relay["a"].env : can(regex("TOKEN|ADMIT", setting))]) && length(docker_container.stun) == 0
    error_message = "a static map's relays, without a STUN server"
  }
}

run "a_subnet_without_room" {
  command = plan
  variables {
    platform = { network = "fleet", subnet = "10.9.0.0/29", first_address = 5 }
  }
  expect_failures = [var.platform]
}

run "a_subnet_of_ipv6" {
  command = plan
  variables {
    platform = { network = "fleet", subnet = "fd00::/64", first_address = 20 }
  }
  expect_failures = [var.platform]
}

run "relays_that_have_nobody_to_ask" {
  command = plan
  variables {
    token_volume = null
    region       = { id = 900, code = "fra", location = "here", relays = 1 }
  }
  expect_failures = [docker_container.relay]
}

run "a_size_of_another_provider" {
  command = plan
  variables {
    region = { id = 900, code = "fra", location = "here", relays = 1, size = "cx23" }
  }
  expect_failures = [docker_container.relay]
}
