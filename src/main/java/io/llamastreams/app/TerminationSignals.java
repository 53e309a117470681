package io.llamastreams.app;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;

/**
 * SIGHUP, SIGINT and SIGTERM of this process. Java catches them and ends itself on another thread; a process that is replaced
 * meanwhile would have lost the signal. So they get the system's own effect, to end the process at once, some time before it is
 * replaced. What Java has caught but not begun to handle at that moment, less than a millisecond, is still lost.
 *
 * <p>Through reflection, since the compiler's warning about {@code sun.misc.Signal} cannot be switched off. Main thread.
 */
final class TerminationSignals {
    private static final String[] NAMES = {"HUP", "INT", "TERM"};

    private final Map<Object, Object> handlers = new HashMap<>();

    private TerminationSignals() {}

    /** Lets the system end the process. Signals that the user has ignored, as {@code nohup} does, stay ignored. */
    static TerminationSignals giveToSystem() {
        TerminationSignals signals = new TerminationSignals();
        for (String name : NAMES) {
            try {
                Object signal = Class.forName("sun.misc.Signal")
                        .getConstructor(String.class)
                        .newInstance(name);
                Object byDefault = Class.forName("sun.misc.SignalHandler")
                        .getField("SIG_DFL")
                        .get(null);
                signals.handlers.put(signal, handle(signal, byDefault));
            } catch (ReflectiveOperationException e) {
                // Not caught by this Java (-Xrs), or not known to it: nothing to give.
            }
        }
        return signals;
    }

    /** Lets Java catch them again. */
    void takeBack() {
        handlers.forEach((signal, handler) -> {
            try {
                handle(signal, handler);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        });
        handlers.clear();
    }

    /**
     * Waits for the end of the process if a signal that came before has begun it.
     */
    static void waitForEndThatHasBegun() {
        Thread probe = new Thread();
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
        } catch (IllegalStateException e) {
            // Exit waits for the end that is under way.
            System.exit(1);
        }
    }

    private static Object handle(Object signal, Object handler) throws ReflectiveOperationException {
        Method handle =
                signal.getClass().getMethod("handle", signal.getClass(), Class.forName("sun.misc.SignalHandler"));
        try {
            return handle.invoke(null, signal, handler);
        } catch (InvocationTargetException e) {
            throw new ReflectiveOperationException(e.getCause());
        }
    }
}
