package dev.jlora.adapters.lycoris;

/**
 * Two numbers whose product is a size, the smaller one first unless a given divisor is larger.
 *
 * @param left of the left factor of a Kronecker product
 * @param right of the right factor
 */
record Factors(long left, long right) {

  /**
   * Splits a size as LyCORIS does.
   *
   * @param factor a divisor of the size becomes the left number; otherwise the largest divisor up
   *     to it that brings the two closer together. -1 for no limit
   */
  static Factors of(long size, int factor) {
    if (factor > 0 && size % factor == 0) {
      return new Factors(factor, size / factor);
    }
    long limit = factor == -1 ? size : factor;
    long left = 1;
    long right = size;
    while (left < right) {
      long next = left + 1;
      while (size % next != 0) {
        next++;
      }
      if (next + size / next > size + 1 || next > limit) {
        break;
      }
      left = next;
      right = size / next;
    }
    return left > right ? new Factors(right, left) : new Factors(left, right);
  }
}
