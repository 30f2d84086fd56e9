package dev.jlora.cli;

import dev.jlora.spec.JobKeys;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Replaces the keys of a job in messages by what the user typed: {@code --rank} for {@code
 * adapter.rank} if that option was given, the key if it is in the user's file.
 */
final class OptionNames {
  /** A key with its option behind it, once the key has become that option. */
  private static final Pattern TWICE = Pattern.compile("(--[a-z0-9-]+) \\(\\1(?: [A-Z.]+)?\\)");

  private final CommandLine command;
  private final Map<String, String> typed = new LinkedHashMap<>();

  /** Whether there is no file that could contain keys that were not typed. */
  private final boolean optionsAlone;

  private OptionNames(CommandLine command) {
    this.command = command;
    ParseResult result = command.getParseResult();
    List<String> arguments = result == null ? List.of() : result.originalArgs();
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (option.userObject() instanceof JobOption own) {
        for (String argument : arguments) {
          String word = argument.split("=", 2)[0];
          if (List.of(option.names()).contains(word)) {
            typed.putIfAbsent(own.key(), word);
          }
        }
      }
    }
    optionsAlone = result != null && result.matchedPositionals().isEmpty() && !typed.isEmpty();
  }

  static OptionNames of(CommandLine command) {
    return new OptionNames(command);
  }

  /** The message with the user's names. */
  String inMessage(String message) {
    return TWICE.matcher(JobKeys.renamed(message, this::word)).replaceAll("$1");
  }

  private String word(String key) {
    String path = key.startsWith("lora.") ? key.replaceFirst("lora", JobOptions.ADAPTER) : key;
    String word = typed.get(path);
    return word != null ? word : optionsAlone ? JobOptions.word(key) : key;
  }

  /** An error of picocli, which calls an option by its longest name. */
  String inUsageError(String message) {
    String renamed = message;
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (option.userObject() instanceof JobOption own) {
        String word = typed.getOrDefault(own.key(), own.name());
        renamed = renamed.replace("'" + option.longestName() + "'", "'" + word + "'");
      }
    }
    return renamed;
  }
}
