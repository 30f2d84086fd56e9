package dev.jlora.datasets;

import dev.jlora.data.Dataset;
import dev.jlora.data.ReadOptions;
import dev.jlora.io.FormatException;
import dev.jlora.spi.DatasetFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Comma-separated values as in RFC 4180: a quoted cell may hold commas, quotes and line breaks. */
public final class CsvFormat implements DatasetFormat {
  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).get();
  private static final int BYTE_ORDER_MARK = 0xFEFF;

  @Override
  public String name() {
    return "csv";
  }

  @Override
  public boolean accepts(Path file) {
    return SourceFile.hasEnding(file, ".csv");
  }

  @Override
  public Dataset read(Path path, ReadOptions options) {
    SourceFile file = SourceFile.of(path);
    Table table = new Table(file, options);
    long line = 1;
    try (Reader reader = reader(file);
        CSVParser parser = CSVParser.builder().setReader(reader).setFormat(FORMAT).get()) {
      Iterator<CSVRecord> records = parser.iterator();
      while (!table.full() && records.hasNext()) {
        table.add(records.next().toList(), line);
        line = parser.getCurrentLineNumber() + 1;
      }
    } catch (IOException e) {
      throw wrong(file, e, line);
    } catch (UncheckedIOException e) {
      throw wrong(file, e.getCause(), line);
    }
    return file.dataset(table.rows());
  }

  private static Reader reader(SourceFile file) throws IOException {
    Reader reader =
        new BufferedReader(new InputStreamReader(file.open(), StandardCharsets.UTF_8.newDecoder()));
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
    return reader;
  }

  private static FormatException wrong(SourceFile file, IOException e, long line) {
    if (e instanceof CharacterCodingException) {
      try (Utf8Lines lines = Utf8Lines.open(file)) {
        while (lines.next() != null) {} // throws at the line, which a buffered reader runs ahead of
      }
    }
    if (e instanceof CSVException || String.valueOf(e.getMessage()).contains("quote")) {
      return malformed(file, e, line);
    }
    return String.valueOf(e.getMessage()).contains("encapsulated")
        ? malformed(file, e, line)
        : file.unreadable(e, line);
  }

  private static FormatException malformed(SourceFile file, IOException e, long line) {
    return new FormatException(
        file.at(line),
        "is not well-formed CSV (" + e.getMessage() + ").",
        "Close the quotes; a quote inside a quoted cell is written twice.",
        e);
  }
}
