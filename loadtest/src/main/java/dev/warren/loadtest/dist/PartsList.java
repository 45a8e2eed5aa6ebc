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
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A distribution's list of parts in CycloneDX's JSON form (ECMA-424, version 1.6): each jar with the Maven coordinates of
 * where it is from and the digest of what is shipped, and the Java runtime. The same parts give the same bytes.
 */
public final class PartsList {
    /** Coordinates as Maven's repository has them in a jar's path: the group's folders, artifact, version, file. */
    record Coordinates(String group, String artifact, String version, String file) {
        private static final String REPOSITORY = "/repository/";

        static Coordinates ofPath(String path) {
            int start = path.lastIndexOf(REPOSITORY) + REPOSITORY.length();
            String[] folders = path.substring(start).split("/", -1);
            int last = folders.length - 1;
            if (path.lastIndexOf(REPOSITORY) < 0 || last < 3) {
                throw new IllegalArgumentException(path + " does not lie in a Maven repository");
            }
            String group = String.join(".", List.of(folders).subList(0, last - 2));
            return new Coordinates(group, folders[last - 2], folders[last - 1], folders[last]);
        }

        /** The package URL; the classifier is what the file's name has behind the version. */
        String purl() {
            String stem = file.substring(0, file.length() - ".jar".length());
            String usual = artifact + "-" + version;
            String classifier = stem.startsWith(usual + "-") ? "&classifier=" + stem.substring(usual.length() + 1) : "";
            return "pkg:maven/" + group + "/" + artifact + "@" + version + "?type=jar" + classifier;
        }
    }

    private static final String OWN_GROUP = "dev.warren";

    private final ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private final String version;

    private PartsList(String version) {
        this.version = version;
    }

    /**
     * Prints the list: version of the distribution, its time in Unix seconds, Maven's class path file, and the folder of
     * the jars that are shipped.
     */
    public static void main(String... arguments) throws IOException {
        String list = new PartsList(arguments[0])
                .list(
                        Instant.ofEpochSecond(Long.parseLong(arguments[1])),
                        Files.readString(Path.of(arguments[2])),
                        Path.of(arguments[3]));
        System.out.println(list);
    }

    /** The list of the jars in {@code shipped}, whose origin {@code classPath} tells. */
    static String of(String version, Instant time, String classPath, Path shipped) throws IOException {
        return new PartsList(version).list(time, classPath, shipped);
    }

    private String list(Instant time, String classPath, Path shipped) throws IOException {
        TreeMap<String, Coordinates> origins = new TreeMap<>();
        for (String path : classPath.strip().split(":", -1)) {
            if (path.contains(Coordinates.REPOSITORY)) {
                Coordinates coordinates = Coordinates.ofPath(path);
                origins.put(coordinates.file(), coordinates);
            }
        }
        ObjectNode root = json.createObjectNode();
        root.put("bomFormat", "CycloneDX").put("specVersion", "1.6").put("version", 1);
        ObjectNode metadata = root.putObject("metadata");
        metadata.put("timestamp", time.toString());
        metadata.putObject("component")
                .put("type", "application")
                .put("bom-ref", "warren")
                .put("name", "warren")
                .put("version", version);
        ArrayNode components = root.putArray("components");
        try (Stream<Path> jars = Files.list(shipped)) {
            for (Path jar : jars.sorted().toList()) {
                component(
                        components.addObject(),
                        jar,
                        origins.get(jar.getFileName().toString()));
            }
        }
        String java = Runtime.version().toString();
        components
                .addObject()
                .put("type", "platform")
                .put("bom-ref", "java-runtime")
                .put("name", System.getProperty("java.runtime.name", "Java"))
                .put("version", java);
        return json.writeValueAsString(root);
    }

    private void component(ObjectNode component, Path jar, @Nullable Coordinates origin) throws IOException {
        String file = jar.getFileName().toString();
        Coordinates known = origin == null ? new Coordinates(OWN_GROUP, stem(file), version, file) : origin;
        component
                .put("type", "library")
                .put("bom-ref", file)
                .put("group", known.group())
                .put("name", known.artifact())
                .put("version", known.version())
                .put("purl", known.purl());
        component.putArray("hashes").addObject().put("alg", "SHA-256").put("content", sha256(jar));
    }

    /** A jar of ours has its version in its name, or, as the one that everything starts from, has not. */
    private static String stem(String file) {
        return file.substring(0, file.length() - ".jar".length()).replaceFirst("-[0-9].*", "");
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-256", impossible);
        }
    }
}
