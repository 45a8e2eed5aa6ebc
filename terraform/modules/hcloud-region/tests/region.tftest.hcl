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
  region        = { id = 900, code = "fra", name = "Frankfurt", location = "fsn1", relays = 3, ports = { http = 80, udp_relay = 3479 } }
  platform = {
    packages = {
      url = "https://packages.example.com/warren"
      sha256 = {
        "warren-common_0.1.0_amd64.deb" = "abababababababababababababababababababababababababababababababab"
        "warren-relay_0.1.0_amd64.deb"  = "abababababababababababababababababababababababababababababababab"
        "warren-stun_0.1.0_amd64.deb"   = "abababababababababababababababababababababababababababababababab"
        "warren-common_0.1.1_amd64.deb" = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
        "warren-relay_0.1.1_amd64.deb"  = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
        "warren-stun_0.1.1_amd64.deb"   = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
      }
    }
    relay_token     = "warren1.secret"
    monitoring_from = ["192.0.2.0/24"]
  }
}

run "three_servers_with_addresses_that_stay" {
  command = apply
  assert {
    condition     = keys(hcloud_server.relay) == ["a", "b", "c"] && hcloud_server.relay["b"].server_type == "cx23"
    error_message = "three relays"
  }
  assert {
    condition     = alltrue([for ip in concat(values(hcloud_primary_ip.v4), values(hcloud_primary_ip.v6)) : !ip.auto_delete])
    error_message = "an address outlives its server"
  }
  assert {
    condition     = alltrue([for server in hcloud_server.relay : one(server.public_net).ipv4 == 17])
    error_message = "the server has the address"
  }
  assert {
    condition     = output.region.nodes[0].ipv6 == "2001:db8:7::1" && output.region.nodes[0].ipv4 == "203.0.113.7" && output.region.nodes[0].http
    error_message = "both families are in the map"
  }
}

# A plan that replaces a server does not know its id.
run "another_token_makes_no_other_machine" {
  command = plan
  variables {
    platform = {
      relay_token     = "warren1.another"
      monitoring_from = ["192.0.2.0/24"]
      packages = {
        url = "https://packages.example.com/warren"
        sha256 = {
          "warren-common_0.1.0_amd64.deb" = "abababababababababababababababababababababababababababababababab"
          "warren-relay_0.1.0_amd64.deb"  = "abababababababababababababababababababababababababababababababab"
          "warren-stun_0.1.0_amd64.deb"   = "abababababababababababababababababababababababababababababababab"
        }
      }
    }
  }
  assert {
    condition     = alltrue([for server in hcloud_server.relay : server.id != ""])
    error_message = "those that there are stay"
  }
}

# terraform/check looks that it is replaced.
run "another_release_for_one_relay_alone" {
  command = plan
  variables {
    relay_versions = { b = "0.1.1" }
  }
  assert {
    condition     = alltrue([for letter in ["a", "c"] : hcloud_server.relay[letter].id != ""])
    error_message = "the others stay"
  }
  assert {
    condition     = [for server in hcloud_server.relay : server.labels["version"]] == ["0.1.0", "0.1.1", "0.1.0"]
    error_message = "the label says what runs"
  }
  assert {
    condition     = join(" ", [for place, version in output.releases : "${place}=${version}"]) == "fra=0.1.0 fra/a=0.1.0 fra/b=0.1.1 fra/c=0.1.0"
    error_message = "what runs where: ${jsonencode(output.releases)}"
  }
}

run "the_firewall_opens_what_is_needed" {
  command = plan
  assert {
    condition     = join(", ", sort([for rule in hcloud_firewall.region.rule : "${rule.protocol} ${coalesce(rule.port, "-")}"])) == "icmp -, tcp 443, tcp 80, tcp 9443, tcp 9478, udp 3478, udp 3479"
    error_message = "nothing more and nothing less"
  }
  assert {
    condition     = flatten([for rule in hcloud_firewall.region.rule : tolist(rule.source_ips) if contains(["9443", "9478"], coalesce(rule.port, "-"))]) == ["192.0.2.0/24", "192.0.2.0/24"]
    error_message = "metrics are for those who watch"
  }
}

run "nobody_watches_and_nobody_logs_in" {
  command = plan
  variables {
    region = { id = 900, code = "fra", location = "fsn1", stun = false }
    platform = {
      relay_token = "warren1.secret"
      packages = {
        url = "https://packages.example.com/warren"
        sha256 = {
          "warren-common_0.1.0_amd64.deb" = "abababababababababababababababababababababababababababababababab"
          "warren-relay_0.1.0_amd64.deb"  = "abababababababababababababababababababababababababababababababab"
        }
      }
    }
  }
  assert {
    condition     = join(", ", sort([for rule in hcloud_firewall.region.rule : "${rule.protocol} ${coalesce(rule.port, "-")}"])) == "icmp -, tcp 443"
    error_message = "DERP alone"
  }
}

run "acme_needs_names" {
  command = plan
  variables {
    platform = {
      packages = { url = "https://packages.example.com/warren", sha256 = {} }
      acme     = { url = "https://acme.example.com/directory" }
    }
  }
  expect_failures = [var.platform]
}

run "acme_needs_port_80" {
  command = plan
  variables {
    region = { id = 900, code = "fra", location = "fsn1", ports = { http = 8080 } }
    platform = {
      relay_token = "warren1.secret"
      domain      = "relays.example.com"
      acme        = { url = "https://acme.example.com/directory" }
      packages = {
        url = "https://packages.example.com/warren"
        sha256 = {
          "warren-common_0.1.0_amd64.deb" = "abababababababababababababababababababababababababababababababab"
          "warren-relay_0.1.0_amd64.deb"  = "abababababababababababababababababababababababababababababababab"
          "warren-stun_0.1.0_amd64.deb"   = "abababababababababababababababababababababababababababababababab"
        }
      }
    }
  }
  expect_failures = [hcloud_firewall.region]
}

run "the_port_of_ssh" {
  command = plan
  variables {
    region = { id = 900, code = "fra", location = "fsn1", ports = { derp = 22 } }
  }
  expect_failures = [hcloud_firewall.region]
}

run "the_port_of_the_stun_servers_metrics" {
  command = plan
  variables {
    region = { id = 900, code = "fra", location = "fsn1", ports = { ops = 9478 } }
  }
  expect_failures = [hcloud_firewall.region]
}

run "that_port_without_a_stun_server" {
  command = plan
  variables {
    region = { id = 900, code = "fra", location = "fsn1", stun = false, ports = { ops = 9478 } }
  }
  assert {
    condition     = output.region.nodes[0].metrics == "203.0.113.7:9478"
    error_message = "it is free then"
  }
}

run "no_domain" {
  command = plan
  variables {
    platform = {
      packages = { url = "https://packages.example.com/warren", sha256 = {} }
      domain   = "my relays"
    }
  }
  expect_failures = [var.platform]
}
