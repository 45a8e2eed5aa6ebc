variables {
  regions = [
    {
      id   = 900
      code = "fra"
      name = "Frankfurt"
      nodes = [
        { name = "900a", host = "203.0.113.7", ipv4 = "203.0.113.7", ipv6 = "2001:db8::7", derp_port = 443, stun_port = 3478, stun_only = false, http = true, health = "http://203.0.113.7:9443/readyz", metrics = "203.0.113.7:9443", job = "warren-relay", stun_metrics = "203.0.113.7:9478" },
        { name = "900b", host = "203.0.113.8", ipv4 = "203.0.113.8", ipv6 = null, derp_port = 8443, stun_port = -1, stun_only = false, http = false, health = "http://203.0.113.8:9443/readyz", metrics = "203.0.113.8:9443", job = "warren-relay" },
      ]
    },
    {
      id   = 901
      code = "hel"
      name = "Helsinki"
      nodes = [
        { name = "901-stun", host = "203.0.113.9", ipv4 = "203.0.113.9", ipv6 = null, derp_port = 0, stun_port = 3479, stun_only = true, http = false, health = "http://203.0.113.9:9478/readyz", metrics = "203.0.113.9:9478", job = "warren-stun" },
      ]
    },
  ]
  pins = { "203.0.113.7:443" = "sha256-raw:abababababababababababababababababababababababababababababababab" }
}

run "one_map" {
  command = plan
  assert {
    condition = output.derp_map == jsonencode({
      Regions = {
        "900" = {
          RegionID   = 900
          RegionCode = "fra"
          RegionName = "Frankfurt"
          Nodes = [
            { Name = "900a", RegionID = 900, HostName = "203.0.113.7", CertName = "sha256-raw:abababababababababababababababababababababababababababababababab", IPv4 = "203.0.113.7", IPv6 = "2001:db8::7", CanPort80 = true },
            { Name = "900b", RegionID = 900, HostName = "203.0.113.8", IPv4 = "203.0.113.8", DERPPort = 8443, STUNPort = -1 },
          ]
        }
        "901" = {
          RegionID   = 901
          RegionCode = "hel"
          RegionName = "Helsinki"
          Nodes      = [{ Name = "901-stun", RegionID = 901, HostName = "203.0.113.9", IPv4 = "203.0.113.9", STUNPort = 3479, STUNOnly = true }]
        }
      }
    })
    error_message = "the map is ${output.derp_map}"
  }
  assert {
    condition     = keys(jsondecode(output.stun_map).Regions) == ["901"]
    error_message = "what does not register: ${output.stun_map}"
  }
  assert {
    condition     = output.health_urls["900b"] == "http://203.0.113.8:9443/readyz"
    error_message = "health"
  }
  assert {
    condition = jsondecode(output.prometheus_targets) == [
      { targets = ["203.0.113.7:9443"], labels = { job = "warren-relay", node = "900a", region = "fra" } },
      { targets = ["203.0.113.7:9478"], labels = { job = "warren-stun", node = "900a", region = "fra" } },
      { targets = ["203.0.113.8:9443"], labels = { job = "warren-relay", node = "900b", region = "fra" } },
      { targets = ["203.0.113.9:9478"], labels = { job = "warren-stun", node = "901-stun", region = "hel" } },
    ]
    error_message = "targets: ${output.prometheus_targets}"
  }
}

run "no_regions" {
  command = plan
  variables {
    regions = []
    pins    = {}
  }
  assert {
    condition     = jsondecode(output.derp_map) == { Regions = {} }
    error_message = "an empty map"
  }
}

run "two_regions_with_one_id" {
  command = plan
  variables {
    regions = [{ id = 900, code = "a", name = "A", nodes = [] }, { id = 900, code = "b", name = "B", nodes = [] }]
  }
  expect_failures = [var.regions]
}

run "two_regions_with_one_code" {
  command = plan
  variables {
    regions = [{ id = 900, code = "a", name = "A", nodes = [] }, { id = 901, code = "a", name = "B", nodes = [] }]
  }
  expect_failures = [var.regions]
}

run "a_pin_that_is_none" {
  command = plan
  variables {
    pins = { "203.0.113.7:443" = "sha256:00" }
  }
  expect_failures = [var.pins]
}

run "a_pin_of_nobody" {
  command = plan
  variables {
    pins = { "203.0.113.77:443" = "sha256-raw:abababababababababababababababababababababababababababababababab" }
  }
  expect_failures = [terraform_data.pins]
}
