package dev.warren.loadtest.dist;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A distribution's list of parts in CycloneDX's JSON form (ECMA-424, version 1.6): each jar with the Maven coordinates of
 * where it is from, its licences and the digest of what is shipped, and the Java runtime. The same parts give the same
 * bytes; a part whose licence nobody names is refused.
 */
public final class PartsList {
    /** What our own jars are called. */
    private static final String OWN_PREFIX = "warren-";

    private static final String JAR = ".jar";

    private final ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private final MavenArtifact own;
    private final Instant time;
    private final String version;

    private PartsList(String version, Instant time, Path pom) throws IOException {
        this.version = version;
        this.time = time;
        this.own = MavenArtifact.ofPom(pom);
    }

    /**
     * Prints the list: version of the distribution, its time in Unix seconds, Maven's class path file, and the folder of
     * the jars that are shipped; the tree's pom.
     */
    public static void main(String... arguments) throws IOException {
        Instant time = Instant.ofEpochSecond(Long.parseLong(arguments[1]));
        System.out.println(of(
                arguments[0],
                time,
                Path.of(arguments[4]),
                Files.readString(Path.of(arguments[2])),
                Path.of(arguments[3])));
    }

    /** The list of the jars in {@code shipped}, whose origin {@code classPath} tells, and {@code pom} that of ours. */
    static String of(String version, Instant time, Path pom, String classPath, Path shipped) throws IOException {
        TreeMap<String, MavenArtifact> origins = new TreeMap<>();
        for (String path : classPath.strip().split(":", -1)) {
            Path jar = Path.of(path);
            MavenArtifact.ofJar(jar).ifPresent(artifact -> origins.put(String.valueOf(jar.getFileName()), artifact));
        }
        return new PartsList(version, time, pom).list(origins, shipped);
    }

    private String list(Map<String, MavenArtifact> origins, Path shipped) throws IOException {
        ObjectNode root = json.createObjectNode();
        root.put("bomFormat", "CycloneDX").put("specVersion", "1.6").put("version", 1);
        ObjectNode metadata = root.putObject("metadata");
        metadata.put("timestamp", time.toString());
        ObjectNode whole = metadata.putObject("component")
                .put("type", "application")
                .put("bom-ref", "warren")
                .put("name", "warren")
                .put("version", version);
        Licence.put(whole, own.licences());
        ArrayNode components = root.putArray("components");
        try (Stream<Path> jars = Files.list(shipped)) {
            for (Path jar : jars.sorted().toList()) {
                String file = String.valueOf(jar.getFileName());
                component(components.addObject(), jar, file, origin(file, origins));
            }
        }
        ObjectNode java = components
                .addObject()
                .put("type", "platform")
                .put("bom-ref", "java-runtime")
                .put("name", System.getProperty("java.runtime.name", "Java"))
                .put("version", Runtime.version().toString());
        javaLicence(java);
        return json.writeValueAsString(root);
    }

    private MavenArtifact origin(String file, Map<String, MavenArtifact> origins) {
        MavenArtifact known = origins.get(file);
        if (known == null && file.startsWith(OWN_PREFIX)) {
            // It has its version in its name or, as the one that everything starts from, has not.
            String artifact = file.substring(0, file.length() - JAR.length()).replaceFirst("-[0-9].*", "");
            known = new MavenArtifact(own.group(), artifact, version, own.licences());
        }
        if (known == null) {
            throw new IllegalArgumentException("nobody knows where " + file + " is from: there is no pom beside it");
        }
        if (known.licences().isEmpty()) {
            throw new IllegalArgumentException("neither the pom of " + file + " nor one above it names a licence");
        }
        return known;
    }

    private static void component(ObjectNode component, Path jar, String file, MavenArtifact known) throws IOException {
        component
                .put("type", "library")
                .put("bom-ref", file)
                .put("group", known.group())
                .put("name", known.artifact())
                .put("version", known.version())
                .put("purl", purl(known, file));
        component.putArray("hashes").addObject().put("alg", "SHA-256").put("content", sha256(jar));
        Licence.put(component, known.licences());
    }

    /** The package URL; the classifier is what the file's name has behind the version. */
    private static String purl(MavenArtifact known, String file) {
        String stem = file.substring(0, file.length() - JAR.length());
        String usual = known.artifact() + "-" + known.version();
        String classifier = stem.startsWith(usual + "-") ? "&classifier=" + stem.substring(usual.length() + 1) : "";
        return "pkg:maven/" + known.group() + "/" + known.artifact() + "@" + known.version() + "?type=jar" + classifier;
    }

    /** OpenJDK's, as its makers' builds have it beside them; another JDK's is named as that names it. */
    private static void javaLicence(ObjectNode java) throws IOException {
        Path legal = Path.of(System.getProperty("java.home"), "legal", "java.base", "LICENSE");
        String text = Files.exists(legal) ? Files.readString(legal) : "";
        ArrayNode licences = java.putArray("licenses");
        if (text.startsWith("The GNU General Public License (GPL)") && text.contains("\"CLASSPATH\" EXCEPTION")) {
            licences.addObject().put("expression", "GPL-2.0-only WITH Classpath-exception-2.0");
        } else {
            licences.addObject()
                    .putObject("license")
                    .put("name", text.lines().findFirst().orElse("unknown"));
        }
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-256", impossible);
        }
    }
}
