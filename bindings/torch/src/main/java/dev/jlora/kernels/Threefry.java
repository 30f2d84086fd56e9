package dev.jlora.kernels;

/**
 * Threefry-4x32 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011): a
 * counter-based generator, so any thread can compute any part of the sequence. Twelve rounds are
 * the minimum that passes BigCrush there.
 *
 * <p>It processes a tile of {@value #BLOCKS} counters at a time, one array per word, two rounds per
 * loop: only additions, rotations and exclusive ors over arrays with one index, which C2 vectorizes
 * (a loop over all twelve rounds is too long for it).
 */
public final class Threefry {
  /** Counters in a tile. */
  static final int BLOCKS = 1024;

  /** 16-bit numbers in a tile: four words of 32 bits from each counter. */
  public static final int TILE = 8 * BLOCKS;

  private static final int GROUPS = 3;
  private static final int PARITY = 0x1BD11BDA;

  /** The four words of each counter of the tile last filled. */
  final int[][] words = new int[4][BLOCKS];

  private static final ThreadLocal<Threefry> LOCAL = ThreadLocal.withInitial(() -> new Threefry(0));

  private final int[] key = new int[5];

  /**
   * The calling thread's generator, set to a seed. Kernels use it instead of a new one: its tile
   * stays in the cache, and a step produces no garbage that would need new pages.
   */
  static Threefry ofThread(long seed) {
    Threefry random = LOCAL.get();
    random.setKey((int) seed, (int) (seed >>> 32), 0, 0);
    return random;
  }

  Threefry(long seed) {
    this((int) seed, (int) (seed >>> 32), 0, 0);
  }

  Threefry(int k0, int k1, int k2, int k3) {
    setKey(k0, k1, k2, k3);
  }

  private void setKey(int k0, int k1, int k2, int k3) {
    key[0] = k0;
    key[1] = k1;
    key[2] = k2;
    key[3] = k3;
    key[4] = PARITY ^ k0 ^ k1 ^ k2 ^ k3;
  }

  /** Fills the first {@code count} blocks of the tile with number {@code tile}. */
  void fill(long tile, int count) {
    fill(tile * BLOCKS, count, GROUPS);
  }

  /** Blocks {@code counter}, {@code counter + 1}, ... with {@code groups} times four rounds. */
  void fill(long counter, int count, int groups) {
    int[] x0 = words[0];
    int[] x1 = words[1];
    int[] x2 = words[2];
    int[] x3 = words[3];
    start(x0, x1, x2, x3, count, (int) counter + key[0], (int) (counter >>> 32) + key[1], key);
    for (int group = 0; group < groups; group++) {
      if (group % 2 == 0) {
        rounds0(x0, x1, x2, x3, count);
        rounds1(x0, x1, x2, x3, count);
      } else {
        rounds2(x0, x1, x2, x3, count);
        rounds3(x0, x1, x2, x3, count);
      }
      inject(x0, x1, x2, x3, count, group + 1);
    }
  }

  private static void start(
      int[] x0, int[] x1, int[] x2, int[] x3, int count, int low, int high, int[] key) {
    int k2 = key[2];
    int k3 = key[3];
    for (int i = 0; i < count; i++) {
      x0[i] = low + i;
      x1[i] = high;
      x2[i] = k2;
      x3[i] = k3;
    }
  }

  private void inject(int[] x0, int[] x1, int[] x2, int[] x3, int count, int step) {
    int k0 = key[step % 5];
    int k1 = key[(step + 1) % 5];
    int k2 = key[(step + 2) % 5];
    int k3 = key[(step + 3) % 5] + step;
    for (int i = 0; i < count; i++) {
      x0[i] += k0;
      x1[i] += k1;
      x2[i] += k2;
      x3[i] += k3;
    }
  }

  private static void rounds0(int[] x0, int[] x1, int[] x2, int[] x3, int count) {
    for (int i = 0; i < count; i++) {
      int a = x0[i] + x1[i];
      int b = Integer.rotateLeft(x1[i], 10) ^ a;
      int c = x2[i] + x3[i];
      int d = Integer.rotateLeft(x3[i], 26) ^ c;
      a += d;
      c += b;
      x0[i] = a;
      x1[i] = Integer.rotateLeft(b, 21) ^ c;
      x2[i] = c;
      x3[i] = Integer.rotateLeft(d, 11) ^ a;
    }
  }

  private static void rounds1(int[] x0, int[] x1, int[] x2, int[] x3, int count) {
    for (int i = 0; i < count; i++) {
      int a = x0[i] + x1[i];
      int b = Integer.rotateLeft(x1[i], 13) ^ a;
      int c = x2[i] + x3[i];
      int d = Integer.rotateLeft(x3[i], 27) ^ c;
      a += d;
      c += b;
      x0[i] = a;
      x1[i] = Integer.rotateLeft(b, 5) ^ c;
      x2[i] = c;
      x3[i] = Integer.rotateLeft(d, 23) ^ a;
    }
  }

  private static void rounds2(int[] x0, int[] x1, int[] x2, int[] x3, int count) {
    for (int i = 0; i < count; i++) {
      int a = x0[i] + x1[i];
      int b = Integer.rotateLeft(x1[i], 6) ^ a;
      int c = x2[i] + x3[i];
      int d = Integer.rotateLeft(x3[i], 20) ^ c;
      a += d;
      c += b;
      x0[i] = a;
      x1[i] = Integer.rotateLeft(b, 11) ^ c;
      x2[i] = c;
      x3[i] = Integer.rotateLeft(d, 17) ^ a;
    }
  }

  private static void rounds3(int[] x0, int[] x1, int[] x2, int[] x3, int count) {
    for (int i = 0; i < count; i++) {
      int a = x0[i] + x1[i];
      int b = Integer.rotateLeft(x1[i], 25) ^ a;
      int c = x2[i] + x3[i];
      int d = Integer.rotateLeft(x3[i], 10) ^ c;
      a += d;
      c += b;
      x0[i] = a;
      x1[i] = Integer.rotateLeft(b, 20) ^ c;
      x2[i] = c;
      x3[i] = Integer.rotateLeft(d, 18) ^ a;
    }
  }
}
