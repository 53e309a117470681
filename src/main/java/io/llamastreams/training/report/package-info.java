/**
 * What a training run tells of itself: a log of numbers that outlives stops, a picture of the loss, a line for the terminal.
 * Knows no clock and no console; whoever trains hands in times and prints. Training thread only. Uses the JDK alone.
 */
package io.llamastreams.training.report;
