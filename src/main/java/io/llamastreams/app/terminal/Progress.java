package io.llamastreams.app.terminal;

/** How far a long piece of work is, shown to the user by {@link Console#progress}. One thread. */
public interface Progress extends AutoCloseable {

    /** Some more steps are done. */
    void advance(long steps);

    /** A few words beside the numbers, such as the speed. */
    void note(String words);

    /** The number of steps has become known or has changed. */
    void total(long steps);

    /** Takes the bar away while something else is printed, which would break its line. */
    default void aside(Runnable printing) {
        printing.run();
    }

    /** Shows the last state and leaves the line. */
    @Override
    void close();
}
