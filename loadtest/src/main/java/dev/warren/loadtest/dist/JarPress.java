package dev.warren.loadtest.dist;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Rewrites jars so that the JVM's class archives can hold all of their classes. Two kinds stay out otherwise, and are
 * read and verified anew at every start: those of a signed jar (half a second for BouncyCastle's), so signatures go; and
 * those in a class file format before 50, which has no stack maps (picocli's), so these get some. SQLite's libraries for
 * other systems and processors, eleven of its twelve megabytes, go too. Jars that have none of it stay as they are, and
 * entries keep their times: the same jars in, the same bytes out.
 */
public final class JarPress {
    private static final String MANIFEST = "META-INF/MANIFEST.MF";
    /** The first version that may only be verified by stack maps is 51; 52 is Java 8's (JVMS 4.1). */
    private static final int FIRST_WITH_STACK_MAPS = 50;

    private static final int JAVA_8 = 52;
    /** Where a class file's major version stands (JVMS 4.1). */
    private static final int MAJOR_OFFSET = 6;

    /** Where sqlite-jdbc has its libraries, by system and processor. */
    private static final String LIBRARIES = "org/sqlite/native/";

    private static final String OWN_LIBRARIES =
            LIBRARIES + "Linux/" + (System.getProperty("os.arch").equals("aarch64") ? "aarch64/" : "x86_64/");

    private final ClassFile classFile;
    private int rewritten;

    private JarPress(URLClassLoader classes) {
        this.classFile = ClassFile.of(
                StackMapsOption.GENERATE_STACK_MAPS,
                ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(classes)));
    }

    /** Rewrites the jars that are named, in place; prints a line for each that had to be. */
    public static void main(String... jars) throws IOException {
        for (String jar : jars) {
            press(Path.of(jar));
        }
    }

    /** Rewrites {@code jar} in place if it is signed, has old classes or foreign libraries; returns whether it did. */
    static boolean press(Path jar) throws IOException {
        Path fresh = jar.resolveSibling(jar.getFileName() + ".pressed");
        try (ZipFile from = new ZipFile(jar.toFile());
                URLClassLoader classes =
                        new URLClassLoader(new URL[] {jar.toUri().toURL()})) {
            List<ZipEntry> entries = Collections.list(from.entries()).stream()
                    .<ZipEntry>map(entry -> entry)
                    .toList();
            boolean signed = entries.stream().anyMatch(entry -> isSignature(entry.getName()));
            boolean foreign = entries.stream().anyMatch(entry -> isForeign(entry.getName()));
            if (!signed && !foreign && !hasOldClasses(from, entries)) {
                return false;
            }
            JarPress press = new JarPress(classes);
            press.write(from, entries, signed, fresh);
            System.out.println(jar.getFileName() + ": " + (signed ? "signature taken off, " : "")
                    + (foreign ? "libraries for others taken out, " : "") + press.rewritten
                    + " classes got stack maps");
        }
        Files.move(fresh, jar, StandardCopyOption.REPLACE_EXISTING);
        return true;
    }

    private void write(ZipFile from, List<ZipEntry> entries, boolean signed, Path to) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
            for (ZipEntry entry : entries) {
                if (isSignature(entry.getName()) || isForeign(entry.getName())) {
                    continue;
                }
                byte[] content = read(from, entry);
                if (isOldClass(entry, content)) {
                    content = withStackMaps(content);
                    rewritten++;
                } else if (signed && entry.getName().equals(MANIFEST)) {
                    content = withoutDigests(content);
                }
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTimeLocal(entry.getTimeLocal());
                out.putNextEntry(copy);
                out.write(content);
                out.closeEntry();
            }
        }
    }

    /** Methods are taken apart and put together again: one that is only copied would keep having no stack map. */
    private byte[] withStackMaps(byte[] content) {
        ClassTransform again = ClassTransform.transformingMethodBodies((code, element) -> code.with(element))
                .andThen(ClassTransform.endHandler(type -> type.withVersion(JAVA_8, 0)));
        return classFile.transformClass(classFile.parse(content), again);
    }

    /** The digests of a signed jar's files stand in sections of their own behind the main one. */
    private static byte[] withoutDigests(byte[] content) throws IOException {
        Manifest manifest = new Manifest(new ByteArrayInputStream(content));
        manifest.getEntries().clear();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        manifest.write(bytes);
        return bytes.toByteArray();
    }

    private static boolean hasOldClasses(ZipFile jar, List<ZipEntry> entries) throws IOException {
        for (ZipEntry entry : entries) {
            if (entry.getName().endsWith(".class")) {
                try (InputStream in = jar.getInputStream(entry)) {
                    if (isOldClass(entry, in.readNBytes(MAJOR_OFFSET + 2))) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean isOldClass(ZipEntry entry, byte[] content) {
        return entry.getName().endsWith(".class")
                && content.length >= MAJOR_OFFSET + 2
                && ByteBuffer.wrap(content).getShort(MAJOR_OFFSET) < FIRST_WITH_STACK_MAPS;
    }

    private static boolean isForeign(String name) {
        return name.startsWith(LIBRARIES) && !name.endsWith("/") && !name.startsWith(OWN_LIBRARIES);
    }

    private static boolean isSignature(String name) {
        return name.toUpperCase(Locale.ROOT).matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");
    }

    private static byte[] read(ZipFile jar, ZipEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }
}
