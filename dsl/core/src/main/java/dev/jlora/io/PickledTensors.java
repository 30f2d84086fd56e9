package dev.jlora.io;

import dev.jlora.io.PickleValues.Dictionary;
import dev.jlora.io.PickleValues.SavedTensor;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The tensors of a file that {@code torch.save} wrote from a dictionary, such as {@code
 * adapter_model.bin}: a zip archive of a pickled description and the bytes of the tensors. The
 * description is read by {@link PickleMachine}, which runs no code. Archives are not compressed, so
 * nothing in them is larger than the file.
 */
public final class PickledTensors implements TensorFile {
  private static final byte[] ZIP = {'P', 'K', 3, 4};
  private static final byte[] LEGACY = {(byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc};
  private static final String DESCRIPTION = "data.pkl";
  private static final long LONGEST_DESCRIPTION = 1L << 28;
  private static final String REMEDY =
      "Save it as safetensors in Python: import torch, safetensors.torch as s;"
          + " s.save_file(torch.load(FILE, weights_only=True), 'adapter_model.safetensors')";

  private final Path path;
  private final ZipFile zip;
  private final String folder;
  private final Map<String, SavedTensor> tensors;

  private PickledTensors(Path path, ZipFile zip, String folder, Map<String, SavedTensor> tensors) {
    this.path = path;
    this.zip = zip;
    this.folder = folder;
    this.tensors = tensors;
  }

  /**
   * Opens a file and reads its description.
   *
   * @throws FormatException if it is damaged, of PyTorch's old format, or has anything but tensors
   */
  public static PickledTensors open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new FormatException(file, "no such file.", "Check the path.");
    }
    requireZip(file);
    ZipFile zip = archive(file);
    try {
      String description =
          zip.stream()
              .map(ZipEntry::getName)
              .filter(name -> name.endsWith("/" + DESCRIPTION))
              .findFirst()
              .orElseThrow(
                  () -> wrong(file, "is a zip archive without PyTorch's data.pkl.", REMEDY));
      String folder = description.substring(0, description.length() - DESCRIPTION.length());
      byte[] pickle = bytes(file, zip, description, LONGEST_DESCRIPTION);
      requireLittleEndian(file, zip, folder + "byteorder");
      return new PickledTensors(file, zip, folder, named(file, pickle));
    } catch (RuntimeException | Error e) {
      closed(zip);
      throw e;
    }
  }

  private static void requireZip(Path file) {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(LEGACY.length);
    } catch (IOException e) {
      throw InputFile.unreadable(file.toString(), e);
    }
    if (Arrays.equals(start, LEGACY)) {
      throw wrong(
          file,
          "has the format of PyTorch before 1.6, which is not supported.",
          "Load it with torch.load and save it again with torch.save, or as safetensors.");
    }
    if (start.length < ZIP.length || !Arrays.equals(Arrays.copyOf(start, ZIP.length), ZIP)) {
      throw wrong(file, "is not a file of torch.save.", "Check the file.");
    }
  }

  private static ZipFile archive(Path file) {
    try {
      return new ZipFile(file.toFile());
    } catch (ZipException e) {
      throw new FormatException(
          file.toString(),
          "is not a complete zip archive (%s).".formatted(e.getMessage()),
          "Fetch or write it again.",
          e);
    } catch (IOException e) {
      throw InputFile.unreadable(file.toString(), e);
    }
  }

  private static void requireLittleEndian(Path file, ZipFile zip, String name) {
    if (zip.getEntry(name) != null) {
      String order = new String(bytes(file, zip, name, 16), StandardCharsets.US_ASCII).strip();
      if (!order.equals("little")) {
        throw wrong(file, "has the byte order '%s', expected 'little'.".formatted(order), REMEDY);
      }
    }
  }

  private static Map<String, SavedTensor> named(Path file, byte[] pickle) {
    Object root;
    try {
      root = new PickleMachine(pickle).run();
    } catch (PickleException e) {
      throw new FormatException(file.toString(), e.getMessage() + ".", REMEDY, e);
    }
    if (!(root instanceof Dictionary dictionary)) {
      throw wrong(
          file,
          "holds %s, expected a dictionary of tensors.".formatted(PickleValues.what(root)),
          REMEDY);
    }
    Map<String, SavedTensor> tensors = new LinkedHashMap<>();
    dictionary
        .entries()
        .forEach(
            (key, value) -> {
              if (!(key instanceof String name) || !(value instanceof SavedTensor tensor)) {
                throw wrong(
                    file,
                    "holds %s for %s, expected a tensor for each name."
                        .formatted(PickleValues.what(value), PickleValues.what(key)),
                    REMEDY);
              }
              tensors.put(name, tensor);
            });
    return tensors;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public List<Long> shape(String name) {
    return Arrays.stream(saved(name).shape()).boxed().toList();
  }

  private SavedTensor saved(String name) {
    SavedTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw wrong(
          path,
          "has no tensor '" + name + "' (it has " + Names.some(tensors.keySet(), name) + ").",
          "Check that the file belongs to this model.");
    }
    return tensor;
  }

  /** A copy of the values, in C order. */
  @Override
  public Tensor tensor(String name) {
    SavedTensor saved = saved(name);
    DType dtype = saved.storage().dtype();
    long[] shape = saved.shape();
    Tensor tensor = Tensor.empty(dtype, shape);
    if (tensor.elements() > 0) {
      byte[] bytes = storage(name, saved);
      MemorySegment from = MemorySegment.ofArray(bytes);
      MemorySegment to = tensor.memory();
      if (tensor.contiguous() && Arrays.equals(saved.strides(), tensor.strides())) {
        to.copyFrom(from.asSlice(saved.offset() * dtype.bytes(), to.byteSize()));
      } else {
        gather(from, saved, to, dtype.bytes());
      }
    }
    return tensor;
  }

  private byte[] storage(String name, SavedTensor saved) {
    String entry = folder + "data/" + saved.storage().key();
    long expected = saved.storage().elements() * saved.storage().dtype().bytes();
    byte[] bytes = bytes(path, zip, entry, expected);
    if (bytes.length != expected) {
      throw wrong(
          path,
          "has %,d bytes for '%s' in %s, expected %,d."
              .formatted(bytes.length, name, entry, expected),
          "Fetch or write it again.");
    }
    return bytes;
  }

  /** Copies the elements one by one, in the order of the shape. */
  private static void gather(MemorySegment from, SavedTensor saved, MemorySegment to, int size) {
    long[] shape = saved.shape();
    long[] strides = saved.strides();
    long[] index = new long[shape.length];
    long at = saved.offset();
    for (long position = 0; position < to.byteSize(); position += size) {
      MemorySegment.copy(from, at * size, to, position, size);
      for (int d = shape.length - 1; d >= 0; d--) {
        at += strides[d];
        if (++index[d] < shape[d]) {
          break;
        }
        at -= strides[d] * shape[d];
        index[d] = 0;
      }
    }
  }

  /** The bytes of an entry that is stored without compression. */
  private static byte[] bytes(Path file, ZipFile zip, String name, long most) {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw wrong(file, "lacks %s.".formatted(name), "Fetch or write it again.");
    }
    if (entry.getMethod() != ZipEntry.STORED) {
      throw wrong(
          file,
          "has %s in compressed form, which torch.save never writes.".formatted(name),
          REMEDY);
    }
    if (entry.getSize() > Math.min(most, Integer.MAX_VALUE - 8)) {
      throw wrong(
          file,
          "has %,d bytes in %s, expected at most %,d.".formatted(entry.getSize(), name, most),
          REMEDY);
    }
    byte[] bytes = new byte[(int) entry.getSize()];
    try (DataInputStream in = new DataInputStream(zip.getInputStream(entry))) {
      in.readFully(bytes);
      return bytes;
    } catch (EOFException | ZipException e) {
      throw new FormatException(
          file.toString(), "is damaged in %s.".formatted(name), "Fetch or write it again.", e);
    } catch (IOException e) {
      throw InputFile.unreadable(file.toString(), e);
    }
  }

  private static FormatException wrong(Path file, String problem, String remedy) {
    return new FormatException(file, problem, remedy);
  }

  private static void closed(ZipFile zip) {
    try {
      zip.close();
    } catch (IOException e) {
      throw InputFile.unreadable(zip.getName(), e);
    }
  }

  @Override
  public void close() {
    closed(zip);
  }
}
