/** The command line: one class per command; {@link dev.jlora.cli.Main} starts it. */
@NullMarked
package dev.jlora.cli;

import org.jspecify.annotations.NullMarked;
