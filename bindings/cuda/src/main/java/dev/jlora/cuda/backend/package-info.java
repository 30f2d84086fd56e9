/**
 * The backend of CUDA devices: {@code dev.jlora.backend}'s families of operators by jlora's kernels
 * and direct cuBLAS calls. Unsupported inputs (FLOAT64, rows of more than 65536 columns, empty
 * tensors) go to the composed implementation. Nothing here waits for a GPU; results are allocated
 * by libtorch.
 *
 * <p>The rest of jlora reaches this module through {@link dev.jlora.cuda.backend.CudaSupport}
 * alone, by the interface that it implements.
 */
@NullMarked
package dev.jlora.cuda.backend;

import org.jspecify.annotations.NullMarked;
