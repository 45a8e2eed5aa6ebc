#!/bin/sh
# The demo's small internet. Runs inside the sandbox, which has its own network, mounts and processes.
#
#   internet.sh up        makes every namespace, interface, address, route and NAT rule
#   internet.sh cut       drops all UDP between the networks of a and b
#   internet.sh heal      lets it pass again
#
# Addresses are of the ranges for documentation (RFC 5737) and exist in these namespaces only:
#
#   203.0.113.0/24     servers: relay .10, stun .11, coordinator .12
#   198.51.100.0/30    access line of a's and d's home, its NAT router has .2
#   198.51.100.4/30    access line of b's home, its NAT router has .6
#   198.51.100.8/30    access line of c's office, its NAT router has .10 and lets no UDP through
set -eu

up() {
  hosts "internet relay stun coordinator nat-a nat-b nat-c a b c d"
  servers
  home nat-a 198.51.100.1 198.51.100.2 192.168.1.1
  home nat-b 198.51.100.5 198.51.100.6 192.168.2.1
  home nat-c 198.51.100.9 198.51.100.10 10.20.0.1
  machine a nat-a 192.168.1.10 192.168.1.1
  machine d nat-a 192.168.1.11 192.168.1.1
  machine b nat-b 192.168.2.10 192.168.2.1
  machine c nat-c 10.20.0.10 10.20.0.1
  ip netns exec nat-c nft insert rule inet gate forward meta l4proto udp counter drop
}

hosts() {
  for host in $1; do
    ip netns add "$host"
    ip -n "$host" link set lo up
  done
  for router in internet nat-a nat-b nat-c; do
    ip netns exec "$router" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  done
}

# cable NAMESPACE INTERFACE NAMESPACE INTERFACE: a veth pair between two namespaces, both ends up.
cable() {
  ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
  ip -n "$1" link set "$2" up
  ip -n "$3" link set "$4" up
}

servers() {
  ip -n internet link add servers type bridge
  ip -n internet addr add 203.0.113.1/24 dev servers
  ip -n internet link set servers up
  number=10
  for host in relay stun coordinator; do
    cable internet "to-$host" "$host" eth0
    ip -n internet link set "to-$host" master servers
    ip -n "$host" addr add "203.0.113.$number/24" dev eth0
    ip -n "$host" route add default via 203.0.113.1
    number=$((number + 1))
  done
}

# home ROUTER ISP_ADDRESS WAN_ADDRESS LAN_ADDRESS: a NAT router with port-restricted filtering. Masquerading keeps the
# source port where it can, so the mapping does not depend on the destination; connection tracking lets in only what
# answers. Input from outside is dropped without a trace: otherwise a peer's early packet would be tracked as a
# connection to the router itself, and the mapping that it clashes with would move to another port.
home() {
  cable internet "to-$1" "$1" wan
  ip -n internet addr add "$2/30" dev "to-$1"
  ip -n "$1" addr add "$3/30" dev wan
  ip -n "$1" route add default via "$2"
  ip -n "$1" link add lan type bridge
  ip -n "$1" addr add "$4/24" dev lan
  ip -n "$1" link set lan up
  ip netns exec "$1" nft -f - <<'RULES'
table inet gate {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "lan" accept
  }
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname { "lan", "lo" } accept
  }
}
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "wan" masquerade
  }
}
RULES
}

# machine NAME ROUTER ADDRESS GATEWAY: a host on the router's LAN.
machine() {
  cable "$2" "to-$1" "$1" eth0
  ip -n "$2" link set "to-$1" master lan
  ip -n "$1" addr add "$3/24" dev eth0
  ip -n "$1" route add default via "$4"
}

cut() {
  ip netns exec internet nft -f - <<'RULES'
table ip cut {
  chain forward {
    type filter hook forward priority filter;
    ip saddr 198.51.100.2 ip daddr 198.51.100.6 meta l4proto udp drop
    ip saddr 198.51.100.6 ip daddr 198.51.100.2 meta l4proto udp drop
  }
}
RULES
}

heal() { ip netns exec internet nft delete table ip cut; }

"$1"
