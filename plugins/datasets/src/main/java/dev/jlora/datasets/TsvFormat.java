package dev.jlora.datasets;

import dev.jlora.data.Dataset;
import dev.jlora.data.ReadOptions;
import dev.jlora.spi.DatasetFormat;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Tab-separated cells, one row per line. Quotes have no special meaning, as in GLUE's files: a cell
 * cannot contain a tab or a line break.
 */
public final class TsvFormat implements DatasetFormat {
  @Override
  public String name() {
    return "tsv";
  }

  @Override
  public boolean accepts(Path file) {
    return SourceFile.hasEnding(file, ".tsv", ".tab");
  }

  @Override
  public Dataset read(Path path, ReadOptions options) {
    SourceFile file = SourceFile.of(path);
    Table table = new Table(file, options);
    try (Utf8Lines lines = Utf8Lines.open(file)) {
      for (String line = lines.next(); line != null && !table.full(); line = lines.next()) {
        if (!line.isEmpty()) {
          table.add(Arrays.asList(line.split("\t", -1)), lines.number());
        }
      }
    } catch (OutOfMemoryError e) {
      throw file.doesNotFit(table.forget());
    }
    return file.dataset(table.rows());
  }
}
