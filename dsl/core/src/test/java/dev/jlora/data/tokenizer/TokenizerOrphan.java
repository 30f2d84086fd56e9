package dev.jlora.data.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A process to be killed while its tokenizer's process computes without an end. */
final class TokenizerOrphan {
  private TokenizerOrphan() {}

  public static void main(String[] args) throws Exception {
    var forever = new GuardedTokenizer.Patience(1000, 0);
    try (var guarded = new GuardedTokenizer(Tokenizers.growing().toString(), forever, forever)) {
      Files.writeString(Path.of(args[0], "encoding"), "");
      guarded.encode(List.of("a film"), Tokens.Detail.IDS);
    }
  }
}
