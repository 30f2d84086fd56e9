package dev.jlora.cli;

import static dev.jlora.cli.Typed.jlora;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Every option of a job, taken from the options themselves: each does what it says, or is refused.
 */
class JobOptionsTest {
  private static final int WRONG_COMMAND_LINE = 2;

  /** A job in which every key has a value, and any one of them may change. */
  private static final String JOB =
      """
      {"model": {"path": "bert", "precision": "fp32", "architecture": "BertForMaskedLM",
                 "adapter": "other"},
       "task": {"name": "masked-lm", "labels": ["a", "b"], "metrics": ["accuracy"],
                "problem": "regression"},
       "adapter": {"method": "lora", "rank": 2, "alpha": 3, "dropout": 0,
                   "target_modules": ["query"], "exclude_modules": ["layer.0.query"],
                   "bias": "none", "use_rslora": false, "modules_to_save": ["pooler"],
                   "init_lora_weights": false, "rank_pattern": {"key": 4},
                   "alpha_pattern": {"key": 5}, "layers_to_transform": [1],
                   "layers_pattern": "layer", "fan_in_fan_out": false,
                   "ensure_weight_tying": false, "use_dora": false, "lora_bias": false,
                   "trainable_token_indices": [5], "layer_replication": [],
                   "target_parameters": []},
       "data": {"train": "a.jsonl", "validation": "b.jsonl", "test": "c.jsonl", "format": "jsonl",
                "validation_format": "jsonl", "test_format": "jsonl", "delimiter": ",",
                "columns": {"text": "t", "text_pair": "u", "label": "l", "image": "i",
                            "label_lists": "labels"},
                "header": ["t", "l"], "max_length": 64, "truncation": true, "doc_stride": 7,
                "padding": "dynamic", "pad_to_multiple_of": 4, "group_by_length": true,
                "packing": true, "train_limit": 9, "validation_limit": 8, "test_limit": 7,
                "shuffle_seed": 6, "only_labels": false, "plain_chat": false, "shuffle": true,
                "images": {"size": 32, "random_crop": 0.5, "flip": false, "corrupt": "refuse",
                           "threads": 2, "orientation": "exif"}},
       "optimizer": {"name": "sgd", "learning_rate": 0.5, "weight_decay": 0.125,
                     "decay_bias_and_norm": false, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.001,
                     "momentum": 0.25, "nesterov": false},
       "schedule": {"name": "linear", "warmup_steps": 5, "warmup_ratio": 0},
       "training": {"epochs": 2, "max_steps": 11, "batch_size": 3, "eval_batch_size": 5,
                    "eval_max_new_tokens": 6, "gradient_accumulation_steps": 2,
                    "gradient_checkpointing": false, "max_grad_norm": 2, "label_smoothing": 0.125,
                    "seed": 3, "threads": 1, "device": "cpu", "tf32": false, "cuda_graphs": "off",
                    "logging_steps": 4, "evaluate": 10, "save": 20, "save_total_limit": 2,
                    "best_metric": "accuracy", "greater_is_better": true,
                    "early_stopping_patience": 2, "early_stopping_threshold": 0.25,
                    "output": "out", "overwrite": false, "resume": false}}
      """;

  /** What is typed where the kind of value does not say it. */
  private static final Map<String, String> TYPED =
      Map.ofEntries(
          Map.entry("model.precision", "bf16"),
          Map.entry("task.problem", "multi_label_classification"),
          Map.entry("adapter.bias", "lora_only"),
          Map.entry("adapter.target_modules", "key,value"),
          Map.entry("adapter.exclude_modules", "layer\\.0\\..*"),
          Map.entry("adapter.init_lora_weights", "true"),
          Map.entry("adapter.layers_to_transform", "0,2"),
          Map.entry("adapter.trainable_token_indices", "7,3"),
          Map.entry("adapter.layer_replication", "0:3"),
          Map.entry("data.delimiter", ";"),
          Map.entry("data.padding", "max_length"),
          Map.entry("adapter.method", "lora"), // others have other keys
          Map.entry("optimizer.name", "adam"),
          Map.entry("schedule.name", "cosine"),
          Map.entry("data.columns.label_lists", "flags"),
          Map.entry("data.images.orientation", "stored"),
          Map.entry("training.evaluate", "epoch"),
          Map.entry("training.save", "epoch"),
          Map.entry("training.device", "cuda:1"),
          Map.entry("training.cuda_graphs", "auto"));

  @TempDir static Path folder;

  static Stream<JobOption> options() {
    return JobOptions.ALL.stream().filter(option -> option.group() != JobOption.Group.TRAINER);
  }

  @ParameterizedTest
  @MethodSource("options")
  void an_option_replaces_the_value_of_a_job_file_and_no_other(JobOption option) throws Exception {
    Map<String, JsonNode> expected = leaves(plan(), "");
    for (String name : option.names()) {
      Map<String, JsonNode> got = leaves(plan(arguments(option, name)), "");

      if (option.key().equals(JobOptions.ADAPTER)) {
        assertThat(got.keySet()).as(name).noneMatch(key -> key.startsWith("adapter"));
        continue;
      }
      assertThat(got.get(option.key())).as(name).isEqualTo(wanted(option));
      Map<String, JsonNode> others = new LinkedHashMap<>(expected);
      others.remove(option.key());
      got.remove(option.key());
      paired(option).forEach(others::remove);
      paired(option).forEach(got::remove);
      assertThat(got).as(name).isEqualTo(others);
    }
  }

  /** Keys that an option takes back, of which a job has one. */
  private static List<String> paired(JobOption option) {
    return switch (option.key()) {
      case "schedule.warmup_ratio" -> List.of("schedule.warmup_steps");
      case "data.columns.tokens" -> List.of("data.columns.text", "data.columns.text_pair");
      default -> List.of();
    };
  }

  @Test
  void every_key_of_a_job_has_an_option() throws Exception {
    assertThat(leaves(plan(), "").keySet())
        .filteredOn(
            key ->
                !key.matches(
                    "callbacks|adapter\\.(rank_pattern|alpha_pattern|slices|\\w+_config).*"))
        .isSubsetOf(options().map(JobOption::key).toList());
  }

  @Test
  void a_flag_has_an_opposite() throws Exception {
    ObjectNode job = (ObjectNode) Json.parse(JOB, "job");
    ((ObjectNode) job.at("/data/images")).put("flip", true);
    ((ObjectNode) job.at("/data")).put("packing", false);
    Path file = Files.writeString(folder.resolve("flags.json"), job.toString());
    Typed typed = jlora("plan", "--print", file.toString(), "--no-flip", "--packing");
    JsonNode got = Json.parse(typed.out(), typed.err());
    assertThat(got.at("/data/images/flip").booleanValue()).isFalse();
    assertThat(got.at("/data/packing").booleanValue()).isTrue();
  }

  static Stream<CommandLine> commands() {
    return Main.commandLine().getSubcommands().values().stream()
        .distinct()
        .flatMap(
            command ->
                Stream.concat(
                    Stream.of(command), command.getSubcommands().values().stream().distinct()));
  }

  /** picocli #1815: in its groups, a repeated option dropped all others of its group. */
  @ParameterizedTest
  @MethodSource("commands")
  void an_option_is_given_once_unless_it_is_a_list(CommandLine command) {
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (option.usageHelp() || option.versionHelp()) {
        continue;
      }
      JobOption own = option.userObject() instanceof JobOption job ? job : null;
      List<String> once = new ArrayList<>(List.of(option.names()[0]));
      if (option.arity().min() > 0) {
        once.add(own == null ? sample(option.type()) : typed(own));
      }
      List<String> twice = new ArrayList<>(once);
      twice.add(option.longestName());
      twice.addAll(once.subList(1, once.size()));
      if (option.isMultiValue()) {
        assertThat(String.join(" ", option.description()))
            .as(option.longestName())
            .containsAnyOf("Comma-separated", "comma-separated", "repeated");
      } else {
        assertThatThrownBy(() -> command.parseArgs(twice.toArray(String[]::new)))
            .as(command.getCommandName() + " " + twice)
            .isInstanceOf(CommandLine.OverwrittenOptionException.class);
      }
    }
  }

  @Test
  void a_repeated_option_is_named_as_it_was_typed() {
    Typed typed = jlora("train", "--model", "m", "--lr", "1e-3", "--learning-rate", "2e-3");
    assertThat(typed.code()).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(typed.err()).contains("option '--lr' (", "should be specified only once");
  }

  @Test
  void lists_grow_by_repetition() throws Exception {
    JsonNode got = plan("--labels", "x,y", "--labels", "z");
    assertThat(got.at("/task/labels").toString()).isEqualTo("[\"x\",\"y\",\"z\"]");
  }

  @ParameterizedTest
  @MethodSource("options")
  void what_cannot_change_after_training_is_refused(JobOption option) {
    for (String command : List.of("eval", "predict")) {
      JobOption.Use use = command.equals("eval") ? JobOption.Use.EVALUATE : JobOption.Use.PREDICT;
      if (option.servesFor(use) || option.name().matches("--limit|--test-format")) {
        continue; // of eval, these are its own
      }
      List<String> line = new ArrayList<>(List.of(command, folder.toString(), "text"));
      if (command.equals("eval")) {
        line.removeLast();
      }
      line.addAll(List.of(arguments(option, option.name())));
      Typed typed = jlora(line.toArray(String[]::new));
      assertThat(typed.code()).as(line + typed.err()).isEqualTo(WRONG_COMMAND_LINE);
      assertThat(typed.err()).contains(option.name() + ": has no effect for " + command);
    }
  }

  @Test
  void all_weights_and_an_adapter_are_not_asked_for_at_once() {
    Typed typed = jlora("plan", "--model", "m", "--train", "x", "--full", "--rank", "4");
    assertThat(typed.code()).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(typed.err()).contains("got --full together with --rank, expected only one of them");
  }

  @Test
  void messages_speak_of_what_was_typed() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("typed.json"), JOB.replace("\"alpha\": 3", "\"alpha\": -3"));
    Typed typed = jlora("plan", file.toString(), "--rank", "0", "--lora_dropout=2");
    assertThat(typed.err())
        .contains("--rank: got 0, expected 1 to 65536")
        .contains("--lora_dropout: got 2.0, expected 0 or more and less than 1")
        .contains("adapter.alpha: got -3.0");
    assertThat(jlora("plan", "--model", "m", "--train", "x", "--early-stopping", "2").err())
        .contains("--early-stopping: got 2 without --keep-best, expected both");
    assertThat(jlora("plan", "--model", "m").err())
        .contains("--train: got none, expected one of --train, --validation and --test");
    assertThat(jlora("plan", "--model", "m", "--train", "x", "--bf16", "--precision", "fp16").err())
        .contains("--bf16: got it together with --precision, which means the same");
  }

  @Test
  void the_help_has_each_option_once_under_its_heading() {
    String help = jlora("train", "--help").out();
    assertThat(help)
        .containsSubsequence("--model=DIR", "Data:", "--train=FILE", "Images:", "--flip ")
        .containsSubsequence("Adapter:", "--rank=N", "Training:", "--lr=X")
        .contains("--no-packing ")
        .doesNotContain("--per-device-train-batch-size", "--eval-steps");
    assertThat(jlora("eval", "--help").out()).contains("--test=FILE").doesNotContain("--rank");
  }

  private static JsonNode plan(String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("job.json"), JOB);
    List<String> line = new ArrayList<>(List.of("plan", "--print", file.toString()));
    line.addAll(List.of(more));
    Typed typed = jlora(line.toArray(String[]::new));
    assertThat(typed.code()).as(line + typed.err()).isZero();
    return Json.parse(typed.out(), "the plan");
  }

  private static String[] arguments(JobOption option, String name) {
    return option.flag() ? new String[] {name} : new String[] {name, typed(option)};
  }

  private static String typed(JobOption option) {
    return TYPED.getOrDefault(option.key(), sample(option.type()));
  }

  private static String sample(Class<?> type) {
    if (type.isEnum()) {
      return ((Enum<?>) type.getEnumConstants()[0]).name();
    }
    return type == Double.class || type == double.class ? "0.375" : "77";
  }

  private static JsonNode wanted(JobOption option) {
    String typed = typed(option);
    String json =
        switch (option.type().getSimpleName()) {
          case "Boolean" ->
              option.key().endsWith("corrupt")
                  ? "\"skip\""
                  : Boolean.toString(!option.name().startsWith(JobOption.NO));
          case "Integer", "Long", "Double" -> typed;
          case "List" ->
              switch (option.key()) {
                case "adapter.layers_to_transform", "adapter.trainable_token_indices" ->
                    "[" + typed + "]";
                case "adapter.layer_replication" -> "[[" + typed.replace(':', ',') + "]]";
                default -> "[\"" + typed.replace(",", "\",\"") + "\"]";
              };
          default ->
              switch (option.key()) {
                case "adapter.target_modules" -> "[\"key\", \"value\"]";
                case "adapter.init_lora_weights" -> "true";
                default -> "\"" + typed.replace("\\", "\\\\") + "\"";
              };
        };
    return Json.parse(json, "wanted");
  }

  private static Map<String, JsonNode> leaves(JsonNode node, String path) {
    Map<String, JsonNode> leaves = new LinkedHashMap<>();
    node.properties()
        .forEach(
            entry -> {
              String key = path + entry.getKey();
              if (entry.getValue().isObject() && !entry.getValue().isEmpty()) {
                leaves.putAll(leaves(entry.getValue(), key + "."));
              } else {
                leaves.put(key, entry.getValue());
              }
            });
    return leaves;
  }
}
