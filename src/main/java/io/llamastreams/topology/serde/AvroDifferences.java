package io.llamastreams.topology.serde;

import io.llamastreams.schema.ComparedAnswer;
import io.llamastreams.schema.Difference;
import io.llamastreams.topology.record.DifferenceRecord;
import io.llamastreams.topology.record.Origin;
import java.util.Optional;

/** Differences between completions. Any thread. */
final class AvroDifferences {

    private AvroDifferences() {}

    static Difference difference(DifferenceRecord difference) {
        Origin origin = difference.origin();
        return new Difference(
                origin.topic(),
                origin.partition(),
                origin.offset(),
                difference.id(),
                difference.equal(),
                difference.firstDifferentToken(),
                compared(difference.before()),
                compared(difference.now()));
    }

    static DifferenceRecord difference(Difference difference) {
        return new DifferenceRecord(
                new Origin(difference.getTopic(), difference.getPartition(), difference.getOffset()),
                difference.getId(),
                difference.getEqual(),
                difference.getFirstDifferentToken(),
                compared(difference.getBefore()),
                compared(difference.getNow()));
    }

    private static ComparedAnswer compared(DifferenceRecord.Compared answer) {
        return new ComparedAnswer(
                AvroCompletions.status(answer.status()),
                answer.model(),
                answer.modelDigest(),
                answer.text(),
                answer.tokenIds(),
                answer.label().orElse(null),
                answer.error());
    }

    private static DifferenceRecord.Compared compared(ComparedAnswer answer) {
        return new DifferenceRecord.Compared(
                AvroCompletions.status(answer.getStatus()),
                answer.getModel(),
                answer.getModelDigest(),
                answer.getText(),
                answer.getTokenIds(),
                Optional.ofNullable(answer.getLabel()),
                answer.getError());
    }
}
