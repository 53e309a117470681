package io.llamastreams.topology.prompt;

/**
 * How far a service has come with stopping; its tasks look at each tick. One thread moves it on, any thread looks.
 *
 * <pre>
 *   OPEN ---> FINISHING: nothing new goes to the engine ---> RECALLING: the engine gives back what it has, with its tokens
 * </pre>
 */
public final class Drain {
    /** Where it stands. */
    public enum Stage {
        OPEN,
        FINISHING,
        RECALLING
    }

    private volatile Stage stage = Stage.OPEN;

    public Stage stage() {
        return stage;
    }

    boolean isOpen() {
        return stage == Stage.OPEN;
    }

    public void finish() {
        stage = Stage.FINISHING;
    }

    public void recall() {
        stage = Stage.RECALLING;
    }
}
