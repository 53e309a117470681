/**
 * One class per command of the command line, made by picocli with the {@link io.llamastreams.app.terminal.Console} it speaks
 * through. A command throws {@link io.llamastreams.app.terminal.CommandFailure}, or lets a typed error of the packages below
 * pass: the root prints it as one line. Main thread.
 */
package io.llamastreams.app.command;
