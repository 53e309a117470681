package io.llamastreams.app.terminal;

/** A command that does one thing and ends: its log lines of level INFO are shown with {@code --verbose} only. */
public interface QuietCommand {}
