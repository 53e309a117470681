package io.llamastreams.training.vocabulary;

import io.llamastreams.model.save.GgufKeys;
import io.llamastreams.tokenizer.Vocabulary;

/**
 * A vocabulary as the keys of a GGUF file, as llama.cpp's converter writes them for Llama 2. No state, any thread.
 */
public final class GgufVocabulary {
    /**
     * Llama 2's chat form as a Jinja template, for programs that read one from the file. It makes what this project's own chat
     * form makes: {@code BOS [INST] user [/INST] assistant EOS}, the system turn in front of the first user turn. Programs that
     * know forms by their marks look for {@code [INST]}, {@code <<SYS>>}, {@code bos_token + '[INST]} and {@code
     * content.strip()}.
     */
    public static final String LLAMA_2_CHAT_TEMPLATE = "{% if messages[0]['role'] == 'system' %}"
            + "{% set system = '<<SYS>>\\n' + messages[0]['content'] + '\\n<</SYS>>\\n\\n' %}"
            + "{% set turns = messages[1:] %}"
            + "{% else %}"
            + "{% set system = '' %}"
            + "{% set turns = messages %}"
            + "{% endif %}"
            + "{% for message in turns %}"
            + "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
            + "{{ raise_exception('expected user and assistant by turns') }}"
            + "{% endif %}"
            + "{% if message['role'] == 'user' %}"
            + "{% set content = (system if loop.index0 == 0 else '') + message['content'] %}"
            + "{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
            + "{% else %}"
            + "{% set content = message['content'] %}"
            + "{{ ' ' + content.strip() + ' ' + eos_token }}"
            + "{% endif %}"
            + "{% endfor %}";

    private static final String PREFIX = "tokenizer.ggml.";

    private GgufVocabulary() {}

    /**
     * The vocabulary's keys.
     *
     * @throws IllegalArgumentException if the vocabulary leaves spaces as they are, which the keys cannot say
     */
    public static GgufKeys keys(Vocabulary vocabulary) {
        if (!vocabulary.escapeWhitespaces()) {
            throw new IllegalArgumentException("vocabulary: expected spaces written as U+2581, found them as they are");
        }
        int size = vocabulary.size();
        float[] scores = new float[size];
        int[] types = new int[size];
        for (int id = 0; id < size; id++) {
            scores[id] = vocabulary.pieces().get(id).score();
            types[id] = vocabulary.pieces().get(id).type().id();
        }
        return new GgufKeys()
                .string(PREFIX + "model", "llama")
                .string(PREFIX + "pre", "default")
                .strings(
                        PREFIX + "tokens",
                        vocabulary.pieces().stream().map(Vocabulary.Piece::text).toList())
                .numbers(PREFIX + "scores", scores)
                .integers(PREFIX + "token_type", types)
                .unsigned(PREFIX + "bos_token_id", vocabulary.bosId())
                .unsigned(PREFIX + "eos_token_id", vocabulary.eosId())
                .unsigned(PREFIX + "unknown_token_id", vocabulary.unknownId())
                .bool(PREFIX + "add_bos_token", vocabulary.addBos())
                .bool(PREFIX + "add_eos_token", false)
                .bool(PREFIX + "add_space_prefix", vocabulary.addDummyPrefix());
    }

    /** The vocabulary's keys, and {@link #LLAMA_2_CHAT_TEMPLATE} for a model that was trained on that form. */
    public static GgufKeys keysWithChatTemplate(Vocabulary vocabulary) {
        return keys(vocabulary).string("tokenizer.chat_template", LLAMA_2_CHAT_TEMPLATE);
    }
}
