/**
 * Raw downcalls, one class per topic. Those into libtorch, jemalloc and the C library are generated
 * from {@code jlora_torch.h} of {@code jlora-native}; {@link LibBlas}, {@link TileProducts}, {@link
 * AttentionKernels} and {@link DeviceKernels} stand before generated ones and say what their raw
 * arguments mean. Handles travel as {@code long}; who owns one is said by {@code dev.jlora.tensor},
 * the only package besides {@code dev.jlora.kernels} that may call these.
 *
 * <p>A test fails when the generated sources are not those of the header.
 */
@NullMarked
package dev.jlora.ffi;

import org.jspecify.annotations.NullMarked;
