package dev.jlora.model.runtime;

import dev.jlora.model.FrozenWeight;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A module's weights with the computations on them, and the adapters of a pass applied. */
public final class AdaptableModule implements Adaptable, Projecting {
  private final TargetModule target;
  private final Parameter weight;
  private final @Nullable Parameter bias;
  private final Multiplication kind;

  public AdaptableModule(
      TargetModule target, Parameter weight, @Nullable Parameter bias, Multiplication kind) {
    this.target = target;
    this.weight = weight;
    this.bias = bias;
    this.kind = kind;
  }

  @Override
  public Tensor forward(Tensor input, ForwardContext pass) {
    RowGroups rows = pass.rowGroups();
    return rows == null || !adapted(rows) ? together(input, pass) : byRows(rows, input, pass);
  }

  private boolean adapted(RowGroups rows) {
    return rows.anyAdapts(target.path()) || overridden(rows);
  }

  private boolean overridden(RowGroups rows) {
    return rows.anyOverrides(weight) || rows.anyOverrides(bias);
  }

  /** Computes all rows with the same adapters. */
  private Tensor together(Tensor input, ForwardContext pass) {
    FrozenWeight frozen = pass.used(weight).frozen();
    Tensor b = bias(frozen, pass);
    AdapterLayer layer = pass.adapters().layer(target.path());
    return layer == null
        ? kind.product(frozen, b, input, pass)
        : layer.forward(new ModuleBase(target, kind, frozen, b, pass), input, pass);
  }

  private @Nullable Tensor bias(FrozenWeight frozen, ForwardContext pass) {
    return bias == null ? null : Precision.cast(pass, pass.value(bias), frozen.dtype());
  }

  /**
   * Computes rows with different adapters. The base's output is computed once for all rows, unless
   * some rows override the weight.
   */
  private Tensor byRows(RowGroups rows, Tensor input, ForwardContext pass) {
    if (input.size(0) != rows.rows()) {
      throw new ModelException(
          "%s: got %d rows, expected the %d of the batch, each of which has adapters of its own"
              .formatted(target.path(), input.size(0), rows.rows()));
    }
    FrozenWeight frozen = weight.frozen();
    Tensor output = overridden(rows) ? null : kind.product(frozen, bias(frozen, pass), input, pass);
    List<Tensor> parts = new ArrayList<>();
    for (RowGroups.Group group : rows.groups()) {
      Tensor x = RowGroups.take(pass.tape(), input, group);
      Tensor known = output == null ? null : RowGroups.take(pass.tape(), output, group);
      parts.add(pass.as(group.adapters(), () -> ofGroup(x, known, pass)));
    }
    return rows.join(pass.tape(), parts);
  }

  private Tensor ofGroup(Tensor x, @Nullable Tensor output, ForwardContext pass) {
    AdapterLayer layer = pass.adapters().layer(target.path());
    if (output == null) {
      return together(x, pass);
    }
    if (layer == null) {
      return output;
    }
    ModuleBase base =
        new ModuleBase(target, kind, weight.frozen(), bias(weight.frozen(), pass), pass);
    base.knowsOutput(x, output);
    return layer.forward(base, x, pass);
  }

  /**
   * The projection of a linear without an adapter, whose weight is stored [out, in]; otherwise
   * null.
   */
  @Override
  public @Nullable Projection projection(Tensor input, ForwardContext pass) {
    if (target.kind() != TargetModule.Kind.LINEAR || target.transposed()) {
      return null;
    }
    RowGroups rows = pass.rowGroups();
    boolean adapted = rows == null ? pass.adapters().layer(target.path()) != null : adapted(rows);
    return adapted ? null : Projecting.of(pass.used(weight), bias, input, pass);
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
}
