package dev.jlora.tasks;

import dev.jlora.data.Example;
import dev.jlora.data.Row;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.Task;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Encodes rows as a task does, with a word-piece tokenizer of eighteen tokens. */
final class Encoding {
  static final int CLS = 2;
  static final int SEP = 3;
  static final int MASK = 4;
  static final int VOCABULARY = 18;

  private Encoding() {}

  static Path tokenizer() {
    try {
      return Path.of(Encoding.class.getResource("/wordpiece.json").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static ModelConfig config(String... labels) {
    var json = Json.mapper().createObjectNode().put("vocab_size", VOCABULARY);
    ModelConfig config = ModelConfig.of("config.json", json);
    return labels.length == 0 ? config : config.withLabels(List.of(labels));
  }

  /** The example of one row, on line 7 of its file, cut to a length. */
  static Example of(
      Task task, ModelConfig config, ColumnsSpec columns, int length, Map<String, ?> values) {
    return of(task, config, columns, length, values, EncodingMode.TRAIN);
  }

  static Example of(
      Task task,
      ModelConfig config,
      ColumnsSpec columns,
      int length,
      Map<String, ?> values,
      EncodingMode purpose) {
    TextOptions options = task.textOptions().withMaxLength(length);
    try (TextEncoder text = TextEncoder.open(tokenizer(), options)) {
      var keys = List.copyOf(values.keySet());
      var row = new Row(keys, keys.stream().map(values::get).toList(), "rows.jsonl", 7);
      return task.encoder(config, text, columns, purpose).encode(List.of(row)).getFirst();
    }
  }
}
