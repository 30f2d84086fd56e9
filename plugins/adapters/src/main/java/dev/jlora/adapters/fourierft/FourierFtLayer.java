package dev.jlora.adapters.fourierft;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.peft.MergedDelta;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * y = (W + delta) x + b, with delta = scaling * Re(IDFT(F)); the spectrum F is zero but for its
 * trained coefficients, float32. Equations 2 to 4 of arXiv 2405.03003.
 *
 * @param scaling the target's scaling times the weight of the adapter
 */
record FourierFtLayer(FourierFtTarget target, double scaling, Parameter spectrum)
    implements AdapterLayer {
  @Override
  public List<Parameter> parameters() {
    return List.of(spectrum);
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Tensor indices = context.constant(target.locations(), this::indices);
    return base.output(x, delta(context.tape(), indices));
  }

  private Tensor indices() {
    return target.locations().indices(spectrum.value().device());
  }

  /** The change, in the weight's shape. */
  private Tensor delta(Tape tape, Tensor indices) {
    long rows = target.locations().rows();
    long columns = target.locations().columns();
    Tensor flat = Functions.scatter(tape, spectrum.value(), indices, rows * columns);
    Tensor sums = Functions.realFourier(tape, Functions.reshape(tape, flat, rows, columns));
    Tensor delta = Functions.scale(tape, sums, scaling / (rows * columns));
    return target.module().transposed() ? Functions.transpose(tape, delta, 0, 1) : delta;
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (var _ = Scope.open()) {
      return Scope.moveOut(MergedDelta.of(weight, delta(Tape.off(), indices())));
    }
  }

  /** A layer with the same coefficients. */
  @Override
  public AdapterLayer weighted(double factor) {
    return new FourierFtLayer(target, scaling * factor, spectrum);
  }
}
