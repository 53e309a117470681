package io.llamastreams.serving.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Published templates against what transformers renders of them, written out by hand from its rules. */
class JinjaTemplateTest {
    private static final List<Map<String, String>> DIALOGUE = List.of(
            Map.of("role", "user", "content", " Hi\n"),
            Map.of("role", "assistant", "content", "Hello"),
            Map.of("role", "user", "content", "Why?"));
    private static final List<Map<String, String>> WITH_SYSTEM =
            List.of(Map.of("role", "system", "content", "Be brief."), Map.of("role", "user", "content", "Hi"));

    @Test
    void rendersLlama2() {
        assertThat(render(Templates.LLAMA_2, DIALOGUE))
                .isEqualTo("<s>[INST] Hi [/INST] Hello </s><s>[INST] Why? [/INST]");
        assertThat(render(Templates.LLAMA_2, WITH_SYSTEM))
                .isEqualTo("<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST]");
    }

    @Test
    void rendersMistral() {
        assertThat(render(Templates.MISTRAL, DIALOGUE))
                .isEqualTo("<s>[INST]  Hi\n [/INST]Hello</s> [INST] Why? [/INST]");
    }

    @Test
    void rendersZephyrWhoseBlocksStandOnLinesOfTheirOwn() {
        assertThat(render(Templates.ZEPHYR, WITH_SYSTEM))
                .isEqualTo("<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\n");
    }

    @Test
    void rendersChatMl() {
        assertThat(render(Templates.CHATML, DIALOGUE)).isEqualTo("""
                        <|im_start|>user
                         Hi
                        <|im_end|>
                        <|im_start|>assistant
                        Hello<|im_end|>
                        <|im_start|>user
                        Why?<|im_end|>
                        <|im_start|>assistant
                        """);
    }

    @Test
    void knowsWhatTemplatesUse() {
        Map<String, String> cases = Map.ofEntries(
                Map.entry(
                        "{% set ns = namespace(f=false) %}{% for m in messages %}{% if m.role == 'assistant' %}"
                                + "{% set ns.f = true %}{% endif %}{% endfor %}{{ 'yes' if ns.f else 'no' }}",
                        "yes"),
                Map.entry("{{ messages|length }}{{ messages[-1]['content'] }}", "3Why?"),
                Map.entry("{{ messages[0].content | trim }}|", "Hi|"),
                Map.entry("{{ '\u00A0x\u0085' | trim }}|{{ '\u00A0x\u0085'.strip() }}", "x|x"),
                Map.entry("{{ 'a-b-c'.split('-')[1] }}{{ 'a-b-c'.split('-', 1)[1] }}", "bb-c"),
                Map.entry("{{ 'xxaxx'.strip('x') }}{{ ' a '.lstrip() }}|{{ ' a '.rstrip() }}|", "aa | a|"),
                Map.entry("{% if 'abc'.startswith('ab') and not 'abc'.endswith('b') %}1{% endif %}", "1"),
                Map.entry("{{ 'ab'.upper() + 'CD'.lower() + 'e f'.title() + 'aXb'.replace('X', '-') }}", "ABcdE Fa-b"),
                Map.entry("{{ 'abc'[0] }}{{ 'abc'[-1] }}{{ 'abc'[1:] }}", "acbc"),
                Map.entry("{% if 'b' in 'abc' %}in{% endif %}{% if 'role' in messages[0] %}key{% endif %}", "inkey"),
                Map.entry("{% if tools is defined %}1{% else %}2{% endif %}", "2"),
                Map.entry("{% if strftime_now is defined %}1{% else %}2{% endif %}", "2"),
                Map.entry("{% if messages[0].content is string and messages is iterable %}1{% endif %}", "1"),
                Map.entry(
                        "{% for m in messages %}{{ loop.index }}{{ loop.first }}{{ loop.last }};{% endfor %}",
                        "1truefalse;2falsefalse;3falsetrue;"),
                Map.entry("{{ messages[1] | tojson }}", "{\"content\": \"Hello\", \"role\": \"assistant\"}"),
                Map.entry("{{ ['a', 1, {'b': 'ü<'}] | tojson }}", "[\"a\", 1, {\"b\": \"ü<\"}]"),
                Map.entry("{% macro say(x) %}[{{ x }}]{% endmacro %}{{ say('a') }}", "[a]"),
                Map.entry("{#- a note -#} x {%- if true -%} y {%- endif -%} z", "xyz"),
                Map.entry("a\n  {# note #}\nb {# note #} c", "a\nb  c"),
                Map.entry("x {{- 'y' -}} z", "xyz"),
                Map.entry("{{ '{# no note #}' }}{# a }} #}", "{# no note #}"),
                Map.entry("a\n", "a"),
                Map.entry("  {% if true %}\n  b\n  {% endif %}\nc", "  b\nc"),
                Map.entry("{{ 'x' ~ 3 ~ true }}", "x3true"));
        cases.forEach((source, expected) -> assertThat(render(source, List.copyOf(sorted(DIALOGUE))))
                .as(source)
                .isEqualTo(expected));
    }

    /** In an order of keys that is always the same. */
    private static List<Map<String, String>> sorted(List<Map<String, String>> dialogue) {
        return dialogue.stream()
                .<Map<String, String>>map(java.util.TreeMap::new)
                .toList();
    }

    @Test
    void evaluatesNothingThatPeopleSay() {
        String said = "{{ 7 * 6 }}{% raw %}{# x #}";
        assertThat(render("{{ messages[0].content }}", List.of(Map.of("role", "user", "content", said))))
                .isEqualTo(said);
    }

    @Test
    void saysWhatTheTemplateSays() {
        assertThatThrownBy(() -> render(Templates.MISTRAL, WITH_SYSTEM))
                .isInstanceOf(TemplateException.class)
                .hasMessage("Conversation roles must alternate user/assistant/user/assistant/...");
    }

    @Test
    void namesTheLineOfWhatCannotBeRead() {
        for (String broken : List.of(
                "a\n{% if %}",
                "a\n{% nothing %}",
                "a\n{{ 'x'.explode() }}",
                "a\n{% for x %}{% endfor %}",
                "a\n{% if true %}",
                "a {# b")) {
            assertThatThrownBy(() -> render(broken, DIALOGUE))
                    .as(broken)
                    .isInstanceOf(TemplateException.class)
                    .message()
                    .doesNotContain("\n")
                    .isNotBlank();
        }
    }

    @Test
    void letsTemplatesReachNoJava() {
        for (String attempt : List.of(
                "{{ ''.getClass() }}",
                "{{ ''.class }}",
                "{{ messages.getClass().getName() }}",
                "{{ messages[0].getClass() }}",
                "{{ ____int3rpr3t3r____.getContext() }}",
                "{{ ____int3rpr3t3r____.config }}",
                "{{ loop.getClass() }}",
                "{% for m in messages %}{{ loop.class }}{{ loop.getClass() }}{% endfor %}",
                "{% include '/etc/passwd' %}",
                "{% import '/etc/passwd' as x %}",
                "{% extends '/etc/passwd' %}",
                "{{ '{{ 1 + 1 }}' | render }}",
                "{{ ['a', 'b'] | random }}",
                "{{ today() }}",
                "{{ unixtimestamp() }}")) {
            String output;
            try {
                output = render(attempt, DIALOGUE);
            } catch (TemplateException refused) {
                continue;
            }
            assertThat(output).as(attempt).isBlank();
        }
    }

    @Test
    void boundsLoopsAndOutput() {
        assertThatThrownBy(() -> render(
                        "{% for a in range(60000) %}{% for b in range(60000) %}xxxxxxxxxxxxxxxxxxxx{% endfor %}{% endfor %}",
                        DIALOGUE))
                .isInstanceOf(TemplateException.class);
        // A macro that calls itself without end comes to one.
        assertThat(render("{% macro f() %}x{{ f() }}{% endmacro %}{{ f() }}", DIALOGUE))
                .hasSizeLessThan(100);
    }

    private static String render(String source, List<Map<String, String>> messages) {
        Map<String, Object> values = new HashMap<>();
        values.put("messages", messages);
        values.put("bos_token", "<s>");
        values.put("eos_token", "</s>");
        values.put("add_generation_prompt", true);
        return new JinjaTemplate(source).render(values);
    }
}
