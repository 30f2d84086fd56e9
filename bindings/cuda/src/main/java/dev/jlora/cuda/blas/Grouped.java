package dev.jlora.cuda.blas;

import java.util.List;

/**
 * Products of different shapes that may run concurrently. They may share inputs, but none may read
 * another's result.
 *
 * @param products at least two, without a batch or an epilogue
 */
public record Grouped(List<Gemm> products) implements Step {
  /**
   * @throws IllegalArgumentException for products that cannot be grouped
   */
  public Grouped {
    products = List.copyOf(products);
    boolean plain =
        products.stream().allMatch(it -> it.batch() == 1 && it.epilogue() == Gemm.Epilogue.NONE);
    if (products.size() < 2 || !plain) {
      throw new IllegalArgumentException(
          "grouped products: got %d, expected two or more without batch or epilogue"
              .formatted(products.size()));
    }
  }

  /** One step for any number of products. */
  static Step of(List<Gemm> products) {
    return products.size() == 1 ? products.getFirst() : new Grouped(products);
  }
}
