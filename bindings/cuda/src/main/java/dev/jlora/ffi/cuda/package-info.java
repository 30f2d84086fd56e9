/**
 * Raw downcalls into CUDA's libraries, one class per library (three for the driver), and nothing
 * else. Nothing is loaded until an object is made over a library's symbols; handles and addresses
 * of the GPU travel as {@code long}. Only {@code dev.jlora.cuda} may call these.
 *
 * <p>All but {@link BoundLibrary} and {@link Library} is generated from {@code jlora_cuda.h} of
 * this module; a test of jlora-bindings fails when the generated sources are not those of the
 * header.
 */
@NullMarked
package dev.jlora.ffi.cuda;

import org.jspecify.annotations.NullMarked;
