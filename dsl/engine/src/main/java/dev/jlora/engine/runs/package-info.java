/**
 * Runs on disk: ownership of files in an output folder, locks, and the fingerprints of checkpoints.
 */
@NullMarked
package dev.jlora.engine.runs;

import org.jspecify.annotations.NullMarked;
