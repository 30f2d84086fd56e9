package dev.jlora.cli;

import dev.jlora.spec.SpecText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Options for the own parameters of plugin parts, whose keys are not known in advance. */
final class PartOptions {
  private static final String CALLBACK = "--callback";

  /** The section of each option's keys. */
  private static final Map<String, String> SECTIONS =
      Map.of("--optimizer-arg", "optimizer", "--schedule-arg", "schedule");

  private PartOptions() {}

  /** Adds the options to a training command. */
  static void addTo(CommandSpec command) {
    add(
        command,
        "--optimizer-arg",
        "KEY=VALUE",
        "A parameter of a plugin's optimizer; may be repeated.");
    add(
        command,
        "--schedule-arg",
        "KEY=VALUE",
        "A parameter of a plugin's schedule; may be repeated.");
    add(command, CALLBACK, "NAME[,KEY=VALUE...]", "A callback of a plugin; may be repeated.");
  }

  private static void add(CommandSpec command, String name, String label, String help) {
    command.addOption(
        OptionSpec.builder(name)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .arity("1")
            .paramLabel(label)
            .description(help)
            .build());
  }

  /**
   * Adds the given parameters to the keys of a job.
   *
   * @throws ParameterException if a parameter is not KEY=VALUE
   */
  static void collect(CommandSpec command, Map<String, @Nullable Object> values) {
    for (OptionSpec option : command.commandLine().getParseResult().matchedOptions()) {
      String name = option.longestName();
      String section = SECTIONS.get(name);
      if (section != null) {
        for (String text : option.<List<String>>getValue()) {
          parameter(command, name, text)
              .forEach((key, value) -> values.put(section + "." + key, value));
        }
      } else if (name.equals(CALLBACK)) {
        List<String> texts = option.getValue();
        values.put("callbacks", texts.stream().map(text -> callback(command, text)).toList());
      }
    }
  }

  private static Map<String, Object> callback(CommandSpec command, String text) {
    Map<String, Object> callback = new LinkedHashMap<>();
    List<String> words = new ArrayList<>(List.of(text.split(",")));
    callback.put("name", words.removeFirst());
    words.forEach(word -> callback.putAll(parameter(command, CALLBACK, word)));
    return callback;
  }

  private static Map<String, Object> parameter(CommandSpec command, String option, String text) {
    int equal = text.indexOf('=');
    if (equal < 1) {
      throw new ParameterException(
          command.commandLine(), "%s: got '%s', expected KEY=VALUE".formatted(option, text));
    }
    return Map.of(text.substring(0, equal), new SpecText(text.substring(equal + 1)));
  }
}
