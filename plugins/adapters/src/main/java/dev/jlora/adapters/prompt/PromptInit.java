package dev.jlora.adapters.prompt;

import dev.jlora.spec.SpecValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The initialization of prompt tuning's virtual tokens; PEFT's {@code prompt_tuning_init}. */
public enum PromptInit implements SpecValue {
  /** Normal with mean 0 and standard deviation 1. */
  RANDOM,
  /** Embeddings of random tokens of the vocabulary. */
  SAMPLE_VOCAB,
  /** Embeddings of the tokens of a text, repeated or cut to the number of virtual tokens. */
  TEXT;

  @Override
  public Object json() {
    return name();
  }

  /**
   * The initialization with PEFT's name, in either case.
   *
   * @throws IllegalArgumentException listing the valid values
   */
  public static PromptInit of(Object json) {
    return Constants.of(PromptInit.class, json);
  }

  /** Constants that are written in upper case, as PEFT writes them. */
  static final class Constants {
    private Constants() {}

    static <E extends Enum<E>> E of(Class<E> type, Object json) {
      return Arrays.stream(type.getEnumConstants())
          .filter(it -> it.name().equals(json.toString().toUpperCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "got %s, expected one of %s"
                          .formatted(json, List.of(type.getEnumConstants()))));
    }
  }
}
