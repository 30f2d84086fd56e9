package dev.jlora.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Writes safetensors files in the layout of the reference implementation: header padded to eight
 * bytes, tensors sorted by descending size of dtype and then by name.
 *
 * <p>Tensors are streamed to a temporary file in the same folder, which is forced to disk and
 * renamed; only tensors that are not contiguous are copied. A failure leaves nothing behind.
 */
public final class SafetensorsWriter {
  /** The metadata that Hugging Face's loaders expect. */
  public static final Map<String, String> PYTORCH = Map.of("format", "pt");

  private static final long CHUNK = 64L << 20;

  private SafetensorsWriter() {}

  /** Writes {@code tensors} by name, with {@link #PYTORCH} as metadata. */
  public static void write(Path file, Map<String, Tensor> tensors) {
    write(file, tensors, PYTORCH);
  }

  /**
   * Writes {@code tensors} (CPU, any layout) by name.
   *
   * @throws WriteException if the folder cannot be written or the disk is full
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    if (tensors.containsKey(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException(
          "a tensor cannot be called " + SafetensorsHeader.METADATA + ", the format's own key");
    }
    List<String> order =
        tensors.keySet().stream()
            .sorted(
                Comparator.<String>comparingInt(name -> -tensors.get(name).dtype().bytes())
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    ByteBuffer header = header(tensors, order, metadata);
    AtomicFiles.write(
        file,
        channel -> {
          AtomicFiles.writeFully(channel, header);
          for (String name : order) {
            write(channel, tensors.get(name));
          }
        });
  }

  private static ByteBuffer header(
      Map<String, Tensor> tensors, List<String> order, Map<String, String> metadata) {
    ObjectNode json = Json.mapper().createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = json.putObject(SafetensorsHeader.METADATA);
      metadata.forEach(texts::put);
    }
    long offset = 0;
    for (String name : order) {
      Tensor tensor = tensors.get(name);
      ObjectNode entry = json.putObject(name);
      entry.put("dtype", SafetensorsHeader.nameOf(tensor.dtype()));
      var shape = entry.putArray("shape");
      for (long size : tensor.shape()) {
        shape.add(size);
      }
      long end = offset + tensor.elements() * tensor.dtype().bytes();
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] text = compact(json).getBytes(StandardCharsets.UTF_8);
    int padded = (text.length + 7) / 8 * 8;
    ByteBuffer buffer = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(padded).put(text);
    while (buffer.hasRemaining()) {
      buffer.put((byte) ' ');
    }
    return buffer.flip();
  }

  private static String compact(ObjectNode json) {
    try {
      return Json.mapper()
          .writer()
          .without(SerializationFeature.INDENT_OUTPUT)
          .writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings and numbers could not be written", e);
    }
  }

  private static void write(WritableByteChannel channel, Tensor tensor) throws IOException {
    if (tensor.elements() == 0) {
      return;
    }
    try (Scope _ = Scope.open()) {
      Tensor whole = (tensor.contiguous() ? tensor : Ops.contiguous(tensor)).to(Device.CPU);
      MemorySegment bytes = whole.memory();
      for (long done = 0; done < bytes.byteSize(); done += CHUNK) {
        long count = Math.min(CHUNK, bytes.byteSize() - done);
        AtomicFiles.writeFully(channel, bytes.asSlice(done, count).asByteBuffer());
      }
    }
  }
}
