package dev.warren.loadtest.dist;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A licence as CycloneDX has it: an identifier of SPDX's list, or where a pom names one that is not known here, the pom's
 * own words.
 *
 * @param id empty where it is not known
 * @param url empty where the pom gives none
 */
record Licence(String id, String name, String url) {
    private static final Set<String> IDS =
            Set.of("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "EPL-1.0", "EPL-2.0", "MIT", "MIT-0");

    /** Where poms say that a licence's text is: address without its protocol, in small letters. */
    private static final Map<String, String> BY_ADDRESS = Map.ofEntries(
            Map.entry("www.apache.org/licenses/license-2.0", "Apache-2.0"),
            Map.entry("www.apache.org/licenses/license-2.0.txt", "Apache-2.0"),
            Map.entry("creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
            Map.entry("www.eclipse.org/legal/epl-v10.html", "EPL-1.0"),
            Map.entry("www.eclipse.org/legal/epl-v20.html", "EPL-2.0"),
            Map.entry("opensource.org/license/mit", "MIT"),
            Map.entry("www.opensource.org/licenses/mit-license.php", "MIT"));

    private static final Pattern APACHE =
            Pattern.compile("(the )?apache (software )?license,? version 2\\.0", Pattern.CASE_INSENSITIVE);

    /** The licence that a pom calls so. */
    static Licence of(String name, String url) {
        String address = url.toLowerCase(Locale.ROOT).replaceFirst("^https?://", "");
        String id = BY_ADDRESS.getOrDefault(address, "");
        if (IDS.contains(name)) {
            id = name;
        } else if (APACHE.matcher(name).matches()) {
            id = "Apache-2.0";
        }
        // Some name a file of their source tree.
        return new Licence(id, name, url.contains("://") ? url : "");
    }

    /** Puts several into a component, each for itself: whoever takes it may choose. */
    static void put(ObjectNode component, List<Licence> licences) {
        ArrayNode all = component.putArray("licenses");
        for (Licence each : licences) {
            ObjectNode licence = all.addObject().putObject("license");
            if (each.id.isEmpty()) {
                licence.put("name", each.name);
            } else {
                licence.put("id", each.id);
            }
            if (!each.url.isEmpty()) {
                licence.put("url", each.url);
            }
        }
    }
}
