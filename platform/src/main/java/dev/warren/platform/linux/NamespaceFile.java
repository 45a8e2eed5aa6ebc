package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.CLONE_NEWNET;

/** An open file that stands for a network namespace (nsfs) and keeps it there. */
public final class NamespaceFile implements AutoCloseable {
    private final Descriptor descriptor;

    NamespaceFile(int number) {
        descriptor = new Descriptor(number);
    }

    /** Takes the calling thread there; {@code name} is for the sentence of a refusal. */
    int enter(String name) throws LinuxException {
        return LinuxException.check(
                Libc.setns(descriptor.number(), CLONE_NEWNET), "enter the network namespace " + name);
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
