/**
 * Everything that runs: the launcher, the root command, the terminal. May use all packages below it. Only here and in its
 * sub-packages are clock, environment, standard streams and exit codes touched. Main thread, but for shutdown hooks.
 */
package io.llamastreams.app;
