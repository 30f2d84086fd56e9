package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.cli.Main;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.ImagesSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TrainingSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jdk.jshell.JShell;
import jdk.jshell.SourceCodeAnalysis;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What the pages say exists: files they link to, commands and options, every key of a job. */
class DocsTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Pattern LINK = Pattern.compile("(?<!`)\\[[^\\]\\n]+]\\(([^)\\s#]+)[^)]*\\)");
  private static final Pattern ANCHOR =
      Pattern.compile("(?<!`)\\[[^\\]\\n]+]\\(((?!https?:)[^)\\s#]*)#([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
  private static final Pattern COMMAND =
      Pattern.compile("\\./jlora ((?:[^`\\n\\\\|>#)]|\\\\\\n)*)");
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");

  /** What lies between the fixed words of a message: values of the user's, ends of sentences. */
  private static final Pattern VARIABLE =
      Pattern.compile(
          "\\b(?:JLORA_LIBTORCH|FOLDER|FILE|NAME|NaN|BertFor\\w+|model family|loss|\\d+)\\b:?"
              + "|lora\\.|pytorch_model\\.bin|model\\.safetensors|\\[[^]]*]|'[^']*',?|[.,;](?:\\s|$)");

  @Test
  void links_lead_to_files() {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      LINK.matcher(text(page))
          .results()
          .map(found -> found.group(1))
          .filter(target -> !target.contains("://"))
          .filter(target -> !Files.exists(page.resolveSibling(target)))
          .forEach(target -> broken.add(ROOT.relativize(page) + " -> " + target));
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void links_into_a_page_lead_to_its_headings() {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      for (MatchResult link : ANCHOR.matcher(text(page)).results().toList()) {
        Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
        if (!anchors(target).contains(link.group(2))) {
          broken.add(ROOT.relativize(page) + " -> " + link.group(1) + "#" + link.group(2));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  /** The anchors that GitHub makes of a page's headings. */
  private static List<String> anchors(Path page) {
    return HEADING
        .matcher(text(page))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\w -]", "").replace(' ', '-'))
        .toList();
  }

  /** jshell evaluates a line that is complete: a dot at the start of the next one is an error. */
  @Test
  void jshell_reads_the_session_as_it_is_shown() {
    List<String> snippets = new ArrayList<>();
    try (JShell shell = JShell.builder().executionEngine("local").build()) {
      for (String line : text(ROOT.resolve("docs/getting-started.md")).lines().toList()) {
        if (line.startsWith("jshell> ")) {
          snippets.add(line.substring(8));
        } else if (line.startsWith("   ...> ")) {
          String before = snippets.removeLast();
          assertThat(shell.sourceCodeAnalysis().analyzeCompletion(before).completeness())
              .as(before)
              .isEqualTo(SourceCodeAnalysis.Completeness.DEFINITELY_INCOMPLETE);
          snippets.add(before + "\n" + line.substring(8));
        }
      }
      assertThat(snippets)
          .hasSize(4)
          .allMatch(
              snippet ->
                  shell
                      .sourceCodeAnalysis()
                      .analyzeCompletion(snippet)
                      .completeness()
                      .isComplete());
    }
  }

  @Test
  void commands_and_their_options_exist() {
    List<String> unknown = new ArrayList<>();
    int seen = 0;
    for (Path page : pages()) {
      for (MatchResult found : COMMAND.matcher(text(page)).results().toList()) {
        seen++;
        String problem = problem(found.group(1).strip());
        if (!problem.isEmpty()) {
          unknown.add(ROOT.relativize(page) + ": " + problem);
        }
      }
    }
    assertThat(unknown).isEmpty();
    assertThat(seen).isGreaterThan(10);
  }

  /** What is wrong with the words after {@code ./jlora}; empty if nothing is. */
  private static String problem(String words) {
    CommandLine command = Main.commandLine();
    for (String word : words.split("[\\s\\\\]+")) {
      CommandLine inner = command.getSubcommands().get(word);
      if (inner == null) {
        break;
      }
      command = inner;
    }
    CommandSpec spec = command.getCommandSpec();
    boolean named = spec.parent() != null || words.isEmpty() || !words.matches("[a-z].*");
    if (!named) {
      return "no such command: " + words;
    }
    return OPTION
        .matcher(words)
        .results()
        .map(MatchResult::group)
        .filter(option -> spec.findOption(option) == null && !spec.name().equals("shell"))
        .map(option -> "%s has no option %s".formatted(spec.qualifiedName(), option))
        .findFirst()
        .orElse("");
  }

  @Test
  void every_option_of_a_job_is_explained() {
    String pages = text(ROOT.resolve("docs/training.md"), "docs/adapters.md", "docs/data.md");
    assertThat(
            Main.commandLine().getSubcommands().get("train").getCommandSpec().options().stream()
                .map(option -> List.of(option.names()))
                .filter(
                    names ->
                        !List.of("--help", "--version", "--stacktrace").contains(names.getLast()))
                .filter(
                    names -> names.stream().noneMatch(name -> pages.contains("`" + name + "`"))))
        .isEmpty();
  }

  @Test
  void every_key_of_a_job_is_explained() {
    String pages = text(ROOT.resolve("docs/training.md"), "docs/adapters.md", "docs/data.md");
    List<String> keys =
        Stream.of(
                TrainingSpec.class,
                OptimizerSpec.class,
                ScheduleSpec.class,
                LoraSpec.class,
                DataSpec.class,
                ColumnsSpec.class,
                ImagesSpec.class)
            .flatMap(spec -> Stream.of(spec.getRecordComponents()))
            .map(component -> key(component.getName()))
            .toList();
    assertThat(keys).contains("rank", "learning_rate", "batch_size", "max_length");
    assertThat(keys.stream().filter(key -> !pages.contains("`" + key + "`"))).isEmpty();
  }

  private static String key(String component) {
    return component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  @Test
  void the_program_of_the_readme_is_the_one_that_is_run() {
    String program = text(ROOT.resolve("examples/java/Reviews.java"));
    assertThat(text(ROOT.resolve("README.md"))).contains("```java\n" + program + "```");
  }

  /** What is fixed in a quoted message is found in the sources, piece by piece. */
  @Test
  void quoted_messages_are_those_of_the_code() throws IOException {
    String sources = joinedStrings();
    List<String> strangers = new ArrayList<>();
    Pattern.compile("```\n(.*)\n```")
        .matcher(text(ROOT.resolve("docs/errors.md")))
        .results()
        .flatMap(block -> VARIABLE.splitAsStream(block.group(1)))
        .map(String::strip)
        .filter(words -> words.length() > 8 && !sources.contains(squeezed(words)))
        .forEach(strangers::add);
    assertThat(strangers).isEmpty();
  }

  /** All sources, with strings that span several lines joined. */
  private static String joinedStrings() throws IOException {
    StringBuilder all = new StringBuilder(text(ROOT.resolve("jlora")));
    for (String module : List.of("native", "bindings", "dsl", "plugins")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module))) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .filter(file -> file.toString().contains("src/main"))
            .forEach(file -> all.append(text(file)));
      }
    }
    return squeezed(all.toString().replaceAll("\"\\s*\\+\\s*\"", ""));
  }

  private static String squeezed(String text) {
    return text.replaceAll("\\s+", " ");
  }

  private static List<Path> pages() {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !ROOT.relativize(file).toString().contains("target"))
          .filter(file -> !ROOT.relativize(file).toString().startsWith("."))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file, String... more) {
    try {
      StringBuilder text = new StringBuilder(Files.readString(file));
      for (String other : more) {
        text.append(Files.readString(ROOT.resolve(other)));
      }
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
