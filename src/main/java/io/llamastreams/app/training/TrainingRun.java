package io.llamastreams.app.training;

import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.model.save.GgufKeys;
import io.llamastreams.model.save.GgufModelWriter;
import io.llamastreams.model.save.NamedTensor;
import io.llamastreams.tensor.kernel.TrainingKernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.tokenizer.Vocabulary;
import io.llamastreams.training.Recipe;
import io.llamastreams.training.Trainer;
import io.llamastreams.training.Trainer.PhaseName;
import io.llamastreams.training.TrainingData;
import io.llamastreams.training.checkpoint.Checkpoint;
import io.llamastreams.training.checkpoint.CheckpointFile;
import io.llamastreams.training.data.BatchSource;
import io.llamastreams.training.data.Dialogue;
import io.llamastreams.training.data.DialogueSource;
import io.llamastreams.training.data.PackedDialogues;
import io.llamastreams.training.data.PackedTexts;
import io.llamastreams.training.network.ParameterLayout;
import io.llamastreams.training.network.TokenBatch;
import io.llamastreams.training.report.LossCurve;
import io.llamastreams.training.report.TrainingLog;
import io.llamastreams.training.report.TrainingProgress;
import io.llamastreams.training.report.TrainingReport;
import io.llamastreams.training.vocabulary.BpeTrainer;
import io.llamastreams.training.vocabulary.GgufVocabulary;
import io.llamastreams.training.vocabulary.SentencePieceModelWriter;
import io.llamastreams.training.vocabulary.VocabularySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * One training run in a folder.
 *
 * <pre>
 *   texts -> vocabulary -> batches -> steps, with log and checkpoints -> model file and curve
 * </pre>
 *
 * The vocabulary is learnt anew when a run is resumed, which gives the same one. Main thread.
 */
public final class TrainingRun {
    /** Dialogues that the vocabulary is learnt from, for each text. */
    private static final int TEXTS_PER_DIALOGUE = 2;

    private final Recipe recipe;
    private final TrainingSources sources;
    private final RunFolder folder;
    private final Console console;
    private final LongSupplier nanoClock;
    private final BooleanSupplier interrupted;
    private final Duration checkpointPause;

    /**
     * How a run ended.
     *
     * @param finished or interrupted, with a checkpoint
     * @param tokensPerSecond of the steps of this process
     * @param operationsPerSecond likewise
     */
    public record Result(boolean finished, double tokensPerSecond, double operationsPerSecond) {}

    /**
     * @param folder that the run fills; exists
     * @param checkpointPause time from one checkpoint to the next
     * @param interrupted asked between two steps: whether to stop with a checkpoint
     */
    public TrainingRun(
            Recipe recipe,
            TrainingSources sources,
            Path folder,
            Duration checkpointPause,
            Console console,
            LongSupplier nanoClock,
            BooleanSupplier interrupted) {
        this.recipe = recipe;
        this.sources = sources;
        this.folder = new RunFolder(folder);
        this.checkpointPause = checkpointPause;
        this.console = console;
        this.nanoClock = nanoClock;
        this.interrupted = interrupted;
    }

    /** Whether there is something to resume. */
    public boolean hasCheckpoint() {
        return Files.exists(folder.checkpoint());
    }

    /**
     * Trains from the beginning or from the checkpoint.
     *
     * @param recipeText kept in the folder
     */
    public Result run(String recipeText, boolean resume, TrainingKernels kernels, WorkerPool pool) throws IOException {
        Vocabulary vocabulary = learnVocabulary();
        Trainer trainer =
                new Trainer(recipe, sources.digest(), data(new Tokenizer(vocabulary)), kernels, pool, nanoClock);
        console.info(String.format(
                Locale.ROOT,
                "%s: %,d parameters, %,d tokens in the vocabulary, %d + %d + %d steps",
                recipe.name(),
                trainer.layout().size(),
                vocabulary.size(),
                recipe.pretraining().steps(),
                recipe.fineTuning().steps(),
                recipe.secondFineTuning().steps()));
        if (resume) {
            trainer.restore(CheckpointFile.read(
                    folder.checkpoint(), trainer.digest(), trainer.layout().size()));
            console.info("resumed: " + trainer.phase() + ", step " + trainer.steps());
        }
        Files.writeString(folder.recipe(), recipeText);
        Files.write(folder.tokenizer(), SentencePieceModelWriter.bytes(vocabulary));
        try (TrainingLog log = openLog(trainer, resume)) {
            train(trainer, log);
        }
        save(trainer.checkpoint());
        writeModel(trainer, vocabulary);
        drawCurve();
        return new Result(trainer.isFinished(), trainer.tokensPerSecond(), trainer.operationsPerSecond());
    }

    private TrainingLog openLog(Trainer trainer, boolean resume) throws IOException {
        return resume
                ? TrainingLog.resume(
                        folder.log(),
                        Set.copyOf(trainer.earlierPhases()),
                        trainer.phase().toString(),
                        trainer.steps())
                : TrainingLog.create(folder.log());
    }

    private void train(Trainer trainer, TrainingLog log) throws IOException {
        long savedNanos = nanoClock.getAsLong();
        PhaseProgress progress = new PhaseProgress(trainer);
        while (!trainer.isFinished() && !interrupted.getAsBoolean()) {
            Optional<TrainingReport> report = trainer.step();
            if (report.isPresent()) {
                log.append(report.get());
                progress.show(report.get());
            }
            if (progress.phase != trainer.phase()) {
                progress = new PhaseProgress(trainer);
            }
            if (nanoClock.getAsLong() - savedNanos > checkpointPause.toNanos()) {
                save(trainer.checkpoint());
                savedNanos = nanoClock.getAsLong();
            }
        }
    }

    /** Tells of a phase's steps, a line each report, and how long it has still to go. */
    private final class PhaseProgress {
        private final PhaseName phase;
        private final TrainingProgress lines;
        private final long startNanos = nanoClock.getAsLong();

        PhaseProgress(Trainer trainer) {
            phase = trainer.phase();
            lines = new TrainingProgress(phase.toString(), trainer.steps(), trainer.phaseSteps());
        }

        void show(TrainingReport report) {
            double elapsed = (nanoClock.getAsLong() - startNanos) / 1e9;
            String line = lines.line(report.step(), report.loss(), report.rate(), report.tokensPerSecond(), elapsed);
            String heldOut = report.heldOutLoss().isPresent()
                    ? String.format(
                            Locale.ROOT, "  held-out %.4f", report.heldOutLoss().getAsDouble())
                    : "";
            console.info(line + heldOut);
        }
    }

    private void save(Checkpoint checkpoint) throws IOException {
        CheckpointFile.write(folder.checkpoint(), checkpoint);
    }

    private Vocabulary learnVocabulary() {
        int count = recipe.vocabularyTexts();
        int dialogues = !recipe.fineTunes() ? 0 : count / TEXTS_PER_DIALOGUE;
        try (Progress progress = console.progress("vocabulary", count + dialogues, "texts")) {
            Iterable<String> texts = () -> new TextsOfVocabulary(sources, count, dialogues, progress);
            return BpeTrainer.train(
                    texts, VocabularySettings.ofSize(recipe.config().vocabularySize()));
        }
    }

    private Map<PhaseName, TrainingData> data(Tokenizer tokenizer) {
        Map<PhaseName, TrainingData> data = new EnumMap<>(PhaseName.class);
        data.put(PhaseName.PRETRAINING, texts(tokenizer, recipe.pretraining().rows()));
        data.put(
                PhaseName.FINE_TUNING,
                dialogues(sources.dialogues(), tokenizer, recipe.fineTuning().rows()));
        data.put(
                PhaseName.SECOND_FINE_TUNING,
                dialogues(
                        sources.secondDialogues(),
                        tokenizer,
                        recipe.secondFineTuning().rows()));
        return data;
    }

    private TrainingData texts(Tokenizer tokenizer, int rows) {
        int context = recipe.config().contextLength();
        List<String> heldOut = sources.heldOutTexts();
        return new TrainingData(
                new PackedTexts(sources.texts(), tokenizer, rows, context),
                heldOut.isEmpty()
                        ? List.of()
                        : batches(
                                new PackedTexts(index -> around(heldOut, index), tokenizer, rows, context),
                                heldOut.size()));
    }

    private TrainingData dialogues(DialogueSource learnt, Tokenizer tokenizer, int rows) {
        int context = recipe.config().contextLength();
        List<Dialogue> heldOut = sources.heldOutDialogues();
        return new TrainingData(
                new PackedDialogues(learnt, tokenizer, rows, context),
                batches(
                        new PackedDialogues(index -> around(heldOut, index), tokenizer, rows, context),
                        heldOut.size()));
    }

    /** Batches until all have been in one; the last is filled up with the first ones. */
    private static List<TokenBatch> batches(BatchSource source, int count) {
        List<TokenBatch> batches = new ArrayList<>();
        while (source.position().index() < count) {
            batches.add(source.next());
        }
        return batches;
    }

    private static <T> T around(List<T> list, long index) {
        return list.get((int) (index % list.size()));
    }

    private void writeModel(Trainer trainer, Vocabulary vocabulary) {
        ParameterLayout layout = trainer.layout();
        List<NamedTensor> tensors = new ArrayList<>();
        layout.tensors()
                .forEach(tensor -> tensors.add(new NamedTensor(
                        tensor.name(), tensor.rows(), tensor.columns(), trainer.weights(), tensor.offset())));
        GgufKeys keys = new GgufKeys()
                .string("general.name", recipe.name())
                .all(GgufVocabulary.keysWithChatTemplate(vocabulary));
        GgufModelWriter.write(folder.model(), recipe.config(), keys, tensors, recipe.fileType());
        console.info("model: " + folder.model());
    }

    private void drawCurve() throws IOException {
        List<TrainingReport> reports = TrainingLog.read(folder.log());
        if (reports.isEmpty()) {
            throw new CommandFailure(folder.log() + ": expected reports, found none");
        }
        Files.writeString(folder.curve(), LossCurve.svg("Training of " + recipe.name(), reports));
    }
}
