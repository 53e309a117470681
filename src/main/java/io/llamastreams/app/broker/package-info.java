/**
 * A real single-node Kafka (KRaft broker and controller) inside this JVM, for {@code demo}, {@code broker} and tests.
 *
 * <p>May use Kafka's server classes and the JDK; nothing else of the project. Any thread may start and close a broker;
 * its work runs on Kafka's own threads.
 */
package io.llamastreams.app.broker;
