package dev.warren.relay.brokenrule;

import dev.warren.stun.brokenrule.NosyStun;
import java.sql.Connection;
import java.sql.SQLException;

/** A relay that keeps a database and looks into another service, under a name that says nothing. */
public final class CuriousRelayUtil {
    /** What it calls itself; not a compile-time constant, or the compiler would copy it. */
    public static final String NAME = String.valueOf("util");

    /** Asks both. */
    public String ask(Connection database) throws SQLException {
        return new NosyStun().ask() + database.getNetworkTimeout();
    }
}
