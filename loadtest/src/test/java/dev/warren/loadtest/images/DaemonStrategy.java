package dev.warren.loadtest.images;

import java.io.IOException;
import java.net.URI;
import org.testcontainers.dockerclient.DockerClientProviderStrategy;
import org.testcontainers.dockerclient.InvalidConfigurationException;
import org.testcontainers.dockerclient.TransportConfig;

/** Has Testcontainers use {@link Daemon}; found as a service. */
public final class DaemonStrategy extends DockerClientProviderStrategy {
    private static final int BEFORE_ALL_OTHERS = 1000;

    @Override
    public TransportConfig getTransportConfig() throws InvalidConfigurationException {
        try {
            return TransportConfig.builder()
                    .dockerHost(URI.create(Daemon.shared().host()))
                    .build();
        } catch (IOException failure) {
            throw new InvalidConfigurationException("no Docker daemon for the tests: " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InvalidConfigurationException("interrupted", interrupted);
        }
    }

    @Override
    protected int getPriority() {
        return BEFORE_ALL_OTHERS;
    }

    @Override
    public String getDescription() {
        return "the tests' own Docker daemon";
    }
}
