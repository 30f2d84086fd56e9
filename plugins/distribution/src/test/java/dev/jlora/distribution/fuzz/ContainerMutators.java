package dev.jlora.distribution.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Mutators that reach what lies inside a container, behind its lengths and checksums. */
final class ContainerMutators {
  private ContainerMutators() {}

  /** Changes the header of a safetensors file and keeps its length right. */
  static Mutator safetensors() {
    Mutator json = new JsonMutator();
    return (bytes, random) -> {
      int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
      byte[] header = json.mutate(Arrays.copyOfRange(bytes, 8, 8 + length), random);
      ByteBuffer result =
          ByteBuffer.allocate(bytes.length - length + header.length).order(ByteOrder.LITTLE_ENDIAN);
      result.putLong(header.length).put(header);
      return result.put(bytes, 8 + length, bytes.length - 8 - length).array();
    };
  }

  /** Changes what a gzip file holds; the file around it is intact. */
  static Mutator gzip(Mutator inner) {
    return (bytes, random) -> {
      try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
        var out = new ByteArrayOutputStream();
        try (var zipped = new GZIPOutputStream(out)) {
          zipped.write(inner.mutate(in.readAllBytes(), random));
        }
        return out.toByteArray();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /** Changes one chunk of a PNG and makes its checksum right again. */
  static Mutator png() {
    Mutator inner = new ByteMutator();
    return (bytes, random) -> {
      int chunk = chunk(bytes, random);
      int length = ByteBuffer.wrap(bytes).getInt(chunk);
      byte[] data = inner.mutate(Arrays.copyOfRange(bytes, chunk + 8, chunk + 8 + length), random);
      ByteBuffer whole = ByteBuffer.allocate(12 + data.length).putInt(data.length);
      whole.put(bytes, chunk + 4, 4).put(data);
      CRC32 sum = new CRC32();
      sum.update(whole.array(), 4, 4 + data.length);
      whole.putInt((int) sum.getValue());
      return ByteMutator.replace(bytes, chunk, 12 + length, whole.array());
    };
  }

  /** Where a chunk of a PNG starts: any of them, mostly the first. */
  private static int chunk(byte[] png, RandomGenerator random) {
    int at = 8;
    while (random.nextInt(3) == 0) {
      int next = at + 12 + ByteBuffer.wrap(png).getInt(at);
      if (next >= png.length
          || new String(png, next + 4, 4, StandardCharsets.US_ASCII).equals("IEND")) {
        break;
      }
      at = next;
    }
    return at;
  }
}
