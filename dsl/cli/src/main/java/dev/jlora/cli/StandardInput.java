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

/** Text that is piped in: {@code -} in place of a text or a file. */
final class StandardInput {
  static final String NAME = "-";

  private StandardInput() {}

  static boolean is(Path file) {
    return file.toString().equals(NAME);
  }

  /** All of it. */
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

  /** Texts of a command line, where {@code -} stands for the lines that are piped in. */
  static List<String> lines(List<String> texts) {
    List<String> all = new ArrayList<>();
    texts.forEach(text -> all.addAll(text.equals(NAME) ? text().lines().toList() : List.of(text)));
    return all;
  }

  /** Texts of a command line, where {@code -} stands for all that is piped in, one text. */
  static List<String> whole(List<String> texts) {
    return texts.stream().map(text -> text.equals(NAME) ? text().stripTrailing() : text).toList();
  }
}
