package dev.jlora.io;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A safetensors file, mapped into memory and checked before anything in it is used.
 *
 * <p>Owns the mapping: segments and tensors over it are valid until {@link #close()}, from any
 * thread. The mapping is read-only; a native write to it would end the process, so trainable
 * parameters are copies.
 *
 * <p>An open file may be replaced but not written in place: reading beyond the new end of a
 * truncated file ends the process. {@link #requireUnchanged} detects earlier changes. With the
 * system property {@value #WEIGHTS} set to {@value #COPY} the bytes are read into private memory
 * instead of being mapped.
 */
public final class SafetensorsFile implements TensorFile {
  static final String WEIGHTS = "jlora.weights";
  static final String COPY = "copy";
  private static final long CHUNK = 1L << 30;
  private static final int ALIGNMENT = 64;

  private final Path path;
  private final Arena arena;
  private final @Nullable MappedOrigin origin;
  private final MemorySegment mapping;
  private final SafetensorsHeader header;

  /**
   * One tensor of the file.
   *
   * @param offset of its first byte, from the start of the file
   * @param bytes number of elements times the size of one
   */
  public record Entry(String name, DType dtype, List<Long> shape, long offset, long bytes) {
    public Entry {
      shape = List.copyOf(shape);
    }

    /** The shape as an array. */
    public long[] sizes() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /** Whether elements start at multiples of their size, as tensors require. */
    boolean aligned() {
      return offset % dtype.bytes() == 0;
    }
  }

  private SafetensorsFile(
      Path path,
      Arena arena,
      @Nullable MappedOrigin origin,
      MemorySegment mapping,
      SafetensorsHeader header) {
    this.path = path;
    this.arena = arena;
    this.origin = origin;
    this.mapping = mapping;
    this.header = header;
  }

  /**
   * Maps {@code file} and checks its header against its size.
   *
   * @throws FormatException if the file is missing, truncated, or not a valid safetensors file
   */
  public static SafetensorsFile open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new FormatException(file, "no such file.", "Check the path.");
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      boolean copied = COPY.equals(System.getProperty(WEIGHTS));
      MappedOrigin origin = copied ? null : MappedOrigin.of(file);
      MemorySegment bytes =
          copied
              ? read(file, channel, arena)
              : channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new SafetensorsFile(file, arena, origin, bytes, SafetensorsHeader.read(file, bytes));
    } catch (IOException e) {
      arena.close();
      throw InputFile.unreadable(file.toString(), e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static MemorySegment read(Path file, FileChannel channel, Arena arena)
      throws IOException {
    long size = channel.size();
    MemorySegment bytes = arena.allocate(Math.max(size, 1), ALIGNMENT);
    for (long at = 0; at < size; ) {
      var chunk = bytes.asSlice(at, Math.min(CHUNK, size - at)).asByteBuffer();
      int count = channel.read(chunk, at);
      if (count < 0) {
        throw new FormatException(
            file, "was cut off while it was read.", "Write or fetch it again, and open it then.");
      }
      at += count;
    }
    return bytes.asSlice(0, size).asReadOnly();
  }

  /**
   * Checks that the file was not written in place since it was opened; replacing it is allowed.
   * Costs one file system query.
   *
   * @throws FormatException if its size or modification time has changed
   */
  public void requireUnchanged() {
    if (origin != null) {
      origin.requireUnchanged();
    }
  }

  /** The tensors of the file, in the order of their bytes. */
  public Map<String, Entry> entries() {
    return header.entries();
  }

  /** Metadata stored with the tensors; Hugging Face writes {@code format: pt}. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Set<String> names() {
    return entries().keySet();
  }

  @Override
  public List<Long> shape(String name) {
    return entry(name).shape();
  }

  /** The tensor with a name; a {@link FormatException} if there is none. */
  public Entry entry(String name) {
    Entry entry = entries().get(name);
    if (entry == null) {
      throw new FormatException(
          path,
          "has no tensor '" + name + "' (it has " + Names.some(entries().keySet(), name) + ").",
          "Check that the file belongs to this model.");
    }
    return entry;
  }

  /** The bytes of one tensor, in place and read-only. */
  public MemorySegment bytes(String name) {
    Entry entry = entry(name);
    return mapping.asSlice(entry.offset(), entry.bytes());
  }

  /** The whole file, as mapped. */
  MemorySegment mapping() {
    return mapping;
  }

  /**
   * One tensor, over the mapped bytes without a copy; owned by the current scope, valid until this
   * file is closed. A tensor whose elements are not aligned to their size, which the format allows
   * (after an odd number of 16-bit values, or an unpadded header), is copied.
   */
  @Override
  public Tensor tensor(String name) {
    Entry entry = entry(name);
    if (entry.aligned()) {
      return Tensor.ofMemory(bytes(name), entry.dtype(), entry.sizes());
    }
    Tensor copy = Tensor.empty(entry.dtype(), entry.sizes());
    copy.memory().copyFrom(bytes(name));
    return copy;
  }

  /** Closes the mapping; tensors and segments over it must not be used afterwards. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  @Override
  public String toString() {
    return "SafetensorsFile[" + path + ", " + entries().size() + " tensors]";
  }
}
