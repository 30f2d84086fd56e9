package dev.jlora.cli;

import dev.jlora.spec.Aliases;
import dev.jlora.spec.Interval;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * An option that sets one key of a job. It is also accepted under the key's name and PEFT's or
 * Trainer's, with dashes or underscores, which the help does not list.
 *
 * @param group its heading in the help
 * @param use the last stage of a model's life in which it applies
 * @param name as in the help; one that starts with {@code --no-} sets its key to false
 * @param key the path of the key: {@code adapter.rank}
 * @param type of its value: a number, text, {@code Boolean} for a flag, an enum, {@link List} for
 *     comma-separated values, {@link Interval}
 * @param label of its value in the help; empty for a flag
 * @param help its description
 */
record JobOption(
    Group group, Use use, String name, String key, Class<?> type, String label, String help) {
  static final String NO = "--no-";

  /** Headings of the help, in order. */
  enum Group {
    JOB(""),
    DATA("Data:"),
    IMAGES("Images:"),
    ADAPTER("Adapter:"),
    TRAINING("Training:"),
    /** Accepted but not shown: Trainer's names for settings that take two keys. */
    TRAINER("");

    final String heading;

    Group(String heading) {
      this.heading = heading;
    }
  }

  /** The commands to which an option applies: that of its use, and those before. */
  enum Use {
    /** Fixed by training: {@code train} and {@code plan}. */
    TRAIN,
    /** Also {@code eval}. */
    EVALUATE,
    /** Also {@code predict}. */
    PREDICT
  }

  /** Keys whose last segment is too general for an option. */
  private static final Set<String> GENERAL =
      Set.of("model.path", "task.name", "optimizer.name", "schedule.name");

  /** Keys whose comma-separated values are numbers. */
  private static final Set<String> WHOLE =
      Set.of("adapter.layers_to_transform", "adapter.trainable_token_indices");

  boolean flag() {
    return type == Boolean.class;
  }

  private boolean negative() {
    return name.startsWith(NO);
  }

  /** Whether it applies to a command of this use. */
  boolean servesFor(Use command) {
    return use.compareTo(command) >= 0;
  }

  /** The option for picocli; hidden if it is accepted only to be rejected with a clear message. */
  OptionSpec spec(boolean shown) {
    OptionSpec.Builder option =
        OptionSpec.builder(names().toArray(String[]::new))
            .userObject(this)
            .type(type == Interval.class ? Object.class : type)
            .arity(flag() ? "0" : "1")
            .hidden(!shown || group == Group.TRAINER)
            .description(help.replace("%", "%%"));
    if (flag()) {
      option.negatable(!key.equals(JobOptions.ADAPTER));
    } else {
      option.paramLabel(label);
    }
    if (type == List.class) {
      option.auxiliaryTypes(WHOLE.contains(key) ? Integer.class : String.class);
      option.splitRegex(",");
    }
    if (type == Interval.class) {
      option.converters(JobOption::interval);
    }
    return option.build();
  }

  /** All names; the one in the help first. */
  List<String> names() {
    Set<String> names = new LinkedHashSet<>();
    names.add(name);
    boolean general = GENERAL.contains(key) || key.startsWith("data.images.");
    if (group != Group.TRAINER && !general && !key.equals(JobOptions.ADAPTER)) {
      add(names, key.substring(key.lastIndexOf('.') + 1));
    }
    Aliases.of(key).forEach(alias -> add(names, alias));
    add(names, name.substring((negative() ? NO : "--").length()).replace('-', '_'));
    return List.copyOf(names);
  }

  private void add(Set<String> names, String word) {
    String start = negative() ? NO : "--";
    names.add(start + word.replace('_', '-'));
    names.add(start + word);
  }

  /** The given value as JSON; null removes the key. */
  @Nullable Object json(Object typed) {
    return switch (typed) {
      case Boolean _ when key.equals(JobOptions.ADAPTER) -> null;
      case Boolean skip when key.endsWith(".corrupt") -> skip ? "skip" : "refuse";
      case Boolean yes -> negative() != yes;
      case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT);
      case String text when key.equals("data.delimiter") && text.matches("tab|\\\\t") -> "\t";
      case String text when JobOptions.NAMES_OR_REGEX.contains(key) ->
          JobOptions.areNames(text) ? List.of(text.split(",")) : text;
      case String text when key.endsWith(".init_lora_weights") && text.matches("true|false") ->
          Boolean.valueOf(text);
      default -> typed;
    };
  }

  /** Parses an interval; {@code "steps"} is Trainer's, whose number is in a separate option. */
  private static Object interval(String text) {
    try {
      return text.equals("steps") ? text : Interval.of(text).json();
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
