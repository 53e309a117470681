package io.llamastreams.topology.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.topology.prompt.PendingEntry.State;
import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.record.PendingNotes.Deaths;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PendingEntryTest {
    /** A way to each state. */
    private static final Map<State, List<State>> WAYS = Map.of(
            State.NEW, List.of(),
            State.WAITING, List.of(State.WAITING),
            State.RUNNING, List.of(State.RUNNING),
            State.RECALLED, List.of(State.RUNNING, State.RECALLED),
            State.FOLLOWING, List.of(State.FOLLOWING),
            State.ENDED, List.of(State.WAITING, State.ENDED));

    private static PendingEntry in(State state) {
        PendingEntry entry = entry(7);
        WAYS.get(state).forEach(entry::setState);
        return entry;
    }

    private static PendingEntry entry(long offset) {
        return new PendingEntry(new Origin("prompts", 0, offset));
    }

    /** Rows: from; columns: to. */
    @ParameterizedTest
    @CsvSource(useHeadersInDisplayName = true, textBlock = """
            FROM,      NEW, WAITING, RUNNING, RECALLED, FOLLOWING, ENDED
            NEW,       -,   yes,     yes,     -,        yes,       -
            WAITING,   -,   -,       yes,     -,        -,         yes
            RUNNING,   -,   -,       -,       yes,      -,         yes
            RECALLED,  -,   yes,     -,       -,        -,         yes
            FOLLOWING, -,   yes,     -,       -,        -,         yes
            ENDED,     -,   -,       -,       -,        -,         -
            """)
    void goesTheWaysOfTheDiagramOnly(
            State from, String toNew, String waiting, String running, String recalled, String following, String ended) {
        List<String> ways = List.of(toNew, waiting, running, recalled, following, ended);
        assertThat(ways).hasSameSizeAs(State.values());
        Iterator<String> way = ways.iterator();
        for (State to : State.values()) {
            PendingEntry entry = in(from);
            assertThat(entry.state()).isEqualTo(from);
            if (way.next().equals("yes")) {
                entry.setState(to);
                assertThat(entry.state()).isEqualTo(to);
            } else {
                assertThatThrownBy(() -> entry.setState(to))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("pending prompt prompts-0-0000000000000000007: expected no way from " + from
                                + " to " + to);
                assertThat(entry.state()).as("stays where it is").isEqualTo(from);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void isInOnePlaceAtMost(State state) {
        PendingEntry entry = in(state);
        assertThat(List.of(state.isInEngine(), entry.isOutsideEngine(), entry.hasEnded(), state == State.NEW))
                .containsOnlyOnce(true);
    }

    @Test
    void followersStandInTheOrderOfTheirKeysAndLeaveByThemselves() {
        PendingEntry first = entry(1);
        PendingEntry second = entry(2);
        PendingEntry late = entry(10);
        PendingEntry early = entry(9);
        late.follow(first);
        early.follow(first);
        assertThat(first.followers()).containsExactly(early, late);
        late.follow(second);
        assertThat(first.followers()).containsExactly(early);
        assertThat(second.followers()).containsExactly(late);
        early.unfollow();
        assertThat(first.followers()).isEmpty();
    }

    @Test
    void aFollowerMayOutliveWhatItFollows() {
        PendingEntry first = in(State.RUNNING);
        PendingEntry follower = entry(9);
        follower.follow(first);
        first.setState(State.ENDED);
        follower.follow(entry(8));
        follower.unfollow();
        assertThat(first.followers()).isEmpty();
    }

    @Test
    void anEndedPromptKeepsNothing() {
        PendingEntry entry = in(State.RUNNING);
        entry.setDeaths(new Deaths(2, 1));
        entry.addNoteForm(StoredNotes.Form.RECORD);
        entry.setNotedIn(3);
        entry.setState(State.ENDED);
        assertThat(entry.deaths()).isEqualTo(Deaths.NONE);
        assertThat(entry.noteForms()).isEmpty();
        assertThat(entry.isNoted()).isFalse();
    }
}
