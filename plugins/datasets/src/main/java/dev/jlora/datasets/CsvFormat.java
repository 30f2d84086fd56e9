package dev.jlora.datasets;

import dev.jlora.data.Dataset;
import dev.jlora.data.ReadOptions;
import dev.jlora.io.FormatException;
import dev.jlora.spi.DatasetFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Comma-separated values as in RFC 4180: a quoted cell may contain commas, quotes and line breaks.
 * Other delimiters are supported ({@link Delimiter}).
 */
public final class CsvFormat implements DatasetFormat {
  private static final int BYTE_ORDER_MARK = 0xFEFF;
  private static final int PEEK = 1 << 16;

  @Override
  public String name() {
    return "csv";
  }

  @Override
  public boolean accepts(Path file) {
    return SourceFile.hasEnding(file, ".csv");
  }

  @Override
  public boolean takesDelimiter() {
    return true;
  }

  @Override
  public Dataset read(Path path, ReadOptions options) {
    SourceFile file = SourceFile.of(path);
    Table table = new Table(file, options);
    long line = 1;
    try (var bounded = new RecordReader(reader(file), SourceFile.LONGEST_LINE);
        var reader = new BufferedReader(bounded)) {
      skipByteOrderMark(reader);
      String first = firstLine(reader);
      char declared = Delimiter.declared(first);
      if (declared != 0) {
        reader.readLine();
        first = firstLine(reader);
        line = 2;
      }
      long before = line - 1;
      CSVFormat format =
          CSVFormat.RFC4180
              .builder()
              .setDelimiter(Delimiter.of(first, declared, options))
              .setIgnoreEmptyLines(true)
              .get();
      try (CSVParser parser = CSVParser.builder().setReader(reader).setFormat(format).get()) {
        Iterator<CSVRecord> records = parser.iterator();
        bounded.begin();
        while (!table.full() && records.hasNext()) {
          table.add(records.next().toList(), line);
          line = before + parser.getCurrentLineNumber() + 1;
          bounded.begin();
        }
      }
    } catch (IOException e) {
      throw wrong(file, e, line);
    } catch (UncheckedIOException e) {
      throw wrong(file, e.getCause(), line);
    } catch (OutOfMemoryError e) {
      throw file.doesNotFit(table.forget());
    }
    return file.dataset(table.rows());
  }

  private static InputStreamReader reader(SourceFile file) throws IOException {
    return new InputStreamReader(file.open(), StandardCharsets.UTF_8.newDecoder());
  }

  private static void skipByteOrderMark(BufferedReader reader) throws IOException {
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
  }

  /** The first line, or the part of it that fits into the look-ahead buffer. */
  private static String firstLine(BufferedReader reader) throws IOException {
    reader.mark(PEEK);
    var line = new StringBuilder();
    for (int next = reader.read();
        next >= 0 && next != '\n' && next != '\r' && line.length() < PEEK - 1;
        next = reader.read()) {
      line.append((char) next);
    }
    reader.reset();
    return line.toString();
  }

  private static FormatException wrong(SourceFile file, IOException e, long line) {
    if (e instanceof RecordReader.TooLong) {
      return file.tooLong(line);
    }
    if (e instanceof CharacterCodingException && !file.isStandardInput()) {
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
