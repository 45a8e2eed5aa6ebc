mock_provider "hcloud" {
  mock_resource "hcloud_primary_ip" {
    defaults = { id = "17", ip_address = "203.0.113.7", ip_network = "2001:db8:7::/64" }
  }
  mock_resource "hcloud_firewall" {
    defaults = { id = "18" }
  }
}

variables {
  image_version = "0.1.0"
  packages = {
    url = "https://packages.example.com/warren"
    sha256 = {
      "warren-common_0.1.0_amd64.deb"      = "abababababababababababababababababababababababababababababababab"
      "warren-relay_0.1.0_amd64.deb"       = "abababababababababababababababababababababababababababababababab"
      "warren-stun_0.1.0_amd64.deb"        = "abababababababababababababababababababababababababababababababab"
      "warren-coordinator_0.1.0_amd64.deb" = "abababababababababababababababababababababababababababababababab"
      "warren-common_0.1.1_amd64.deb"      = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
      "warren-relay_0.1.1_amd64.deb"       = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
      "warren-stun_0.1.1_amd64.deb"        = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
    }
  }
}

run "the_coordinator_comes_first" {
  command = plan
  variables {
    coordinator_only = true
  }
  assert {
    condition     = length(module.region) == 0
    error_message = "there are no relays yet"
  }
}

run "the_coordinator_is_watched_by_those_who_may" {
  command = plan
  variables {
    coordinator_only = true
    monitoring_from  = ["192.0.2.0/24"]
  }
  assert {
    condition     = join(" ", flatten([for rule in hcloud_firewall.coordinator.rule : tolist(rule.source_ips) if rule.port == "9444"])) == "192.0.2.0/24"
    error_message = "its metrics are for them alone"
  }
}

run "and_by_nobody_else" {
  command = plan
  variables {
    coordinator_only = true
  }
  assert {
    condition     = join(" ", [for rule in hcloud_firewall.coordinator.rule : rule.port]) == "8443"
    error_message = "nodes and relays alone"
  }
}

run "then_three_regions" {
  command = apply
  variables {
    relay_token = "warren1.secret"
  }
  assert {
    condition     = keys(jsondecode(output.derp_map).Regions) == ["900", "901", "902"] && [for job in ["warren-relay", "warren-stun", "warren-coordinator"] : length([for target in jsondecode(output.prometheus_targets) : target if target.labels.job == job])] == [6, 6, 1]
    error_message = "three regions of two: ${output.derp_map}, ${output.prometheus_targets}"
  }
  assert {
    condition     = !can(regex("secret", output.derp_map)) && output.coordinator == "203.0.113.7:8443"
    error_message = "no secret in what is shown"
  }
}

run "a_relay_runs_another_release" {
  command = plan
  variables {
    relay_token    = "warren1.another"
    relay_versions = { "hel/b" = "0.1.1", ash = "0.1.0" }
  }
  assert {
    condition     = join(" ", [for place, version in output.releases : "${place}=${version}"]) == "*=0.1.0 ash=0.1.0 ash/a=0.1.0 ash/b=0.1.0 fsn=0.1.0 fsn/a=0.1.0 fsn/b=0.1.0 hel=0.1.0 hel/a=0.1.0 hel/b=0.1.1"
    error_message = "what runs where: ${jsonencode(output.releases)}"
  }
}

# It must not take the relays away.
run "no_token" {
  command         = plan
  expect_failures = [hcloud_firewall.coordinator]
}

run "a_release_for_a_relay_that_is_not" {
  command = plan
  variables {
    relay_token    = "warren1.secret"
    relay_versions = { "hel/c" = "0.1.0" }
  }
  expect_failures = [hcloud_firewall.coordinator]
}

run "no_region" {
  command = plan
  variables {
    regions = []
  }
  expect_failures = [var.regions]
}

run "regions_of_ones_own" {
  command = plan
  variables {
    regions     = [{ id = 910, code = "own", location = "nbg1", relays = 1 }]
    relay_token = "warren1.secret"
  }
  assert {
    condition     = keys(module.region) == ["own"]
    error_message = "those alone"
  }
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

run "a_release_for_a_region_that_is_not" {
  command = plan
  variables {
    relay_versions = { hell = "0.1.0" }
  }
  expect_failures = [hcloud_firewall.coordinator]
}
