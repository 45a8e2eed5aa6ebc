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
    coordinator = { public = "203.0.113.8:8443", relay_map = "{\"Regions\":{}}" }
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
    relay_token   = "warren1.the-secret"
    image_version = "9.9.9"
  }
  expect_failures = [terraform_data.told]
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
  expect_failures = [terraform_data.told]
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
  expect_failures = [terraform_data.told]
}

# Whoever may read the plan may see this; nothing in it may run, or become another setting.
run "a_name_that_means_something_elsewhere" {
  command = plan
  variables {
    programs    = ["relay"]
    relay_token = "warren1.the-secret"
    relay = {
      hostname  = "203.0.113.7"
      region    = 900
      code      = "fra"
      name      = "a \"b\" 'c' $${d} $(e) `f` %%{g}: #h\nadmit-all: true"
      admission = "coordinator"
      acme      = { url = "https://acme.example.com/directory", email = "- !x &y *z" }
      ports     = { derp = 443, http = 80, ops = 9443 }
    }
  }
  assert {
    condition     = yamldecode(output.relay_yaml)["region-name"] == var.relay.name && yamldecode(output.relay_yaml)["acme-email"] == var.relay.acme.email && !can(yamldecode(output.relay_yaml)["admit-all"])
    error_message = "the relay's settings are ${output.relay_yaml}"
  }
  assert {
    condition     = one([for file in yamldecode(output.user_data).write_files : yamldecode(file.content)["region-name"] if file.path == "/etc/warren/relay.yaml"]) == var.relay.name
    error_message = "so they are in the user-data"
  }
  assert {
    condition     = !can(regex("admit|\\$\\(e", one([for file in yamldecode(output.user_data).write_files : file.content if file.path == "/usr/local/sbin/warren-install"])))
    error_message = "it is in no script"
  }
}

run "packages_that_a_shell_would_run" {
  command = plan
  variables {
    programs = ["stun"]
    packages = { url = "https://packages.example.com/$(reboot)/warren", sha256 = {} }
  }
  expect_failures = [var.packages]
}

run "packages_on_two_lines" {
  command = plan
  variables {
    programs = ["stun"]
    packages = { url = "https://packages.example.com/\nreboot\nwarren", sha256 = {} }
  }
  expect_failures = [var.packages]
}

run "packages_at_an_address" {
  command = plan
  variables {
    programs = ["stun"]
    packages = {
      url    = "https://[2001:db8::9]:8443/~warren/0.1_x?a=b&c=%20d"
      sha256 = { "warren-common_0.1.0_amd64.deb" = "abababababababababababababababababababababababababababababababab", "warren-stun_0.1.0_amd64.deb" = "abababababababababababababababababababababababababababababababab" }
    }
  }
  assert {
    condition     = can(regex("\\[2001:db8::9\\]:8443/~warren/0.1_x\\?a=b", output.user_data))
    error_message = "an address is a host too"
  }
}

run "a_token_of_two_lines" {
  command = plan
  variables {
    programs    = ["relay"]
    relay_token = "warren1.one\ntwo"
  }
  expect_failures = [var.relay_token]
}

run "a_nodes_token_of_two_lines" {
  command = plan
  variables {
    programs   = ["node"]
    node_token = "warren1.one\ntwo"
  }
  expect_failures = [var.node_token]
}

run "a_stun_server_without_a_port" {
  command = plan
  variables {
    programs = ["stun"]
    stun     = { port = 65536 }
  }
  expect_failures = [var.stun]
}

run "another_setting_in_the_coordinators_name" {
  command = plan
  variables {
    programs    = ["coordinator"]
    coordinator = { public = "203.0.113.8:8443\nWARREN_COORDINATOR_OPS_LISTEN=0.0.0.0:9444" }
  }
  expect_failures = [var.coordinator]
}

run "a_coordinator_at_an_address_of_ipv6" {
  command = plan
  variables {
    programs    = ["coordinator"]
    coordinator = { public = "[2001:db8::8]:8443", pool = "100.64.0.0/10" }
  }
  assert {
    condition     = can(regex("PUBLIC=\\[2001:db8::8\\]:8443", output.user_data))
    error_message = "both families are taken"
  }
}

run "a_coordinator_without_a_port" {
  command = plan
  variables {
    programs    = ["coordinator"]
    coordinator = { public = "coordinator.example.com:8443", port = 0 }
  }
  expect_failures = [var.coordinator]
}

run "a_pool_of_another_family" {
  command = plan
  variables {
    programs    = ["coordinator"]
    coordinator = { public = "coordinator.example.com:8443", pool = "fd00::/48" }
  }
  expect_failures = [var.coordinator]
}

run "a_map_that_is_none" {
  command = plan
  variables {
    programs    = ["coordinator"]
    coordinator = { public = "coordinator.example.com:8443", relay_map = "{}" }
  }
  expect_failures = [var.coordinator]
}

run "a_relay_that_has_nobody_to_ask" {
  command = plan
  variables {
    programs = ["relay"]
  }
  expect_failures = [terraform_data.told]
}

run "a_relay_that_is_meant_to_be_open" {
  command = plan
  variables {
    programs = ["relay"]
    relay = {
      hostname  = "203.0.113.7"
      region    = 900
      code      = "fra"
      name      = "Frankfurt"
      admission = "open"
      ports     = { derp = 443, ops = 9443 }
    }
  }
  assert {
    condition     = !can(yamldecode(output.relay_yaml)["coordinator-token-file"])
    error_message = "it asks nobody"
  }
}

run "acme_without_http" {
  command = plan
  variables {
    programs    = ["relay"]
    relay_token = "warren1.the-secret"
    relay = {
      hostname  = "relay.example.com"
      region    = 900
      code      = "fra"
      name      = "Frankfurt"
      admission = "coordinator"
      acme      = { url = "https://acme.example.com/directory" }
      ports     = { derp = 443, ops = 9443 }
    }
  }
  expect_failures = [terraform_data.told]
}

run "who_is_watched_says_its_metrics_to_others" {
  command = plan
  variables {
    programs    = ["coordinator", "stun"]
    stun        = { watched = true }
    coordinator = { public = "203.0.113.8:8443", watched = true }
  }
  assert {
    condition     = { for file in yamldecode(output.user_data).write_files : file.path => file.content if endswith(file.path, ".env") } == { "/etc/warren/coordinator.env" = "WARREN_COORDINATOR_LISTEN=:8443\nWARREN_COORDINATOR_PUBLIC=203.0.113.8:8443\nWARREN_COORDINATOR_OPS_LISTEN=0.0.0.0:9444\n", "/etc/warren/stun.env" = "WARREN_STUN_OPS_LISTEN=0.0.0.0:9478\n" }
    error_message = "at ports of their own"
  }
}
