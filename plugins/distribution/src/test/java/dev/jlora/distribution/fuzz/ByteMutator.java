package dev.jlora.distribution.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Damages bytes without knowing what they mean: flipped bits, extreme integers, cuts, repeats,
 * insertions and swaps, one to four of them. Half of the places lie in the first 512 bytes, where
 * most formats keep their sizes and offsets.
 */
final class ByteMutator implements Mutator {
  private static final long[] EXTREMES = {
    0,
    1,
    -1,
    Byte.MAX_VALUE,
    0xFF,
    Short.MAX_VALUE,
    0xFFFF,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xFFFF_FFFFL,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  @Override
  public byte[] mutate(byte[] original, RandomGenerator random) {
    byte[] bytes = original.clone();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      bytes = once(bytes, random);
    }
    return bytes;
  }

  private static byte[] once(byte[] bytes, RandomGenerator random) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    int at = place(bytes.length, random);
    return switch (random.nextInt(9)) {
      case 0 -> {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        yield bytes;
      }
      case 1 -> {
        bytes[at] = (byte) random.nextInt();
        yield bytes;
      }
      case 2 -> extreme(bytes, at, random);
      case 3 -> Arrays.copyOf(bytes, at);
      case 4 -> replace(bytes, at, length(bytes, at, random), new byte[0]);
      case 5 -> {
        int length = length(bytes, at, random);
        yield replace(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
      }
      case 6 -> {
        byte[] noise = new byte[1 + random.nextInt(16)];
        random.nextBytes(noise);
        yield replace(bytes, at, 0, noise);
      }
      case 7 -> {
        Arrays.fill(bytes, at, at + length(bytes, at, random), (byte) (random.nextInt(2) * 0xFF));
        yield bytes;
      }
      default -> {
        int other = place(bytes.length, random);
        byte kept = bytes[at];
        bytes[at] = bytes[other];
        bytes[other] = kept;
        yield bytes;
      }
    };
  }

  private static int place(int length, RandomGenerator random) {
    return random.nextInt(random.nextBoolean() ? Math.min(length, 512) : length);
  }

  private static int length(byte[] bytes, int at, RandomGenerator random) {
    return 1 + random.nextInt(Math.min(bytes.length - at, 64));
  }

  private static byte[] extreme(byte[] bytes, int at, RandomGenerator random) {
    ByteOrder order = random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    long value = EXTREMES[random.nextInt(EXTREMES.length)];
    byte[] number = ByteBuffer.allocate(8).order(order).putLong(value).array();
    int width = Math.min(1 << random.nextInt(4), bytes.length - at);
    int from = order == ByteOrder.LITTLE_ENDIAN ? 0 : 8 - width;
    System.arraycopy(number, from, bytes, at, width);
    return bytes;
  }

  static byte[] replace(byte[] bytes, int at, int length, byte[] by) {
    byte[] result = new byte[bytes.length - length + by.length];
    System.arraycopy(bytes, 0, result, 0, at);
    System.arraycopy(by, 0, result, at, by.length);
    System.arraycopy(bytes, at + length, result, at + by.length, bytes.length - at - length);
    return result;
  }
}
