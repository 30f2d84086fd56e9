/**
 * From rows to batches: the rows of a {@link dev.jlora.data.Dataset} are encoded as {@link
 * dev.jlora.data.Example}s, selected by a {@link dev.jlora.data.BatchSampler}, and collated into a
 * {@link dev.jlora.data.HostBatch} in native memory, ahead of the training step, by the thread of a
 * {@link dev.jlora.data.BatchLoader}.
 *
 * <p>A batch belongs to the code that took it from the loader; the loader closes the others.
 */
@NullMarked
package dev.jlora.data;

import org.jspecify.annotations.NullMarked;
