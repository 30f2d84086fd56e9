package dev.jlora.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.data.Dataset;
import dev.jlora.data.ReadOptions;
import dev.jlora.data.Row;
import dev.jlora.io.FormatException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageFolderTest {
  private final ImageFolderFormat format = new ImageFolderFormat();
  @TempDir Path folder;

  @Test
  void a_folder_is_a_class_and_classes_take_turns() throws IOException {
    touch(
        "cat/2.png", "cat/1.PNG", "cat/deeper/3.jpeg", "dog/1.jpg", "dog/notes.txt", "dog/.x.png");
    Dataset rows = read(folder);
    assertThat(labels(rows)).containsExactly("cat", "dog", "cat", "cat");
    assertThat(rows.row(0).path("image")).isEqualTo(folder.resolve("cat/1.PNG"));
    assertThat(rows.row(1).path("image")).isEqualTo(folder.resolve("dog/1.jpg"));
    assertThat(rows.row(0).where()).isEqualTo(folder.resolve("cat/1.PNG").toString());
    assertThat(format.read(folder, ReadOptions.DEFAULT.withLimit(2)).size()).isEqualTo(2);
  }

  @Test
  void a_zip_is_read_where_it_lies() throws IOException {
    Path zip = zip("train/0/a.png", "train/1/b.png", "train/1/c.png", "test/0/d.png");
    Dataset rows = read(zip.resolve("train"));
    assertThat(labels(rows)).containsExactly("0", "1", "1");
    assertThat(rows.row(2).path("image")).isEqualTo(zip.resolve("train/1/c.png"));
    assertThat(format.accepts(zip.resolve("train"))).isTrue();
    assertThat(format.accepts(folder.resolve("rows.csv"))).isFalse();
  }

  /** What notebooks, desktops and version control leave in a folder is no class and no image. */
  @Test
  void hidden_folders_are_no_classes_at_any_depth() throws IOException {
    String[] names = {
      ".ipynb_checkpoints/a-checkpoint.png",
      "__MACOSX/0/._a.png",
      ".Trash/old.png",
      "0/a.png",
      "0/.cache/a.png",
      "0/deeper/__MACOSX/b.png",
      "0/Thumbs.db",
      "1/b.png",
      "1/.git/x/y.png",
      "1/@eaDir/b.png/thumb.png"
    };
    touch(names);
    assertThat(labels(read(folder))).containsExactly("0", "1");
    Path zip = zip(names);
    Dataset rows = read(zip);
    assertThat(labels(rows)).containsExactly("0", "1");
    assertThat(rows.row(0).path("image")).isEqualTo(zip.resolve("0/a.png"));
  }

  @Test
  void a_hidden_folder_that_is_named_is_read() throws IOException {
    touch(".data/0/a.png", ".data/1/b.png", ".data/.old/c.png");
    assertThat(labels(read(folder.resolve(".data")))).containsExactly("0", "1");
    Path zip = zip(".data/0/a.png", ".data/1/b.png", ".data/.old/c.png");
    assertThat(labels(read(zip.resolve(".data")))).containsExactly("0", "1");
  }

  @ParameterizedTest
  @CsvSource({"0/a\u0000.png, 0/a\\u0000.png", "../0/a.png, ../0/a.png", "/0/a.png, /0/a.png"})
  void an_entry_that_names_no_place_in_its_zip_is_refused(String name, String shown)
      throws IOException {
    Path zip = zip("0/b.png", "1/b.png", name);
    assertThatThrownBy(() -> read(zip))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("images.zip: has an entry called '" + shown + "'");
  }

  @Test
  void a_path_with_a_nul_character_names_its_row() throws IOException {
    Path table = Files.writeString(folder.resolve("rows.csv"), "image,label\na\0.png,x\n");
    Dataset rows = new CsvFormat().read(table, ReadOptions.DEFAULT);
    assertThatThrownBy(() -> rows.row(0).path("image"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("rows.csv:2: column 'image' holds a NUL character");
  }

  @Test
  void splits_are_no_classes() throws IOException {
    Path zip = zip("train/0/a.png", "train/1/b.png", "test/0/d.png");
    assertThatThrownBy(() -> read(zip))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has the splits [test, train], no classes")
        .hasMessageContaining("images.zip/test");
  }

  @Test
  void one_class_is_refused() throws IOException {
    touch("cat/1.png", "cat/2.png");
    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has only the class 'cat'");
  }

  @Test
  void a_folder_without_images_is_refused() throws IOException {
    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has no images.");
    touch("cat/readme.md");
    assertThatThrownBy(() -> read(folder)).hasMessageContaining("has no images, only other files");
    Path zip = zip("train/0/a.png");
    assertThatThrownBy(() -> read(zip.resolve("validation"))).hasMessageContaining("has no images");
  }

  @Test
  void an_image_of_no_class_is_named() throws IOException {
    touch("cat/1.png", "dog/1.png", "stray.png");
    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("stray.png: is not in the folder of a class");
  }

  @Test
  void a_folder_that_is_not_there_is_named() {
    assertThatThrownBy(() -> read(folder.resolve("absent")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("absent: no such file");
    assertThatThrownBy(() -> read(folder.resolve("absent.zip").resolve("train")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("absent.zip: no such file");
  }

  @Test
  void paths_of_a_table_start_at_its_folder() throws IOException {
    Path table =
        Files.writeString(folder.resolve("rows.csv"), "image,label\npics/1.png,x\n/abs/2.png,y\n");
    Dataset rows = new CsvFormat().read(table, ReadOptions.DEFAULT);
    assertThat(rows.row(0).path("image")).isEqualTo(folder.resolve("pics/1.png"));
    assertThat(rows.row(1).path("image")).isEqualTo(Path.of("/abs/2.png"));
  }

  private Dataset read(Path path) {
    return format.read(path, ReadOptions.DEFAULT);
  }

  private static List<String> labels(Dataset rows) {
    return IntStream.range(0, rows.size())
        .mapToObj(rows::row)
        .map((Row row) -> row.text("label"))
        .toList();
  }

  private void touch(String... names) throws IOException {
    for (String name : names) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "");
    }
  }

  private Path zip(String... names) throws IOException {
    Path zip = folder.resolve("images.zip");
    try (OutputStream file = Files.newOutputStream(zip);
        ZipOutputStream entries = new ZipOutputStream(file)) {
      for (String name : names) {
        entries.putNextEntry(new ZipEntry(name));
      }
    }
    return zip;
  }
}
