package dev.warren.loadtest.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * What a pom says of its artifact: coordinates and licences. Both may be its parent's, whose pom lies in the same local
 * repository; several licences are a choice.
 */
record MavenArtifact(String group, String artifact, String version, List<Licence> licences) {
    /** Of poms that inherit from each other; more are a circle. */
    private static final int MOST_PARENTS = 20;

    /** The artifact of a jar in a local repository (GROUP'S FOLDERS/ARTIFACT/VERSION); none where no pom lies beside it. */
    static Optional<MavenArtifact> ofJar(Path jar) throws IOException {
        Path folder = jar.toAbsolutePath().getParent();
        if (folder == null || folder.getNameCount() < 2) {
            return Optional.empty();
        }
        Path pom = folder.resolve(folder.getName(folder.getNameCount() - 2) + "-" + folder.getFileName() + ".pom");
        return Files.exists(pom) ? Optional.of(ofPom(pom)) : Optional.empty();
    }

    /** What a pom says, or those that it inherits from. */
    static MavenArtifact ofPom(Path pom) throws IOException {
        Element project = read(pom);
        Optional<Element> parent = child(project, "parent");
        String artifact = text(project, "artifactId");
        String group = own(project, parent, "groupId");
        String version = own(project, parent, "version");
        List<Licence> licences = licences(project);
        Path repository = pom.toAbsolutePath();
        for (int up = group.split("\\.", -1).length + 3; up > 0 && repository != null; up--) {
            repository = repository.getParent();
        }
        for (int i = 0; licences.isEmpty() && parent.isPresent() && repository != null && i < MOST_PARENTS; i++) {
            Element above = read(pomOf(parent.get(), repository));
            licences = licences(above);
            parent = child(above, "parent");
        }
        return new MavenArtifact(group, artifact, version, licences);
    }

    private static Path pomOf(Element parent, Path repository) {
        String artifact = text(parent, "artifactId");
        String version = text(parent, "version");
        return repository
                .resolve(text(parent, "groupId").replace('.', '/'))
                .resolve(artifact)
                .resolve(version)
                .resolve(artifact + "-" + version + ".pom");
    }

    private static List<Licence> licences(Element project) {
        List<Licence> licences = new ArrayList<>();
        child(project, "licenses").ifPresent(all -> {
            for (Node node = all.getFirstChild(); node != null; node = node.getNextSibling()) {
                if (node instanceof Element licence) {
                    licences.add(Licence.of(text(licence, "name"), text(licence, "url")));
                }
            }
        });
        return List.copyOf(licences);
    }

    private static String own(Element project, Optional<Element> parent, String name) {
        String own = text(project, name);
        return own.isEmpty() ? parent.map(above -> text(above, name)).orElse("") : own;
    }

    private static String text(Element element, String name) {
        return child(element, name).map(child -> child.getTextContent().strip()).orElse("");
    }

    private static Optional<Element> child(Element element, String name) {
        for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element child && child.getTagName().equals(name)) {
                return Optional.of(child);
            }
        }
        return Optional.empty();
    }

    private static Element read(Path pom) throws IOException {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            // A pom brings no files and no addresses along.
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder().parse(pom.toFile()).getDocumentElement();
        } catch (ParserConfigurationException | SAXException wrong) {
            throw new IOException(pom + " is no pom: " + wrong.getMessage(), wrong);
        }
    }
}
