package io.llamastreams.serving.template;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * A chat template. Rendered with {@code trim_blocks} and {@code lstrip_blocks}, as transformers does. Any thread.
 *
 * <p>{@code raise_exception}, {@code namespace}, {@code range}, {@code loop}, {@code tojson} and the usual filters and tests are
 * there; {@code strftime_now} is not, and templates that ask whether it is take the date that they bring along.
 */
public final class JinjaTemplate {
    private static final int MAX_OUTPUT_BYTES = 16 << 20;
    private static final int MAX_ELEMENTS = 1 << 16;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_MESSAGE = 200;

    /** They read other templates, or evaluate what they are given. */
    private static final Set<String> FORBIDDEN_TAGS = Set.of("include", "import", "from", "extends");

    /** They evaluate what they are given, or their answers differ from time to time. */
    private static final Set<String> FORBIDDEN_FILTERS =
            Set.of("render", "fromyaml", "fromjson", "random", "shuffle", "regex_replace", "urlize", "attr");

    private static final Set<String> FORBIDDEN_FUNCTIONS =
            Set.of(":today", ":unixtimestamp", ":strtotime", ":strtodate", ":datetimeformat");

    private static final ObjectWriter JSON = JsonMapper.builder().build().writer(new PythonJson());

    private final String source;
    private final Jinjava jinjava;

    /**
     * A template that is read when it is rendered.
     *
     * @param source a newline at its very end is no part of it
     * @throws TemplateException if a note in it has no end
     */
    public JinjaTemplate(String source) {
        String withoutLastNewline = source.endsWith("\n") ? source.substring(0, source.length() - 1) : source;
        this.source = Notes.removed(withoutLastNewline);
        jinjava = new Jinjava(JinjavaConfig.newBuilder()
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withNestedInterpretationEnabled(false)
                .withLegacyOverrides(LegacyOverrides.newBuilder()
                        .withEvaluateMapKeys(true)
                        .withIterateOverMapKeys(true)
                        .withUseNaturalOperatorPrecedence(true)
                        .withParseWhitespaceControlStrictly(true)
                        .withAllowAdjacentTextNodes(true)
                        .withUseTrimmingForNotesAndExpressions(true)
                        .withKeepNullableLoopValues(true)
                        .build())
                .withElResolver(new PythonResolver())
                .withMaxOutputSize(MAX_OUTPUT_BYTES)
                .withMaxStringLength(MAX_OUTPUT_BYTES)
                .withMaxListSize(MAX_ELEMENTS)
                .withMaxMapSize(MAX_ELEMENTS)
                .withRangeLimit(MAX_ELEMENTS)
                .withMaxRenderDepth(MAX_DEPTH)
                .withMaxMacroRecursionDepth(MAX_DEPTH)
                .withDisabled(Map.of(
                        Library.TAG, FORBIDDEN_TAGS,
                        Library.FILTER, FORBIDDEN_FILTERS,
                        Library.FUNCTION, FORBIDDEN_FUNCTIONS))
                .build());
        jinjava.setResourceLocator((name, encoding, interpreter) -> {
            throw new IOException("a chat template reads nothing else");
        });
        jinjava.getGlobalContext().registerFilter(new Trim());
        jinjava.getGlobalContext().registerFilter(new ToJson());
        jinjava.getGlobalContext()
                .registerFunction(new ELFunctionDefinition(
                        "", "raise_exception", JinjaTemplate.class, "raiseException", Object.class));
    }

    /**
     * Renders.
     *
     * @param values that the template may read, by name: strings, booleans, lists and maps
     * @throws TemplateException if it cannot be read, or says by {@code raise_exception} that it has no form for these values
     */
    public String render(Map<String, ?> values) {
        RenderResult result = jinjava.renderForResult(source, values);
        for (TemplateError error : result.getErrors()) {
            if (error.getSeverity() == TemplateError.ErrorType.FATAL) {
                throw new TemplateException(message(error));
            }
        }
        return result.getOutput();
    }

    /** For templates alone. */
    public static Object raiseException(Object message) {
        throw new TemplateException(String.valueOf(message));
    }

    /** What the template itself says, or what is wrong with it and where. */
    private static String message(TemplateError error) {
        for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
            if (cause instanceof TemplateException said) {
                return inOneLine(said.getMessage());
            }
        }
        return inOneLine("line " + error.getLineno() + ": " + error.getMessage());
    }

    private static String inOneLine(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE) + "...";
    }

    /** As Python strips. */
    private static final class Trim implements Filter {
        @Override
        public String getName() {
            return "trim";
        }

        @Override
        public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
            return PythonText.strip(value == null ? "" : value.toString());
        }
    }

    /** As Python's {@code json.dumps(value, ensure_ascii=False)} writes. */
    private static final class ToJson implements Filter {
        @Override
        public String getName() {
            return "tojson";
        }

        @Override
        public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
            try {
                return JSON.writeValueAsString(value);
            } catch (JsonProcessingException e) {
                throw new TemplateException("tojson: " + e.getOriginalMessage());
            }
        }
    }

    /** A space behind each colon and comma. */
    private static final class PythonJson extends MinimalPrettyPrinter {
        private static final long serialVersionUID = 1L;

        @Override
        public void writeObjectFieldValueSeparator(JsonGenerator json) throws IOException {
            json.writeRaw(": ");
        }

        @Override
        public void writeObjectEntrySeparator(JsonGenerator json) throws IOException {
            json.writeRaw(", ");
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator json) throws IOException {
            json.writeRaw(", ");
        }
    }
}
