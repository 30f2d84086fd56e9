/**
 * The way of a row to a batch: {@link dev.jlora.data.Dataset} rows are encoded into {@link
 * dev.jlora.data.Example}s, chosen by a {@link dev.jlora.data.BatchSampler}, and collated into a
 * {@link dev.jlora.data.HostBatch} in native memory, ahead of the training step, by the one thread
 * of a {@link dev.jlora.data.BatchLoader}.
 *
 * <p>A batch belongs to whoever took it from the loader; the loader closes those nobody took.
 */
@NullMarked
package dev.jlora.data;

import org.jspecify.annotations.NullMarked;
