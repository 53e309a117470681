/**
 * Chat templates that models bring along: Jinja, rendered as Hugging Face's transformers renders them. Uses Jinjava. Any thread.
 *
 * <p>A template is foreign code, so it gets little: lists, maps and strings to read, Python's usual methods of strings, and
 * bounds on output, loops and depth. No Java method can be called from it, no other template read, and nothing in what people
 * say is evaluated. What would depend on the day or on chance is not there, since a text must depend on its prompt alone.
 */
package io.llamastreams.serving.template;
