package dev.warren.coordinator.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends StoreContractTest {
    @TempDir
    Path folder;

    @Override
    Store open(int history) {
        return SqliteStore.open(file(), unixMillis::get, history);
    }

    @Test
    void aSecondProcessIsRefused() {
        assertRefused(file(), "is in use: another coordinator runs with this data folder");
    }

    @Test
    void aFileThatIsNoDatabaseIsRefused() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), "this is no database at all, just text\n".repeat(100));
        assertRefused(other, "is no coordinator store");
    }

    @Test
    void anotherProgramsDatabaseIsRefused() throws SQLException {
        Path other = folder.resolve("other.db");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + other);
                var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (x)");
        }
        assertRefused(other, "is another program's database");
    }

    @Test
    void aLaterVersionsStoreIsRefused() throws SQLException {
        Path other = folder.resolve("later.db");
        SqliteStore.open(other, unixMillis::get).close();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + other);
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 7");
        }
        assertRefused(other, "schema 7, this one has 1");
    }

    @Test
    void aMissingFolderIsRefused() {
        assertRefused(folder.resolve("no/such/folder/store.db"), "store.db");
    }

    @Test
    void changesAreOnDiskBeforeTheyAreAcknowledged() throws SQLException {
        Path other = folder.resolve("wal.db");
        try (Store store = SqliteStore.open(other, unixMillis::get)) {
            store.compareAndPut("k", Store.NONE, "v", Store.NO_LEASE);
            assertTrue(Files.exists(folder.resolve("wal.db-wal")), "write-ahead log");
        }
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + other);
                var rows = connection.createStatement().executeQuery("SELECT value FROM change")) {
            assertTrue(rows.next());
            assertEquals("v", rows.getString(1));
        }
    }

    private void assertRefused(Path file, String part) {
        String said = String.valueOf(assertThrows(UserError.class, () -> SqliteStore.open(file, unixMillis::get))
                .getMessage());
        assertTrue(said.contains(part), said);
    }

    private Path file() {
        return folder.resolve("store.db");
    }
}
