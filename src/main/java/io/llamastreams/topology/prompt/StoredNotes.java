package io.llamastreams.topology.prompt;

import io.llamastreams.topology.record.PendingNotes;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.StoredSerde;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Notes of pending prompts, one record for each in the prompts' own store, under the prompt's key with an ending. StreamThread
 * of its task.
 *
 * <p>Earlier builds of 0.1 kept each note under a key of its own. These are still read, and prevail: where both forms are
 * there, the earlier build had the prompt last. The first change of a prompt's notes writes the record and deletes them.
 *
 * <p>Going back to such a build loses no prompt: the record's ending is such that it takes it for the tokens of a prompt that
 * it does not have, and leaves it alone. It makes half-made texts again from the beginning, counts attempts anew, and generates
 * what only followed another prompt. What it leaves behind of records whose prompts have ended, {@link PendingPrompts} deletes.
 */
final class StoredNotes {
    /** A form in which something is noted of a prompt. */
    enum Form {
        /** All of it: a record. Looked for before the others, since it ends as one of them. */
        RECORD("+notes+made"),
        /** Of earlier builds, the tokens of its text: four bytes each. */
        OLD_MADE("+made"),
        /** Of earlier builds, how often it was tried: the four numbers of deaths, four bytes each, and the run. */
        OLD_TRIES("+tries"),
        /** Of earlier builds, the key of the prompt that it follows. */
        OLD_FIRST("+first");

        private final String ending;

        Form(String ending) {
            this.ending = ending;
        }

        /** The form of what lies under a key; empty if that is a prompt. */
        static Optional<Form> of(String key) {
            for (Form form : values()) {
                if (key.endsWith(form.ending)) {
                    return Optional.of(form);
                }
            }
            return Optional.empty();
        }

        /** Key of the prompt that a note is about. */
        String storeKey(String key) {
            return key.substring(0, key.length() - ending.length());
        }
    }

    private final KeyValueStore<String, byte[]> store;
    private final StoredSerde<PendingNotes> serde = new StoredSerde<>(RecordMappings.PENDING_NOTES);

    StoredNotes(KeyValueStore<String, byte[]> store) {
        this.store = store;
    }

    PendingNotes read(PendingEntry entry) {
        Set<Form> forms = entry.noteForms();
        PendingNotes notes =
                forms.contains(Form.RECORD) ? serde.decode(store.get(key(entry, Form.RECORD))) : PendingNotes.NONE;
        if (forms.contains(Form.OLD_MADE)) {
            List<Integer> made = oldMade(old(entry, Form.OLD_MADE).asIntBuffer());
            // both begin the same text
            notes = made.size() > notes.made().size() ? notes.withMade(made) : notes;
        }
        if (forms.contains(Form.OLD_TRIES)) {
            notes = notes.withAttempt(oldTries(old(entry, Form.OLD_TRIES)));
        }
        if (forms.contains(Form.OLD_FIRST)) {
            notes = notes.withFirst(
                    StandardCharsets.UTF_8.decode(old(entry, Form.OLD_FIRST)).toString());
        }
        return notes;
    }

    /** Notes this and nothing else. */
    void write(PendingEntry entry, PendingNotes notes) {
        if (notes.equals(PendingNotes.NONE)) {
            delete(entry);
            return;
        }
        store.put(key(entry, Form.RECORD), serde.encode(notes));
        for (Form form : entry.noteForms()) {
            if (form != Form.RECORD) {
                delete(entry, form);
            }
        }
        entry.addNoteForm(Form.RECORD);
    }

    /** Deletes what is noted. */
    void delete(PendingEntry entry) {
        entry.noteForms().forEach(form -> delete(entry, form));
    }

    private void delete(PendingEntry entry, Form form) {
        store.delete(key(entry, form));
        entry.removeNoteForm(form);
    }

    private static String key(PendingEntry entry, Form form) {
        return entry.storeKey() + form.ending;
    }

    private ByteBuffer old(PendingEntry entry, Form form) {
        return ByteBuffer.wrap(store.get(key(entry, form)));
    }

    private static List<Integer> oldMade(IntBuffer stored) {
        List<Integer> made = new ArrayList<>(stored.remaining());
        while (stored.hasRemaining()) {
            made.add(stored.get());
        }
        return made;
    }

    private static PendingNotes.Attempt oldTries(ByteBuffer stored) {
        PendingNotes.Deaths before = new PendingNotes.Deaths(stored.getInt(), stored.getInt());
        PendingNotes.Deaths after = new PendingNotes.Deaths(stored.getInt(), stored.getInt());
        return new PendingNotes.Attempt(
                before, after, StandardCharsets.UTF_8.decode(stored).toString());
    }
}
