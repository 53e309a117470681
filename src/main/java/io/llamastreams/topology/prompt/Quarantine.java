package io.llamastreams.topology.prompt;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Gives the engine to one task alone, for prompts that may kill the process: no others shall be in it then. Any thread; a task
 * that submits at the very moment in which another enters may still slip in.
 */
final class Quarantine {
    private static final VarHandle HOLDER;

    static {
        try {
            HOLDER = MethodHandles.lookup().findVarHandle(Quarantine.class, "holder", Part.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Null while nobody has it. */
    private volatile Part holder;

    /** The part of one more task. */
    Part open() {
        return new Part();
    }

    /** One task's part. StreamThread of its task. */
    final class Part implements AutoCloseable {

        /** Asks for the engine; false as long as another task has it. */
        boolean tryEnter() {
            return isMine() || HOLDER.compareAndSet(Quarantine.this, null, this);
        }

        void leave() {
            HOLDER.compareAndSet(Quarantine.this, this, null);
        }

        boolean isMine() {
            return holder == this;
        }

        /** Whether another task has it, so that this one must not submit. */
        boolean isElsewhere() {
            Part now = holder;
            return now != null && now != this;
        }

        @Override
        public void close() {
            leave();
        }
    }
}
