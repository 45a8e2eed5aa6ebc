package dev.warren.loadtest.demo;

import dev.warren.loadtest.sandbox.Shell;
import java.io.IOException;
import java.util.List;

/** Turns NAT routers of the demo's internet into symmetric ones. */
final class Symmetric {
    private Symmetric() {}

    /** Another random port for each destination, as many mobile networks do. */
    static void make(Internet internet, String router) throws IOException {
        String rules = "flush chain ip nat postrouting;"
                + " add rule ip nat postrouting oifname \"wan\" masquerade fully-random";
        Shell.run(internet.on(router, List.of("nft", rules)));
    }
}
