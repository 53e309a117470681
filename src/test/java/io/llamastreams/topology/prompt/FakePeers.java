package io.llamastreams.topology.prompt;

import java.util.HashSet;
import java.util.Set;

/** Runs of which a test says when they end. */
public final class FakePeers implements Peers {
    private final Set<String> gone = new HashSet<>();
    private int run = 1;

    /** The worker dies, and another comes. */
    void die() {
        gone.add(run());
        run++;
    }

    /** The partition goes to another worker, and this one lives on. */
    void handOver() {
        run++;
    }

    @Override
    public String name() {
        return "instance";
    }

    @Override
    public String run() {
        return "run-" + run;
    }

    @Override
    public boolean isGone(String other) {
        return gone.contains(other);
    }
}
