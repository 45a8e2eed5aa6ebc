package dev.warren.loadtest.demo;

import java.util.List;

/** The demo's internet as a drawing. */
final class Picture {
    private static final String TEXT =
            """

                            relay 203.0.113.10:443 (TCP)    stun 203.0.113.11:3478    coordinator 203.0.113.12:8443
                                       |                            |                           |
          =============================+========= the internet =====+===========================+============
                   |                                     |                                     |
            198.51.100.2                          198.51.100.6                          198.51.100.10
          [ NAT, port-restricted ]              [ NAT, port-restricted ]              [ NAT, no UDP at all ]
             192.168.1.1                           192.168.2.1                            10.20.0.1
              |          |                              |                                     |
              a          d                              b                                     c
        192.168.1.10  192.168.1.11                 192.168.2.10                          10.20.0.10
        """;

    private Picture() {}

    static List<String> lines() {
        return TEXT.lines().toList();
    }
}
