package dev.jlora.datasets;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.jlora.data.Dataset;
import dev.jlora.data.ReadOptions;
import dev.jlora.data.Row;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.JsonProblem;
import dev.jlora.spi.DatasetFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** One JSON object per line, with columns as keys; blank lines are skipped. */
public final class JsonlFormat implements DatasetFormat {
  private static final TypeReference<LinkedHashMap<String, Object>> OBJECT =
      new TypeReference<>() {};

  @Override
  public String name() {
    return "jsonl";
  }

  @Override
  public boolean accepts(Path file) {
    return SourceFile.hasEnding(file, ".jsonl", ".ndjson");
  }

  @Override
  public Dataset read(Path path, ReadOptions options) {
    SourceFile file = SourceFile.of(path);
    List<Row> rows = new ArrayList<>();
    List<String> columns = List.of();
    try (Utf8Lines lines = Utf8Lines.open(file)) {
      for (String line = lines.next();
          line != null && rows.size() < options.limit();
          line = lines.next()) {
        if (!line.isBlank()) {
          LinkedHashMap<String, Object> values = parse(line, file.at(lines.number()));
          List<String> keys = List.copyOf(values.keySet());
          columns = keys.equals(columns) ? columns : keys; // rows share one list
          rows.add(new Row(columns, new ArrayList<>(values.values()), file.name(), lines.number()));
        }
      }
    } catch (OutOfMemoryError e) {
      int count = rows.size();
      rows.clear();
      throw file.doesNotFit(count);
    }
    return file.dataset(rows);
  }

  private static LinkedHashMap<String, Object> parse(String line, String where) {
    if (!line.stripLeading().startsWith("{")) {
      throw new FormatException(
          where,
          "is not a JSON object, expected one line { ... } for each row.",
          "Write one object per line; a JSON list of rows is another format.");
    }
    try {
      return Json.mapper().readValue(line, OBJECT);
    } catch (JsonProcessingException e) {
      throw new FormatException(
          where,
          "is not valid JSON, at column %d: %s."
              .formatted(
                  e.getLocation() == null ? 1 : e.getLocation().getColumnNr(),
                  JsonProblem.ofText(e)),
          "Correct or drop the line.",
          e);
    }
  }
}
