package dev.jlora.cli;

import dev.jlora.spec.KeyWords;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The words that a user typed for the keys of a job. A message about {@code adapter.rank} speaks of
 * {@code --rank} to one who typed that, and of the key to one whose file has it.
 */
final class JobWords {
  /** A key with its option behind it, once the key has become that option. */
  private static final Pattern TWICE = Pattern.compile("(--[a-z0-9-]+) \\(\\1(?: [A-Z.]+)?\\)");

  private final CommandLine command;
  private final Map<String, String> typed = new LinkedHashMap<>();

  /** Whether no file was named that could hold the keys that were not typed. */
  private final boolean optionsAlone;

  private JobWords(CommandLine command) {
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

  static JobWords of(CommandLine command) {
    return new JobWords(command);
  }

  /** A message in these words. */
  String inMessage(String message) {
    return TWICE.matcher(KeyWords.renamed(message, this::word)).replaceAll("$1");
  }

  private String word(String key) {
    String path = key.startsWith("lora.") ? key.replaceFirst("lora", JobOptions.ADAPTER) : key;
    String word = typed.get(path);
    return word != null ? word : optionsAlone ? JobOptions.word(key) : key;
  }

  /** An error of picocli, which calls an option by the longest of its names. */
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
