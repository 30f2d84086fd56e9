package dev.jlora.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.data.Dataset;
import dev.jlora.data.ReadOptions;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.spi.DatasetFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not what their names say: other separators, other encodings, no files at all. */
@Timeout(60)
class OddFilesTest {
  private static final List<DatasetFormat> FORMATS =
      List.of(new JsonlFormat(), new CsvFormat(), new TsvFormat());

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text;label\r\na film, and a plot;good\r\n\"bad; very\";bad\r\n",
        "\uFEFFtext;label\r\na film, and a plot;good\r\n\"bad; very\";bad\r\n",
        "sep=;\r\ntext;label\r\na film, and a plot;good\r\n\"bad; very\";bad\r\n",
        "\uFEFFsep=|\ntext|label\n\"a film, and a plot\"|good\n\"bad; very\"|bad\n",
        "text\tlabel\na film, and a plot\tgood\nbad; very\tbad\n"
      })
  void what_separates_cells_is_told_by_the_first_line(String content) {
    Dataset rows = csv(content, ReadOptions.DEFAULT);
    assertThat(rows.columns()).containsExactly("text", "label");
    assertThat(rows.row(0).text("text")).isEqualTo("a film, and a plot");
    assertThat(rows.row(1).text("text")).isEqualTo("bad; very");
    int declared = content.contains("sep=") ? 1 : 0;
    assertThat(rows.row(1).where()).endsWith("rows.csv:" + (3 + declared));
  }

  @Test
  void a_quote_is_no_declared_separator() {
    assertThat(csv("sep=\"\ntext\"label\n", ReadOptions.DEFAULT).columns())
        .containsExactly("sep=\"");
  }

  @Test
  void a_damaged_later_member_of_a_gzip_file_is_no_end() {
    byte[] first = gzip("text,label\na,good\n".getBytes(StandardCharsets.UTF_8));
    byte[] second = gzip("b,bad\n".getBytes(StandardCharsets.UTF_8));
    assertThat(members(first, second, new byte[600]).size()).isEqualTo(2);
    second[0] = 0x1e;
    for (byte[] after :
        List.of(second, new byte[] {0, 0, 1}, "garbage".getBytes(StandardCharsets.UTF_8))) {
      assertThatThrownBy(() -> members(first, after))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("is not well-formed gzip (trailing bytes are not gzip data)");
    }
  }

  private Dataset members(byte[]... parts) {
    var bytes = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      bytes.writeBytes(part);
    }
    Path file = write("rows.csv.gz", bytes.toByteArray());
    return format(file).read(file, ReadOptions.DEFAULT);
  }

  @Test
  void without_a_header_the_number_of_columns_tells_what_separates_them() {
    ReadOptions options = ReadOptions.DEFAULT.withColumns("text", "label");
    assertThat(csv("so well;good\nso, so;bad\n", options).row(1).text("text")).isEqualTo("so, so");
    assertThat(csv("so; well,good\n", options).row(0).text("text")).isEqualTo("so; well");
  }

  @Test
  void the_job_says_what_separates_cells() {
    Dataset rows = csv("a,b;c\n1;2,3\n", ReadOptions.DEFAULT.withDelimiter(";"));
    assertThat(rows.columns()).containsExactly("a,b", "c");
    assertThat(rows.row(0).text("c")).isEqualTo("2,3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "tsv"})
  void a_header_that_repeats_the_names_given_is_no_row(String format) {
    String separator = format.equals("csv") ? "," : "\t";
    String table = "Text" + separator + " label\nfilm" + separator + "good\n";
    Path file = write("rows." + format, table.getBytes(StandardCharsets.UTF_8));
    Dataset rows = format(file).read(file, ReadOptions.DEFAULT.withColumns("text", "label"));
    assertThat(rows.size()).isEqualTo(1);
    assertThat(rows.row(0).text("label")).isEqualTo("good");
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "tsv"})
  void a_table_without_a_header_is_noticed(String format) {
    String separator = format.equals("csv") ? "," : "\t";
    String table = "a good film" + separator + "1\na bad film" + separator + "0\n";
    Path file = write("bare." + format, table.getBytes(StandardCharsets.UTF_8));
    Dataset rows = format(file).read(file, ReadOptions.DEFAULT);
    assertThatThrownBy(() -> rows.row(0).text("text"))
        .hasMessageContaining("has no column 'text'; its columns are ['a good film', '1']")
        .hasMessageContaining("if the file has no header line, name its columns in data.header");
  }

  @ParameterizedTest
  @CsvSource({
    "UTF-16, UTF-16",
    "UTF-16LE, UTF-16LE",
    "UTF-16BE, UTF-16BE",
    "x-UTF-16LE-BOM, UTF-16",
    "UTF-32, UTF-32"
  })
  void text_of_two_bytes_a_letter_is_told_from_latin_1(String charset, String said) {
    byte[] bom =
        charset.equals("UTF-32") ? new byte[] {0, 0, (byte) 0xFE, (byte) 0xFF} : new byte[0];
    for (String name : List.of("r.csv", "r.tsv", "r.jsonl", "r.csv.gz")) {
      byte[] text = "{\"text\": \"a\", \"label\": \"b\"}\n".getBytes(Charset.forName(charset));
      byte[] all = joined(bom, text);
      Path file = write(name, name.endsWith("gz") ? gzip(all) : all);
      assertThatThrownBy(() -> format(file).read(file, ReadOptions.DEFAULT))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining(name + ": is " + said + " text, expected UTF-8")
          .hasMessageContaining("iconv -f utf-");
    }
    Path json = write("job.json", joined(bom, "{\"a\": 1}".getBytes(Charset.forName(charset))));
    assertThatThrownBy(() -> Json.readObject(json))
        .hasMessageContaining("job.json: is " + said + " text, expected UTF-8");
  }

  @Test
  void a_job_that_begins_with_a_byte_order_mark_is_read() {
    Path json = write("job.json", "\uFEFF{\"a\": 1}".getBytes(StandardCharsets.UTF_8));
    assertThat(Json.readObject(json).path("a").asInt()).isEqualTo(1);
  }

  @Test
  void pipes_devices_sockets_and_folders_are_refused_and_not_waited_for() throws Exception {
    Path pipe = folder.resolve("rows.jsonl");
    Assumptions.assumeTrue(
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor(5, TimeUnit.SECONDS)
            && Files.exists(pipe),
        "no pipes can be made here");
    refused(pipe, "is a pipe, expected a file");
    refused(Path.of("/dev/zero"), "is a device, expected a file");
    refused(folder, "is a folder, expected a file of rows");
    Path address = folder.resolve("rows.csv");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(address));
      refused(address, "is a socket, expected a file");
    }
  }

  private static void refused(Path file, String said) {
    for (DatasetFormat format : FORMATS) {
      assertThatThrownBy(() -> format.read(file, ReadOptions.DEFAULT))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining(file + ": " + said);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jsonl", "csv", "tsv"})
  void a_line_without_an_end_is_not_read_into_memory(String format) throws IOException {
    Path file = folder.resolve("long." + format);
    try (OutputStream out = Files.newOutputStream(file)) {
      String head = format.equals("jsonl") ? "" : "text\n";
      out.write((head + (format.equals("csv") ? "\"" : "")).getBytes(StandardCharsets.UTF_8));
      byte[] letters = "a".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 65; i++) {
        out.write(letters);
      }
    }
    assertThatThrownBy(() -> format(file).read(file, ReadOptions.DEFAULT))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("begins a row of more than 64 MiB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jsonl", "tsv"})
  void a_gzip_bomb_is_told_by_how_much_it_expands(String format) throws IOException {
    Path file = folder.resolve("bomb." + format + ".gz");
    byte[] member = gzip("\n".repeat(1 << 20).getBytes(StandardCharsets.UTF_8));
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < 40; i++) {
        out.write(member);
      }
    }
    assertThatThrownBy(() -> format(file).read(file, ReadOptions.DEFAULT))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("bomb." + format + ".gz:")
        .hasMessageContaining("expands to more than 250 times its size, 32 MiB so far");
  }

  @Test
  void rows_that_memory_cannot_hold_are_told_with_their_file() {
    var file = new SourceFile(Path.of("r.jsonl"), "r.jsonl");
    assertThat(file.doesNotFit(1234))
        .hasMessageContaining("r.jsonl: does not fit into memory: 1,234 rows filled the ")
        .hasMessageContaining("(--limit)")
        .hasMessageContaining("JLORA_OPTS=-Xmx");
  }

  @ParameterizedTest
  @CsvSource({"jsonl, '{\"text\": \"a\"}\n'", "csv, 'text\na\n'", "tsv, 'text\na\n'"})
  void rows_are_piped_in(String format, String content) {
    InputStream before = System.in;
    try {
      for (boolean compressed : List.of(false, true)) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        System.setIn(new ByteArrayInputStream(compressed ? gzip(bytes) : bytes));
        DatasetFormat reader =
            FORMATS.stream().filter(one -> one.name().equals(format)).findFirst().orElseThrow();
        Dataset rows = reader.read(Path.of("-"), ReadOptions.DEFAULT);
        assertThat(rows.row(0).text("text")).isEqualTo("a");
        assertThat(rows.row(0).where()).startsWith("standard input:");
      }
      System.setIn(new ByteArrayInputStream(new byte[] {'a', '\n', (byte) 0xEF, '\n'}));
      assertThatThrownBy(() -> new CsvFormat().read(Path.of("-"), ReadOptions.DEFAULT))
          .hasMessageContaining("standard input");
    } finally {
      System.setIn(before);
    }
  }

  private Dataset csv(String content, ReadOptions options) {
    return new CsvFormat()
        .read(write("rows.csv", content.getBytes(StandardCharsets.UTF_8)), options);
  }

  private Path write(String name, byte[] bytes) {
    try {
      return Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static DatasetFormat format(Path file) {
    return FORMATS.stream().filter(one -> one.accepts(file)).findFirst().orElseThrow();
  }

  private static byte[] gzip(byte[] bytes) {
    var out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] joined(byte[] head, byte[] tail) {
    byte[] all = java.util.Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, all, head.length, tail.length);
    return all;
  }
}
