package io.llamastreams.topology;

/**
 * How far a service has come with stopping; its tasks look at each tick. One thread moves it on, any thread looks.
 *
 * <pre>
 *   OPEN ---> FINISHING: nothing new goes to the engine ---> RECALLING: the engine gives back what it has, with its tokens
 * </pre>
 */
final class Drain {
    /** Where it stands. */
    enum Stage {
        OPEN,
        FINISHING,
        RECALLING
    }

    private volatile Stage stage = Stage.OPEN;

    Stage stage() {
        return stage;
    }

    boolean isOpen() {
        return stage == Stage.OPEN;
    }

    void finish() {
        stage = Stage.FINISHING;
    }

    void recall() {
        stage = Stage.RECALLING;
    }
}
