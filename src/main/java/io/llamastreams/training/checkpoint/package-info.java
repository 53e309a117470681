/**
 * All that a training run needs to go on where it stopped, in one file: written whole or not at all, and read only if every
 * bit is as it was. Training thread only. Uses the JDK alone; knows nothing of models.
 */
package io.llamastreams.training.checkpoint;
