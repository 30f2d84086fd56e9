package dev.jlora.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Parameters that an optimizer, a schedule or a callback of a plugin declares for itself. */
class PartParametersTest {
  private static final String JOB =
      """
      {"model": {"path": "bert"}, "task": {"name": "sequence-classification"},
       "data": {"train": "train.jsonl"}, %s}
      """;

  /** What an optimizer declares. */
  record LionSpec(double beta3, boolean sign, List<String> spare, Phase phase) implements Spec {
    LionSpec {
      Problems.in("optimizer")
          .unless(beta3 < 1, "beta3: got %s, expected below 1", beta3)
          .throwIfAny();
    }

    static LionSpec defaults() {
      return new LionSpec(0.99, true, List.of(), Phase.EARLY);
    }
  }

  enum Phase {
    EARLY,
    LATE
  }

  /** What a callback declares: a record in a record, a text that must be there. */
  record LogSpec(String file, int every, LionSpec inner) implements Spec {
    static LogSpec defaults() {
      return new LogSpec("log.csv", 1, LionSpec.defaults());
    }
  }

  /** What a plugin would say. */
  private static final SpecTypes TYPES =
      new SpecTypes() {
        @Override
        public Class<? extends AdapterSpec> adapter(@Nullable String method) {
          return LoraSpec.class;
        }

        @Override
        public @Nullable Class<? extends Spec> parameters(String kind, String name) {
          return switch (kind + " " + name) {
            case "optimizer lion" -> LionSpec.class;
            case "callback log" -> LogSpec.class;
            case "optimizer adamw", "schedule linear", "callback bell" -> null;
            default -> throw new IllegalArgumentException("got '" + name + "', expected 'lion'");
          };
        }
      };

  @Test
  void they_stand_beside_the_keys_that_all_optimizers_have() {
    JobSpec job =
        parse("\"optimizer\": {\"name\": \"lion\", \"beta3\": 0.5, \"learning_rate\": 0.01}");

    assertThat(job.optimizer().learningRate()).isEqualTo(0.01);
    assertThat(job.optimizer().parameters()).isEqualTo(Map.of("beta3", 0.5));
    assertThat(job.optimizer().parametersAs(LionSpec.class))
        .isEqualTo(new LionSpec(0.5, true, List.of(), Phase.EARLY));
    assertThat(job.json()).contains("\"beta3\" : 0.5").doesNotContain("parameters");
    assertThat(JobSpec.parse(job.json(), TYPES)).isEqualTo(job);
  }

  @Test
  void a_record_of_the_plugin_says_the_same_in_java() {
    OptimizerSpec spec =
        OptimizerSpec.of("lion", 1e-3)
            .withParameters(new LionSpec(0.25, false, List.of("a"), Phase.LATE));

    assertThat(spec.parametersAs(LionSpec.class))
        .isEqualTo(new LionSpec(0.25, false, List.of("a"), Phase.LATE));
    assertThat(spec.withLearningRate(1).withWeightDecay(0.1).parameters())
        .isEqualTo(spec.parameters());
    JobSpec job = parse("\"callbacks\": []").withOptimizer(spec);
    assertThat(JobSpec.parse(job.json(), TYPES)).isEqualTo(job);
  }

  @Test
  void a_parameter_that_the_part_lacks_is_named_with_those_it_has() {
    assertProblems(
        "\"optimizer\": {\"name\": \"lion\", \"beta4\": 0.5}",
        "optimizer.beta4: unknown key",
        "beta3",
        "phase, sign, spare");
    assertProblems(
        "\"optimizer\": {\"beta3\": 0.5}",
        "optimizer.beta3: unknown key",
        "momentum, name, nesterov, weight_decay)");
  }

  @Test
  void a_value_of_the_wrong_type_and_one_that_the_record_refuses_are_named() {
    assertProblems(
        "\"optimizer\": {\"name\": \"lion\", \"beta3\": \"high\"}",
        "optimizer.beta3: got 'high', expected a number");
    assertProblems(
        "\"optimizer\": {\"name\": \"lion\", \"beta3\": 2}",
        "optimizer.beta3: got 2.0, expected below 1");
    assertThatThrownBy(
            () ->
                OptimizerSpec.of("lion", 1)
                    .withParameters(Map.of("beta3", "high"))
                    .parametersAs(LionSpec.class))
        .isInstanceOf(SpecException.class)
        .hasMessage("optimizer.beta3: got 'high', expected a number");
  }

  @Test
  void a_name_that_no_plugin_knows_is_the_problem_and_not_its_parameters() {
    SpecException problems =
        catchThrowableOfType(
            SpecException.class, () -> parse("\"optimizer\": {\"name\": \"loin\", \"beta3\": 1}"));
    assertThat(problems.problems()).containsExactly("optimizer.name: got 'loin', expected 'lion'");
  }

  @Test
  void a_parameter_cannot_hide_a_key_that_all_have() {
    assertThatThrownBy(() -> OptimizerSpec.of("lion", 1).withParameters(Map.of("learning_rate", 2)))
        .isInstanceOf(SpecException.class)
        .hasMessageStartingWith("optimizer.learning_rate: got it among the part's own parameters");
  }

  @Test
  void callbacks_are_a_list_of_names_or_of_objects_with_parameters() {
    JobSpec job =
        parse(
            "\"callbacks\": [\"bell\", {\"name\": \"log\", \"every\": 5,"
                + " \"inner\": {\"beta3\": 0.1}}]");

    assertThat(job.callbacks())
        .containsExactly(
            CallbackSpec.of("bell"),
            CallbackSpec.of("log")
                .withParameters(Map.of("every", 5, "inner", Map.of("beta3", 0.1))));
    assertThat(job.callbacks().getLast().parametersAs(LogSpec.class))
        .isEqualTo(new LogSpec("log.csv", 5, new LionSpec(0.1, true, List.of(), Phase.EARLY)));
    assertThat(JobSpec.parse(job.json(), TYPES)).isEqualTo(job);
    assertProblems("\"callbacks\": [{}]", "callbacks[0].name: got nothing, expected a value");
    assertProblems(
        "\"callbacks\": [{\"name\": \"log\", \"inner\": {\"beta\": 1}}]",
        "callbacks[0].inner.beta: unknown key");
  }

  @Test
  void a_text_is_read_as_the_type_that_the_record_declares() {
    assertThat(new SpecText("12").as(LogSpec.class, "file")).isEqualTo("12");
    assertThat(new SpecText("12").as(LogSpec.class, "every")).isEqualTo(12);
    assertThat(new SpecText("[\"a\"]").as(LionSpec.class, "spare")).isEqualTo(List.of("a"));
    assertThat(new SpecText("late").as(LionSpec.class, "phase")).isEqualTo("late");
    assertThat(new SpecText("no number").as(LogSpec.class, "every")).isEqualTo("no number");
  }

  /** An adapter method's record with other specs inside it, one of them an adapter's. */
  record StackSpec(LoraSpec first, AdapterSpec second, List<LoraSpec> more, Map<String, LogSpec> by)
      implements AdapterSpec {
    static StackSpec defaults() {
      return new StackSpec(LoraSpec.defaults(), LoraSpec.defaults(), List.of(), Map.of());
    }

    @Override
    public String method() {
      return "stack";
    }
  }

  @Test
  void a_spec_inside_a_spec_is_read_back_as_it_was_printed() {
    StackSpec stack =
        new StackSpec(
            LoraSpec.builder().rank(2).build(),
            LoraSpec.builder().rank(3).build(),
            List.of(LoraSpec.builder().rank(4).allLinear().build()),
            Map.of("x", LogSpec.defaults()));
    SpecTypes types = SpecTypes.of(Map.of("stack", StackSpec.class));
    JobSpec job = parse("\"callbacks\": []").withAdapter(stack);

    assertThat(JobSpec.parse(job.json(), types)).isEqualTo(job);
    assertThat(SpecReader.read(stack.json(), StackSpec.class, types)).isEqualTo(stack);
    assertThatThrownBy(
            () -> SpecReader.read("{\"first\": {\"method\": \"stack\"}}", StackSpec.class, types))
        .hasMessage("first.method: got 'stack', expected 'lora'");
  }

  record Strange(java.util.Set<String> names) implements Spec {
    static Strange defaults() {
      return new Strange(java.util.Set.of());
    }
  }

  @Test
  void a_record_with_a_type_that_no_spec_can_have_is_told_which_it_can() {
    assertThatThrownBy(
            () -> SpecReader.read("{\"names\": []}", Strange.class, SpecTypes.of(Map.of())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "names is of the type java.util.Set<java.lang.String>, which no spec can have;"
                + " expected a text,");
  }

  private static JobSpec parse(String more) {
    return JobSpec.parse(JOB.formatted(more), TYPES);
  }

  private static void assertProblems(String more, String... parts) {
    SpecException problems = catchThrowableOfType(SpecException.class, () -> parse(more));
    assertThat(problems.problems()).singleElement().asString().contains(parts);
  }
}
