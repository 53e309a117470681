package io.llamastreams.model.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Tells a user who chose another kind of file what it looks like. */
final class FileKind {
    private static final int BYTES = 64;

    private FileKind() {}

    /** Leaves the channel's position where it is; a file shorter than the magic may pass if it starts like one. */
    static void requireGguf(Path path, FileChannel channel) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(BYTES);
        int read = 0;
        while (start.hasRemaining() && read >= 0) {
            read = channel.read(start, start.position());
        }
        String text = new String(start.array(), 0, start.position(), StandardCharsets.ISO_8859_1);
        if (!text.startsWith("GGUF") && !(text.length() < 4 && "GGUF".startsWith(text))) {
            throw ModelFormatException.expected(path, "file", "a GGUF model", describe(text));
        }
    }

    /** @param start first bytes of a file, one character each */
    private static String describe(String start) {
        if (start.startsWith("FUGG")) {
            return "the magic of GGUF in big-endian order";
        }
        if (start.startsWith("lmgg") || start.startsWith("fmgg") || start.startsWith("tjgg")) {
            return "the older ggml format, which llama.cpp's tools convert";
        }
        if (start.startsWith("PK\3\4")) {
            return "a zip archive, perhaps a PyTorch checkpoint";
        }
        if (start.startsWith("\u0080\2")) {
            return "a Python pickle, perhaps a PyTorch checkpoint";
        }
        if (start.startsWith("version https://git-lfs")) {
            return "a Git LFS pointer, not the file itself";
        }
        if (start.startsWith("24ka")) {
            return "a llama2.c model";
        }
        if (start.contains("\n\5<unk>")) {
            return "a SentencePiece tokenizer";
        }
        if (start.length() > 8
                && start.charAt(8) == '{'
                && start.substring(5, 8).equals("\0\0\0")) {
            return "what looks like safetensors";
        }
        if (start.stripLeading().startsWith("{")) {
            return "what looks like JSON";
        }
        if (start.stripLeading().startsWith("<")) {
            return "what looks like a web page";
        }
        if (start.chars().allMatch(c -> c == 0)) {
            return "zero bytes, perhaps an unfinished download";
        }
        StringBuilder hex = new StringBuilder("a file that starts with the bytes");
        start.chars().limit(4).forEach(c -> hex.append(String.format(" %02x", c)));
        return hex.toString();
    }
}
