package io.llamastreams.training.tickets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TemplateTest {

    @Test
    void expandsNestedChoicesAndLeavesSlots() {
        Template template = Template.parse("I {want|need {a|the}} <item>{| now}.");
        assertThat(template.expansions())
                .containsExactly(
                        "I want <item>.",
                        "I want <item> now.",
                        "I need a <item>.",
                        "I need a <item> now.",
                        "I need the <item>.",
                        "I need the <item> now.");
        assertThat(template.expansionCount()).isEqualTo(6);
    }

    @Test
    void rendersOneExpansionWithSlotsFilled() {
        Template template = Template.parse("{Send|Post} <item>{| again}.");
        for (long seed = 0; seed < 50; seed++) {
            assertThat(template.render(new CounterRandom(seed), slot -> "[" + slot + "]"))
                    .as("seed " + seed)
                    .matches("(Send|Post) \\[item](| again)\\.");
        }
    }

    @Test
    void rejectsBracketsWithoutPartner() {
        assertThatThrownBy(() -> Template.parse("I {want")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Template.parse("I want}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Template.parse("I want <item")).isInstanceOf(IllegalArgumentException.class);
    }
}
