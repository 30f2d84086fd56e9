package dev.jlora.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.data.Dataset;
import dev.jlora.data.DatasetFolder;
import dev.jlora.data.Labels;
import dev.jlora.data.ReadOptions;
import dev.jlora.io.FormatException;
import dev.jlora.spi.DatasetFormat;
import dev.jlora.spi.JloraPlugin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetsTest {
  private static final List<DatasetFormat> FORMATS =
      List.of(new JsonlFormat(), new CsvFormat(), new TsvFormat());

  @TempDir Path folder;

  @Test
  void json_lines_keep_their_types() {
    Dataset rows =
        read(
            "r.jsonl",
            "{\"text\": \"one\", \"label\": 1, \"tags\": [\"a\", \"b\"]}\n\n"
                + "{\"text\": \"two\", \"label\": 2.5, \"tags\": []}\r\n");
    assertThat(rows.size()).isEqualTo(2);
    assertThat(rows.row(0).text("label")).isEqualTo("1");
    assertThat(rows.row(0).texts("tags")).containsExactly("a", "b");
    assertThat(rows.row(1).number("label")).isEqualTo(2.5);
    assertThat(rows.row(1).where()).endsWith("r.jsonl:3");
    assertThatThrownBy(() -> rows.row(1).text("review"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(
            "r.jsonl:3: has no column 'review'; its columns are ['text', 'label'");
  }

  @Test
  void csv_quotes_hold_commas_quotes_and_line_breaks() {
    Dataset rows = read("r.csv", "\uFEFFtext,label\r\n\"a, \"\"b\"\"\nc\",pos\r\nplain,neg\r\n");
    assertThat(rows.columns()).containsExactly("text", "label");
    assertThat(rows.row(0).text("text")).isEqualTo("a, \"b\"\nc");
    assertThat(rows.row(1).where()).endsWith("r.csv:4");
    assertThat(Labels.collect(rows, "label").names()).containsExactly("neg", "pos");
  }

  @Test
  void tsv_has_no_quotes_and_may_have_no_header() {
    Dataset rows = read("r.tsv", "sentence\tlabel\n\"so \t1\nbad\t0\n");
    assertThat(rows.row(0).text("sentence")).isEqualTo("\"so ");
    Path bare = write("bare.tsv", "news\tWorld\nmore\tSports\n".getBytes(StandardCharsets.UTF_8));
    Dataset named =
        new TsvFormat().read(bare, ReadOptions.DEFAULT.withColumns("text", "label").withLimit(1));
    assertThat(named.size()).isEqualTo(1);
    assertThat(named.row(0).text("label")).isEqualTo("World");
  }

  @ParameterizedTest
  @CsvSource({
    "r.jsonl.gz, {\"text\": \"x\"}, text",
    "r.csv.gz, 'text\nx', text",
    "r.tsv.gz, 'text\nx', text"
  })
  void every_format_reads_gzip(String name, String content, String column) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content.getBytes(StandardCharsets.UTF_8));
    }
    Path file = write(name, bytes.toByteArray());
    assertThat(format(file).read(file, ReadOptions.DEFAULT).row(0).text(column)).isEqualTo("x");
    byte[] cut = Arrays.copyOf(bytes.toByteArray(), bytes.size() - 9);
    assertThatThrownBy(() -> format(file).read(write(name, cut), ReadOptions.DEFAULT))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("cut off");
    assertThatThrownBy(() -> read(name, "not gzip at all")).hasMessageContaining("gzip");
  }

  @ParameterizedTest
  @CsvSource({
    "r.jsonl, '{\"a\": 1}\n{\"a\": }', r.jsonl:2: is not valid JSON",
    "r.jsonl, '{\"a\": 1}\n{\"a\": 1} x', r.jsonl:2: is not valid JSON",
    "r.jsonl, '[1]', r.jsonl:1: is not a JSON object",
    "r.jsonl, '\n', has no rows",
    "r.csv, '', has no rows",
    "r.csv, 'a,b', has no rows",
    "r.csv, 'a,b\n1,2\n3', 'r.csv:3: has 1 columns, expected 2'",
    "r.csv, 'a,b\n1,2\n\"3,4', r.csv:3: is not well-formed CSV",
    "r.csv, 'a,a\n1,2', 'r.csv:1: names its columns [a, a]'",
    "r.tsv, 'a\tb\n1', 'r.tsv:2: has 1 columns, expected 2'",
  })
  void what_is_wrong_is_told_with_its_line(String name, String content, String expected) {
    assertThatExceptionOfType(FormatException.class)
        .isThrownBy(() -> read(name, content))
        .withMessageContaining(expected);
  }

  @ParameterizedTest
  @CsvSource({"r.jsonl, '{\"a\": \"x\"}'", "r.csv, a", "r.tsv, a"})
  void what_is_not_utf8_is_told_with_its_line(String name, String first) {
    byte[] latin = (first + "\n" + first + "\nna\u00efve\n").getBytes(StandardCharsets.ISO_8859_1);
    Path file = write(name, latin);
    assertThatThrownBy(() -> format(file).read(file, ReadOptions.DEFAULT))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(name + ":3: is not UTF-8");
  }

  @Test
  void a_missing_file_and_a_folder_are_told() {
    for (DatasetFormat format : FORMATS) {
      assertThatThrownBy(() -> format.read(folder.resolve("none"), ReadOptions.DEFAULT))
          .hasMessageContaining("no such file");
      assertThatThrownBy(() -> format.read(folder, ReadOptions.DEFAULT))
          .hasMessageContaining("is a folder");
    }
  }

  @Test
  void a_folder_is_split_by_names() {
    write("rows.csv", new byte[0]);
    assertThatThrownBy(() -> DatasetFolder.find(folder, DatasetsTest::known))
        .hasMessageContaining(
            "has no file of rows named train, validation or test; it has [rows.csv]");
    write("train.jsonl.gz", new byte[0]);
    write("dev.tsv", new byte[0]);
    write("notes.txt", new byte[0]);
    DatasetFolder found = DatasetFolder.find(folder, DatasetsTest::known);
    assertThat(found.train()).hasValue(folder.resolve("train.jsonl.gz"));
    assertThat(found.validation()).hasValue(folder.resolve("dev.tsv"));
    assertThat(found.test()).isEmpty();
    write("train.csv", new byte[0]);
    assertThatThrownBy(() -> DatasetFolder.find(folder, DatasetsTest::known))
        .hasMessageContaining("more than one file for train");
  }

  @Test
  void an_unknown_label_is_told_with_the_known_ones() {
    Dataset rows = read("r.csv", "text,label\nx,neutral\ny,1\n");
    Labels labels = Labels.of("negative", "positive");
    assertThat(labels.id(rows.row(1), "label")).isEqualTo(1);
    assertThatThrownBy(() -> labels.id(rows.row(0), "label"))
        .hasMessageContaining("r.csv:2: has the unknown label 'neutral'; the 2 known ones are")
        .hasMessageContaining("'negative', 'positive'");
  }

  @Test
  void the_plugin_is_found() {
    assertThat(ServiceLoader.load(JloraPlugin.class))
        .hasAtLeastOneElementOfType(DatasetsPlugin.class);
  }

  @Test
  void real_files_are_read() {
    Path data = shared("data");
    Assumptions.assumeTrue(Files.isDirectory(data), "no " + data + " beside the project");
    DatasetFolder imdb = DatasetFolder.find(data.resolve("imdb"), DatasetsTest::known);
    Dataset reviews =
        new JsonlFormat().read(imdb.train().orElseThrow(), ReadOptions.DEFAULT.withLimit(200));
    assertThat(reviews.size()).isEqualTo(200);
    assertThat(Labels.collect(reviews, "label").names()).containsExactly("0", "1");
    Dataset phrases = new TsvFormat().read(data.resolve("sst2/dev.tsv"), ReadOptions.DEFAULT);
    assertThat(phrases.columns()).containsExactly("sentence", "label");
    assertThat(phrases.size()).isEqualTo(6735);
    Dataset news =
        new TsvFormat()
            .read(
                data.resolve("agnews/test.tsv"), ReadOptions.DEFAULT.withColumns("text", "label"));
    assertThat(Labels.collect(news, "label").names())
        .containsExactly("Business", "Sci/Tech", "Sports", "World");
    assertThat(news.size()).isEqualTo(7600);
  }

  private Dataset read(String name, String content) {
    Path file = write(name, content.getBytes(StandardCharsets.UTF_8));
    return format(file).read(file, ReadOptions.DEFAULT);
  }

  private Path write(String name, byte[] content) {
    try {
      return Files.write(folder.resolve(name), content);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean known(Path file) {
    return FORMATS.stream().anyMatch(format -> format.accepts(file));
  }

  private static DatasetFormat format(Path file) {
    return FORMATS.stream().filter(format -> format.accepts(file)).findFirst().orElseThrow();
  }

  /** A file of the folder that lies beside the checkout, wherever the test runs. */
  private static Path shared(String name) {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.isDirectory(at.resolve("shared"))) {
      at = at.getParent();
    }
    return at == null ? Path.of("../shared", name) : at.resolve("shared").resolve(name);
  }
}
