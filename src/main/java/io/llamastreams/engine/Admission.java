package io.llamastreams.engine;

/** Answer to a request that wants in. */
public sealed interface Admission {

    /** The request is in: its outbox will have its tokens and exactly one end. */
    record Accepted() implements Admission {}

    /** There is no room now; the same request may be let in later. */
    record Full(String reason) implements Admission {}

    /** The request can never be served here. */
    record Refused(String reason) implements Admission {}
}
