package dev.jlora.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What users write by hand, and what they are told about it. */
class SpecJsonTest {
  private static final String SMALLEST =
      """
      {"model": {"path": "bert"},
       "task": {"name": "sequence-classification", "labels": ["no", "yes"]},
       "adapter": {"method": "lora"},
       "data": {"train": "train.jsonl"}}
      """;

  @Test
  void absent_keys_take_the_documented_defaults() {
    JobSpec job = JobSpec.parse(SMALLEST);

    assertThat(job.model()).isEqualTo(ModelSpec.of("bert"));
    assertThat(job.adapter()).isEqualTo(LoraSpec.defaults());
    assertThat(job.data()).isEqualTo(DataSpec.builder().train("train.jsonl").build());
    assertThat(job.optimizer()).isEqualTo(OptimizerSpec.defaults());
    assertThat(job.schedule()).isEqualTo(ScheduleSpec.defaults());
    assertThat(job.training()).isEqualTo(TrainingSpec.defaults());
  }

  @Test
  void lora_has_the_defaults_of_peft() {
    LoraSpec lora = LoraSpec.defaults();
    assertThat(lora.rank()).isEqualTo(8);
    assertThat(lora.alpha()).isEqualTo(8);
    assertThat(lora.dropout()).isZero();
    assertThat(lora.targetModules()).isNull();
    assertThat(lora.bias()).isEqualTo(Bias.NONE);
    assertThat(lora.initLoraWeights()).isEqualTo(LoraInit.DEFAULT);
    assertThat(LoraSpec.builder().build()).isEqualTo(lora);
  }

  @Test
  void a_spec_prints_as_json_that_reads_like_one_would_write_it() {
    LoraSpec lora =
        LoraSpec.builder().rank(4).alpha(16).targets("query", "value").rankOf("key", 2).build();

    assertThat(lora)
        .hasToString(
            """
            {
              "method" : "lora",
              "rank" : 4,
              "alpha" : 16,
              "dropout" : 0,
              "target_modules" : [ "query", "value" ],
              "bias" : "none",
              "use_rslora" : false,
              "modules_to_save" : [ ],
              "init_lora_weights" : true,
              "rank_pattern" : {
                "key" : 2
              },
              "alpha_pattern" : { },
              "fan_in_fan_out" : false,
              "ensure_weight_tying" : false,
              "use_dora" : false,
              "lora_bias" : false,
              "layer_replication" : [ ],
              "target_parameters" : [ ],
              "slices" : { }
            }\
            """);
  }

  @Test
  void an_ordinary_mapper_writes_the_same_keys() throws Exception {
    JobSpec job = JobSpec.parse(SMALLEST);
    String written = new ObjectMapper().writeValueAsString(Map.of("job", job));
    assertThat(written).contains("\"gradient_accumulation_steps\":1", "\"method\":\"lora\"");
    assertThat(new ObjectMapper().readTree(written).get("job"))
        .isEqualTo(new ObjectMapper().readTree(job.json()));
  }

  @Test
  void targets_and_intervals_are_written_in_peft_s_and_transformers_ways() {
    assertThat(lora("\"target_modules\": \"all-linear\"").targetModules())
        .isEqualTo(Targets.allLinear());
    assertThat(lora("\"target_modules\": \".*query\"").targetModules())
        .isEqualTo(Targets.regex(".*query"));
    assertThat(lora("\"target_modules\": [\"query\"]").targetModules())
        .isEqualTo(Targets.names("query"));
    assertThat(lora("\"init_lora_weights\": \"gaussian\"").initLoraWeights())
        .isEqualTo(LoraInit.GAUSSIAN);
    assertThat(lora("\"init_lora_weights\": false").initLoraWeights()).isEqualTo(LoraInit.RANDOM);
    assertThat(lora("\"layer_replication\": [[0, 2], \"1:3\"]").layerReplication())
        .containsExactly(new LayerRange(0, 2), new LayerRange(1, 3));
    assertThat(lora("\"layer_replication\": null").layerReplication()).isEmpty();
    assertThat(lora("\"trainable_token_indices\": [4, 2]").trainableTokenIndices())
        .isEqualTo(new TokenIndices.OfInput(List.of(4, 2)));
    assertThat(lora("\"trainable_token_indices\": {\"wte\": [4]}").trainableTokenIndices())
        .isEqualTo(new TokenIndices.ByName(Map.of("wte", List.of(4))));
    assertThat(training("\"evaluate\": \"no\"").evaluate()).isEqualTo(Interval.never());
    assertThat(training("\"evaluate\": \"epoch\"").evaluate()).isEqualTo(Interval.epoch());
    assertThat(training("\"save\": 20").save()).isEqualTo(Interval.steps(20));
  }

  @Test
  void every_problem_of_every_part_is_told_at_once() {
    String job =
        """
        {"model": {"path": ""},
         "task": {"nam": "sequence-classification"},
         "adapter": {"method": "lora", "rnk": 8, "dropout": "high"},
         "data": {},
         "optimizer": {"learning_rate": 0, "beta1": 1},
         "training": {"epochs": -1, "batch_size": 1.5, "save": []},
         "shedule": {}}
        """;

    SpecException problems = catchThrowableOfType(SpecException.class, () -> JobSpec.parse(job));

    assertThat(problems.problems())
        .containsExactlyInAnyOrder(
            "shedule: unknown key, the nearest is 'schedule' (known: adapter, callbacks,"
                + " data, model, optimizer, schedule, task, training)",
            "model.path: got none, expected a model folder",
            "task.nam: unknown key, the nearest is 'name' (known: labels, metrics, name, problem)",
            "task.name: got nothing, expected a value: this key is required",
            "adapter.rnk: unknown key, the nearest is 'rank' (known: alpha, alpha_pattern,"
                + " bias, corda_config, dropout, ensure_weight_tying, eva_config,"
                + " exclude_modules, fan_in_fan_out, init_lora_weights, layer_replication,"
                + " layers_pattern, layers_to_transform, loftq_config, lora_bias, lora_ga_config,"
                + " modules_to_save, rank, rank_pattern, slices, target_modules,"
                + " target_parameters, trainable_token_indices, use_dora, use_rslora)",
            "adapter.dropout: got 'high', expected a number",
            "data.train: got none, expected one of data.train, data.validation and" + " data.test",
            "optimizer.learning_rate: got 0.0, expected a number above 0 (2e-4 is a common choice)",
            "optimizer.beta1: got 1.0, expected 0 or more and less than 1",
            "training.batch_size: got 1.5, expected a whole number",
            "training.save: got [], expected \"no\", \"epoch\" or a number of steps");
  }

  @Test
  void values_of_the_wrong_kind_are_named_with_their_place() {
    assertProblem("[]", "the job: got [], expected an object");
    assertProblem(
        "{\"model\": 1}",
        "model: got 1, expected an object",
        "task: got nothing, expected a value: this key is required",
        "data: got nothing, expected a value: this key is required");
    assertAdapterProblem(
        "{\"method\": \"lroa\"}", "adapter.method: got 'lroa', expected one of 'lora'");
    assertAdapterProblem("{}", "adapter.method: got nothing, expected one of 'lora'");
    assertAdapterProblem("[]", "adapter: got [], expected an object");
    assertAdapterProblem(
        lora1("\"target_modules\": [1]"),
        "adapter.target_modules: got [1], expected a list of names, a regular expression, or"
            + " \"all-linear\"");
    assertAdapterProblem(
        lora1("\"bias\": \"some\""), "adapter.bias: got 'some', expected one of 'none', 'all',");
    assertAdapterProblem(
        lora1("\"use_rslora\": 1"), "adapter.use_rslora: got 1, expected true or false");
    assertAdapterProblem(
        lora1("\"modules_to_save\": \"x\""), "adapter.modules_to_save: got 'x', expected a list");
    assertAdapterProblem(
        lora1("\"rank_pattern\": []"), "adapter.rank_pattern: got [], expected an object");
    assertAdapterProblem(
        lora1("\"rank_pattern\": {\"key\": \"2\"}"),
        "adapter.rank_pattern['key']: got '2', expected a whole number");
    assertAdapterProblem(
        lora1("\"layers_pattern\": 3"), "adapter.layers_pattern: got 3, expected text");
  }

  @Test
  void text_that_is_no_json_is_refused_with_its_place() {
    assertThatThrownBy(() -> JobSpec.parse("{\"model\": }"))
        .isInstanceOf(SpecException.class)
        .hasMessageStartingWith("not JSON at line 1, column 11: ");
    assertThatThrownBy(() -> JobSpec.parse("{\"model\": 1, \"model\": 2}"))
        .hasMessageContaining("Duplicate field 'model'");
  }

  @Test
  void an_adapter_method_of_a_plugin_is_read_as_its_own_spec() {
    JobSpec job =
        JobSpec.parse(
            SMALLEST.replace("\"lora\"", "\"scale\", \"start\": 2"),
            Map.of("scale", ScaleSpec.class));
    assertThat(job.adapter()).isEqualTo(new ScaleSpec(2, true));
    assertThat(JobSpec.parse(job.json(), Map.of("scale", ScaleSpec.class))).isEqualTo(job);
  }

  /** The kind of record that a plugin brings. */
  record ScaleSpec(double start, boolean learned) implements AdapterSpec {
    static ScaleSpec defaults() {
      return new ScaleSpec(1, true);
    }

    @Override
    public String method() {
      return "scale";
    }
  }

  private static String lora1(String field) {
    return "{\"method\": \"lora\", " + field + "}";
  }

  private static LoraSpec lora(String field) {
    return (LoraSpec)
        JobSpec.parse(SMALLEST.replace("{\"method\": \"lora\"}", lora1(field))).adapter();
  }

  private static TrainingSpec training(String field) {
    return SpecReader.read("{" + field + "}", TrainingSpec.class, Map.of());
  }

  private static void assertAdapterProblem(String adapter, String start) {
    String job = SMALLEST.replace("{\"method\": \"lora\"}", adapter);
    SpecException problems = catchThrowableOfType(SpecException.class, () -> JobSpec.parse(job));
    assertThat(problems.problems()).singleElement().asString().startsWith(start);
  }

  private static void assertProblem(String json, String... expected) {
    SpecException problems = catchThrowableOfType(SpecException.class, () -> JobSpec.parse(json));
    assertThat(problems.problems()).containsExactly(expected);
  }
}
