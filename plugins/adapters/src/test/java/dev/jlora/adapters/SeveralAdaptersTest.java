package dev.jlora.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.spec.Bias;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several adapters on one network: chosen by pass and by row, merged, closed. */
class SeveralAdaptersTest {
  private static final LoraMethod LORA = new LoraMethod();

  @TempDir Path folder;
  private long live;
  private Scope scope;
  private Network network;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
    network = TinyEncoder.network(DType.FLOAT32);
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    network.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void each_adapter_answers_as_on_a_network_of_its_own_and_none_as_the_base() {
    float[] base = logits(network, AdapterSelection.none());
    attach("a", heads(1));
    attach("b", heads(2).targets("key", "down").bias(Bias.ALL));
    Map<String, float[]> alone = new LinkedHashMap<>();
    for (String name : List.of("a", "b")) {
      network.adapter(name).save(folder.resolve(name));
      try (Network other = TinyEncoder.network(DType.FLOAT32)) {
        other.adapt(load(other, name));
        alone.put(name, logits(other));
      }
    }
    assertThat(logits(network)).containsExactly(base);
    for (String name : List.of("a", "b", "a", "b")) {
      assertThat(logits(network, AdapterSelection.of(name))).containsExactly(alone.get(name));
      assertThat(logits(network, AdapterSelection.none())).containsExactly(base);
    }
    network.select(AdapterSelection.of("b"));
    assertThat(logits(network)).containsExactly(alone.get("b"));
    assertThat(logits(network, AdapterSelection.of("a"))).containsExactly(alone.get("a"));
    assertThat(network.parameters()).noneMatch(Parameter::owned);
  }

  @Test
  void adapters_that_run_together_add_their_weighted_updates() {
    attach("a", pairs(3));
    attach("b", pairs(2).targets("query", "up"));
    Map<String, Double> weights = new LinkedHashMap<>();
    weights.put("a", 0.75);
    weights.put("b", -0.5);
    float[] together = logits(network, AdapterSelection.of(weights));
    Map<String, float[]> expected = new LinkedHashMap<>();
    for (String name : network.state().keySet()) {
      expected.put(name, network.parameter(name).value().toFloats());
    }
    weights.forEach((name, weight) -> addTo(expected, network.adapter(name), weight));
    network.merge(AdapterSelection.of(weights));
    expected.forEach(
        (name, values) ->
            assertThat(network.parameter(name).value().toFloats())
                .as(name)
                .containsExactly(values, within(1e-6f)));
    assertThat(logits(network)).containsExactly(together, within(1e-5f));
    network.unmerge();
    assertThat(logits(network, AdapterSelection.of(Map.of("a", 1.0))))
        .containsExactly(logits(network, AdapterSelection.of("a")));
  }

  /** W + weight * scaling * B A, with loops. */
  private static void addTo(Map<String, float[]> state, Adapter adapter, double weight) {
    adapter
        .layers()
        .forEach(
            (path, layer) -> {
              LoraLayer lora = (LoraLayer) layer;
              float[] w = state.get(path + ".weight");
              float[] a = lora.a().value().toFloats();
              float[] b = lora.b().value().toFloats();
              int rank = (int) lora.a().value().size(0);
              int in = (int) lora.a().value().size(1);
              for (int i = 0; i < w.length; i++) {
                double sum = 0;
                for (int r = 0; r < rank; r++) {
                  sum += (double) b[i / in * rank + r] * a[r * in + i % in];
                }
                w[i] += (float) (weight * lora.target().scaling() * sum);
              }
            });
  }

  @Test
  void training_one_adapter_leaves_base_and_other_adapters_alone() {
    attach("a", heads(1).bias(Bias.LORA_ONLY));
    attach("b", heads(2));
    float[] base = logits(network, AdapterSelection.none());
    float[] other = logits(network, AdapterSelection.of("b"));
    float[] before = logits(network, AdapterSelection.of("a"));
    for (int step = 0; step < 3; step++) {
      try (Tape tape = Tape.recording()) {
        ForwardContext pass = ForwardContext.recording(tape).withAdapters(AdapterSelection.of("a"));
        Tensor logits = network.forward(batch(), pass).logits();
        try (Gradients gradients = tape.backward(logits, Tensor.ones(DType.FLOAT32, 4, 3))) {
          for (Parameter parameter : network.adapter("a").parameters()) {
            InPlace.add(parameter.value(), gradients.of(parameter.value()), -0.1);
          }
          for (Parameter parameter : network.adapter("b").parameters()) {
            assertThat(gradients.of(parameter.value())).isNull();
          }
        }
      }
    }
    assertThat(logits(network, AdapterSelection.of("a"))).isNotEqualTo(before);
    assertThat(logits(network, AdapterSelection.of("b"))).containsExactly(other);
    assertThat(logits(network, AdapterSelection.none())).containsExactly(base);
  }

  @Test
  void each_row_answers_as_with_its_adapter_alone() {
    attach("a", heads(1));
    attach("b", heads(2).targets("key", "up").rank(3));
    attach("c", pairs(2).targets("down"));
    assertByRow("b", null, "a", "c");
    assertByRow("a", "b", "a", null);
    assertByRow("a", "a", "a", "a");
    assertByRow(null, null, null, null);
  }

  @Test
  void rows_differ_in_norms_and_embeddings_too() {
    attach("a", heads(1).bias(Bias.ALL));
    attach("b", heads(2).modulesToSave("words"));
    assertByRow("b", "a", null, "a");
  }

  private void assertByRow(String... names) {
    AdapterSelection rows = AdapterSelection.perRow(names);
    float[] mixed = logits(network, rows);
    for (int row = 0; row < names.length; row++) {
      AdapterSelection alone =
          names[row] == null ? AdapterSelection.none() : AdapterSelection.of(names[row]);
      float[] expected = logits(network, alone);
      assertThat(Arrays.copyOfRange(mixed, row * 3, row * 3 + 3))
          .as("row %d: %s", row, names[row])
          .containsExactly(Arrays.copyOfRange(expected, row * 3, row * 3 + 3), within(1e-5f));
    }
  }

  @Test
  void gradients_of_rows_are_those_of_each_adapter_alone() {
    attach("a", heads(1));
    attach("b", heads(2));
    Map<String, float[]> mixed = gradients(AdapterSelection.perRow("a", "b", null, "a"), 0, 1, 3);
    Map<String, float[]> a = gradients(AdapterSelection.of("a"), 0, 3);
    Map<String, float[]> b = gradients(AdapterSelection.of("b"), 1);
    a.forEach(
        (name, value) ->
            assertThat(mixed.get(name)).as(name).containsExactly(value, within(1e-4f)));
    b.forEach(
        (name, value) ->
            assertThat(mixed.get(name)).as(name).containsExactly(value, within(1e-4f)));
    assertThat(mixed).hasSize(a.size() + b.size());
  }

  /** Of the sum of the logits of some rows, by adapter and parameter. */
  private Map<String, float[]> gradients(AdapterSelection selection, int... rows) {
    float[] seed = new float[12];
    for (int row : rows) {
      Arrays.fill(seed, row * 3, row * 3 + 3, 1);
    }
    Map<String, float[]> found = new LinkedHashMap<>();
    try (Tape tape = Tape.recording()) {
      ForwardContext pass = ForwardContext.recording(tape).withAdapters(selection);
      Tensor logits = network.forward(batch(), pass).logits();
      try (Gradients gradients = tape.backward(logits, Tensor.of(seed, 4, 3))) {
        network
            .adapters()
            .forEach(
                (name, adapter) -> {
                  for (Parameter parameter : adapter.parameters()) {
                    Tensor gradient = gradients.of(parameter.value());
                    if (gradient != null) {
                      found.put(name + ":" + parameter.name(), gradient.toFloats());
                    }
                  }
                });
      }
    }
    return found;
  }

  @Test
  void eight_threads_run_different_adapters_at_the_same_time() throws Exception {
    List<AdapterSelection> selections = new ArrayList<>();
    List<float[]> expected = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      attach("adapter-" + i, heads(i % 2 + 1).bias(i == 3 ? Bias.ALL : Bias.NONE));
      selections.add(AdapterSelection.of("adapter-" + i));
    }
    selections.add(AdapterSelection.none());
    selections.add(AdapterSelection.perRow("adapter-1", null, "adapter-2", "adapter-5"));
    selections.forEach(selection -> expected.add(logits(network, selection)));
    CyclicBarrier start = new CyclicBarrier(8);
    try (var threads = Executors.newFixedThreadPool(8)) {
      List<Callable<Void>> work = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        AdapterSelection selection = selections.get(i);
        float[] answer = expected.get(i);
        work.add(
            () -> {
              start.await();
              for (int pass = 0; pass < 200; pass++) {
                try (var _ = Scope.open()) {
                  assertThat(logits(network, selection)).containsExactly(answer);
                }
              }
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    }
  }

  @Test
  void a_detached_adapter_gives_all_of_its_memory_back() throws Exception {
    attach("stays", heads(1));
    attach("saved", heads(512).targets("query", "key", "value", "up", "down"));
    network.adapter("saved").save(folder.resolve("saved"));
    network.detach("saved");
    long tensors = Tensor.live();
    long bytes = Tensor.liveBytes();
    List<Long> resident = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      try (var _ = Scope.open()) {
        network.attach("goes", load(network, "saved"));
        if (i % 20 == 0) {
          logits(network, AdapterSelection.of("goes"));
        }
        network.detach("goes");
      }
      assertThat(Tensor.live()).isEqualTo(tensors);
      assertThat(Tensor.liveBytes()).isEqualTo(bytes);
      if (i % 400 == 199) {
        resident.add(resident());
      }
    }
    // the Java heap may take more once, a leak grows in both halves: 400 adapters take 150 MiB
    long growth = Math.min(resident.get(1) - resident.get(0), resident.get(2) - resident.get(1));
    assertThat(growth).isLessThan(64 << 20);
    assertThat(network.adapters()).containsOnlyKeys("stays");
  }

  /** Resident bytes of this process. */
  private static long resident() throws IOException {
    System.gc();
    String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
    return Long.parseLong(pages[1]) * 4096;
  }

  @Test
  void mistakes_are_named() {
    attach("a", heads(1));
    attach("b", heads(2));
    assertThatThrownBy(() -> logits(network, AdapterSelection.of("c")))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("no adapter 'c'; attached are ");
    assertThatThrownBy(() -> logits(network, AdapterSelection.of(Map.of("a", 1.0, "b", 1.0))))
        .hasMessageContaining("each bring a trained classifier.")
        .hasMessageContaining("only one of the adapters that run together may");
    assertThatThrownBy(() -> logits(network, AdapterSelection.perRow("a", "b")))
        .hasMessage(
            "adapters by row: got 2 selections, expected one for each of the batch's 4 rows");
    assertThatThrownBy(() -> AdapterSelection.of(Map.of("a", Double.NaN)))
        .hasMessage("weight of the adapter 'a': got NaN, expected a finite number");
    assertThatThrownBy(() -> AdapterSelection.perRow(List.of(AdapterSelection.perRow("a"))))
        .hasMessage("a row's selection cannot itself be one by rows");
    network.select(AdapterSelection.of("a"));
    assertThatThrownBy(() -> network.detach("a"))
        .hasMessage("the adapter 'a' is selected; select others, or none, before it is detached");
    network.merge();
    assertThatThrownBy(() -> logits(network, AdapterSelection.of("b")))
        .hasMessage(
            "adapters are merged into the weights; unmerge them before a pass selects adapters");
    assertThatThrownBy(() -> network.select(AdapterSelection.of("b")))
        .hasMessage(
            "adapters are merged into the weights; unmerge them before others are selected");
    assertThatThrownBy(() -> network.merge(AdapterSelection.perRow("a")))
        .hasMessage("adapters that differ from row to row cannot be merged");
    network.unmerge();
    network.select(AdapterSelection.none());
    network.detach("a");
    network.detach("b");
    assertThatThrownBy(() -> network.select(AdapterSelection.of("a")))
        .hasMessage("no adapter 'a': the network has none attached");
  }

  /** With a trained head. */
  private static LoraSpec.Builder heads(int rank) {
    return pairs(rank).modulesToSave("classifier");
  }

  private static LoraSpec.Builder pairs(int rank) {
    return LoraSpec.builder().rank(rank).alpha(4).targets("query", "value").init(LoraInit.RANDOM);
  }

  private void attach(String name, LoraSpec.Builder spec) {
    AdapterContext context = new AdapterContext("", List.of(), name.hashCode(), "tiny");
    Adapter adapter = LORA.plan(network.plan(), spec.build(), context).create(network);
    network.attach(name, adapter);
    float by = 0.1f * (1 + network.adapters().size());
    for (Parameter parameter : adapter.overrides().values()) {
      InPlace.add(parameter.value(), Ops.addScalar(Ops.mul(parameter.value(), 0.3), 1), by);
    }
  }

  private Adapter load(Network into, String name) {
    return LORA.saved(into.plan(), folder.resolve(name)).read(into, folder.resolve(name));
  }

  private static float[] logits(Network network) {
    return network.forward(batch(), ForwardContext.inference()).logits().toFloats();
  }

  private static float[] logits(Network network, AdapterSelection selection) {
    ForwardContext pass = ForwardContext.inference().withAdapters(selection);
    return network.forward(batch(), pass).logits().toFloats();
  }

  private static Map<String, Tensor> batch() {
    return Map.of(
        "input_ids", Tensor.of(new long[] {3, 4, 5, 6, 7, 0, 8, 9, 1, 2, 0, 0}, 4, 3),
        "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 0}, 4, 3));
  }
}
