package dev.warren.platform.config;

import java.lang.reflect.Proxy;

/**
 * SIGHUP, by which operators and init systems ask a service to read its files again. The JDK's only way to it is {@code
 * sun.misc.Signal} of the module jdk.unsupported; it is reached by reflection, since the compiler warns of that package
 * and cannot be told not to.
 */
final class HangUp implements AutoCloseable {
    private final Object before;

    private HangUp(Object before) {
        this.before = before;
    }

    /** Runs {@code action}, on a thread of the JVM's, at every SIGHUP until closed. */
    static HangUp handle(Runnable action) {
        try {
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object itself = new Object();
            Object proxy = Proxy.newProxyInstance(
                    HangUp.class.getClassLoader(), new Class<?>[] {handler}, (_, method, arguments) -> {
                        if (!method.getName().equals("handle")) {
                            return method.invoke(itself, arguments);
                        }
                        action.run();
                        return null;
                    });
            return new HangUp(set(proxy));
        } catch (ReflectiveOperationException missing) {
            throw new UserError(
                    "SIGHUP cannot be handled in this JVM: start it without -Xrs, with the module jdk.unsupported",
                    missing);
        }
    }

    /** Puts back what handled it before. */
    @Override
    public void close() {
        try {
            set(before);
        } catch (ReflectiveOperationException impossible) {
            throw new LinkageError("what worked once works again", impossible);
        }
    }

    private static Object set(Object handler) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Object hangUp = signal.getConstructor(String.class).newInstance("HUP");
        return signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
                .invoke(null, hangUp, handler);
    }
}
