package dev.jlora.peft;

import java.util.HashMap;
import java.util.Map;

/**
 * The numbers of PyTorch's generator on the CPU, {@code torch.Generator().manual_seed(seed)}, bit
 * for bit: for adapters whose files leave out what PEFT draws from a seed. The generator is the
 * Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998). Not thread-safe.
 */
public final class TorchGenerator {
  /** The largest size of a {@link #permutation}; PyTorch shuffles more numbers in another way. */
  public static final long MAX_PERMUTATION = 0xFFFF_FFFFL / 20 - 1;

  private static final int STATE = 624;
  private static final int SHIFT = 397;
  private static final int TWIST = 0x9908B0DF;

  private final int[] state = new int[STATE];
  private int next = STATE;

  /**
   * @param seed of which PyTorch uses the lower 32 bits
   */
  public TorchGenerator(long seed) {
    state[0] = (int) seed;
    for (int i = 1; i < STATE; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /** The next 32 bits: a number from 0 to 2^32 - 1. */
  public long next() {
    if (next == STATE) {
      generate();
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9D2C5680;
    y ^= (y << 15) & 0xEFC60000;
    y ^= y >>> 18;
    return Integer.toUnsignedLong(y);
  }

  private void generate() {
    for (int i = 0; i < STATE; i++) {
      int y = (state[i] & 0x80000000) | (state[(i + 1) % STATE] & 0x7FFFFFFF);
      state[i] = state[(i + SHIFT) % STATE] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : TWIST);
    }
    next = 0;
  }

  /**
   * The first elements of {@code torch.randperm(n)}, a Fisher-Yates shuffle of 0 to n - 1. Draws no
   * more numbers than these elements need.
   *
   * @param n from 1 to {@link #MAX_PERMUTATION}
   * @param count of elements; at most n
   */
  public long[] permutation(long n, int count) {
    if (n > MAX_PERMUTATION || count > n || count < 0) {
      throw new IllegalArgumentException(
          "permutation: got %d of %d, expected at most all of %d"
              .formatted(count, n, MAX_PERMUTATION));
    }
    Map<Long, Long> moved = new HashMap<>();
    long[] first = new long[count];
    for (int i = 0; i < count; i++) {
      long at = i < n - 1 ? i + next() % (n - i) : i;
      Long own = moved.remove((long) i);
      long here = own == null ? i : own;
      if (at == i) {
        first[i] = here;
      } else {
        Long there = moved.put(at, here);
        first[i] = there == null ? at : there;
      }
    }
    return first;
  }

  /** The next element of {@code tensor.uniform_(from, to, generator=...)}, in float32. */
  public float uniform(float from, float to) {
    float unit = (next() & 0xFFFFFF) * 0x1p-24f;
    return Math.fma(unit, to - from, from); // rounded once, as libtorch's kernels do
  }

  /** Skips as many numbers as a float32 tensor has elements. */
  public void skip(long elements) {
    for (long i = 0; i < elements; i++) {
      next();
    }
  }
}
