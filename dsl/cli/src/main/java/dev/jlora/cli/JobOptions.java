package dev.jlora.cli;

import dev.jlora.spec.Targets;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * The options of a job, one for each key: they define a job or override values of a file. Commands
 * with {@link For} have them.
 *
 * <p>Does not use picocli's argument groups: a repeated option would create a second group and drop
 * the first.
 */
final class JobOptions {
  /** The key of {@code --full}, which removes the section. */
  static final String ADAPTER = "adapter";

  /** Keys whose text is comma-separated names or a regular expression. */
  static final Set<String> NAMES_OR_REGEX =
      Set.of("adapter.target_modules", "adapter.exclude_modules");

  static final List<JobOption> ALL = JobOptionTable.all();

  private JobOptions() {}

  /** Marks a command that has the options of a job. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface For {
    /** The options that apply to the command; it rejects the others. */
    JobOption.Use value();
  }

  /** Adds the options to a command that is marked. */
  static void addTo(CommandSpec command) {
    For marked = command.userObject().getClass().getAnnotation(For.class);
    if (marked != null) {
      add(command, marked.value());
    }
  }

  /**
   * Adds all options that the command does not define itself. Options that do not apply are
   * rejected when used.
   */
  private static void add(CommandSpec command, JobOption.Use use) {
    Set<String> own = Set.copyOf(command.optionsMap().keySet());
    for (JobOption option : ALL) {
      if (!own.contains(option.name())) {
        command.addOption(option.spec(option.servesFor(use)));
      }
    }
    if (use == JobOption.Use.TRAIN) {
      PartOptions.addTo(command);
    }
    GroupedHelp.of(command);
  }

  /**
   * The keys of a job that were given, with their values as JSON.
   *
   * @throws ParameterException if an option does not apply to the command, or two contradict each
   *     other
   */
  static Map<String, @Nullable Object> typed(CommandSpec command) {
    JobOption.Use use = command.userObject().getClass().getAnnotation(For.class).value();
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    Set<String> ofAdapter = new LinkedHashSet<>();
    for (OptionSpec typed : command.commandLine().getParseResult().matchedOptions()) {
      if (typed.userObject() instanceof JobOption option) {
        if (!option.servesFor(use)) {
          throw new ParameterException(
              command.commandLine(),
              "%s: has no effect for %s; it is an option of 'train'"
                  .formatted(option.name(), command.name()));
        }
        values.put(option.key(), option.json(typed.getValue()));
        if (option.key().startsWith(ADAPTER + ".")) {
          ofAdapter.add(option.name());
        }
      }
    }
    if (values.containsKey(ADAPTER) && !ofAdapter.isEmpty()) {
      throw new ParameterException(
          command.commandLine(),
          "got --full together with %s, expected only one of them: all weights, or an adapter"
              .formatted(String.join(", ", ofAdapter)));
    }
    PartOptions.collect(command, values);
    return values;
  }

  /** The option for a key; the key itself if there is none. */
  static String word(String key) {
    String path = key.startsWith("lora.") ? key.replaceFirst("lora", ADAPTER) : key;
    return ALL.stream()
        .filter(option -> option.key().equals(path))
        .map(JobOption::name)
        .findFirst()
        .orElse(key);
  }

  /**
   * Parses targets: one or more comma-separated words are names; anything else is a regular
   * expression.
   */
  static Targets targets(String text) {
    return areNames(text) ? Targets.names(text.split(",")) : Targets.of(text);
  }

  static boolean areNames(String text) {
    return text.matches("[\\w.]+(,[\\w.]+)*");
  }
}
