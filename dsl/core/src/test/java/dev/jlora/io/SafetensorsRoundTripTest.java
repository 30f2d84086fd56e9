package dev.jlora.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;

class SafetensorsRoundTripTest {
  @Property(tries = 100)
  void names_shapes_values_and_metadata_come_back(
      @ForAll @Size(min = 1, max = 6) @UniqueElements
          List<@NotEmpty @CharRange(from = ' ', to = '\u20ff') String> names,
      @ForAll @IntRange(min = 0, max = 5) int rows,
      @ForAll float value,
      @ForAll @CharRange(from = ' ', to = '\u20ff') String note)
      throws IOException {
    Path file = Files.createTempFile("round-trip", ".safetensors");
    try (Scope _ = Scope.open()) {
      Map<String, float[]> values = new LinkedHashMap<>();
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String name : names) {
        float[] numbers = new float[rows * (values.size() + 1)];
        Arrays.fill(numbers, value + values.size());
        values.put(name, numbers);
        tensors.put(name, Tensor.of(numbers, rows, values.size()));
      }
      SafetensorsWriter.write(file, tensors, Map.of("note", note));
      try (SafetensorsFile opened = SafetensorsFile.open(file)) {
        assertThat(opened.metadata()).containsEntry("note", note);
        assertThat(opened.entries()).containsOnlyKeys(names);
        values.forEach(
            (name, numbers) -> assertThat(opened.tensor(name).toFloats()).containsExactly(numbers));
      }
    } finally {
      Files.delete(file);
    }
  }
}
