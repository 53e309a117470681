/**
 * Everything Kafka, in rooms that stand on one stair: each uses only rooms that stand left of it.
 *
 * <pre>
 *   record, config  &lt;---  serde  &lt;---  prompt, batch, replay  &lt;---  service
 * </pre>
 *
 * <p>Uses serving for text and registry for bytes. What app may use of it is a list that the layout's rules keep: most of what is
 * public in here is so for the sake of the other rooms.
 */
package io.llamastreams.topology;
