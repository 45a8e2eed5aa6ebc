package dev.warren.coordinator.store;

import dev.warren.platform.config.UserError;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The SQL of {@link SqliteStore}, over one connection. Not thread-safe: the store holds its lock around each call. */
final class SqliteTables {
    /** Kept in the file as SQLite's user_version; another number is another program's or a later version's. */
    private static final int SCHEMA = 1;

    private static final int APPLICATION_ID = 0x57415252;
    private static final String[] CREATE = {
        "CREATE TABLE change (revision INTEGER PRIMARY KEY, key TEXT NOT NULL, value TEXT, lease INTEGER NOT NULL)",
        "CREATE INDEX change_by_key ON change (key, revision)",
        "CREATE TABLE lease (id INTEGER PRIMARY KEY AUTOINCREMENT, ttl_millis INTEGER NOT NULL,"
                + " ends_unix_millis INTEGER NOT NULL)",
        "CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
        "INSERT INTO number VALUES ('revision', 0), ('compacted', 0)",
        "PRAGMA application_id = " + APPLICATION_ID,
        "PRAGMA user_version = " + SCHEMA
    };

    private final Connection connection;

    private SqliteTables(Connection connection) {
        this.connection = connection;
    }

    static SqliteTables open(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setLockingMode(SQLiteConfig.LockingMode.EXCLUSIVE);
        config.setBusyTimeout(0);
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try {
            SqliteTables tables = new SqliteTables(connection);
            tables.prepare(file);
            return tables;
        } catch (SQLException | RuntimeException failure) {
            connection.close();
            throw failure;
        }
    }

    static UserError cannotOpen(Path file, SQLException failure) {
        SQLiteErrorCode code =
                failure instanceof SQLiteException sqlite ? sqlite.getResultCode() : SQLiteErrorCode.UNKNOWN_ERROR;
        String sentence =
                switch (code.code & 0xff) {
                    case 5, 6 -> file + " is in use: another coordinator runs with this data folder; stop it first";
                    case 26 -> file + " is no coordinator store: name another --data-dir, or move the file away";
                    case 8, 14 -> file + " cannot be written: give this user the right to, or name another --data-dir";
                    default ->
                        file + " cannot be used as the coordinator's store (" + failure.getMessage()
                                + "): check the disk, or name another --data-dir";
                };
        return new UserError(sentence, failure);
    }

    void close() throws SQLException {
        connection.close();
    }

    long revision() throws SQLException {
        return number("SELECT value FROM number WHERE name = 'revision'");
    }

    /** The oldest revision at which a read is whole and after which no change is missing. */
    long oldestReadable() throws SQLException {
        return number("SELECT value FROM number WHERE name = 'compacted'");
    }

    long revisionOf(String key) throws SQLException {
        return number(
                "SELECT CASE WHEN value IS NULL THEN 0 ELSE revision END FROM change WHERE key = ?"
                        + " ORDER BY revision DESC LIMIT 1",
                key);
    }

    /** Adds a change; a null value deletes the key. The revision and the row are one transaction. */
    long append(String key, @Nullable String value, long lease) throws SQLException {
        connection.setAutoCommit(false);
        try {
            run("UPDATE number SET value = value + 1 WHERE name = 'revision'");
            long revision = revision();
            run("INSERT INTO change VALUES (?, ?, ?, ?)", revision, key, value, lease);
            connection.commit();
            return revision;
        } catch (SQLException failure) {
            connection.rollback();
            throw failure;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    List<Entry> entriesAt(String prefix, long revision) throws SQLException {
        List<Entry> entries = new ArrayList<>();
        String sql = "SELECT key, value, revision, lease FROM change c WHERE key >= ? AND key < ? AND revision ="
                + " (SELECT MAX(revision) FROM change l WHERE l.key = c.key AND l.revision <= ?)"
                + " AND value IS NOT NULL ORDER BY key";
        try (PreparedStatement query = prepared(sql, prefix, end(prefix), revision);
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                entries.add(entry(rows));
            }
        }
        return entries;
    }

    List<Change> changesAfter(String prefix, long revision, int most) throws SQLException {
        List<Change> changes = new ArrayList<>();
        String sql = "SELECT key, value, revision, lease FROM change WHERE revision > ? AND key >= ? AND key < ?"
                + " ORDER BY revision LIMIT ?";
        try (PreparedStatement query = prepared(sql, revision, prefix, end(prefix), most);
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                boolean deleted = rows.getString(2) == null;
                changes.add(
                        deleted ? new Change.Deleted(rows.getString(1), rows.getLong(3)) : new Change.Put(entry(rows)));
            }
        }
        return changes;
    }

    /** Drops the rows that no read at or after {@code revision} sees. */
    void compact(long revision) throws SQLException {
        run("UPDATE number SET value = ? WHERE name = 'compacted'", revision);
        run(
                "DELETE FROM change WHERE revision <= ? AND (value IS NULL OR EXISTS (SELECT 1 FROM change l"
                        + " WHERE l.key = change.key AND l.revision > change.revision AND l.revision <= ?))",
                revision,
                revision);
    }

    long grantLease(long ttlMillis, long endsUnixMillis) throws SQLException {
        run("INSERT INTO lease (ttl_millis, ends_unix_millis) VALUES (?, ?)", ttlMillis, endsUnixMillis);
        return number("SELECT last_insert_rowid()");
    }

    boolean keepAlive(long lease, long nowUnixMillis) throws SQLException {
        return run("UPDATE lease SET ends_unix_millis = ttl_millis + ? WHERE id = ?", nowUnixMillis, lease) == 1;
    }

    /** Removes the leases whose time is over and returns the keys that hung on them. */
    List<String> endLeases(long nowUnixMillis) throws SQLException {
        if (number("SELECT COUNT(*) FROM lease WHERE ends_unix_millis <= ?", nowUnixMillis) == 0) {
            return List.of();
        }
        List<String> keys = new ArrayList<>();
        String sql = "SELECT key FROM change c WHERE value IS NOT NULL AND lease IN"
                + " (SELECT id FROM lease WHERE ends_unix_millis <= ?)"
                + " AND revision = (SELECT MAX(revision) FROM change l WHERE l.key = c.key) ORDER BY key";
        try (PreparedStatement query = prepared(sql, nowUnixMillis);
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                keys.add(rows.getString(1));
            }
        }
        run("DELETE FROM lease WHERE ends_unix_millis <= ?", nowUnixMillis);
        return keys;
    }

    private void prepare(Path file) throws SQLException {
        long schema = number("PRAGMA user_version");
        boolean empty = number("SELECT COUNT(*) FROM sqlite_master") == 0;
        if (empty) {
            connection.setAutoCommit(false);
            for (String sql : CREATE) {
                run(sql);
            }
            connection.commit();
            connection.setAutoCommit(true);
        } else if (number("PRAGMA application_id") != APPLICATION_ID) {
            throw new UserError(file + " is another program's database: name another --data-dir");
        } else if (schema != SCHEMA) {
            throw new UserError(file + " was written by another version (schema " + schema + ", this one has " + SCHEMA
                    + "): run the version that wrote it");
        }
    }

    private long number(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement query = prepared(sql, parameters);
                ResultSet rows = query.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    private int run(String sql, @Nullable Object... parameters) throws SQLException {
        if (parameters.length == 0) {
            try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        }
        try (PreparedStatement statement = prepared(sql, parameters)) {
            return statement.executeUpdate();
        }
    }

    private PreparedStatement prepared(String sql, @Nullable Object... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    private static Entry entry(ResultSet rows) throws SQLException {
        return new Entry(rows.getString(1), rows.getString(2), rows.getLong(3), rows.getLong(4));
    }

    /** A text behind every key that starts with {@code prefix}: keys have no character as high as this one. */
    private static String end(String prefix) {
        return prefix + '\uffff';
    }
}
