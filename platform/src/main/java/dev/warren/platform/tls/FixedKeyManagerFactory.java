package dev.warren.platform.tls;

import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/** Gives out one key manager, where a factory is asked for. */
final class FixedKeyManagerFactory extends SimpleKeyManagerFactory {
    private final X509KeyManager keyManager;

    FixedKeyManagerFactory(X509KeyManager keyManager) {
        this.keyManager = keyManager;
    }

    @Override
    protected void engineInit(@Nullable KeyStore keyStore, char @Nullable [] password) {
        // It has its key.
    }

    @Override
    protected void engineInit(ManagerFactoryParameters parameters) {
        // It has its key.
    }

    @Override
    protected KeyManager[] engineGetKeyManagers() {
        return new KeyManager[] {keyManager};
    }
}
