/**
 * Runs on the disk: whose files lie in an output folder, who may write there, and which job a
 * checkpoint belongs to.
 */
@NullMarked
package dev.jlora.engine.runs;

import org.jspecify.annotations.NullMarked;
