package dev.jlora.spec;

import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Messages about a job name its keys with their sections, as in {@code training.batch_size}. This
 * finds them, for a user who typed something else: an option, or a word of Java.
 */
public final class KeyWords {
  /** No part of a longer name, of a path, or of a text in quotes. */
  private static final Pattern KEY =
      Pattern.compile(
          "(?<![\\w./'\"-])(model|task|adapter|lora|data|optimizer|schedule|training)"
              + "(\\.[a-z][a-z0-9]*(_[a-z0-9]+)*)+(?![\\w/'\"-]|\\.\\w)");

  private KeyWords() {}

  /** {@code message} with each key replaced by what {@code word} gives for it. */
  public static String renamed(String message, UnaryOperator<String> word) {
    return KEY.matcher(message)
        .replaceAll((MatchResult key) -> Matcher.quoteReplacement(word.apply(key.group())));
  }
}
