package dev.warren.node.api;

import dev.warren.node.keys.RotationSchedule;
import dev.warren.protocol.key.KeyFormatException;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the lines of an {@link InterfaceFile} one after the other. */
final class InterfaceFileParser {
    private static final long MAX_MARK = 0xffff_ffffL;
    private static final String OFF = "off";

    /** Longer than every word of such a file, shorter than a key. */
    private static final int MAX_SHOWN_LENGTH = 30;

    private InterfaceConfig config;
    private final List<InterfaceAddress> addresses = new ArrayList<>();
    /** Where addresses and peers, by their keys, stood last, for what only shows in the whole. */
    private final Map<Object, Integer> places = new HashMap<>();

    private final List<PeerConfig> peers = new ArrayList<>();
    private final Map<NodePublicKey, RotationSchedule> rotations = new HashMap<>();
    private Optional<RotationSchedule> ownRotation = Optional.empty();
    private int ownRotationLine;
    private @Nullable Section section;
    private @Nullable PeerLines peer;
    private int number;

    InterfaceFileParser(String name) {
        config = InterfaceConfig.named(name);
    }

    /** The part of the file that a line is in. */
    private enum Section {
        INTERFACE,
        PEER
    }

    /** Takes the next line. */
    void line(String raw) {
        number++;
        int comment = raw.indexOf('#');
        String line = (comment < 0 ? raw : raw.substring(0, comment)).strip();
        if (line.isEmpty()) {
            return;
        }
        try {
            if (line.startsWith("[")) {
                begin(line);
            } else {
                value(line);
            }
        } catch (KeyFormatException malformed) {
            throw wrong(malformed.getMessage() + ": write the 44 characters that \"wg genkey\" and its like print");
        } catch (NotAllowed refused) {
            throw wrong(refused.inFile());
        } catch (IllegalArgumentException malformed) {
            throw malformed instanceof WrongLine ? malformed : wrong(String.valueOf(malformed.getMessage()));
        }
    }

    /** The whole, when the last line was taken. */
    InterfaceFile.Content finish() {
        endPeer();
        if (ownRotation.isPresent() && config.privateKey().isPresent()) {
            throw new WrongLine("line " + ownRotationLine
                    + ": PrivateKeyRotation is for keys that are kept in files of their" + " own: \"warren keys import "
                    + config.name() + "\" keeps this PrivateKey, then take its line out");
        }
        try {
            return new InterfaceFile.Content(
                    config.withAddresses(addresses).withPeers(peers), new RotationPlan(ownRotation, rotations));
        } catch (NotAllowed refused) {
            throw new WrongLine("line " + places.getOrDefault(refused.subject(), number) + ": " + refused.inFile());
        }
    }

    private void begin(String line) {
        endPeer();
        switch (line.toLowerCase(Locale.ROOT)) {
            case "[interface]" -> section = Section.INTERFACE;
            case "[peer]" -> {
                section = Section.PEER;
                peer = new PeerLines(number);
            }
            default -> throw wrong("there is no section " + shown(line) + ": only [Interface] and [Peer] are allowed");
        }
    }

    private void value(String line) {
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw wrong(shown(line) + " is neither a section nor KEY = VALUE");
        }
        String key = shown(line.substring(0, equals).strip());
        String value = line.substring(equals + 1).strip();
        if (section == null) {
            throw wrong(key + " is in no section: [Interface] or [Peer] has to stand above it");
        }
        if (section == Section.INTERFACE) {
            interfaceValue(key, value);
        } else if (peer != null) {
            peer.accept(key, value);
        }
    }

    private void interfaceValue(String key, String value) {
        switch (key.toLowerCase(Locale.ROOT)) {
            case "privatekey" -> config = config.withPrivateKey(NodePrivateKey.parseBase64(value));
            case "privatekeyrotation" -> {
                ownRotation = schedule(key, value);
                ownRotationLine = number;
            }
            case "listenport" -> config = config.withListenPort(number(key, value));
            case "fwmark" -> config = config.withFwmark(mark(key, value));
            case "address" -> values(value, InterfaceAddress::parse).forEach(this::address);
            case "mtu" -> config = config.withMtuBytes(number(key, value));
            case "table" -> {
                if (!value.equalsIgnoreCase(OFF)) {
                    throw forWgQuick(key);
                }
            }
            case "dns", "preup", "postup", "predown", "postdown", "saveconfig" -> throw forWgQuick(key);
            default -> throw unknown(key, "PrivateKey, PrivateKeyRotation, ListenPort, FwMark, Address and MTU");
        }
    }

    private void address(InterfaceAddress address) {
        places.put(address, number);
        addresses.add(address);
    }

    private void endPeer() {
        if (peer != null) {
            PeerConfig finished = peer.finish();
            places.put(finished.publicKey(), peer.firstLine);
            peers.add(finished);
            peer.rotation.ifPresent(schedule -> rotations.put(finished.publicKey(), schedule));
            peer = null;
        }
    }

    /** What was written, unless it is so long that a key may have got into it. */
    private static String shown(String text) {
        return text.length() <= MAX_SHOWN_LENGTH ? text : "\"" + text.substring(0, 1) + "...\"";
    }

    private static <T> Stream<T> values(String value, Function<String, T> parse) {
        return Stream.of(value.split(",", -1))
                .map(String::strip)
                .filter(one -> !one.isEmpty())
                .map(parse);
    }

    private int number(String key, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException notANumber) {
            throw wrong(key + " \"" + value + "\" is not allowed: it is a number");
        }
    }

    private Optional<RotationSchedule> schedule(String key, String value) {
        if (value.equalsIgnoreCase(OFF)) {
            return Optional.empty();
        }
        try {
            return Optional.of(RotationSchedule.parse(value));
        } catch (IllegalArgumentException refused) {
            throw wrong(key + ": " + refused.getMessage());
        }
    }

    private int mark(String key, String value) {
        if (value.equalsIgnoreCase(OFF)) {
            return 0;
        }
        try {
            long mark = Long.decode(value);
            if (mark >= 0 && mark <= MAX_MARK) {
                return (int) mark;
            }
        } catch (NumberFormatException notANumber) {
            // Told below, as one that is too large.
        }
        throw wrong(key + " \"" + value + "\" is not allowed: it is \"off\", or 0 to 0xffffffff");
    }

    private IllegalArgumentException unknown(String key, String known) {
        return wrong("there is no " + key + " here: allowed are " + known);
    }

    private IllegalArgumentException forWgQuick(String key) {
        return wrong(key + " is for wg-quick, which runs other programs to do it: use \"wg-quick up\", with"
                + " WG_QUICK_USERSPACE_IMPLEMENTATION=warren-wireguard, or take the line out");
    }

    private IllegalArgumentException wrong(String sentence) {
        return new WrongLine("line " + number + ": " + sentence);
    }

    /** Has the number of the line already. */
    private static final class WrongLine extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        WrongLine(String sentence) {
            super(sentence);
        }
    }

    /** The lines of one peer so far; it may name its key last. */
    private final class PeerLines {
        private final int firstLine;
        private @Nullable NodePublicKey publicKey;
        private Optional<PresharedKey> presharedKey = Optional.empty();
        private Optional<RotationSchedule> rotation = Optional.empty();
        private Optional<Endpoint> endpoint = Optional.empty();
        private final List<IpPrefix> blocks = new ArrayList<>();
        private int keepaliveSeconds;
        private Optional<NodePublicKey> nextPublicKey = Optional.empty();

        PeerLines(int firstLine) {
            this.firstLine = firstLine;
        }

        void accept(String key, String value) {
            switch (key.toLowerCase(Locale.ROOT)) {
                case "publickey" -> publicKey = NodePublicKey.parseBase64(value);
                case "nextpublickey" -> nextPublicKey = Optional.of(NodePublicKey.parseBase64(value));
                case "presharedkey" -> presharedKey = Optional.of(PresharedKey.parseBase64(value));
                case "presharedkeyrotation" -> rotation = schedule(key, value);
                case "allowedips" -> values(value, PeerConfig::parseBlock).forEach(blocks::add);
                case "endpoint" -> endpoint = Optional.of(Endpoint.parse(value));
                case "persistentkeepalive" -> keepaliveSeconds = value.equalsIgnoreCase(OFF) ? 0 : number(key, value);
                default ->
                    throw unknown(
                            key,
                            "PublicKey, NextPublicKey, PresharedKey, PresharedKeyRotation, AllowedIPs, Endpoint and"
                                    + " PersistentKeepalive");
            }
        }

        PeerConfig finish() {
            if (publicKey == null) {
                throw new WrongLine("line " + firstLine + ": this [Peer] has no PublicKey, which every peer needs");
            }
            if (rotation.isPresent()
                    && (presharedKey.isEmpty() || presharedKey.get().isZero())) {
                throw new WrongLine(
                        "line " + firstLine + ": this [Peer] has a PresharedKeyRotation and no PresharedKey, from"
                                + " which the others are derived");
            }
            try {
                return new PeerConfig(publicKey, presharedKey, endpoint, blocks, keepaliveSeconds, nextPublicKey);
            } catch (NotAllowed refused) {
                throw new WrongLine("line " + firstLine + ": " + refused.inFile());
            }
        }
    }
}
