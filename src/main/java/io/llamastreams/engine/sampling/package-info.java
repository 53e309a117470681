/**
 * From a row of logits and a random number to a token id, with every bit defined: probabilities become whole numbers before
 * they are added, so no order of summation can change a choice. Uses tensor.kernel and engine.request. Engine thread, which
 * may share the rows of a step with its workers; allocates nothing per token but what is asked to be told.
 *
 * <p>What happens to a row, in this order, and who means the same by it:
 *
 * <ol>
 *   <li>Constraint, {@code allowed_token_ids}, {@code bad_words}, {@code min_tokens}: logits of tokens that must not come next
 *       become negative infinity. As in vLLM, bad words and the least length count tokens of the text, not of the prompt.
 *   <li>{@code logit_bias} is added. As in OpenAI's interface, vLLM and llama.cpp; it cannot bring back a forbidden token.
 *   <li>{@code repetition_penalty} divides positive logits and multiplies the others, of tokens in prompt or text, as in Hugging
 *       Face's transformers and vLLM; then {@code frequency_penalty} times the number of occurrences and {@code
 *       presence_penalty} are subtracted, of tokens in the text, as in OpenAI's interface and vLLM. llama.cpp has one window for
 *       all three, of tokens of prompt and text.
 *   <li>{@code temperature} divides. 0 takes the likeliest token now, in all of these.
 *   <li>{@code top_k}, {@code typical_p}, {@code top_p}, {@code min_p} cut, each what the one before left, as in llama.cpp's
 *       default order (which divides by the temperature after them). vLLM cuts by min-p before top-k and has no typical-p.
 *       Borders are llama.cpp's: the nucleus ends with the token that reaches p, the typical set with the one that exceeds it.
 *   <li>One token is drawn of those that are left, with the share of its probability.
 * </ol>
 *
 * Log-probabilities are told of the row as the model gave it: temperature 1, no rules, no penalties, no cuts; so does vLLM.
 */
package io.llamastreams.engine.sampling;
