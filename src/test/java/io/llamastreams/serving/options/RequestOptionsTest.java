package io.llamastreams.serving.options;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestParser;
import io.llamastreams.serving.options.RequestOption.DigestLine;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestOptionsTest {

    @Test
    void eachOptionHasItsOwnNameAndFlag() {
        assertThat(RequestOptions.ALL).extracting(RequestOption::name).doesNotHaveDuplicates();
        assertThat(RequestOptions.ALL)
                .extracting(option -> option.flag().name())
                .doesNotHaveDuplicates()
                .allMatch(flag -> flag.matches("--[a-z-]+"));
    }

    @Test
    void eachOptionIsReadFromItsFieldOfALine() {
        for (RequestOption<?> option : RequestOptions.ALL) {
            String line =
                    "{\"id\":\"a\",\"prompt\":\"x\",\"" + option.name() + "\":" + OptionSamples.json(option) + "}";
            RequestLine read = new RequestParser(InstantSource.system(), warning -> {
                        throw new IllegalStateException(warning);
                    })
                    .parse(line, 1);
            assertThat(read).as(line).isInstanceOf(RequestLine.Accepted.class);
            assertThat(((RequestLine.Accepted) read).prompt().options())
                    .as(line)
                    .isEqualTo(OptionSamples.with(option))
                    .isNotEqualTo(GenerationOptions.DEFAULT);
        }
    }

    @Test
    void defaultsAreInRange() {
        assertThat(RequestOptions.problem(GenerationOptions.DEFAULT, 100)).isEmpty();
    }

    @Test
    void optionCountsInADigestAsItsRowSays() {
        for (RequestOption<?> option : RequestOptions.ALL) {
            GenerationOptions changed = OptionSamples.with(option);
            assertThat(option.canonicalValue(changed).isPresent())
                    .as(option.name())
                    .isEqualTo(option.digestLine() != DigestLine.NEVER);
            if (option.digestLine() != DigestLine.NEVER) {
                assertThat(option.canonicalValue(changed))
                        .as(option.name())
                        .isNotEqualTo(option.canonicalValue(GenerationOptions.DEFAULT));
            }
        }
    }

    @Test
    void newOptionHasNoLineWhereItHasItsDefault() {
        RequestOption<?> later = RequestOptions.SAMPLING.getFirst().digested(DigestLine.UNLESS_DEFAULT);
        assertThat(later.name()).isEqualTo("temperature");
        assertThat(later.canonicalValue(GenerationOptions.DEFAULT)).isEmpty();
        assertThat(later.canonicalValue(OptionSamples.with(later))).isEqualTo(Optional.of("0.25"));
    }
}
