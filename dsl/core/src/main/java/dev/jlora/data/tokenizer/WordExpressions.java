package dev.jlora.data.tokenizer;

import java.util.Set;

/**
 * The regular expressions by which the models in use cut a text into words. The library's engine
 * gives up, by a panic, on an expression that tries too often on some text; on these the tries grow
 * with the text alone. Any other expression is in doubt.
 */
final class WordExpressions {
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String REST =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  static final String QWEN2 = CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" + REST;

  static final Set<String> KNOWN =
      Set.of(
          // GPT-2, RoBERTa
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          // Llama 3
          CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" + REST,
          QWEN2,
          // DeepSeek and others
          "\\p{N}{1,3}",
          "\\s?\\p{L}+",
          "[\\r\\n]",
          "\\d");

  private WordExpressions() {}
}
