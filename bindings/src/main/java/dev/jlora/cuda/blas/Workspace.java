package dev.jlora.cuda.blas;

import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Memory of the card that calls work in; it stays the caller's, and one at a time uses it.
 *
 * @param bytes for products with an epilogue, some MB for the fastest; null for those that need
 *     none
 * @param addresses for grouped products, three times 8 bytes for each product of a group; null to
 *     make them one after the other
 */
public record Workspace(@Nullable Tensor bytes, @Nullable Tensor addresses) {
  /** None. */
  public static final Workspace NONE = new Workspace(null, null);
}
