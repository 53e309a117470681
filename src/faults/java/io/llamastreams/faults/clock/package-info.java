/**
 * A time of day that jumps, for processes under test. An agent turns all calls that ask for the time of day, in Kafka's classes
 * and in the program's, into calls of {@link io.llamastreams.faults.clock.JumpingClock}; clocks that only count time go on as
 * they are, as on a machine whose clock is set.
 */
package io.llamastreams.faults.clock;
