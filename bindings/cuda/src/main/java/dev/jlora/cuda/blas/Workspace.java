package dev.jlora.cuda.blas;

import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Scratch memory on the GPU for calls; owned by the caller, used by one call at a time.
 *
 * @param bytes for products with an epilogue, some MB for the fastest algorithms; null if there are
 *     none
 * @param addresses for grouped products, three times 8 bytes for each product of a group; null to
 *     compute them one after the other
 */
public record Workspace(@Nullable Tensor bytes, @Nullable Tensor addresses) {
  /** No workspace. */
  public static final Workspace NONE = new Workspace(null, null);
}
