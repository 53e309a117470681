/**
 * Everything that runs: the launcher and the root command, which knows all commands of {@code app.command}; they in turn speak
 * through {@code app.terminal} and never look up here. Only in app and its sub-packages are clock, environment, standard
 * streams and exit codes touched. Main thread, but for shutdown hooks.
 */
package io.llamastreams.app;
