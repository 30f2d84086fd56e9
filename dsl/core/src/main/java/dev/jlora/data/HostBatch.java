package dev.jlora.data;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A batch in native memory: named arrays that become tensors in place.
 *
 * <p>Owns the memory. The consumer closes it, from any thread, when the tensors of {@link
 * #toTensors()} are no longer used.
 */
public final class HostBatch implements AutoCloseable {
  private static final long CACHE_LINE = 64;

  private final BatchRows rows;
  private final Arena arena = Arena.ofShared();
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private final long tokens;

  /** One named array, row-major. */
  public record Part(String name, DType dtype, List<Long> shape, MemorySegment memory) {
    public Part {
      shape = List.copyOf(shape);
    }

    /** The shape as an array. */
    public long[] sizes() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }
  }

  /**
   * An empty batch for {@code rows}.
   *
   * @param tokens number of tokens without padding
   */
  public HostBatch(BatchRows rows, long tokens) {
    this.rows = rows;
    this.tokens = tokens;
  }

  /** Adds an array of zeros and returns its memory, to be filled. */
  public MemorySegment add(String name, DType dtype, long... shape) {
    long elements = 1;
    for (long size : shape) {
      elements = Math.multiplyExact(elements, size);
    }
    MemorySegment memory = arena.allocate(elements * dtype.bytes(), CACHE_LINE);
    List<Long> sizes = Arrays.stream(shape).boxed().toList();
    if (parts.putIfAbsent(name, new Part(name, dtype, sizes, memory)) != null) {
      throw new IllegalArgumentException("the batch has '" + name + "' already");
    }
    return memory;
  }

  /** The rows of this batch. */
  public BatchRows rows() {
    return rows;
  }

  /** Number of rows. */
  public int size() {
    return rows.rows().length;
  }

  /** Number of tokens, without padding. */
  public long tokens() {
    return tokens;
  }

  public Map<String, Part> parts() {
    return Collections.unmodifiableMap(parts);
  }

  /** Tensors over this memory, without a copy, owned by the current scope; valid until close. */
  public Map<String, Tensor> toTensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    parts.forEach(
        (name, part) ->
            tensors.put(name, Tensor.ofMemory(part.memory(), part.dtype(), part.sizes())));
    return tensors;
  }

  /** Frees the memory. Idempotent. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  @Override
  public String toString() {
    return "HostBatch[epoch %d, batch %d, %d rows, %s]"
        .formatted(rows.epoch(), rows.index(), size(), parts.keySet());
  }
}
