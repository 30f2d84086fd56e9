package dev.jlora.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
  @TempDir Path folder;

  @Test
  void tensors_lie_inside_the_mapping() {
    Path file = folder.resolve("model.safetensors");
    try (Scope _ = Scope.open()) {
      SafetensorsWriter.write(
          file,
          Map.of(
              "w", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3),
              "ids", Tensor.of(new long[] {7, 8}, 2)));
      try (SafetensorsFile opened = SafetensorsFile.open(file)) {
        Tensor w = opened.tensor("w");
        long start = opened.mapping().address();
        assertThat(w.address())
            .isBetween(start, start + opened.mapping().byteSize() - 24)
            .isEqualTo(opened.bytes("w").address());
        assertThat(w.shape()).containsExactly(2, 3);
        assertThat(w.toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(opened.tensor("ids").toLongs()).containsExactly(7, 8);
        assertThat(opened.metadata()).containsExactly(Map.entry("format", "pt"));
        w.close();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"COMPLEX64", "COMPLEX128"})
  void every_dtype_comes_back(DType dtype) {
    Path file = folder.resolve(dtype + ".safetensors");
    try (Scope _ = Scope.open()) {
      Tensor original = Ops.to(Tensor.of(new float[] {0, 1, 1, 0, 1, 0}, 3, 2), dtype);
      SafetensorsWriter.write(
          file, Map.of("t", original, "empty", Tensor.empty(dtype, 0, 4)), Map.of());
      try (SafetensorsFile opened = SafetensorsFile.open(file)) {
        assertThat(opened.entry("t").dtype()).isEqualTo(dtype);
        assertThat(opened.tensor("t").toDoubles()).containsExactly(original.toDoubles());
        assertThat(opened.tensor("empty").shape()).containsExactly(0, 4);
        assertThat(opened.metadata()).isEmpty();
      }
    }
  }

  @Test
  void complex_numbers_have_no_place_in_the_format() {
    Path file = folder.resolve("complex.safetensors");
    try (Scope _ = Scope.open()) {
      Tensor complex = Tensor.empty(DType.COMPLEX64, 2);
      assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of("t", complex), Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("COMPLEX64 has no name in safetensors");
    }
  }

  @Test
  void any_layout_is_written_row_by_row() {
    Path file = folder.resolve("t.safetensors");
    try (Scope _ = Scope.open()) {
      Tensor turned = Views.t(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
      assertThat(turned.contiguous()).isFalse();
      SafetensorsWriter.write(file, Map.of("t", turned));
      try (SafetensorsFile opened = SafetensorsFile.open(file)) {
        assertThat(opened.entry("t").shape()).containsExactly(3L, 2L);
        assertThat(opened.tensor("t").toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
      }
    }
  }

  @Test
  void an_unpadded_header_of_older_files_is_read() throws IOException {
    String header = "{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    String odd = header.length() % 2 == 0 ? header + " " : header;
    Path file = write(odd, floats(1.5f, -2f));
    try (Scope _ = Scope.open();
        SafetensorsFile opened = SafetensorsFile.open(file)) {
      assertThat(opened.tensor("t").toFloats()).containsExactly(1.5f, -2f);
      assertThat(opened.tensor("t").address() % 4).isZero();
    }
  }

  /** The format asks for no alignment; the values are those that were packed here. */
  @Test
  void tensors_at_odd_offsets_are_read() throws IOException {
    String header =
        """
        {"half":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]},\
        "w":{"dtype":"F32","shape":[2],"data_offsets":[6,14]},\
        "mask":{"dtype":"BOOL","shape":[1],"data_offsets":[14,15]},\
        "n":{"dtype":"I64","shape":[],"data_offsets":[15,23]}}\
        """;
    ByteBuffer data = ByteBuffer.allocate(23).order(ByteOrder.LITTLE_ENDIAN);
    data.putShort((short) 0x3f80).putShort((short) 0x4000).putShort((short) 0xbf80);
    data.putFloat(0.25f).putFloat(-7).put((byte) 1).putLong(1L << 40);
    Path file = write(header, data.array());
    try (Scope _ = Scope.open();
        SafetensorsFile opened = SafetensorsFile.open(file)) {
      assertThat(opened.tensor("half").toDoubles()).containsExactly(1, 2, -1);
      assertThat(opened.tensor("w").toFloats()).containsExactly(0.25f, -7);
      assertThat(opened.tensor("n").toLongs()).containsExactly(1L << 40);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}} | 12 | overlaps
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | 4 | truncated or its header is wrong
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}} | 8 | expected 12 for shape [3] of F32
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}} | 12 | 4 bytes between the header and tensor 'a'
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | 12 | 4 bytes after tensor 'a'
          {"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}} | 8 | dtype is "F31", expected one of
          {"a":{"shape":[2],"data_offsets":[0,8]}} | 8 | dtype is missing
          {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}} | 8 | has -2, expected whole numbers
          {"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}} | 8 | has 2.5, expected whole numbers
          {"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}} | 8 | more elements than a file can hold
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}} | 8 | end before
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}} | 8 | has 1 numbers, expected 2
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | 8 | Duplicate
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]} | 8 | not valid JSON
          ["a"] | 0 | expected an object
          {"__metadata__":{"format":1}} | 0 | expected a string
          """)
  void a_wrong_header_is_told(String header, int bytes, String expected) throws IOException {
    Path file = write(header, new byte[bytes]);
    assertThatExceptionOfType(FormatException.class)
        .isThrownBy(() -> SafetensorsFile.open(file))
        .withMessageContaining(file.toString())
        .withMessageContaining(expected);
  }

  @Test
  void a_message_shortens_names_and_lists_of_megabytes() throws IOException {
    String name = "a".repeat(40_000);
    String sizes = "1,".repeat(1_000_000) + "1";
    for (String header :
        List.of(
            "{\"%s\":{\"dtype\":\"F31\",\"shape\":[%s],\"data_offsets\":[0,4]}}"
                .formatted(name, sizes),
            "{\"%s\":{\"dtype\":[%s],\"shape\":[1],\"data_offsets\":[0,4]}}".formatted(name, sizes),
            "{\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[0,4]}}"
                .formatted(name, sizes),
            "{\"%s\":{\"dtype\":\"F32\",\"shape\":[2,%s],\"data_offsets\":[0,4]}}"
                .formatted(name, "1,".repeat(60) + "1"))) {
      Path file = write(header, new byte[4]);
      assertThatThrownBy(() -> SafetensorsFile.open(file))
          .isInstanceOf(FormatException.class)
          .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(1000))
          .hasMessageContaining("tensor 'aaa");
    }
  }

  /** Jackson's limit of a key keeps a name of megabytes from becoming a file's or a message's. */
  @Test
  void a_name_of_a_megabyte_is_refused() throws IOException {
    Path file = write("{\"%s\":{}}".formatted("a".repeat(1 << 20)), new byte[0]);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(file.toString())
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(1000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"4611686018427387904,0,8", "0,4611686018427387904,4611686018427387904"})
  void sizes_beside_a_zero_are_multiplied_too(String sizes) throws IOException {
    Path file =
        write(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[0,0]}}".formatted(sizes),
            new byte[0]);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("more elements than a file can hold");
  }

  @Test
  void a_hundred_thousand_tensors_are_no_matter_of_minutes() throws IOException {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < 100_000; i++) {
      header.append(
          "%s\"t%d\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%d,%d]}"
              .formatted(i == 0 ? "" : ",", i, i, i + 1));
    }
    Path file = write(header.append('}').toString(), new byte[100_000]);
    assertTimeout(
        Duration.ofMinutes(1),
        () -> {
          try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            assertThat(opened.entries()).hasSize(100_000).containsKey("t99999");
          }
        });
  }

  @Test
  void a_wrong_length_is_told() throws IOException {
    Path file = folder.resolve("short.safetensors");
    assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("no such file");
    Files.write(file, new byte[3]);
    assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("has 3 bytes");
    Files.write(file, length(200_000_000L));
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .hasMessageContaining("its header has 200000000 bytes");
    Files.write(file, length(-1));
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .hasMessageContaining("18446744073709551615");
    Files.write(file, length(400));
    assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("is truncated");
  }

  @Test
  void a_sharded_checkpoint_reads_as_one() throws IOException {
    try (Scope _ = Scope.open()) {
      SafetensorsWriter.write(
          folder.resolve("one.safetensors"), Map.of("a", Tensor.of(new float[] {1}, 1)));
      SafetensorsWriter.write(
          folder.resolve("two.safetensors"), Map.of("b", Tensor.of(new float[] {2}, 1)));
      index(Map.of("a", "one.safetensors", "b", "two.safetensors"));
      try (Checkpoint checkpoint = Checkpoint.open(folder)) {
        assertThat(checkpoint.names()).containsExactlyInAnyOrder("a", "b");
        assertThat(checkpoint.tensor("b").toFloats()).containsExactly(2);
        assertThatThrownBy(() -> checkpoint.tensor("c"))
            .hasMessageContaining("no tensor 'c' (nearest: 'a', 'b')");
      }
    }
    index(Map.of("a", "three.safetensors"));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .hasMessageContaining("three.safetensors, which is not in the folder");
    index(Map.of("b", "one.safetensors"));
    assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining("which has none");
    index(Map.of());
    assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining("has no weight_map");
    assertThatThrownBy(() -> Checkpoint.open(folder.resolve("absent")))
        .hasMessageContaining("absent: no such folder");
    index(Map.of("b", "../one.safetensors"));
    assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining("the name of a file");
  }

  @Test
  void pickled_weights_are_refused_with_the_remedy() throws IOException {
    assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining("has no weights");
    Files.writeString(folder.resolve("pytorch_model.bin"), "pickle");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("pytorch_model.bin")
        .hasMessageContaining("save_pretrained");
  }

  @Test
  void an_index_names_plain_files_only() {
    for (String name : List.of("../a", "/a", "a/b", "a/", "a\\b", "..", " ", "")) {
      index(Map.of("w", name));
      assertThatThrownBy(() -> Checkpoint.open(folder))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("does not name the file of tensor 'w'")
          .hasMessageContaining("got '" + name + "', expected the name of a file");
    }
  }

  @Test
  void an_index_with_names_that_no_file_can_have_is_refused() throws IOException {
    index(Map.of("w", "a\0b"));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("got 'a\\0b'")
        .hasMessageContaining("U+0000");
    Files.writeString(
        folder.resolve(Checkpoint.INDEX), "{\"weight_map\": {\"w\": \"half \\ud800\"}}");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("which the system's file name encoding");
  }

  private void index(Map<String, String> weights) {
    Json.write(
        folder.resolve(Checkpoint.INDEX), Map.of("weight_map", new LinkedHashMap<>(weights)));
  }

  private Path write(String header, byte[] data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer all = ByteBuffer.allocate(8 + text.length + data.length);
    all.order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text).put(data);
    return Files.write(folder.resolve("written.safetensors"), all.array());
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  private static byte[] length(long length) {
    return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
  }

  @Test
  void names_in_order_of_bytes_widest_first() {
    Path file = folder.resolve("order.safetensors");
    try (Scope _ = Scope.open()) {
      SafetensorsWriter.write(
          file,
          Map.of(
              "z", Tensor.of(new long[] {1}, 1),
              "b", Tensor.of(new float[] {1}, 1),
              "a", Tensor.of(new float[] {1}, 1),
              "half", Tensor.zeros(DType.FLOAT16, 1)));
    }
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      assertThat(List.copyOf(opened.entries().keySet())).containsExactly("z", "a", "b", "half");
      assertThat(opened.entry("z").offset() % 8).isZero();
    }
  }
}
