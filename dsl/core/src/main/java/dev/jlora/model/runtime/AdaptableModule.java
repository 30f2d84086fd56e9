package dev.jlora.model.runtime;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.FrozenWeight;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/** A module's weights with the computations on them, and the adapters of a pass applied. */
public final class AdaptableModule implements Adaptable, Projecting {
  private final TargetModule target;
  private final Parameter weight;
  private final @Nullable TiedWeight tied;
  private final @Nullable Parameter bias;
  private final Multiplication kind;

  public AdaptableModule(
      TargetModule target, Parameter weight, @Nullable Parameter bias, Multiplication kind) {
    this(target, weight, null, bias, kind);
  }

  /** A module with the weight of another layer. */
  public AdaptableModule(
      TargetModule target, TiedWeight tied, @Nullable Parameter bias, Multiplication kind) {
    this(target, tied.source(), tied, bias, kind);
  }

  private AdaptableModule(
      TargetModule target,
      Parameter weight,
      @Nullable TiedWeight tied,
      @Nullable Parameter bias,
      Multiplication kind) {
    this.target = target;
    this.weight = weight;
    this.tied = tied;
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
    boolean weights = tied == null ? rows.anyOverrides(weight) : rows.anyOverrides(tied);
    return weights || rows.anyOverrides(bias);
  }

  private Parameter used(ForwardContext pass) {
    return tied == null ? pass.used(weight) : pass.used(tied);
  }

  /** Computes all rows with the same adapters. */
  private Tensor together(Tensor input, ForwardContext pass) {
    FrozenWeight frozen = used(pass).frozen();
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
   * Computes rows with different adapters, which are sorted by adapter. The base's output is
   * computed once for all rows, unless some rows override the weight.
   */
  private Tensor byRows(RowGroups rows, Tensor input, ForwardContext pass) {
    RowGroups.Layout layout = rows.layout(input, pass.unpadded(), target.path());
    if (overridden(rows)) {
      return joined(rows, layout, input, null, pass);
    }
    FrozenWeight frozen = weight().frozen();
    Tensor output = kind.product(frozen, bias(frozen, pass), input, pass);
    if (pass.tape().isRecording()) {
      return joined(rows, layout, input, output, pass);
    }
    for (int i = 0; i < rows.groups().size(); i++) {
      AdapterLayer layer = rows.groups().get(i).adapters().layer(target.path());
      if (layer != null) {
        try (var _ = Scope.open()) {
          Tensor x = Views.slice(input, layout.dim(), layout.from(i), layout.to(i));
          Tensor y = Views.slice(output, layout.dim(), layout.from(i), layout.to(i));
          adapt(rows.groups().get(i), layer, x, y, pass);
        }
      }
    }
    return output;
  }

  /** Changes the output of a group's rows in place. */
  private void adapt(
      RowGroups.Group group, AdapterLayer layer, Tensor x, Tensor output, ForwardContext pass) {
    LowRankUpdate update = layer.update();
    if (update == null || !kind.addTo(output, x, update)) {
      output.copyFrom(pass.as(group.adapters(), () -> ofGroup(layer, x, output, pass)));
    }
  }

  /**
   * @param output of the base for all rows; null if it differs between the groups
   */
  private Tensor joined(
      RowGroups rows,
      RowGroups.Layout layout,
      Tensor input,
      @Nullable Tensor output,
      ForwardContext pass) {
    Tape tape = pass.tape();
    Tensor[] parts = new Tensor[rows.groups().size()];
    for (int i = 0; i < parts.length; i++) {
      ActiveAdapters adapters = rows.groups().get(i).adapters();
      AdapterLayer layer = adapters.layer(target.path());
      Tensor x = Functions.slice(tape, input, layout.dim(), layout.from(i), layout.to(i));
      if (output == null) {
        parts[i] = pass.as(adapters, () -> together(x, pass));
      } else {
        Tensor y = Functions.slice(tape, output, layout.dim(), layout.from(i), layout.to(i));
        parts[i] = layer == null ? y : pass.as(adapters, () -> ofGroup(layer, x, y, pass));
      }
    }
    return Functions.cat(tape, layout.dim(), parts);
  }

  private Tensor ofGroup(AdapterLayer layer, Tensor x, Tensor output, ForwardContext pass) {
    FrozenWeight frozen = weight().frozen();
    ModuleBase base = new ModuleBase(target, kind, frozen, bias(frozen, pass), pass);
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
    return adapted ? null : Projecting.of(used(pass), bias, input, pass);
  }

  @Override
  public TargetModule target() {
    return target;
  }

  @Override
  public Parameter weight() {
    return tied == null ? weight : tied.value();
  }

  @Override
  public @Nullable TiedWeight tied() {
    return tied;
  }

  @Override
  public @Nullable Parameter bias() {
    return bias;
  }
}
