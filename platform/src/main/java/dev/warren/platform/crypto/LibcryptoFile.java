package dev.warren.platform.crypto;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import java.util.Optional;

/** The file of libcrypto. Apart from {@link Libcrypto}, as that can't even be asked where the file is missing. */
final class LibcryptoFile {
    /** As programs that are linked against them ask for them; there are no others with these functions. */
    static final List<String> NAMES = List.of("libcrypto.so.3", "libcrypto.so.1.1");

    private LibcryptoFile() {}

    /** The first of these libraries that can be loaded; it stays loaded. */
    static Optional<SymbolLookup> find(List<String> names) {
        return names.stream().flatMap(name -> load(name).stream()).findFirst();
    }

    private static Optional<SymbolLookup> load(String name) {
        try {
            return Optional.of(SymbolLookup.libraryLookup(name, Arena.global()));
        } catch (IllegalArgumentException missing) {
            return Optional.empty();
        }
    }
}
