package dev.jlora.data.tokenizer;

import java.util.Set;

/**
 * The regular expressions by which current models split a text into words. The library's engine
 * panics if an expression backtracks too often on some text; for these, backtracking grows only
 * with the length of the text. Any other expression is a risk.
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
