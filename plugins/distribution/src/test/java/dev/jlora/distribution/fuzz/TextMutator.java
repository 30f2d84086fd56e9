package dev.jlora.distribution.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;

/** Damages a text between its characters: with what tables and JSON stumble over. */
final class TextMutator implements Mutator {
  private static final List<String> STUMBLING =
      List.of(
          "\"",
          "\"\"",
          "'",
          ",",
          ";",
          "\t",
          "\n",
          "\r",
          "\r\n",
          "\0",
          "\uFEFF",
          "\\",
          "\\u0000",
          "\\uD800",
          "{",
          "}",
          "[",
          "]",
          "[[[[",
          ":",
          "null",
          "NaN",
          "-Infinity",
          "1e999",
          "true",
          "9223372036854775808",
          "-1",
          "0.5",
          "\u001B[2J",
          "\u202E",
          "\uD83D\uDE00",
          "sep=;\n",
          "/",
          "../",
          "\u00A0",
          "\u0085",
          "#",
          "=1+1");

  private final Mutator bytes = new ByteMutator();

  @Override
  public byte[] mutate(byte[] original, RandomGenerator random) {
    byte[] mutated = original;
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      mutated = once(mutated, random);
    }
    return mutated;
  }

  private byte[] once(byte[] text, RandomGenerator random) {
    int at = random.nextInt(text.length + 1);
    return switch (random.nextInt(8)) {
      case 0 -> bytes.mutate(text, random);
      case 1 -> {
        byte[] word = word(random);
        yield ByteMutator.replace(text, at, Math.min(word.length, text.length - at), word);
      }
      case 2 -> recoded(text, random);
      case 3 -> ByteMutator.replace(text, at, 0, text);
      case 4 -> {
        byte[] many =
            new String(word(random), StandardCharsets.UTF_8)
                .repeat(1 + random.nextInt(5_000))
                .getBytes(StandardCharsets.UTF_8);
        yield ByteMutator.replace(text, at, 0, many);
      }
      default -> ByteMutator.replace(text, at, 0, word(random));
    };
  }

  private static byte[] recoded(byte[] text, RandomGenerator random) {
    String read = new String(text, StandardCharsets.UTF_8);
    return switch (random.nextInt(3)) {
      case 0 -> read.getBytes(StandardCharsets.UTF_16);
      case 1 -> read.getBytes(StandardCharsets.UTF_16LE);
      default -> (read + "\u00E9\u00FC").getBytes(StandardCharsets.ISO_8859_1);
    };
  }

  private static byte[] word(RandomGenerator random) {
    return STUMBLING.get(random.nextInt(STUMBLING.size())).getBytes(StandardCharsets.UTF_8);
  }
}
