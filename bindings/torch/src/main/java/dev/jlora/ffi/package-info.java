/**
 * Raw downcalls, one class per topic. Those into libtorch, jemalloc and the C library are generated
 * from {@code jlora_torch.h} of {@code jlora-native}; {@link LibBlas}, {@link TileProducts}, {@link
 * AttentionKernels} and {@link DeviceKernels} wrap generated classes and document their raw
 * arguments. Handles are passed as {@code long}; they are owned by {@code dev.jlora.tensor}, the
 * only package besides {@code dev.jlora.kernels} that may call these.
 *
 * <p>A test fails when the generated sources are not those of the header.
 */
@NullMarked
package dev.jlora.ffi;

import org.jspecify.annotations.NullMarked;
