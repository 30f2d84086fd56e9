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
 * An option that sets one key of a job. It also goes by the key's name and by PEFT's or Trainer's,
 * with dashes or underscores, which the help leaves out.
 *
 * @param group the heading it stands under in the help
 * @param use the last part of a model's life in which it means something
 * @param name as the help shows it; one that starts with {@code --no-} sets its key to false
 * @param key the path of the key: {@code adapter.rank}
 * @param type of its value: a number, text, {@code Boolean} for a flag, an enum, {@link List} for
 *     words with commas, {@link Interval}
 * @param label of its value in the help; empty for a flag
 * @param help what it does
 */
record JobOption(
    Group group, Use use, String name, String key, Class<?> type, String label, String help) {
  static final String NO = "--no-";

  /** Headings of the help, in their order. */
  enum Group {
    JOB(""),
    DATA("Data:"),
    IMAGES("Images:"),
    ADAPTER("Adapter:"),
    TRAINING("Training:"),
    /** Understood, and not shown: Trainer's names for what takes two keys. */
    TRAINER("");

    final String heading;

    Group(String heading) {
      this.heading = heading;
    }
  }

  /** Which commands an option means something to: that of its use, and those before. */
  enum Use {
    /** Settled by training: {@code train} and {@code plan}. */
    TRAIN,
    /** {@code eval}, too. */
    EVALUATE,
    /** {@code predict}, too. */
    PREDICT
  }

  /** Keys whose last word is too general for an option. */
  private static final Set<String> GENERAL =
      Set.of("model.path", "task.name", "optimizer.name", "schedule.name");

  boolean flag() {
    return type == Boolean.class;
  }

  private boolean negative() {
    return name.startsWith(NO);
  }

  /** Means something to a command of this use. */
  boolean servesFor(Use command) {
    return use.compareTo(command) >= 0;
  }

  /** The option for picocli; hidden where it is only understood to be refused. */
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
      option.auxiliaryTypes(key.endsWith(".layers_to_transform") ? Integer.class : String.class);
      option.splitRegex(",");
    }
    if (type == Interval.class) {
      option.converters(JobOption::interval);
    }
    return option.build();
  }

  /** All names; that of the help first. */
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

  /** What was typed, as JSON has it; null takes the key away. */
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

  /** {@code "steps"} is Trainer's, with a number in an option of its own. */
  private static Object interval(String text) {
    try {
      return text.equals("steps") ? text : Interval.of(text).json();
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
