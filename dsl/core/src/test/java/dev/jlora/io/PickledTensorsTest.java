package dev.jlora.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads what {@code resources/pickled/make.py} wrote, and refuses everything else. */
class PickledTensorsTest {
  private static final Path FILE = Path.of("src/test/resources/pickled/tensors.bin");

  /** A pickle of an empty dictionary. */
  private static final String EMPTY = "\u0080\u0002}.";

  @TempDir Path folder;
  private Scope scope;
  private long live;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void tensors_have_their_dtypes_shapes_and_values() {
    try (PickledTensors file = PickledTensors.open(FILE)) {
      assertThat(file.names())
          .containsExactly(
              "matrix",
              "transposed",
              "column",
              "scalar",
              "half",
              "double",
              "brain",
              "whole",
              "flags",
              "empty");
      assertThat(file.path()).isEqualTo(FILE);
      assertThat(file.shape("transposed")).containsExactly(4L, 3L);
      check(file.tensor("matrix"), DType.FLOAT32, 0, .5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5);
      check(
          file.tensor("transposed"), DType.FLOAT32, 0, 2, 4, .5, 2.5, 4.5, 1, 3, 5, 1.5, 3.5, 5.5);
      check(file.tensor("column"), DType.FLOAT32, 1, 3, 5);
      check(file.tensor("scalar"), DType.FLOAT32, 2.5);
      assertThat(file.tensor("scalar").rank()).isZero();
      check(file.tensor("half"), DType.FLOAT16, 1, -2, .25, 8);
      check(file.tensor("double"), DType.FLOAT64, 3.5, -1e100);
      check(file.tensor("brain"), DType.BFLOAT16, 1.5, -4);
      check(file.tensor("whole"), DType.INT64, 7, -0x1p40);
      check(file.tensor("flags"), DType.BOOL, 1, 0, 1);
      check(file.tensor("empty"), DType.FLOAT32);
      assertThat(file.tensor("empty").shape()).containsExactly(0, 8);
      assertThatThrownBy(() -> file.tensor("matrxi"))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("has no tensor 'matrxi' (it has 'matrix',");
    }
  }

  private static void check(Tensor tensor, DType dtype, double... values) {
    assertThat(tensor.dtype()).isEqualTo(dtype);
    assertThat(tensor.toDoubles()).containsExactly(values);
  }

  @Test
  void a_class_that_is_not_a_tensor_is_refused_by_name() {
    refused(
        "\u0080\u0002cposix\nsystem\nX\u0002\0\0\0ls\u0085R.",
        "names posix.system, which is refused: it is neither a tensor nor a container");
    refused(
        "\u0080\u0004\u008c\u0008builtins\u008c\u0004eval\u0093.",
        "names builtins.eval, which is refused");
    refused("\u0080\u0002ctorch\nDevice\n.", "names torch.Device, which is refused");
  }

  @Test
  void anything_else_in_the_dictionary_is_refused() {
    refused(
        "\u0080\u0002}X\u0001\0\0\0aK\u0005s.",
        "holds the number 5 for 'a', expected a tensor for each name");
    refused("\u0080\u0002}X\u0001\0\0\0a}s.", "holds a dictionary for 'a'");
    refused("\u0080\u0002}K\u0001Ns.", "holds None for the number 1");
    refused("\u0080\u0002}\u0088\u0089s.", "has a dictionary with true as a key, expected strings");
    refused("\u0080\u0002]K\u0001a.", "holds a list, expected a dictionary of tensors");
    refused("\u0080\u0002X\u0001\0\0\0x.", "holds 'x', expected a dictionary of tensors");
  }

  @Test
  void a_damaged_pickle_is_an_error() {
    for (String pickle :
        List.of(
            ".",
            "(.",
            "}}.",
            "t.",
            "u.",
            "R.",
            "}K\u0001K\u0002.",
            "h\u0001.",
            "K\u0001a.",
            "}(K\u0001u.",
            "Nb.",
            "NQ.",
            ")Q.",
            "ccollections\nOrderedDict\nK\u0001\u0085R.",
            "ctorch\nFloatStorage\n)R.",
            "ctorch._utils\n_rebuild_tensor_v2\n)R.")) {
      refused(pickle, "has a damaged pickle");
    }
    refused("", "has a pickle that is cut off");
    refused("X\u00ff\u00ff\u00ff\u007fa", "has a pickle that is cut off");
    refused("cposix", "has a pickle that is cut off");
    refused("\u008a\u0009123456789.", "has a number of 9 bytes, expected at most 8");
    refused("\u0082\u0001.", "has a pickle with the instruction 0x82, which tensors do not need");
  }

  @Test
  void a_tensor_beyond_its_storage_is_refused() {
    refused(
        tensor("K\u0003", "K\u0004", "K\u0001"),
        "has a tensor of 4 elements that exceeds its storage of 6");
    refused(
        tensor("K\0", "K\u0007", "K\0"),
        "has a tensor of 7 elements that exceeds its storage of 6");
    refused(
        tensor("K\0", "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f", "K\u0002"),
        "has a damaged pickle");
    refused(tensor("J\u00ff\u00ff\u00ff\u00ff", "K\u0001", "K\u0001"), "has a damaged pickle");
  }

  /** A pickle of a vector "v" in a storage of 6 numbers. */
  private static String tensor(String offset, String size, String stride) {
    return "\u0080\u0002}X\u0001\0\0\0vctorch._utils\n_rebuild_tensor_v2\n(("
        + "X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\0000X\u0003\0\0\0cpuK\u0006tQ"
        + offset
        + size
        + "\u0085"
        + stride
        + "\u0085\u0089}tRs.";
  }

  @Test
  void a_storage_that_is_missing_or_too_small_is_an_error() throws IOException {
    String good = tensor("K\0", "K\u0006", "K\u0001");
    try (PickledTensors file = PickledTensors.open(archive(good, ZipEntry.STORED))) {
      assertThatThrownBy(() -> file.tensor("v")).hasMessageContaining("lacks a/data/0.");
    }
    Path small = archive(good, ZipEntry.STORED, "a/data/0", "12345678");
    try (PickledTensors file = PickledTensors.open(small)) {
      assertThatThrownBy(() -> file.tensor("v"))
          .hasMessageContaining("has 8 bytes for 'v' in a/data/0, expected 24.");
    }
    Path large = archive(good, ZipEntry.STORED, "a/data/0", "1".repeat(25));
    try (PickledTensors file = PickledTensors.open(large)) {
      assertThatThrownBy(() -> file.tensor("v"))
          .hasMessageContaining("has 25 bytes in a/data/0, expected at most 24.");
    }
  }

  @Test
  void other_files_are_refused_with_a_remedy() throws IOException {
    wrong("\u0080\u0002\u008a\nl\u00fc\u009cF", "has the format of PyTorch before 1.6");
    wrong("{}", "is not a file of torch.save.");
    wrong("", "is not a file of torch.save.");
    wrong("PK\u0003\u0004 and no more", "is not a complete zip archive");
    assertThatThrownBy(() -> PickledTensors.open(folder.resolve("none")))
        .hasMessageContaining("no such file.");
    assertThatThrownBy(() -> PickledTensors.open(archive(EMPTY, ZipEntry.DEFLATED)))
        .hasMessageContaining("has a/data.pkl in compressed form, which torch.save never writes.");
    Path big = archive(EMPTY, ZipEntry.STORED, "a/byteorder", "big");
    assertThatThrownBy(() -> PickledTensors.open(big))
        .hasMessageContaining("has the byte order 'big', expected 'little'.");
    Path other = folder.resolve("other.zip");
    try (var zip = new ZipOutputStream(Files.newOutputStream(other))) {
      zip.putNextEntry(new ZipEntry("readme.txt"));
    }
    assertThatThrownBy(() -> PickledTensors.open(other))
        .hasMessageContaining("is a zip archive without PyTorch's data.pkl.")
        .hasMessageContaining("Save it as safetensors in Python");
  }

  @Test
  void a_file_that_is_cut_off_is_an_error() throws IOException {
    byte[] whole = Files.readAllBytes(FILE);
    Path cut = folder.resolve("cut.bin");
    for (int length = 0; length < whole.length; length += 97) {
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> PickledTensors.open(cut)).isInstanceOf(FormatException.class);
    }
  }

  private void wrong(String content, String message) throws IOException {
    Path file =
        Files.write(folder.resolve("wrong.bin"), content.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> PickledTensors.open(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(message);
  }

  private void refused(String pickle, String message) {
    assertThatThrownBy(() -> PickledTensors.open(archive(pickle, ZipEntry.STORED)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(message);
  }

  /** An archive with a pickle, whose characters are its bytes, and further entries in pairs. */
  private Path archive(String pickle, int method, String... more) throws IOException {
    Path file = folder.resolve("made.bin");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      entry(zip, "a/data.pkl", pickle, method);
      for (int i = 0; i < more.length; i += 2) {
        entry(zip, more[i], more[i + 1], method);
      }
    }
    return file;
  }

  private static void entry(ZipOutputStream zip, String name, String content, int method)
      throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
    CRC32 sum = new CRC32();
    sum.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(method);
    entry.setSize(bytes.length);
    if (method == ZipEntry.STORED) {
      entry.setCompressedSize(bytes.length);
      entry.setCrc(sum.getValue());
    }
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
