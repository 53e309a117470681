/** The recipe that makes small Llama 2 models; used by app only. */
package io.llamastreams.training;
