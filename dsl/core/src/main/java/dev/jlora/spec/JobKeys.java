package dev.jlora.spec;

import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the job keys in a message, such as {@code training.batch_size}, and replaces them by what
 * the user typed: an option, or a Java method.
 */
public final class JobKeys {
  /** Not part of a longer name, of a path, or of quoted text. */
  private static final Pattern KEY =
      Pattern.compile(
          "(?<![\\w./'\"-])(model|task|adapter|lora|data|optimizer|schedule|training)"
              + "(\\.[a-z][a-z0-9]*(_[a-z0-9]+)*)+(?![\\w/'\"-]|\\.\\w)");

  private JobKeys() {}

  /** {@code message} with each key replaced by the result of {@code word}. */
  public static String renamed(String message, UnaryOperator<String> word) {
    return KEY.matcher(message)
        .replaceAll((MatchResult key) -> Matcher.quoteReplacement(word.apply(key.group())));
  }
}
