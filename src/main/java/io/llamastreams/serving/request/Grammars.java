package io.llamastreams.serving.request;

import io.llamastreams.grammar.Grammar;
import io.llamastreams.grammar.mask.TokenBytes;
import io.llamastreams.grammar.rule.GrammarException;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.tokenizer.Tokenizer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Structures of texts, compiled for one model's tokens: each once for all requests that ask for it, as long as it is among those
 * that were asked for last. Any thread; who asks for a new one makes the others wait until it is compiled.
 */
final class Grammars {
    static final int MAX_KEPT = 64;

    private final Tokenizer tokenizer;

    /** Guarded by this object; in the order in which they were last asked for. */
    private final LinkedHashMap<Structure, Compiled> kept = new LinkedHashMap<>(16, 0.75f, true);

    /** Guarded by this object; made when first needed, since most services never do. */
    private TokenBytes tokens;

    /** What compiling came to. */
    sealed interface Compiled {
        record Ready(Grammar grammar) implements Compiled {}

        /** @param reason names the place, what was expected and what was found */
        record Refused(String reason) implements Compiled {}
    }

    Grammars(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    synchronized Compiled compiled(Structure structure) {
        Compiled known = kept.get(structure);
        if (known != null) {
            return known;
        }
        Compiled made = compile(structure);
        kept.put(structure, made);
        if (kept.size() > MAX_KEPT) {
            Map.Entry<Structure, Compiled> oldest = kept.firstEntry();
            kept.remove(oldest.getKey());
        }
        return made;
    }

    private Compiled compile(Structure structure) {
        if (tokens == null) {
            tokens = tokenBytes(tokenizer);
        }
        try {
            return new Compiled.Ready(
                    switch (structure) {
                        case Structure.JsonSchema json -> Grammar.ofJsonSchema(json.schema(), tokens);
                        case Structure.JsonObject object -> Grammar.ofJson(tokens);
                        case Structure.Regex regex -> Grammar.ofRegex(regex.expression(), tokens);
                        case Structure.Choice choice -> Grammar.ofChoice(choice.texts(), tokens);
                        case Structure.Grammar gbnf -> Grammar.ofGbnf(gbnf.gbnf(), tokens);
                    });
        } catch (GrammarException e) {
            return new Compiled.Refused(e.getMessage());
        }
    }

    static TokenBytes tokenBytes(Tokenizer tokenizer) {
        byte[][] pieces = new byte[tokenizer.vocabularySize()][];
        for (int id = 0; id < pieces.length; id++) {
            pieces[id] = tokenizer.bytes(id);
        }
        return TokenBytes.of(pieces, tokenizer.eosId());
    }
}
