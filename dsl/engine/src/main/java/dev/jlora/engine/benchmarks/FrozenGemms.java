package dev.jlora.engine.benchmarks;

import dev.jlora.autograd.FrozenProduct;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.backend.Gemm;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The products of activations with frozen weights in one training step: x W^T of every frozen
 * linear, including a tied output layer, and g W if its input depends on something trained. They
 * are determined by running the network once.
 */
final class FrozenGemms implements AutoCloseable {
  private record Size(long rows, long columns) {}

  private final List<FrozenProduct> products;
  private final Map<Size, Tensor> buffers = new HashMap<>();
  private final Scope owner;

  /**
   * @param owner of the products' tensors
   */
  private FrozenGemms(List<FrozenProduct> products, Scope owner) {
    this.products = List.copyOf(products);
    this.owner = owner;
    try (var _ = Scope.open()) {
      for (FrozenProduct product : products) {
        buffer(product, product.in());
        buffer(product, product.out());
      }
    }
  }

  /** The input of a product, created before timing starts. */
  private Tensor buffer(FrozenProduct product, long columns) {
    Tensor weight = product.weight();
    return buffers.computeIfAbsent(
        new Size(product.rows(), columns),
        size -> owner.adopt(Tensor.zeros(weight.dtype(), weight.device(), size.rows(), columns)));
  }

  /** Finds the products of a step on {@code batch}. */
  static FrozenGemms of(Network network, List<Parameter> trained, Map<String, Tensor> batch) {
    List<FrozenProduct> found = new ArrayList<>();
    Scope owner = Scope.detached();
    try (var _ = Scope.open();
        Tape tape = Tape.recording(product -> found.add(kept(product, owner)))) {
      trained.forEach(parameter -> tape.watch(parameter.value()));
      ForwardContext pass = ForwardContext.training(tape, new RandomStream(0));
      if (network.adapters().values().stream().allMatch(adapter -> adapter.inputs() == null)) {
        pass.withCheckpointing(); // it keeps less, and no backward follows; prefixes exclude it
      }
      network.forward(batch, pass).tensors();
    } catch (RuntimeException | Error failure) {
      owner.close();
      throw failure;
    }
    return new FrozenGemms(found, owner);
  }

  /** The product with handles that outlive the pass: a weight may be a part of another. */
  private static FrozenProduct kept(FrozenProduct product, Scope owner) {
    Tensor bias = product.bias();
    return new FrozenProduct(
        product.rows(),
        owner.adopt(product.weight().share()),
        bias == null ? null : owner.adopt(bias.share()),
        product.transposed(),
        product.backward());
  }

  /** Floating-point operations of one {@link #run}. */
  long operations() {
    return products.stream()
        .mapToLong(it -> 2 * it.rows() * it.in() * it.out() * (it.backward() ? 2 : 1))
        .sum();
  }

  /** Computes all products once, on zeros: their time does not depend on the values. */
  void run() {
    for (FrozenProduct product : products) {
      try (var _ = Scope.open()) {
        Tensor weight = product.weight();
        boolean transposed = product.transposed();
        Gemm.forward(buffer(product, product.in()), weight, product.bias(), transposed);
        if (product.backward()) {
          Gemm.inputGradient(buffer(product, product.out()), weight, transposed);
        }
      }
    }
  }

  @Override
  public void close() {
    owner.close();
  }
}
