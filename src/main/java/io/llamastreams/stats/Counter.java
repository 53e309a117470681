package io.llamastreams.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A number that several threads add to and any thread reads. Adding never waits. */
public final class Counter {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Counter.class, "value", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long value;

    public void add(long amount) {
        VALUE.getAndAdd(this, amount);
    }

    public void increment() {
        add(1);
    }

    public long value() {
        return value;
    }
}
