package dev.jlora.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file that is not the JSON it should be is named, with what is wrong and where. */
class JsonTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``           | is empty, expected JSON
          `{"a": 1`    | is not valid JSON at line 1, column
          `{"a": 1} 2` | is not valid JSON at line 1, column 10: there is text after the end of the value.
          `{"a": [1`   | expected close marker for Array (start marker at line 1, column 7)
          `{"a": 1} x` | is not valid JSON at line 1, column
          `{"a": NaN}` | column 10: Non-standard token 'NaN'. Correct it
          `// a`       | column 1: Unexpected character ('/' (code 47)). Correct it
          [1, 2]       | holds a JSON array, expected an object { ... }
          "text"       | holds a JSON string, expected an object
          12           | holds a JSON number, expected an object
          true         | holds a JSON boolean, expected an object
          null         | holds a JSON null, expected an object
          """)
  void what_is_no_object_is_told(String content, String expected) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), content);
    assertThatExceptionOfType(FormatException.class)
        .isThrownBy(() -> Json.readObject(file))
        .withMessageContaining(file + ": ")
        .withMessageContaining(expected);
  }

  @Test
  void limits_are_told_without_the_classes_that_set_them() {
    assertThatExceptionOfType(FormatException.class)
        .isThrownBy(() -> Json.parse("[".repeat(2_000), "a.json"))
        .withMessageContaining("nesting depth (1001) exceeds the maximum allowed (1000). Correct");
    assertThatExceptionOfType(FormatException.class)
        .isThrownBy(() -> Json.parse("1".repeat(2_000), "a.json"))
        .withMessageContaining("exceeds the maximum allowed (1000). Correct");
  }

  @Test
  void reasons_name_no_class_of_java() {
    assertThat(
            Stream.of(
                    new AccessDeniedException("a.json"),
                    new NoSuchFileException("a.json"),
                    new FileSystemLoopException("a.json"),
                    new FileSystemException("a.json", null, "Too many levels of symbolic links"),
                    new EOFException(),
                    new IOException("Input/output error"),
                    new IOException())
                .map(InputFile::reason))
        .containsExactly(
            "permission denied",
            "no such file",
            "a cycle of symbolic links",
            "Too many levels of symbolic links",
            "unexpected end of file",
            "Input/output error",
            "input or output failed");
    assertThat(InputFile.unreadable("a.json", new AccessDeniedException("a.json")))
        .hasMessage("a.json: cannot be read (permission denied). Check it and its permissions.");
  }

  @Test
  void what_is_no_text_file_is_told() throws IOException {
    Path absent = folder.resolve("absent.json");
    assertThatExceptionOfType(FormatException.class)
        .isThrownBy(() -> Json.text(absent))
        .withMessageContaining(absent + ": no such file");
    assertThatExceptionOfType(FormatException.class)
        .isThrownBy(() -> Json.text(folder))
        .withMessageContaining(folder + ": is a folder, expected a file");
    Path latin =
        Files.write(
            folder.resolve("latin.json"),
            "{\"name\": \"na\u00efve\"}".getBytes(StandardCharsets.ISO_8859_1));
    assertThatExceptionOfType(FormatException.class)
        .isThrownBy(() -> Json.text(latin))
        .withMessageContaining("latin.json: is not UTF-8 text");
  }

  @Test
  void what_is_written_is_read_again() {
    Path file = folder.resolve("new/a.json");
    Json.write(file, Map.of("key", List.of(1, 2)));
    assertThat(Json.readObject(file).path("key").size()).isEqualTo(2);
    assertThat(Json.text(file)).endsWith("}\n");
  }
}
