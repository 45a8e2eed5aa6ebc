# What every kind of region refuses, and what it says.

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
  platform = {
    relay_token = "warren1.secret"
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

run "region_id_too_low" {
  command = plan
  variables {
    region = { id = 0, code = "fra", location = "x" }
  }
  expect_failures = [var.region]
}

run "region_id_too_high" {
  command = plan
  variables {
    region = { id = 65536, code = "fra", location = "x" }
  }
  expect_failures = [var.region]
}

run "region_id_is_advised" {
  command = plan
  variables {
    region = { id = 10, code = "fra", location = "x" }
  }
  expect_failures = [check.advised_region_id]
}

run "no_relays" {
  command = plan
  variables {
    region = { id = 900, code = "fra", location = "x", relays = 0 }
  }
  expect_failures = [var.region]
}

run "ten_relays" {
  command = plan
  variables {
    region = { id = 900, code = "fra", location = "x", relays = 10 }
  }
  expect_failures = [var.region]
}

run "overlapping_tcp_ports" {
  command = plan
  variables {
    region = { id = 900, code = "fra", location = "x", ports = { derp = 9443 } }
  }
  expect_failures = [var.region]
}

run "overlapping_udp_ports" {
  command = plan
  variables {
    region = { id = 900, code = "fra", location = "x", ports = { udp_relay = 3478 } }
  }
  expect_failures = [var.region]
}

run "no_port" {
  command = plan
  variables {
    region = { id = 900, code = "fra", location = "x", ports = { http = 65536 } }
  }
  expect_failures = [var.region]
}

run "bad_code" {
  command = plan
  variables {
    region = { id = 900, code = "Frankfurt am Main", location = "x" }
  }
  expect_failures = [var.region]
}

run "unknown_admission" {
  command = plan
  variables {
    region = { id = 900, code = "fra", location = "x", admission = "friends" }
  }
  expect_failures = [var.region]
}

run "no_release" {
  command = plan
  variables {
    region        = { id = 900, code = "fra", location = "x" }
    image_version = "latest"
  }
  expect_failures = [var.image_version]
}

run "a_release_of_a_relay_that_is_no_release" {
  command = plan
  variables {
    region         = { id = 900, code = "fra", location = "x" }
    relay_versions = { a = "latest" }
  }
  expect_failures = [var.relay_versions]
}
