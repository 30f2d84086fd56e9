package dev.jlora.cli;

import dev.jlora.io.FormatException;
import dev.jlora.io.InputFile;
import dev.jlora.io.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Text from standard input: {@code -} instead of a text or a file. */
final class StandardInput {
  static final String NAME = "-";

  private StandardInput() {}

  static boolean is(Path file) {
    return file.toString().equals(NAME);
  }

  /** The whole text. */
  static String text() {
    try {
      byte[] bytes = System.in.readAllBytes();
      String encoding = InputFile.otherEncoding(Arrays.copyOf(bytes, Math.min(512, bytes.length)));
      if (encoding != null) {
        throw InputFile.notUtf8("standard input", encoding);
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new FormatException("standard input", "is not UTF-8 text.", "Convert it.", e);
    } catch (IOException e) {
      throw InputFile.unreadable("standard input", e);
    }
  }

  /** The lines of a file, or of standard input. */
  static List<String> lines(Path file) {
    return (is(file) ? text() : Json.text(file)).lines().toList();
  }

  /** The texts of a command line, with {@code -} replaced by the lines of standard input. */
  static List<String> lines(List<String> texts) {
    List<String> all = new ArrayList<>();
    texts.forEach(text -> all.addAll(text.equals(NAME) ? text().lines().toList() : List.of(text)));
    return all;
  }

  /** The texts of a command line, with {@code -} replaced by all of standard input as one text. */
  static List<String> whole(List<String> texts) {
    return texts.stream().map(text -> text.equals(NAME) ? text().stripTrailing() : text).toList();
  }
}
