package dev.jlora.adapters.adalora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.adapters.TinyEncoder;
import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.TrainingHook;
import dev.jlora.ops.InPlace;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The removal of ranks in training, and what files have of them. */
class AdaLoraTest {
  private static final AdaLoraMethod ADALORA = new AdaLoraMethod();
  private static final int STEPS = 8;
  private static final String QUERY = "tiny.layer.0.self.query";

  @TempDir Path folder;
  private Scope scope;
  private long live;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void ranks_are_removed_as_the_formulas_say() {
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      Adapter adapter = adapt(network, spec());
      PlainAllocator plain = new PlainAllocator(spec(), adapter.parameters(), STEPS);
      TrainingHook hook = adapter.training();
      hook.begin(STEPS);
      int removals = 0;
      for (int step = 1; step <= STEPS; step++) {
        train(network, adapter, hook, step, plain);
        for (Parameter parameter : adapter.parameters()) {
          if (parameter.name().endsWith("lora_E")) {
            double[] expected = plain.masked(parameter.name());
            assertThat(parameter.value().toDoubles())
                .as("step %d, %s", step, parameter.name())
                .containsExactly(expected, within(1e-12));
            removals += zeros(expected);
          }
        }
      }
      assertThat(removals).isGreaterThan(20);
    }
  }

  @Test
  void a_resumed_run_ends_with_the_same_bits() {
    for (int stop : new int[] {1, 4, 6, 7}) {
      Path saved = folder.resolve("at" + stop);
      Map<String, Tensor> state = new LinkedHashMap<>();
      Map<String, float[]> expected;
      try (Network network = TinyEncoder.network(DType.FLOAT32)) {
        Adapter adapter = adapt(network, spec());
        TrainingHook hook = adapter.training();
        hook.begin(STEPS);
        for (int step = 1; step <= STEPS; step++) {
          train(network, adapter, hook, step, null);
          if (step == stop) {
            adapter.save(saved);
            hook.state().forEach((name, tensor) -> state.put(name, copy(tensor)));
          }
        }
        expected = values(adapter);
        adapter.save(folder.resolve("whole" + stop));
      }
      try (Network network = TinyEncoder.network(DType.FLOAT32)) {
        Adapter adapter = adapt(network, spec());
        TrainingHook hook = adapter.training();
        hook.begin(STEPS);
        adapter.restore(saved);
        hook.restore(state);
        for (int step = stop + 1; step <= STEPS; step++) {
          train(network, adapter, hook, step, null);
        }
        values(adapter)
            .forEach(
                (name, found) ->
                    assertThat(found)
                        .as("%s, stopped at %d", name, stop)
                        .containsExactly(expected.get(name)));
        adapter.save(folder.resolve("resumed" + stop));
        for (String file : List.of(AdapterKeys.FILE, PeftConfig.FILE)) {
          assertThat(folder.resolve("resumed" + stop).resolve(file))
              .hasSameBinaryContentAs(folder.resolve("whole" + stop).resolve(file));
        }
      }
    }
  }

  @Test
  void a_trained_adapter_is_saved_with_the_ranks_that_are_left() {
    float[] expected;
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      Adapter adapter = trained(network);
      expected = logits(network);
      adapter.save(folder);
    }
    ObjectNode config = Json.readObject(folder.resolve(PeftConfig.FILE));
    assertThat(config.path("total_step").asInt()).isEqualTo(STEPS);
    int kept = 0;
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE))) {
      for (var entry : config.path("rank_pattern").properties()) {
        long rank = 0;
        for (var one : entry.getValue()) {
          rank += one.asBoolean() ? 1 : 0;
        }
        kept += (int) rank;
        String prefix = AdapterKeys.PREFIX + entry.getKey().replace(".lora_E", "");
        assertThat(file.entry(prefix + ".lora_A").shape()).containsExactly(rank, 8L);
        assertThat(file.entry(prefix + ".lora_B").shape()).containsExactly(8L, rank);
        assertThat(file.entry(prefix + ".lora_E").shape()).containsExactly(rank, 1L);
      }
      assertThat(file.entries().keySet()).noneMatch(name -> name.contains("ranknum"));
    }
    assertThat(kept).isEqualTo(4 * 2);
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      TargetedPlan<AdaLoraSpec> plan = ADALORA.plan(network.plan(), spec(), context());
      Adapter again = network.adapt(ADALORA.saved(network.plan(), folder).read(network, folder));
      assertThat(logits(network)).containsExactly(expected, within(1e-6f));
      assertThat(again.parameters().stream().mapToLong(Parameter::elements).sum())
          .isEqualTo(4 * 2 * (8 + 8 + 1) + 27)
          .isLessThan(plan.summary().trainable());
      again.save(folder.resolve("again"));
      for (String name : List.of(AdapterKeys.FILE, PeftConfig.FILE)) {
        assertThat(folder.resolve("again").resolve(name))
            .hasSameBinaryContentAs(folder.resolve(name));
      }
      TrainingHook hook = again.training();
      hook.begin(STEPS);
      train(network, again, hook, 1, null); // no rank is removed from a trained adapter
      again.save(folder.resolve("further"));
      assertThat(folder.resolve("further").resolve(PeftConfig.FILE))
          .hasSameBinaryContentAs(folder.resolve(PeftConfig.FILE));
    }
  }

  /** A run ends with its best weights; those of an early step may need all ranks. */
  @Test
  void weights_of_an_earlier_step_bring_their_ranks_back() {
    float[] expected;
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      Adapter adapter = adapt(network, spec());
      TrainingHook hook = adapter.training();
      hook.begin(STEPS);
      train(network, adapter, hook, 1, null);
      expected = logits(network);
      adapter.save(folder);
      for (int step = 2; step <= STEPS; step++) {
        train(network, adapter, hook, step, null);
      }
      adapter.restore(folder);
      assertThat(logits(network)).containsExactly(expected);
      adapter.save(folder.resolve("best"));
    }
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      Path best = folder.resolve("best");
      assertThat(Json.readObject(best.resolve(PeftConfig.FILE)).path("rank_pattern").isNull())
          .isTrue();
      network.adapt(ADALORA.saved(network.plan(), best).read(network, best));
      assertThat(logits(network)).containsExactly(expected);
    }
  }

  @Test
  void further_training_has_a_schedule_of_its_own() {
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      Adapter adapter = adapt(network, spec());
      adapter.training().begin(STEPS);
      train(network, adapter, adapter.training(), 1, null);
      adapter.save(folder);
    }
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      AdaLoraSpec saved = ADALORA.read(folder);
      assertThat(saved.totalStep()).isEqualTo(STEPS);
      AdapterContext context = new AdapterContext("SEQ_CLS", List.of(), 1, "tiny", folder, null);
      Adapter adapter = network.adapt(ADALORA.plan(network.plan(), saved, context).create(network));
      adapter.restore(folder);
      adapter.training().begin(20);
      adapter.save(folder.resolve("further"));
      ObjectNode config = Json.readObject(folder.resolve("further").resolve(PeftConfig.FILE));
      assertThat(config.path("total_step").asInt()).isEqualTo(20);
    }
  }

  @Test
  void the_gradient_of_the_penalty_agrees_with_finite_differences() {
    try (Network network = TinyEncoder.network(DType.FLOAT64)) {
      Adapter adapter = adapt(network, spec());
      List<Parameter> parts =
          adapter.parameters().stream().filter(it -> it.name().matches(".*lora_[AB]")).toList();
      for (Parameter part : parts) {
        part.swapIn(Tensor.of(part.value().toDoubles(), part.value().shape()));
      }
      for (Parameter part : parts.subList(0, 2)) {
        double[] found;
        try (var _ = Scope.open();
            Tape tape = Tape.recording()) {
          tape.watch(part.value());
          Tensor loss = adapter.training().loss(tape);
          assertThat(loss.rank()).isZero();
          try (Gradients gradients = tape.backward(loss)) {
            found = gradients.of(part.value()).toDoubles();
          }
        }
        double[] values = part.value().toDoubles();
        for (int i = 0; i < values.length; i += 7) {
          double kept = values[i];
          values[i] = kept + 1e-6;
          double above = penalty(adapter, part, values);
          values[i] = kept - 1e-6;
          double below = penalty(adapter, part, values);
          values[i] = kept;
          assertThat(found[i]).isCloseTo((above - below) / 2e-6, within(1e-7));
        }
        penalty(adapter, part, values);
      }
    }
  }

  private static double penalty(Adapter adapter, Parameter part, double[] values) {
    try (var _ = Scope.open()) {
      part.value().copyFrom(Tensor.of(values, part.value().shape()));
      return adapter.training().loss(Tape.off()).item();
    }
  }

  @Test
  void without_a_weight_there_is_no_penalty() {
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      AdaLoraSpec spec = AdaLoraSpec.builder().targets("query").orthRegWeight(0).build();
      assertThat(adapt(network, spec).training().loss(Tape.off())).isNull();
    }
  }

  @Test
  void a_target_may_lose_all_ranks() {
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      trained(network).save(folder);
    }
    ObjectNode config = Json.readObject(folder.resolve(PeftConfig.FILE));
    var pattern = (ObjectNode) config.path("rank_pattern");
    var none = Json.mapper().createArrayNode();
    for (int i = 0; i < 6; i++) {
      none.add(false);
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE))) {
      for (String name : file.entries().keySet()) {
        tensors.put(name, file.tensor(name).to(Device.CPU));
      }
      String prefix = AdapterKeys.PREFIX + QUERY;
      tensors.put(prefix + ".lora_A", Tensor.of(new float[0], 0, 8));
      tensors.put(prefix + ".lora_B", Tensor.of(new float[0], 8, 0));
      tensors.put(prefix + ".lora_E", Tensor.of(new float[0], 0, 1));
      pattern.set(QUERY + ".lora_E", none);
      Path empty = folder.resolve("empty");
      empty.toFile().mkdir();
      dev.jlora.io.SafetensorsWriter.write(empty.resolve(AdapterKeys.FILE), tensors);
      Json.write(empty.resolve(PeftConfig.FILE), config);
    }
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      Path empty = folder.resolve("empty");
      Adapter adapter = network.adapt(ADALORA.saved(network.plan(), empty).read(network, empty));
      float[] adapted = logits(network);
      network.merge();
      assertThat(logits(network)).containsExactly(adapted, within(1e-5f));
      network.unmerge();
      TrainingHook hook = adapter.training();
      hook.begin(STEPS);
      train(network, adapter, hook, 1, null);
    }
  }

  @Test
  void settings_out_of_range_are_named() {
    assertThatThrownBy(
            () ->
                AdaLoraSpec.builder()
                    .ranks(2, 3)
                    .alpha(-1)
                    .dropout(1)
                    .schedule(-1, -2, 0)
                    .betas(0, 1)
                    .orthRegWeight(-0.5)
                    .build())
        .hasMessageContaining("adalora.target_r: got 3, expected 1 to init_r, which is 2")
        .hasMessageContaining("adalora.alpha: got -1.0, expected 0 to")
        .hasMessageContaining("adalora.dropout: got 1.0")
        .hasMessageContaining("adalora.tinit: got -1, expected 0 or more steps")
        .hasMessageContaining("adalora.tfinal: got -2, expected 0 or more steps")
        .hasMessageContaining("adalora.delta_t: got 0, expected 1 or more steps")
        .hasMessageContaining("adalora.beta1: got 0.0, expected between 0 and 1")
        .hasMessageContaining("adalora.beta2: got 1.0, expected between 0 and 1")
        .hasMessageContaining("adalora.orth_reg_weight: got -0.5, expected 0 or more");
    assertThatThrownBy(() -> AdaLoraSpec.builder().ranks(0, 1).build())
        .hasMessageContaining("adalora.init_r: got 0, expected 1 to 65536 (12 is a common choice)");
    assertThatThrownBy(() -> AdaLoraSpec.builder().schedule(5, 5, 1).totalStep(10).build())
        .hasMessageContaining(
            "adalora.total_step: got 10, expected more than tinit 5 and tfinal 5 together; ranks"
                + " are removed in between");
  }

  @Test
  void a_run_that_is_too_short_for_the_schedule_is_refused() {
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      Adapter adapter = adapt(network, spec());
      assertThatThrownBy(() -> adapter.training().begin(3))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "adalora: tinit 1 and tfinal 2 leave none of the 3 steps to remove ranks; lower them,"
                  + " or train longer");
    }
  }

  @Test
  void a_pattern_of_another_length_or_type_is_refused() {
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      trained(network).save(folder);
    }
    Path file = folder.resolve(PeftConfig.FILE);
    ObjectNode config = Json.readObject(file);
    ObjectNode pattern = (ObjectNode) config.path("rank_pattern");
    pattern.putArray(QUERY + ".lora_E").add(true);
    Json.write(file, config);
    assertThatThrownBy(() -> ADALORA.read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(
            "rank_pattern '%s.lora_E': got 1 values, expected one for each of init_r 6 ranks"
                .formatted(QUERY));
    pattern.putArray(QUERY + ".lora_E").add(1);
    Json.write(file, config);
    assertThatThrownBy(() -> ADALORA.read(folder))
        .hasMessageContaining("expected lists of true and false");
    Json.write(file, config.put("rank_pattern", "all"));
    assertThatThrownBy(() -> ADALORA.read(folder))
        .hasMessageContaining(
            "rank_pattern is \"all\", expected an object from names to lists of true and false");
  }

  private static AdaLoraSpec spec() {
    return AdaLoraSpec.builder()
        .targets("query", "value")
        .ranks(6, 2)
        .alpha(16)
        .schedule(1, 2, 1)
        .init(false)
        .build();
  }

  private static AdapterContext context() {
    return new AdapterContext("SEQ_CLS", List.of(), 1, "tiny");
  }

  private static Adapter adapt(Network network, AdaLoraSpec spec) {
    return network.adapt(ADALORA.plan(network.plan(), spec, context()).create(network));
  }

  private static Adapter trained(Network network) {
    Adapter adapter = adapt(network, spec());
    TrainingHook hook = adapter.training();
    hook.begin(STEPS);
    for (int step = 1; step <= STEPS; step++) {
      train(network, adapter, hook, step, null);
    }
    return adapter;
  }

  /** One step of gradient descent with the penalty. */
  private static void train(
      Network network, Adapter adapter, TrainingHook hook, int step, PlainAllocator plain) {
    try (var _ = Scope.open();
        Tape tape = Tape.recording()) {
      adapter.parameters().forEach(parameter -> tape.watch(parameter.value()));
      Tensor logits = network.forward(batch(), ForwardContext.recording(tape)).logits();
      Tensor labels = Tensor.of(new long[] {step % 3, (step + 1) % 3}, 2);
      Tensor loss = Functions.crossEntropy(tape, logits, labels, Functions.IGNORE_INDEX, 0);
      try (Gradients gradients = tape.backward(Functions.add(tape, loss, hook.loss(tape)))) {
        hook.afterBackward(step, parameter -> gradients.of(parameter.value()));
        for (Parameter parameter : adapter.parameters()) {
          Tensor gradient = gradients.of(parameter.value());
          if (gradient != null) { // there is none without ranks
            InPlace.add(parameter.value(), gradient, -0.05);
          }
        }
        if (plain != null) {
          plain.step(step, parameter -> gradients.of(parameter.value()).toDoubles());
        }
        hook.afterUpdate(step);
      }
    }
  }

  private static int zeros(double[] values) {
    int zeros = 0;
    for (double value : values) {
      zeros += value == 0 ? 1 : 0;
    }
    return zeros;
  }

  private Tensor copy(Tensor tensor) {
    Tensor copy = Tensor.emptyLike(tensor);
    copy.copyFrom(tensor);
    return scope.adopt(copy);
  }

  private static Map<String, float[]> values(Adapter adapter) {
    Map<String, float[]> values = new LinkedHashMap<>();
    adapter.parameters().forEach(it -> values.put(it.name(), it.value().toFloats()));
    return values;
  }

  private static Map<String, Tensor> batch() {
    return Map.of(
        "input_ids", Tensor.of(new long[] {3, 4, 5, 6, 7, 0}, 2, 3),
        "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 0}, 2, 3));
  }

  private static float[] logits(Network network) {
    try (var _ = Scope.open()) {
      return network.forward(batch(), ForwardContext.inference()).logits().toFloats();
    }
  }
}
