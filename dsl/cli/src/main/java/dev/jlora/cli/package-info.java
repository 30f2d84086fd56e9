/** The command line: one small class for each command; {@link dev.jlora.cli.Main} starts it. */
@NullMarked
package dev.jlora.cli;

import org.jspecify.annotations.NullMarked;
