/**
 * What a model is trained on: texts and dialogues by number, and the batches of tokens that are packed from them. JDK only
 * besides the tokenizer and the chat form; the training thread.
 */
package io.llamastreams.training.data;
