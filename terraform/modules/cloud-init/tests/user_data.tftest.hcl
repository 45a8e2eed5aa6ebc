variables {
  image_version = "0.1.0"
  packages = {
    url = "https://packages.example.com/warren"
    sha256 = {
      "warren-common_0.1.0_amd64.deb"      = "abababababababababababababababababababababababababababababababab"
      "warren-relay_0.1.0_amd64.deb"       = "abababababababababababababababababababababababababababababababab"
      "warren-stun_0.1.0_amd64.deb"        = "abababababababababababababababababababababababababababababababab"
      "warren-coordinator_0.1.0_amd64.deb" = "abababababababababababababababababababababababababababababababab"
      "warren-node_0.1.0_amd64.deb"        = "abababababababababababababababababababababababababababababababab"
    }
  }
  relay = {
    hostname  = "203.0.113.7"
    addresses = ["203.0.113.7", "2001:db8::7"]
    region    = 900
    code      = "fra"
    name      = "Frankfurt"
    admission = "coordinator"
    stun_port = 3478
    ports     = { derp = 443, http = 80, ops = 9443 }
  }
}

run "relay_and_stun" {
  command = plan
  variables {
    programs    = ["relay", "stun"]
    relay_token = "warren1.the-secret"
  }
  assert {
    condition     = startswith(output.user_data, "#cloud-config\n") && can(yamldecode(output.user_data))
    error_message = "it is YAML with cloud-init's first line"
  }
  assert {
    condition = jsonencode(yamldecode(output.relay_yaml)) == jsonencode({
      "hostname"               = "203.0.113.7"
      "listen"                 = ":443"
      "node-key"               = "/var/lib/warren-relay/relay.key"
      "ops-listen"             = "127.0.0.1:9443"
      "region"                 = 900
      "region-code"            = "fra"
      "region-name"            = "Frankfurt"
      "map-address"            = "203.0.113.7,2001:db8::7"
      "map-stun-port"          = 3478
      "http-listen"            = ":80"
      "coordinator-token-file" = "/run/credentials/warren-relay.service/coordinator-token"
    })
    error_message = "the relay's settings are ${output.relay_yaml}"
  }
  assert {
    condition     = [for file in yamldecode(output.user_data).write_files : file.permissions if can(regex("the-secret", file.content))] == ["0600"]
    error_message = "the token is in one file, which only root reads"
  }
  assert {
    condition     = can(regex("systemctl enable --now warren-relay.service warren-stun.socket", output.user_data))
    error_message = "both are started"
  }
  assert {
    condition     = !can(regex("mesh-key|BEGIN .*PRIVATE", output.user_data))
    error_message = "keys are made on the machine, and the mesh key comes from the coordinator"
  }
}

run "coordinator" {
  command = plan
  variables {
    programs    = ["coordinator"]
    coordinator = { public = "203.0.113.8:8443", relay_map = "{}" }
  }
  assert {
    condition     = one([for file in yamldecode(output.user_data).write_files : file.content if file.path == "/etc/warren/coordinator.env"]) == "WARREN_COORDINATOR_LISTEN=:8443\nWARREN_COORDINATOR_PUBLIC=203.0.113.8:8443\nWARREN_COORDINATOR_RELAY_MAP=/etc/warren/relay-map.json\n"
    error_message = "its settings"
  }
}

run "stun_on_another_port" {
  command = plan
  variables {
    programs = ["stun"]
    stun     = { port = 3479 }
  }
  assert {
    condition     = can(regex("ListenDatagram=0.0.0.0:3479", output.user_data))
    error_message = "the socket unit is told"
  }
}

run "node" {
  command = plan
  variables {
    programs   = ["node"]
    node_token = "warren1.node"
  }
  assert {
    condition     = can(regex("warren-node.service", output.user_data))
    error_message = "the node is started"
  }
}

run "no_program" {
  command = plan
  variables {
    programs = []
  }
  expect_failures = [var.programs]
}

run "unknown_program" {
  command = plan
  variables {
    programs = ["derper"]
  }
  expect_failures = [var.programs]
}

run "unknown_version" {
  command = plan
  variables {
    programs      = ["relay"]
    image_version = "9.9.9"
  }
  expect_failures = [output.user_data]
}

run "packages_without_tls" {
  command = plan
  variables {
    programs = ["stun"]
    packages = { url = "http://packages.example.com", sha256 = {} }
  }
  expect_failures = [var.packages]
}

run "a_node_without_a_token" {
  command = plan
  variables {
    programs = ["node"]
  }
  expect_failures = [output.user_data]
}

run "what_is_no_token" {
  command = plan
  variables {
    programs    = ["relay"]
    relay_token = "hunter2"
  }
  expect_failures = [var.relay_token]
}

run "a_relay_that_is_told_nothing" {
  command = plan
  variables {
    programs = ["relay"]
    relay    = null
  }
  expect_failures = [output.user_data]
}
