package dev.jlora.engine;

import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Adaptable;
import dev.jlora.model.AdapterLayer;
import dev.jlora.model.Network;
import dev.jlora.model.Parameter;
import dev.jlora.model.Pass;
import dev.jlora.model.TargetModule;
import dev.jlora.ops.Products;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The products of activations with frozen weights that one training step cannot do without: x W^T
 * of every frozen linear, and g W wherever its input depends on something that is trained. Which
 * those are is found by running the network once with a probe on every linear.
 */
final class FrozenGemms implements AutoCloseable {
  private record Gemm(Adaptable linear, long rows, boolean backward) {
    long operations() {
      return 2 * rows * linear.in() * linear.out() * (backward ? 2 : 1);
    }
  }

  private record Size(long rows, long columns) {}

  private final List<Gemm> gemms;
  private final Map<Size, Tensor> buffers = new HashMap<>();
  private final Scope owner = Scope.detached();

  private FrozenGemms(List<Gemm> gemms) {
    this.gemms = List.copyOf(gemms);
    try (var _ = Scope.open()) {
      for (Gemm gemm : gemms) {
        buffer(gemm.rows(), gemm.linear().in(), gemm.linear());
        buffer(gemm.rows(), gemm.linear().out(), gemm.linear());
      }
    }
  }

  /** Input for a product, made before the clock starts. */
  private Tensor buffer(long rows, long columns, Adaptable linear) {
    return buffers.computeIfAbsent(
        new Size(rows, columns),
        _ -> owner.adopt(Tensor.zeros(linear.weight().value().dtype(), rows, columns)));
  }

  /** Finds the products of a step on {@code batch}; the network is left as it was. */
  static FrozenGemms of(Network network, List<Parameter> trained, Map<String, Tensor> batch) {
    List<Gemm> found = new ArrayList<>();
    List<Adaptable> linears =
        network.adaptables().values().stream()
            .filter(module -> module.target().kind() == TargetModule.Kind.LINEAR)
            .filter(module -> !module.weight().trainable())
            .toList();
    List<@Nullable AdapterLayer> adapters = new ArrayList<>();
    linears.forEach(linear -> adapters.add(linear.adapter()));
    try (var _ = Scope.open();
        Tape tape = Tape.recording()) {
      trained.forEach(parameter -> tape.watch(parameter.value()));
      for (int i = 0; i < linears.size(); i++) {
        linears.get(i).adapt(new Probe(adapters.get(i), found));
      }
      network.forward(batch, Pass.training(tape, new RandomStream(0)));
    } finally {
      for (int i = 0; i < linears.size(); i++) {
        linears.get(i).adapt(adapters.get(i));
      }
    }
    return new FrozenGemms(found);
  }

  /** Floating-point operations of one {@link #run}. */
  long operations() {
    return gemms.stream().mapToLong(Gemm::operations).sum();
  }

  /** Computes all products once, on zeros: their time does not depend on the values. */
  void run() {
    for (Gemm gemm : gemms) {
      try (var _ = Scope.open()) {
        Adaptable linear = gemm.linear();
        Tensor weight = linear.weight().value();
        Tensor w = linear.transposed() ? Views.t(weight) : weight;
        Parameter bias = linear.bias();
        Tensor x = buffer(gemm.rows(), linear.in(), linear);
        Products.linear(x, w, bias == null || bias.trainable() ? null : bias.value());
        if (gemm.backward()) {
          Tensor g = buffer(gemm.rows(), linear.out(), linear);
          Products.linear(g, Views.t(w), null);
        }
      }
    }
  }

  @Override
  public void close() {
    owner.close();
  }

  /** Notes what passes through a linear, and lets it pass. */
  private record Probe(@Nullable AdapterLayer inner, List<Gemm> found) implements AdapterLayer {
    @Override
    public Tensor forward(Adaptable base, Tensor input, Pass pass) {
      long rows = input.elements() / input.size(-1);
      found.add(new Gemm(base, rows, pass.tape().tracks(input)));
      return inner == null ? base.plain(input, pass) : inner.forward(base, input, pass);
    }

    @Override
    public List<Parameter> parameters() {
      return inner == null ? List.of() : inner.parameters();
    }

    @Override
    public void merge(Adaptable base) {
      throw new IllegalStateException("a probe does not merge");
    }

    @Override
    public void unmerge(Adaptable base) {
      throw new IllegalStateException("a probe does not unmerge");
    }
  }
}
