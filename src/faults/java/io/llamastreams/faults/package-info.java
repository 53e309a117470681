/**
 * The fault harness: a real broker and real workers as processes, faults that a seed decides, and an auditor that knows what
 * every prompt must come to.
 *
 * <p>{@link io.llamastreams.faults.FaultRun} runs one group protocol, {@link io.llamastreams.faults.RunFaults} is the command
 * for long runs, {@code FaultsIT} the short run of every build. May use everything of the project and Kafka's clients. What is
 * random in a run comes from its seed: prompts, kinds and order of faults, their delays, and the settings of each worker; when
 * something happens inside a process is the machine's to say, so a seed repeats a run's plan, not its every moment.
 */
package io.llamastreams.faults;
