package dev.warren.protocol.wireguard;

import org.jspecify.annotations.Nullable;

/**
 * Longest-prefix match for one address family: a binary trie whose nodes skip the bits that all below them share.
 * Addresses are 128 bits in two words; an IPv4 address lies in the top 32. A node without a value only branches.
 */
final class PrefixTrie<T> {
    private static final int WORD_BITS = 64;

    private @Nullable Node<T> root;

    /** The value of the longest prefix that holds the address, or null. */
    @Nullable
    T lookup(long high, long low) {
        T best = null;
        for (Node<T> node = root; node != null && node.holds(high, low); node = node.child(high, low)) {
            if (node.value != null) {
                best = node.value;
            }
        }
        return best;
    }

    /** Puts {@code value} at the prefix; returns what was there. */
    @Nullable
    T put(long high, long low, int bits, T value) {
        Node<T> added = new Node<>(high, low, bits);
        added.value = value;
        if (root == null) {
            root = added;
            return null;
        }
        Node<T> parent = null;
        Node<T> node = root;
        while (true) {
            int shared = Math.min(node.sharedBits(high, low), Math.min(bits, node.bits));
            if (shared == node.bits && shared == bits) {
                T before = node.value;
                node.value = value;
                return before;
            }
            if (shared < node.bits) {
                replaceChild(parent, node, shared == bits ? added.above(node) : fork(node, added, shared));
                return null;
            }
            Node<T> next = node.child(high, low);
            if (next == null) {
                node.setChild(added);
                return null;
            }
            parent = node;
            node = next;
        }
    }

    /** The value at exactly this prefix, or null. */
    @Nullable
    T get(long high, long low, int bits) {
        Node<T> node = root;
        while (node != null && node.bits < bits) {
            node = node.child(high, low);
        }
        return node != null && node.bits == bits && node.holds(high, low) ? node.value : null;
    }

    /** Takes away the value at exactly this prefix, and the nodes that nothing needs any more; returns it, or null. */
    @Nullable
    T remove(long high, long low, int bits) {
        Node<T> grandparent = null;
        Node<T> parent = null;
        Node<T> node = root;
        while (node != null && node.bits < bits) {
            grandparent = parent;
            parent = node;
            node = node.child(high, low);
        }
        if (node == null || node.bits != bits || !node.holds(high, low)) {
            return null;
        }
        T before = node.value;
        node.value = null;
        shrink(parent, node);
        if (parent != null) {
            shrink(grandparent, parent);
        }
        return before;
    }

    boolean isEmpty() {
        return root == null;
    }

    /** Takes out a node without a value that does not branch. */
    private void shrink(@Nullable Node<T> parent, Node<T> node) {
        if (node.value == null && (node.zero == null || node.one == null)) {
            replaceChild(parent, node, node.zero != null ? node.zero : node.one);
        }
    }

    private Node<T> fork(Node<T> node, Node<T> added, int shared) {
        Node<T> fork = new Node<>(added.high, added.low, shared);
        fork.setChild(node);
        fork.setChild(added);
        return fork;
    }

    private void replaceChild(@Nullable Node<T> parent, Node<T> old, @Nullable Node<T> replacement) {
        if (parent == null) {
            root = replacement;
        } else if (parent.zero == old) {
            parent.zero = replacement;
        } else {
            parent.one = replacement;
        }
    }

    private static final class Node<T> {
        /** The address, of which the first {@link #bits} count. */
        private final long high;

        private final long low;
        private final int bits;
        private @Nullable T value;
        private @Nullable Node<T> zero;
        private @Nullable Node<T> one;

        Node(long high, long low, int bits) {
            this.bits = bits;
            this.high = high;
            this.low = low;
        }

        boolean holds(long otherHigh, long otherLow) {
            return ((high ^ otherHigh) & mask(bits)) == 0 && ((low ^ otherLow) & mask(bits - WORD_BITS)) == 0;
        }

        int sharedBits(long otherHigh, long otherLow) {
            int first = Long.numberOfLeadingZeros(high ^ otherHigh);
            return first < WORD_BITS ? first : WORD_BITS + Long.numberOfLeadingZeros(low ^ otherLow);
        }

        @Nullable
        Node<T> child(long otherHigh, long otherLow) {
            return bitBehind(otherHigh, otherLow) == 0 ? zero : one;
        }

        void setChild(Node<T> child) {
            if (bitBehind(child.high, child.low) == 0) {
                zero = child;
            } else {
                one = child;
            }
        }

        /** This node, which is a prefix of {@code below}, with it as a child. */
        Node<T> above(Node<T> below) {
            setChild(below);
            return this;
        }

        private long bitBehind(long otherHigh, long otherLow) {
            long word = bits < WORD_BITS ? otherHigh : otherLow;
            return word >>> (WORD_BITS - 1 - bits % WORD_BITS) & 1;
        }

        private static long mask(int bits) {
            if (bits <= 0) {
                return 0;
            }
            return bits >= WORD_BITS ? -1 : -1L << (WORD_BITS - bits);
        }
    }
}
