package dev.jlora.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLease;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Replacing, renaming and leasing adapters while passes run, and rows without padding. */
class SwappingTest {
  private static final LoraMethod LORA = new LoraMethod();

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

  private Adapter adapter(int seed) {
    LoraSpec spec =
        LoraSpec.builder()
            .rank(2)
            .targets("query", "value", "up")
            .init(LoraInit.RANDOM)
            .modulesToSave("classifier")
            .build();
    AdapterContext context = new AdapterContext("", List.of(), seed, "tiny");
    Adapter adapter = LORA.plan(network.plan(), spec, context).create(network);
    for (Parameter parameter : adapter.overrides().values()) {
      try (var _ = Scope.open()) {
        InPlace.add(parameter.value(), Ops.addScalar(Ops.mul(parameter.value(), 0.3), 1), seed);
      }
    }
    return adapter;
  }

  private static Map<String, Tensor> batch() {
    return Map.of(
        "input_ids", Tensor.of(new long[] {3, 4, 5, 6, 7, 0, 8, 9, 1, 2, 0, 0}, 4, 3),
        "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 0}, 4, 3));
  }

  private float[] logits(ForwardContext pass) {
    try (var _ = Scope.open()) {
      return network.forward(batch(), pass).logits().toFloats();
    }
  }

  private float[] logits(AdapterSelection selection) {
    return logits(ForwardContext.inference().withAdapters(selection));
  }

  @Test
  void a_lease_keeps_its_version_until_it_ends() {
    network.attach("a", adapter(1));
    AdapterSelection a = AdapterSelection.of("a");
    float[] first = logits(a);
    AdapterLease lease = network.lease(a);
    long held = Tensor.live();
    network.replace("a", adapter(2));
    float[] second = logits(a);
    assertThat(second).isNotEqualTo(first);
    assertThat(logits(ForwardContext.inference().withLease(lease))).containsExactly(first);
    network.rename("a", "b");
    network.detach("b");
    assertThat(logits(ForwardContext.inference().withLease(lease))).containsExactly(first);
    assertThat(Tensor.live()).isEqualTo(held);
    lease.close();
    lease.close();
    assertThat(Tensor.live()).isLessThan(held);
    assertThatThrownBy(() -> logits(ForwardContext.inference().withLease(lease)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no adapter 'a' is leased for this pass");
  }

  @Test
  void a_lease_of_the_networks_selection_stands_for_merged_weights() {
    network.adapt(adapter(1));
    float[] expected = logits(ForwardContext.inference());
    try (AdapterLease lease = network.lease(null)) {
      network.merge();
      assertThat(logits(ForwardContext.inference().withLease(lease)))
          .containsExactly(expected, within(1e-5f));
      Adapter unused = adapter(2);
      assertThatThrownBy(() -> network.replace("default", unused))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "adapters are merged into the weights; unmerge them before 'default' is replaced");
      unused.close();
      network.unmerge();
      assertThat(logits(ForwardContext.inference().withLease(lease))).containsExactly(expected);
    }
    try (AdapterLease lease = network.lease(AdapterSelection.of("default"))) {
      network.merge();
      assertThatThrownBy(() -> logits(ForwardContext.inference().withLease(lease)))
          .isInstanceOf(ModelException.class)
          .hasMessageStartingWith("adapters are merged into the weights");
      network.unmerge();
    }
  }

  @Test
  void renaming_keeps_the_selection() {
    network.adapt(adapter(1));
    network.attach("other", adapter(2));
    float[] expected = logits(ForwardContext.inference());
    network.rename("default", "films");
    assertThat(network.selection()).isEqualTo(AdapterSelection.of("films"));
    assertThat(network.adapters().keySet()).containsExactly("films", "other");
    assertThat(logits(ForwardContext.inference())).containsExactly(expected);
    assertThatThrownBy(() -> network.rename("films", "other"))
        .hasMessage("an adapter 'other' is attached already; detach it, or choose another name");
    assertThatThrownBy(() -> network.rename("film", "x"))
        .hasMessageStartingWith("no adapter 'film'; attached are ");
    assertThatThrownBy(() -> network.detach("films"))
        .hasMessage(
            "the adapter 'films' is selected; select others, or none, before it is detached");
    Adapter unused = adapter(3);
    assertThatThrownBy(() -> network.replace("film", unused))
        .hasMessageStartingWith("no adapter 'film'; attached are ");
    unused.close();
  }

  /** Threads read an adapter of several passes while it is replaced many times. */
  @Test
  void every_answer_is_one_versions() throws Exception {
    List<float[]> versions = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      network.attach("v", adapter(i + 1));
      versions.add(logits(AdapterSelection.of("v")));
      network.detach("v");
    }
    network.attach("v", adapter(1));
    AtomicBoolean stop = new AtomicBoolean();
    try (var threads = Executors.newFixedThreadPool(3)) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(
            threads.submit(
                () -> {
                  int answers = 0;
                  while (!stop.get() || answers == 0) {
                    try (AdapterLease lease = network.lease(AdapterSelection.of("v"))) {
                      float[] one = logits(ForwardContext.inference().withLease(lease));
                      float[] two = logits(ForwardContext.inference().withLease(lease));
                      assertThat(two).containsExactly(one);
                      assertThat(versions).anyMatch(it -> Arrays.equals(it, one));
                      answers++;
                    }
                  }
                  return answers;
                }));
      }
      for (int i = 0; i < 200; i++) {
        network.replace("v", adapter(i % 2 + 1));
      }
      stop.set(true);
      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
    }
  }

  /** Sorted and unsorted rows, with and without padding, of one to four groups. */
  @Test
  void rows_without_padding_answer_as_alone() {
    for (int i = 0; i < 3; i++) {
      network.attach("a" + i, adapter(i + 1));
    }
    for (String[] names :
        new String[][] {
          {"a0", "a0", "a1", "a2"},
          {"a1", null, "a0", "a1"},
          {"a2", "a2", "a2", "a2"},
          {null, "a0", null, "a0"}
        }) {
      ForwardContext pass =
          ForwardContext.inference()
              .withoutPadding()
              .withHiddenStates()
              .withAdapters(AdapterSelection.perRow(names));
      ForwardContext unpadded =
          ForwardContext.inference().withoutPadding().withAdapters(AdapterSelection.perRow(names));
      float[] mixed = logits(pass);
      Map<String, Tensor> batch = batch();
      float[] kept = network.forward(batch, unpadded).logits().toFloats();
      for (int row = 0; row < 4; row++) {
        float[] alone =
            logits(names[row] == null ? AdapterSelection.none() : AdapterSelection.of(names[row]));
        float[] expected = Arrays.copyOfRange(alone, row * 3, row * 3 + 3);
        assertThat(Arrays.copyOfRange(mixed, row * 3, row * 3 + 3))
            .containsExactly(expected, within(1e-5f));
        assertThat(Arrays.copyOfRange(kept, row * 3, row * 3 + 3))
            .containsExactly(expected, within(1e-5f));
      }
      assertThat(unpadded.inputs()).isEqualTo(batch); // in the batch's own order
    }
  }
}
