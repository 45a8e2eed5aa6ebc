mock_provider "docker" {
  mock_resource "docker_container" {
    defaults = { exit_code = 0 }
  }
}

run "two_regions" {
  command = apply
  assert {
    condition     = keys(jsondecode(output.derp_map).Regions) == ["900", "901"] && [for node in jsondecode(output.derp_map).Regions["901"].Nodes : node.HostName] == ["172.29.0.40", "172.29.0.41", "172.29.0.49"]
    error_message = "two regions: ${output.derp_map}"
  }
  assert {
    condition     = [for region in jsondecode(trimprefix(one(docker_container.settings.env), "MAP=")).Regions : [for node in region.Nodes : node.Name]] == [["900-stun"], ["901-stun"]]
    error_message = "the coordinator has the STUN servers in its map; the relays register"
  }
  assert {
    condition     = length(docker_container.prometheus) == 0
    error_message = "no image of Prometheus, no Prometheus"
  }
}

run "a_region_runs_another_release" {
  command = plan
  variables {
    known_versions   = ["0.1.0", "0.1.1"]
    relay_versions   = { wan = "0.1.1" }
    prometheus_image = "warren-prometheus:local"
  }
  assert {
    condition     = docker_container.coordinator.image == "warren-coordinator:0.1.0"
    error_message = "the rest stays"
  }
  assert {
    condition     = can(yamldecode([for upload in docker_container.prometheus[0].upload : upload.content if upload.file == "/etc/warren/prometheus.yml"][0]))
    error_message = "Prometheus' configuration"
  }
}

run "one_relay_runs_another_release" {
  command = plan
  variables {
    known_versions = ["0.1.0", "0.1.1", "0.1.2"]
    relay_versions = { wan = "0.1.1", "lan/b" = "0.1.1", "wan/a" = "0.1.2" }
  }
  assert {
    condition     = join(" ", [for place, version in output.releases : "${place}=${version}"]) == "*=0.1.0 lan=0.1.0 lan/a=0.1.0 lan/b=0.1.1 wan=0.1.1 wan/a=0.1.2 wan/b=0.1.1"
    error_message = "what runs where: ${jsonencode(output.releases)}"
  }
}

run "a_release_for_a_relay_that_is_not" {
  command = plan
  variables {
    relay_versions = { "lan/c" = "0.1.0" }
  }
  expect_failures = [docker_network.fleet]
}

run "an_unknown_version" {
  command = plan
  variables {
    image_version = "7.0.0"
  }
  expect_failures = [docker_network.fleet]
}

run "no_region" {
  command = plan
  variables {
    regions = []
  }
  expect_failures = [var.regions]
}

run "more_regions_than_the_subnet_has_room_for" {
  command = plan
  variables {
    regions = [for id in range(900, 909) : { id = id, code = "r${id}", location = "x" }]
  }
  expect_failures = [docker_network.fleet]
}

run "two_regions_with_one_code" {
  command = plan
  variables {
    regions = [{ id = 900, code = "a", location = "x" }, { id = 901, code = "a", location = "x" }]
  }
  expect_failures = [var.regions]
}

run "a_region_without_a_code" {
  command = plan
  variables {
    regions = [{ id = 900, location = "x" }]
  }
  expect_failures = [var.regions]
}

run "a_region_with_a_slip_of_the_pen" {
  command = plan
  variables {
    regions = [{ id = 900, code = "a", location = "x", relay = 3 }]
  }
  expect_failures = [var.regions]
}

run "a_subnet_of_ipv6" {
  command = plan
  variables {
    subnet = "fd00::/64"
  }
  expect_failures = [var.subnet]
}

run "a_release_for_a_region_that_is_not" {
  command = plan
  variables {
    relay_versions = { wann = "0.1.0" }
  }
  expect_failures = [docker_network.fleet]
}

run "a_release_of_which_there_are_no_images" {
  command = plan
  variables {
    relay_versions = { wan = "7.0.0" }
  }
  expect_failures = [docker_network.fleet]
}
