package io.llamastreams.serving.chat;

import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.template.JinjaTemplate;
import io.llamastreams.serving.template.PythonText;
import io.llamastreams.serving.template.TemplateException;
import io.llamastreams.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A dialogue in the form of a chat template. Any thread.
 *
 * <p>Control tokens are those whose text the template writes; in what people say it stays text:
 *
 * <ol>
 *   <li>where a text has a control token's name in it, or could complete one together with the template, a mark that occurs
 *       nowhere is put in; the template sees and strips it like any other letter
 *   <li>the rendered text is cut at the names of control tokens, and only then are the marks taken out
 *   <li>what is between is encoded, each piece as a text of its own, as llama.cpp and transformers do
 * </ol>
 *
 * BOS is put before it only by the template.
 */
final class TemplateFormat implements ChatFormat {
    private static final char FIRST_PRIVATE = '\uE000';
    private static final char LAST_PRIVATE = '\uF8FF';

    private final JinjaTemplate template;
    private final String source;
    private final Tokenizer tokenizer;
    private final Map<String, Integer> controls;

    /** Names of control tokens, the longer ones first. */
    private final Pattern controlNames;

    TemplateFormat(String source, Tokenizer tokenizer) {
        this.source = source;
        this.tokenizer = tokenizer;
        template = new JinjaTemplate(source);
        controls = IntStream.range(0, tokenizer.vocabularySize())
                .filter(tokenizer::isControl)
                .boxed()
                .collect(Collectors.toMap(tokenizer::piece, id -> id, (first, second) -> first, LinkedHashMap::new));
        controlNames = Pattern.compile(controls.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|")));
    }

    @Override
    public Setting set(List<PromptInput.Message> messages) {
        if (messages.isEmpty()) {
            return new Setting.Refused("messages: expected at least one, found none");
        }
        char mark = unusedCharacter(messages);
        try {
            String rendered = template.render(values(messages, mark));
            return new Setting.Ready(encode(rendered, String.valueOf(mark)));
        } catch (TemplateException e) {
            return new Setting.Refused("messages: the chat template says: " + e.getMessage());
        }
    }

    /** Tries the template on a dialogue of one turn, which all of them have a form for.
     *
     * @throws TemplateException if it cannot be rendered
     */
    void check() {
        template.render(values(List.of(new PromptInput.Message("user", "x")), FIRST_PRIVATE));
    }

    private Map<String, Object> values(List<PromptInput.Message> messages, char mark) {
        List<Map<String, Object>> turns = new ArrayList<>();
        for (PromptInput.Message message : messages) {
            Map<String, Object> turn = new LinkedHashMap<>();
            turn.put("role", marked(message.role(), mark));
            turn.put("content", marked(message.content(), mark));
            turns.add(turn);
        }
        return Map.of(
                "messages",
                turns,
                "bos_token",
                tokenizer.piece(tokenizer.bosId()),
                "eos_token",
                tokenizer.piece(tokenizer.eosId()),
                "add_generation_prompt",
                true);
    }

    /** A character for private use that neither the template nor a message has. */
    private char unusedCharacter(List<PromptInput.Message> messages) {
        for (char c = FIRST_PRIVATE; c <= LAST_PRIVATE; c++) {
            char candidate = c;
            boolean used = source.indexOf(candidate) >= 0
                    || messages.stream()
                            .anyMatch(message -> message.content().indexOf(candidate) >= 0
                                    || message.role().indexOf(candidate) >= 0);
            if (!used) {
                return candidate;
            }
        }
        throw new IllegalStateException("a dialogue with all characters for private use");
    }

    /** The text with marks where it could be, or become, the name of a control token. */
    private String marked(String text, char mark) {
        String whole = controlNames.matcher(text).replaceAll(name -> {
            String found = name.group();
            int cut = found.offsetByCodePoints(0, 1);
            return Matcher.quoteReplacement(found.substring(0, cut) + mark + found.substring(cut));
        });
        String inner = PythonText.strip(whole);
        if (inner.isEmpty()) {
            return whole;
        }
        int start = whole.indexOf(inner);
        String before = endsAnyName(inner) || isInAnyName(inner) ? mark + inner : inner;
        String guarded = beginsAnyName(inner) ? before + mark : before;
        return whole.substring(0, start) + guarded + whole.substring(start + inner.length());
    }

    private boolean isInAnyName(String text) {
        return controls.keySet().stream().anyMatch(name -> name.contains(text));
    }

    /** Whether the text begins with the last characters of a control token's name. */
    private boolean endsAnyName(String text) {
        return controls.keySet().stream()
                .anyMatch(name ->
                        IntStream.range(1, name.length()).anyMatch(from -> text.startsWith(name.substring(from))));
    }

    /** Whether the text ends with the first characters of a control token's name. */
    private boolean beginsAnyName(String text) {
        return controls.keySet().stream()
                .anyMatch(
                        name -> IntStream.range(1, name.length()).anyMatch(to -> text.endsWith(name.substring(0, to))));
    }

    private int[] encode(String rendered, String mark) {
        IntStream.Builder ids = IntStream.builder();
        Matcher matcher = controlNames.matcher(rendered);
        int start = 0;
        while (matcher.find()) {
            add(rendered.substring(start, matcher.start()), mark, ids);
            ids.add(controls.get(matcher.group()));
            start = matcher.end();
        }
        add(rendered.substring(start), mark, ids);
        return ids.build().toArray();
    }

    private void add(String piece, String mark, IntStream.Builder ids) {
        for (int id : tokenizer.encode(piece.replace(mark, ""))) {
            ids.add(id);
        }
    }
}
