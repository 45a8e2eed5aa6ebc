package dev.warren.loadtest.dist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class JarPressTest {
    private static final long YEAR_2020 = 1_577_880_000_000L;
    private static final int JAVA_5 = 49;

    @TempDir
    Path folder;

    @Test
    void shouldTakeOutLibrariesForOthers() throws Exception {
        String own = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
        Path jar = jar(Map.of(
                "org/sqlite/native/Linux/" + own + "/libsqlitejdbc.so",
                text("ours"),
                "org/sqlite/native/Linux-Musl/" + own + "/libsqlitejdbc.so",
                text("another C library's"),
                "org/sqlite/native/Linux/riscv64/libsqlitejdbc.so",
                text("another processor's"),
                "org/sqlite/native/Windows/x86_64/sqlitejdbc.dll",
                text("another system's"),
                "other/native/Windows/x.dll",
                text("not SQLite's")));

        assertTrue(JarPress.press(jar));

        try (JarFile pressed = new JarFile(jar.toFile())) {
            assertEquals(
                    List.of("org/sqlite/native/Linux/" + own + "/libsqlitejdbc.so", "other/native/Windows/x.dll"),
                    pressed.stream().map(JarEntry::getName).sorted().toList());
        }
        assertFalse(JarPress.press(jar), "once is enough");
    }

    @Test
    void shouldTakeTheSignatureOffAJar() throws Exception {
        Path jar = jar(Map.of(
                "META-INF/MANIFEST.MF",
                text("Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\nName: a/B.class\r\nSHA-256-Digest: x\r\n"),
                "META-INF/SOMEBODY.SF",
                text("Signature-Version: 1.0\r\n"),
                "META-INF/SOMEBODY.RSA",
                text("not read"),
                "a/B.class",
                text("class")));

        assertTrue(JarPress.press(jar));

        try (JarFile pressed = new JarFile(jar.toFile())) {
            assertEquals(
                    List.of("META-INF/MANIFEST.MF", "a/B.class"),
                    pressed.stream().map(JarEntry::getName).sorted().toList());
            Manifest manifest = Objects.requireNonNull(pressed.getManifest());
            assertEquals("true", manifest.getMainAttributes().getValue("Multi-Release"));
            assertEquals(Map.of(), manifest.getEntries());
            assertEquals(
                    YEAR_2020,
                    Objects.requireNonNull(pressed.getEntry("a/B.class")).getTime());
        }
        assertEquals(List.of(jar), files());
    }

    @Test
    void shouldGiveOldClassesStackMapsAndLeaveThemDoingTheSame() throws Exception {
        Path jar = jar(Map.of("Old.class", oldClass(), "some.text", text("as it was")));

        assertTrue(JarPress.press(jar));

        try (JarFile pressed = new JarFile(jar.toFile())) {
            ClassModel type = ClassFile.of()
                    .parse(pressed.getInputStream(pressed.getEntry("Old.class")).readAllBytes());
            assertEquals(ClassFile.JAVA_8_VERSION, type.majorVersion());
            assertTrue(type.methods()
                    .getFirst()
                    .code()
                    .orElseThrow()
                    .findAttribute(Attributes.stackMapTable())
                    .isPresent());
            assertArrayEquals(
                    text("as it was"),
                    pressed.getInputStream(pressed.getEntry("some.text")).readAllBytes());
        }
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()})) {
            assertEquals(
                    List.of(3, 4),
                    List.of(
                            loader.loadClass("Old")
                                    .getMethod("larger", int.class, int.class)
                                    .invoke(null, 3, 2),
                            loader.loadClass("Old")
                                    .getMethod("larger", int.class, int.class)
                                    .invoke(null, 1, 4)));
        }
    }

    @Test
    void shouldMakeTheSameBytesOfTheSameJar() throws Exception {
        Path one = jar(Map.of("Old.class", oldClass()));
        Path two = Files.copy(one, folder.resolve("two.jar"));

        JarPress.main(one.toString(), two.toString());

        assertEquals(-1, Files.mismatch(one, two));
    }

    @Test
    void shouldLeaveAnyOtherJarAsItIs() throws Exception {
        Path jar = jar(Map.of("a.text", text("text")));
        byte[] before = Files.readAllBytes(jar);

        assertFalse(JarPress.press(jar));

        assertArrayEquals(before, Files.readAllBytes(jar));
    }

    /** A class as javac 5 wrote them: a branch, and no stack map for where it leads. */
    private static byte[] oldClass() {
        return ClassFile.of(ClassFile.StackMapsOption.DROP_STACK_MAPS)
                .build(ClassDesc.of("Old"), type -> type.withVersion(JAVA_5, 0)
                        .withFlags(ClassFile.ACC_PUBLIC)
                        .withMethodBody(
                                "larger",
                                MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int, ConstantDescs.CD_int),
                                ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                                code -> code.iload(0)
                                        .iload(1)
                                        .ifThenElse(
                                                java.lang.classfile.Opcode.IF_ICMPGT,
                                                then -> then.iload(0).ireturn(),
                                                otherwise -> otherwise.iload(1).ireturn())));
    }

    private Path jar(Map<String, byte[]> files) throws IOException {
        Path jar = folder.resolve("a.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                ZipEntry entry = new ZipEntry(file.getKey());
                entry.setTime(YEAR_2020);
                zip.putNextEntry(entry);
                zip.write(file.getValue());
                zip.closeEntry();
            }
        }
        return jar;
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
