/**
 * The running engine: {@link io.llamastreams.serving.session.TextEngine} opens a model under settings that the machine's memory
 * allows, {@link io.llamastreams.serving.session.TextSession} is one thread's way to it.
 *
 * <p>Uses all rooms of serving, engine and model. Any thread opens sessions, each session has one owner.
 */
package io.llamastreams.serving.session;
