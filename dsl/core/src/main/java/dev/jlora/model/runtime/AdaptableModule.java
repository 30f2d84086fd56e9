package dev.jlora.model.runtime;

import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Parameters, what is computed from them, and room for an adapter. */
public final class AdaptableModule implements Adaptable, Projecting {
  private final TargetModule target;
  private final Parameter weight;
  private final @Nullable Parameter bias;
  private final Module plain;
  private @Nullable AdapterLayer adapter;

  /**
   * @param plain the layer without an adapter
   */
  public AdaptableModule(
      TargetModule target, Parameter weight, @Nullable Parameter bias, Module plain) {
    this.target = target;
    this.weight = weight;
    this.bias = bias;
    this.plain = plain;
  }

  @Override
  public Tensor forward(Tensor input, ForwardContext pass) {
    return adapter == null ? plain(input, pass) : adapter.forward(this, input, pass);
  }

  @Override
  public Tensor plain(Tensor input, ForwardContext pass) {
    return plain.forward(input, pass);
  }

  /** That of a linear without an adapter whose weight is not stored the other way round. */
  @Override
  public @Nullable Projection projection(Tensor input, ForwardContext pass) {
    boolean plainLinear =
        adapter == null && target.kind() == TargetModule.Kind.LINEAR && !target.transposed();
    return plainLinear ? Projecting.of(weight, bias, input, pass) : null;
  }

  @Override
  public TargetModule target() {
    return target;
  }

  @Override
  public Parameter weight() {
    return weight;
  }

  @Override
  public @Nullable Parameter bias() {
    return bias;
  }

  @Override
  public void adapt(@Nullable AdapterLayer adapter) {
    this.adapter = adapter;
  }

  @Override
  public @Nullable AdapterLayer adapter() {
    return adapter;
  }
}
