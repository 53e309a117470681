/**
 * What a command may use to speak to the user: standard output for results, standard error for everything else, progress bars,
 * errors in one line. Knows no command; used by all of {@code app}.
 */
package io.llamastreams.app.terminal;
