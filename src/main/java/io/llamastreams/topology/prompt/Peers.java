package io.llamastreams.topology.prompt;

/**
 * This run of the service and the others of its group. A run ends with its process, and for its stream threads also with each
 * of them that fails. Any thread.
 */
public interface Peers {

    /** Name of this instance. */
    String name();

    /** This run, unlike all others before and after. */
    String run();

    /** Whether a run is known to have come to an end; may wait for the brokers for some seconds. */
    boolean isGone(String run);
}
