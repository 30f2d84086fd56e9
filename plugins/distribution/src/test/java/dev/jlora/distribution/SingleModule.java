package dev.jlora.distribution;

import static dev.jlora.model.layers.Layers.named;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.distribution.MethodCase.Form;
import dev.jlora.distribution.MethodCase.Values;
import dev.jlora.host.Plugins;
import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.layers.Convolution;
import dev.jlora.model.layers.LayerNorm;
import dev.jlora.model.layers.Linear;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A float64 network of one module with random weights and biases, and its adapter. */
final class SingleModule implements AutoCloseable {
  static final int IN = 6;
  static final int OUT = 4;
  private static final String PATH = "layer";

  private final Form form;
  private final Network network;
  private final Adapter adapter;

  SingleModule(MethodCase one, Form form) {
    this.form = form;
    Architecture architecture =
        Architecture.named("Single").inputs("values").root(named(PATH, layer(form)), new Passed());
    network = Network.of(architecture, SingleModule::weights, DType.FLOAT64);
    AdapterMethod<?> method = Plugins.load().adapters().get(one.spec().method());
    AdapterContext context = new AdapterContext("", List.of(), 7, "base");
    adapter = network.adapt(method.planOf(network.plan(), one.on(PATH), context).create(network));
  }

  private static Layer layer(Form form) {
    return switch (form) {
      case LINEAR -> new Linear(IN, OUT, true, false, Init.normal(1));
      case TRANSPOSED -> new Linear(IN, OUT, true, true, Init.normal(1));
      case CONVOLUTION -> new Convolution(3, OUT, 2, 2, Init.normal(1));
      case NORM -> new LayerNorm(IN, 1e-5, true);
    };
  }

  private static Tensor weights(ParameterSpec parameter) {
    Random random = new Random(parameter.name().hashCode());
    double[] values =
        random.doubles(parameter.elements()).map(_ -> random.nextGaussian()).toArray();
    return Tensor.of(values, parameter.sizes());
  }

  /** The shape of an input: two rows, or two images. */
  long[] inputs() {
    return form == Form.CONVOLUTION ? new long[] {2, 3, 4, 4} : new long[] {2, IN};
  }

  /** Random values of the input ("x") and of all parameters of the adapter. */
  Map<String, double[]> values(Random random) {
    Map<String, double[]> values = new LinkedHashMap<>();
    int count = 1;
    for (long size : inputs()) {
      count *= (int) size;
    }
    values.put("x", normal(random, count));
    adapter.parameters().forEach(p -> values.put(p.name(), normal(random, (int) p.elements())));
    return values;
  }

  static double[] normal(Random random, int count) {
    return random.doubles(count).map(_ -> random.nextGaussian()).toArray();
  }

  /** The output for these values. */
  double[] output(Map<String, double[]> values) {
    try (var _ = Scope.open()) {
      return run(set(values), ForwardContext.inference()).toDoubles();
    }
  }

  /** The output for x with the current weights, merged or not. */
  double[] outputAsIs(double[] x) {
    try (var _ = Scope.open()) {
      return run(Tensor.of(x, inputs()), ForwardContext.inference()).toDoubles();
    }
  }

  /** The gradients of the weighted sum of the outputs, by name. */
  Map<String, double[]> gradients(Map<String, double[]> values, double[] weights) {
    Map<String, double[]> found = new LinkedHashMap<>();
    try (var _ = Scope.open();
        Tape tape = Tape.recording()) {
      Tensor x = set(values);
      tape.watch(x);
      Tensor y = run(x, ForwardContext.training(tape, new RandomStream(1)));
      try (Gradients gradients = tape.backward(y, Tensor.of(weights, y.shape()))) {
        found.put("x", gradients.of(x).toDoubles());
        for (Parameter parameter : adapter.parameters()) {
          found.put(parameter.name(), gradients.of(parameter.value()).toDoubles());
        }
      }
    }
    return found;
  }

  /** The output of a linear module in plain arithmetic. */
  double[] plain(MethodCase.Formula formula, Map<String, double[]> values) {
    double[] weight = network.parameter(PATH + ".weight").value().toDoubles();
    double[][] w = new double[OUT][IN];
    for (int i = 0; i < OUT; i++) {
      for (int j = 0; j < IN; j++) {
        w[i][j] = form == Form.TRANSPOSED ? weight[j * OUT + i] : weight[i * IN + j];
      }
    }
    double[] b = network.parameter(PATH + ".bias").value().toDoubles();
    Map<String, Values> own = new LinkedHashMap<>();
    allParameters()
        .forEach(
            parameter ->
                own.put(
                    parameter.name().replace(PATH + ".", ""),
                    new Values(
                        parameter.trainable()
                            ? values.get(parameter.name())
                            : parameter.value().toDoubles(),
                        parameter.shape().stream().mapToLong(Long::longValue).toArray())));
    double[] x = values.get("x");
    double[] outputs = new double[2 * OUT];
    for (int row = 0; row < 2; row++) {
      double[] one = new double[IN];
      System.arraycopy(x, row * IN, one, 0, IN);
      System.arraycopy(formula.output(w, b, own, one), 0, outputs, row * OUT, OUT);
    }
    return outputs;
  }

  private List<Parameter> allParameters() {
    List<Parameter> all = new ArrayList<>(adapter.shared());
    adapter.layers().values().forEach(layer -> all.addAll(layer.parameters()));
    return all;
  }

  Network network() {
    return network;
  }

  private Tensor run(Tensor x, ForwardContext context) {
    return network.forward(Map.of("values", x), context).get("y");
  }

  /** Gives the parameters these values in float64; returns x. */
  Tensor set(Map<String, double[]> values) {
    for (Parameter parameter : adapter.parameters()) {
      long[] shape = parameter.shape().stream().mapToLong(Long::longValue).toArray();
      parameter.swapIn(Tensor.of(values.get(parameter.name()), shape));
    }
    return Tensor.of(values.get("x"), inputs());
  }

  @Override
  public void close() {
    network.close();
  }

  /** Outputs what comes in as y. */
  private record Passed() implements Layer {
    @Override
    public Module build(Assembly assembly) {
      return (y, context) -> {
        context.output("y", y);
        return y;
      };
    }
  }
}
